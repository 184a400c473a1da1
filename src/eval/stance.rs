//! Stance of given pairs: the five classes of a pair, and each direction by itself.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::counts::{Counts, Figures, head, ratio, row};
use super::{EvalError, read_checked};
use crate::position::Stance;
use crate::span::{CodePoints, Span};

#[derive(Deserialize)]
struct Wire {
    text: String,
    a: [usize; 2],
    b: [usize; 2],
    a_to_b: String,
    b_to_a: Option<String>,
}

/// One gold pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The text.
    pub text: String,
    /// The two spans, a then b, in bytes.
    pub spans: [Span; 2],
    /// a -> b, and b -> a where it is told.
    gold: [Option<Stance>; 2],
}

/// How a stance is chosen from a distribution, with its probability.
pub type Choose<'a> = dyn Fn(&[f32; 3]) -> (Stance, f32) + 'a;

/// The answer to one pair: probabilities `[way][stance]`, way 0 a -> b.
pub type Answer = [[f32; 3]; 2];

/// Reads rows of `{"text", "a", "b", "a_to_b", "b_to_a"}`, places in code points.
pub fn read(path: &Path) -> Result<Vec<Row>, EvalError> {
    read_checked(path, Row::new)
}

impl Row {
    fn new(wire: Wire) -> Result<Self, String> {
        let stance =
            |name: &str| Stance::from_name(name).ok_or_else(|| format!("{name:?} is no stance: none, support or oppose"));
        let gold = [Some(stance(&wire.a_to_b)?), wire.b_to_a.as_deref().map(stance).transpose()?];
        let points = CodePoints::new(&wire.text);
        let (Some(a), Some(b)) = (points.span(wire.a), points.span(wire.b)) else {
            return Err(format!("a span lies outside the text of {} code points", points.total()));
        };
        Ok(Self { text: wire.text, spans: [a, b], gold })
    }
}

/// The five classes of a pair. Where gold holds both ways, a -> b counts.
const CLASSES: [&str; 5] = ["none", "a_supports_b", "b_supports_a", "a_opposes_b", "b_opposes_a"];

fn class(way: usize, stance: Stance) -> usize {
    match stance {
        Stance::None => 0,
        Stance::Support => 1 + way,
        Stance::Oppose => 3 + way,
    }
}

fn gold_class(gold: [Option<Stance>; 2]) -> usize {
    let stanced =
        gold.into_iter().enumerate().find_map(|(way, stance)| stance.filter(|s| *s != Stance::None).map(|s| (way, s)));
    stanced.map_or(0, |(way, stance)| class(way, stance))
}

/// The class of an answer: the stronger of the directions that hold a stance. An untold direction is left aside.
fn found_class(answer: &Answer, gold: [Option<Stance>; 2], choose: &Choose<'_>) -> usize {
    let mut best = (0.0, 0);
    for (way, distribution) in answer.iter().enumerate().filter(|(way, _)| gold[*way].is_some()) {
        let (stance, score) = choose(distribution);
        if stance != Stance::None && score > best.0 {
            best = (score, class(way, stance));
        }
    }
    best.1
}

/// The scores.
#[derive(Debug, PartialEq, Serialize)]
pub struct Report {
    accuracy: f64,
    macro_f1: f64,
    classes: BTreeMap<&'static str, Figures>,
    support_f1: f64,
    oppose_f1: f64,
    polarity_accuracy: f64,
    given: f64,
    rows: usize,
    #[serde(skip)]
    gold: [usize; 5],
}

