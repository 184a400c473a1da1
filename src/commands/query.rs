//! `demarche query`: the sentences that say who stands where towards whom.

use std::io::IsTerminal;

use anyhow::Context;
use demarche::annotation::Annotation;
use demarche::ask::{Manner, Name, Question, Row, rows};
use demarche::export::Bodies;
use demarche::export::tables::published;
use demarche::revisit::Articles;
use demarche::sink::{Relay, SinkError, Target};
use demarche::source::discover;
use serde_json::Value;

use super::annotated::{Next, Reading, options};
use super::terminal::{Paint, Style, plain, shown};
use super::{Done, complain, many};
use crate::cli::{Query, StanceName, Which};

/// Prints what answers.
pub(crate) fn query(flags: &Query) -> anyhow::Result<Done> {
    let question = question(&flags.which)?;
    let named = if flags.from.articles.is_empty() { None } else { Some(discover(&flags.from.articles, &[])?) };
    let are_named = named.is_some();
    let bodies = Bodies::new(Some(Articles::new(named, options(flags.from.fields.clone(), None)?)));
    let mut quiet = flags.from.clone();
    // The bar would run into the lines.
    quiet.quiet |= std::io::stdout().is_terminal();
    let mut printer = Printer {
        to: Relay::create(&Target::Stdout)?,
        paint: Paint::of_stdout(),
        json: flags.json,
        left: flags.limit.map_or(usize::MAX, std::num::NonZero::get),
        bare: 0,
        is_silent: true,
    };
    let done = Reading::with(&quiet, bodies)?.until(|read| {
        let annotation = read.annotation;
        let mut wanted = question.evidence(annotation);
        wanted.truncate(printer.left);
        if !wanted.is_empty() {
            // What was named has to be there; what annotations name may be gone by now, and standard input is.
            let body = if are_named {
                read.body()
            } else if annotation.text.is_none() && annotation.source.path == "-" {
                None
            } else {
                read.body_if_there()
            };
            printer.bare += if body.is_none() { wanted.len() } else { 0 };
            printer.print(annotation, rows(annotation, &wanted, body.as_deref())?)?;
        }
        Ok(if printer.left == 0 { Next::Enough } else { Next::More })
    });
    let (bare, is_silent) = (printer.bare, printer.is_silent);
    let done = match done.and_then(|done| Ok(printer.to.finish().map(|()| done)?)) {
        Err(error) if matches!(error.downcast_ref(), Some(SinkError::BrokenPipe)) => return Ok(Done::Well),
        other => other?,
    };
    if is_silent && !flags.from.quiet && std::io::stderr().is_terminal() {
        complain(
            "nothing answers: --target and --actor want words of a name, or a key such as USA (see `demarche summary`)",
        );
    }
    if bare > 0 && !flags.from.quiet {
        complain(&format!(
            "no text of {}: name the articles with --articles, as they were named to `demarche annotate`",
            many(bare as u64, "sentence")
        ));
    }
    Ok(done)
}

/// The conditions of the flags.
pub(crate) fn question(which: &Which) -> anyhow::Result<Question> {
    let manner = if which.exact { Manner::Whole } else { Manner::Words };
    let names = |names: &[String]| names.iter().map(|name| Name::new(name, manner)).collect();
    let day = |day: &Option<String>| {
        let read = |day: &String| published(day).with_context(|| format!("{day:?} is no day: 2026-01-31 is wanted"));
        day.as_ref().map(read).transpose().map(|day| day.map(|day| day.day))
    };
    let stance = which.stance.map(|stance| match stance {
        StanceName::Support => "support".to_owned(),
        StanceName::Oppose => "oppose".to_owned(),
        StanceName::None => "none".to_owned(),
    });
    Ok(Question {
        actors: names(&which.actor),
        targets: names(&which.target),
        stance,
        kinds: which.kind.clone(),
        outlets: names(&which.outlet),
        since: day(&which.since)?,
        until: day(&which.until)?,
        min_score: which.min_score,
    })
}

