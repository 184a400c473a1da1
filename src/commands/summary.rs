//! `demarche summary`: who holds most positions, and towards whom.

use std::fmt::Write as _;

use demarche::ask::{Summary, Told};

use super::annotated::Reading;
use super::query::question;
use super::terminal::{Paint, Style, columns, fitted, plain};
use super::{Done, many, print};
use crate::cli;

/// Counts positions.
pub(crate) fn summary(flags: &cli::Summary) -> anyhow::Result<Done> {
    let question = question(&flags.which)?;
    let mut summary = Summary::default();
    let done = Reading::open(&flags.from)?.each(|read| {
        summary.add(read.annotation, &question);
        Ok(())
    })?;
    let told = summary.told(flags.limit);
    let text = if flags.json { serde_json::to_string(&told)? + "\n" } else { page(&told, columns(), Paint::of_stdout()) };
    print(&text)?;
    Ok(done)
}

/// The counts for people.
fn page(told: &Told, columns: usize, paint: Paint) -> String {
    let mut text = String::new();
    let days = match (&told.first_day, &told.last_day) {
        (Some(first), Some(last)) if first != last => format!(", {first} to {last}"),
        (Some(day), _) => format!(", {day}"),
        _ => String::new(),
    };
    let (oppose, support) = (paint.text(Style::Oppose, "█ oppose"), paint.text(Style::Support, "░ support"));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}{days}", many(told.articles, "article"));
    let positions = many(told.support + told.oppose, "position");
    let _ = writeln!(text, "{positions}: {oppose} {}, {support} {}", told.oppose, told.support);
    let rows = |sides: &[demarche::ask::Side]| {
        sides.iter().map(|side| (plain(&side.name), [side.oppose, side.support])).collect::<Vec<_>>()
    };
    let pairs =
        told.pairs.iter().map(|pair| (plain(&format!("{} → {}", pair.actor, pair.target)), [pair.oppose, pair.support]));
    for (title, rows) in [("Actors", rows(&told.actors)), ("Targets", rows(&told.targets)), ("Pairs", pairs.collect())] {
        if !rows.is_empty() {
            let _ = write!(text, "\n{title}\n{}", chart(&rows, columns, paint));
        }
    }
    text
}

/// Rows of a name, its counts and a bar; the longest bar ends where the line does.
fn chart(rows: &[(String, [u64; 2])], columns: usize, paint: Paint) -> String {
    let widest = rows.iter().map(|(name, _)| console::measure_text_width(name)).max().unwrap_or(0);
    let names = widest.min(columns / 2);
    let most = rows.iter().map(|(_, counts)| counts.iter().sum::<u64>()).max().unwrap_or(1).max(1);
    let digits = most.to_string().len();
    let room = columns.saturating_sub(names + digits + 6).max(4) as u64;
    let mut text = String::new();
    for (name, [oppose, support]) in rows {
        // A count of its own always shows, and both together are never longer than their sum would be.
        let all = (oppose + support) * room;
        let all = (all.div_ceil(most)).max(u64::from(*oppose > 0) + u64::from(*support > 0));
        let share = (all * oppose).checked_div(oppose + support).unwrap_or(0);
        let share = share.clamp(u64::from(*oppose > 0), all.saturating_sub(u64::from(*support > 0)));
        let bar = |glyph: &str, count: u64| glyph.repeat(usize::try_from(count).unwrap_or(0));
        let against = paint.text(Style::Oppose, &bar("█", share));
        let for_it = paint.text(Style::Support, &bar("░", all - share));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}  {:>digits$}  {against}{for_it}", fitted(name, names), oppose + support);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fit_every_width_and_show_each_count() {
        let rows = [
            ("United States".to_owned(), [900, 1]),
            ("中华人民共和国 → Tōkyō".to_owned(), [0, 3]),
            ("N".repeat(300), [1, 0]),
        ];
        for columns in [40, 41, 80, 200] {
            let text = chart(&rows, columns, Paint::of_stdout());
            for line in text.lines() {
                assert!(console::measure_text_width(line) <= columns, "{columns}: {line}");
            }
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(console::measure_text_width(lines[0]), columns);
            assert!(lines[0].contains('█') && lines[0].contains('░'));
            assert!(lines[1].contains('░') && !lines[1].contains('█'));
            assert!(lines[2].contains('█') && lines[2].contains('…'));
        }
    }
}