/// Scores one answer a row. The macro F1 is over all five classes if any row tells both ways, else over the three that a
/// row of one direction can have.
pub fn score(rows: &[Row], answers: &[Answer], choose: &Choose<'_>) -> Report {
    let mut classes = [Counts::default(); 5];
    let (mut support, mut oppose) = (Counts::default(), Counts::default());
    let (mut right, mut stanced, mut given, mut polar) = (0, 0, 0, 0);
    for (row, answer) in rows.iter().zip(answers) {
        let (gold, found) = (gold_class(row.gold), found_class(answer, row.gold, choose));
        right += usize::from(gold == found);
        for (number, counts) in classes.iter_mut().enumerate() {
            counts.see(gold == number, found == number);
        }
        for (gold, distribution) in row.gold.iter().zip(answer).filter_map(|(gold, way)| gold.map(|gold| (gold, way))) {
            let (found, _) = choose(distribution);
            for (stance, counts) in [(Stance::Support, &mut support), (Stance::Oppose, &mut oppose)] {
                counts.see(gold == stance, found == stance);
            }
            if gold != Stance::None {
                stanced += 1;
                given += usize::from(found != Stance::None);
                polar += usize::from(found == gold);
            }
        }
    }
    let both_ways = rows.iter().any(|row| row.gold[1].is_some());
    let shown: Vec<usize> = if both_ways { (0..5).collect() } else { vec![0, 1, 3] };
    let sum: f64 = shown.iter().map(|class| classes[*class].figures().f1).sum();
    Report {
        accuracy: ratio(right, rows.len()),
        macro_f1: (sum / shown.len() as f64 * 1e4).round() / 1e4,
        classes: shown.iter().map(|class| (CLASSES[*class], classes[*class].figures())).collect(),
        support_f1: support.figures().f1,
        oppose_f1: oppose.figures().f1,
        polarity_accuracy: ratio(polar, given),
        given: ratio(given, stanced),
        rows: rows.len(),
        gold: classes.map(|counts| counts.gold),
    }
}

impl Report {
    /// The scores as a table.
    pub fn table(&self) -> String {
        let mut text = head("class");
        for (number, name) in CLASSES.iter().enumerate() {
            if let Some(figures) = self.classes.get(name) {
                text += &row(name, *figures, self.gold[number]);
            }
        }
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "accuracy {:.4}, macro F1 {:.4} over {} rows\ndirected: support F1 {:.4}, oppose F1 {:.4}\n\
             a stance is given for {:.4} of the gold stances; {:.4} of those have the right polarity",
            self.accuracy, self.macro_f1, self.rows, self.support_f1, self.oppose_f1, self.given, self.polarity_accuracy
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gold(a_to_b: &str, b_to_a: Option<&str>) -> Row {
        let wire = Wire {
            text: "é A B".to_owned(),
            a: [2, 3],
            b: [4, 5],
            a_to_b: a_to_b.to_owned(),
            b_to_a: b_to_a.map(str::to_owned),
        };
        Row::new(wire).unwrap()
    }

    fn most_probable(distribution: &[f32; 3]) -> (Stance, f32) {
        crate::position::Judge { temperature: 1.0, none_weight: 1.0, curve: crate::engine::Curve::EVEN }.choose(distribution)
    }

    const NONE: [f32; 3] = [0.8, 0.1, 0.1];
    const SUPPORT: [f32; 3] = [0.3, 0.6, 0.1];
    const OPPOSE: [f32; 3] = [0.1, 0.0, 0.9];

    #[test]
    fn places_are_code_points() {
        let row = gold("none", None);
        assert_eq!(row.spans.map(|span| span.slice(&row.text)), ["A", "B"]);
    }

    #[test]
    fn scores_by_hand() {
        let rows = [
            gold("support", Some("none")),
            gold("none", Some("oppose")),
            gold("oppose", Some("none")),
            gold("none", Some("none")),
        ];
        // Right; the stronger way wins and is right; wrong polarity; right.
        let answers = [[SUPPORT, NONE], [SUPPORT, OPPOSE], [SUPPORT, NONE], [NONE, NONE]];
        let report = score(&rows, &answers, &most_probable);
        assert_eq!(report.accuracy, 0.75);
        assert_eq!((report.given, report.polarity_accuracy), (1.0, 0.6667));
        // Support: found 3, gold 1, hit 1. Oppose: found 1, gold 2, hit 1.
        assert_eq!((report.support_f1, report.oppose_f1), (0.5, 0.6667));
        // none 1, a_supports_b 2/3, b_opposes_a 1, the other two 0.
        assert_eq!(report.macro_f1, 0.5333);
    }

    #[test]
    fn a_row_of_one_direction_is_scored_in_it_alone() {
        let report = score(&[gold("support", None)], &[[NONE, OPPOSE]], &most_probable);
        assert_eq!((report.accuracy, report.given), (0.0, 0.0));
        assert_eq!(report.classes.keys().copied().collect::<Vec<_>>(), ["a_opposes_b", "a_supports_b", "none"]);
        assert_eq!(report.classes["none"].r, 0.0);
    }
}