/// Prints rows.
struct Printer {
    to: Relay,
    paint: Paint,
    json: bool,
    /// How many may still be printed.
    left: usize,
    /// How many lacked their sentence.
    bare: usize,
    /// Whether nothing was printed.
    is_silent: bool,
}

impl Printer {
    fn print(&mut self, annotation: &Annotation<'_>, rows: Vec<Row>) -> anyhow::Result<()> {
        self.left = self.left.saturating_sub(rows.len());
        self.is_silent = false;
        let mut text = String::new();
        if !self.json {
            text += &self.paint.text(Style::Faint, &head(annotation));
            text.push('\n');
        }
        for row in rows {
            if self.json {
                text += &serde_json::to_string(&row)?;
                text.push('\n');
            } else {
                text += &self.told(&row);
            }
        }
        if !self.json {
            text.push('\n');
        }
        Ok(self.to.line(text.as_bytes())?)
    }

    /// A row for people: who, what, whom, and the sentence.
    fn told(&self, row: &Row) -> String {
        let text = |name: &str| plain(row.get(name).and_then(Value::as_str).unwrap_or_default());
        let stance = text("stance");
        let (verb, style) = match stance.as_str() {
            "support" => ("supports", Style::Support),
            "oppose" => ("opposes", Style::Oppose),
            _ => ("takes no side on", Style::Faint),
        };
        let kind = row.get("kind").and_then(Value::as_str).map(|kind| format!(", {kind}")).unwrap_or_default();
        let score = row.get("score").and_then(Value::as_f64).unwrap_or_default();
        let quote = if row.get("is_quote") == Some(&Value::Bool(true)) { ", in own words" } else { "" };
        let actor = self.paint.text(Style::Actor, &text("actor"));
        let target = self.paint.text(Style::Target, &text("target"));
        let verb = self.paint.text(style, verb);
        let about = self.paint.text(Style::Faint, &format!("({score:.2}{kind}{quote})"));
        format!("  {actor} {verb} {target} {about}\n    {}\n", self.sentence(row))
    }

    /// The sentence with actor, target and cue in their colours; where there is none, the words for the two.
    fn sentence(&self, row: &Row) -> String {
        let number = |name: &str| row.get(name).and_then(Value::as_u64).and_then(|place| usize::try_from(place).ok());
        let Some(text) = row.get("text").and_then(Value::as_str) else {
            let mut words = [("actor_text", "actor_start"), ("target_text", "target_start")];
            words.sort_by_key(|(_, start)| number(start));
            let words = words.map(|(text, _)| plain(row.get(text).and_then(Value::as_str).unwrap_or_default()));
            return format!("“{}” … “{}”", words[0], words[1]);
        };
        let begin = number("sentence_start").unwrap_or_default();
        let styles = [
            (Style::Actor, "actor_start", "actor_end"),
            (Style::Target, "target_start", "target_end"),
            (Style::Cue, "cue_start", "cue_end"),
        ];
        let place = |(style, start, end): (Style, &str, &str)| {
            let places = number(start)?.checked_sub(begin)?..number(end)?.checked_sub(begin)?;
            Some((style, places))
        };
        let places: Vec<_> = styles.into_iter().filter_map(place).collect();
        let style = |at: usize| places.iter().find(|(_, places)| places.contains(&at)).map(|(style, _)| *style);
        let (mut out, mut run, mut now) = (String::new(), String::new(), None);
        for (at, character) in text.chars().map(shown).chain([' ']).enumerate() {
            let next = style(at);
            if next != now {
                out += &now.map_or_else(|| run.clone(), |style| self.paint.text(style, &run));
                run.clear();
                now = next;
            }
            run.push(character);
        }
        out += &run;
        out.trim_end().to_owned()
    }
}

/// What an article is called.
fn head(annotation: &Annotation<'_>) -> String {
    let parts = [Some(&annotation.id), annotation.published.as_ref(), annotation.outlet.as_ref(), annotation.title.as_ref()];
    parts.into_iter().flatten().map(|part| plain(part)).collect::<Vec<_>>().join(" · ")
}
