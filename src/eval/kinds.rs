//! Kinds of acts of given evidences: who acts on whom in a sentence is told, and the kind and its cue are asked.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::counts::{Counts, Figures, head, ratio, row};
use super::{EvalError, read_rows};
use crate::act::{Asked, Finder};
use crate::position::{Act, ActKind, Stance};
use crate::segment::tokenize;
use crate::span::{CodePoints, Span};

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Pair {
        text: String,
        a: [usize; 2],
        b: [usize; 2],
        a_to_b: String,
        kind: String,
    },
    Placed {
        doc: String,
        sentence: [usize; 2],
        actor: [usize; 2],
        target: [usize; 2],
        stance: String,
        kind: Option<String>,
        cue: Option<[usize; 2]>,
        /// Whether the actor holds that stance at all; rows where he does not are left out.
        #[serde(default = "yes")]
        right: bool,
    },
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct WireArticle {
    id: String,
    text: String,
}

/// One gold evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The sentence.
    text: String,
    /// Actor, target and stance, in bytes of the sentence.
    asked: [Span; 2],
    stance: Stance,
    /// The kind of act; `None` where no word tells one.
    kind: Option<ActKind>,
    /// The word that tells it, where gold says so.
    cue: Option<Span>,
}

/// Reads rows of either form; `articles` is what rows of places point into.
pub fn read(path: &Path, articles: Option<&Path>) -> Result<Vec<Row>, EvalError> {
    let texts: BTreeMap<String, String> = match articles {
        Some(articles) => read_rows::<WireArticle>(articles)?.into_iter().map(|(_, one)| (one.id, one.text)).collect(),
        None => BTreeMap::new(),
    };
    let mut rows = Vec::new();
    for (line, wire) in read_rows::<Wire>(path)? {
        let row = Row::new(wire, &texts).map_err(|what| EvalError::Content { path: path.to_owned(), line, what })?;
        rows.extend(row);
    }
    if rows.is_empty() { Err(EvalError::Empty { path: path.to_owned() }) } else { Ok(rows) }
}

impl Row {
    fn new(wire: Wire, articles: &BTreeMap<String, String>) -> Result<Option<Self>, String> {
        let (text, places, stance, kind, cue) = match wire {
            Wire::Pair { text, a, b, a_to_b, kind } => (text, [a, b], a_to_b, Some(kind), None),
            Wire::Placed { right: false, .. } => return Ok(None),
            Wire::Placed { doc, sentence, actor, target, stance, kind, cue, .. } => {
                let article = articles.get(&doc).ok_or_else(|| format!("--articles has no article {doc:?}"))?;
                let text = span(article, sentence)?.slice(article).to_owned();
                let within = |place: [usize; 2]| {
                    let moved = place.map(|at| at.checked_sub(sentence[0]));
                    let [Some(start), Some(end)] = moved else { return Err("a span lies before its sentence".to_owned()) };
                    Ok([start, end])
                };
                (text, [within(actor)?, within(target)?], stance, kind, cue.map(within).transpose()?)
            }
        };
        let stance = Stance::from_name(&stance)
            .filter(|stance| *stance != Stance::None)
            .ok_or_else(|| format!("{stance:?} is no stance here: support or oppose"))?;
        let asked = [span(&text, places[0])?, span(&text, places[1])?];
        let cue = cue.map(|cue| span(&text, cue)).transpose()?;
        let kind = kind.as_deref().map(kind_of).transpose()?;
        Ok(Some(Self { text, asked, stance, kind, cue }))
    }

    /// The act that a finder gives it.
    pub fn answer(&self, finder: &Finder) -> Option<Act> {
        let tokens = tokenize(&self.text, Span::new(0, self.text.len()));
        finder.find(&self.text, &tokens, self.asked()).map(|(act, _)| act)
    }

    /// What a finder chooses from, places in code points of the sentence.
    pub fn choices(&self, finder: &Finder) -> Choices {
        let tokens = tokenize(&self.text, Span::new(0, self.text.len()));
        let points = CodePoints::new(&self.text);
        let place = |span: Span| [points.at(span.start), points.at(span.end)];
        let choices = finder.candidates(&self.text, &tokens, self.asked()).into_iter();
        let choices = choices.map(|one| Choice {
            kind: one.act.kind.name(),
            cue: place(one.act.cue),
            right: self.kind == Some(one.act.kind) && self.cue.is_none_or(|cue| cue.overlaps(one.act.cue)),
            features: one.features,
        });
        Choices { gold: self.kind.map(ActKind::name), cue: self.cue.map(place), from: choices.collect() }
    }

    const fn asked(&self) -> Asked {
        Asked { actor: self.asked[0], target: self.asked[1], stance: self.stance }
    }
}

/// The span of some code points of a text.
fn span(text: &str, places: [usize; 2]) -> Result<Span, String> {
    let points = CodePoints::new(text);
    points.span(places).ok_or_else(|| format!("a span lies outside the text of {} code points", points.total()))
}

/// The kind of that name, by our names or by PLOVER's.
fn kind_of(name: &str) -> Result<ActKind, String> {
    let name = match name {
        "mobilize" => "mobilise",
        "cooperate" => "support",
        name => name,
    };
    ActKind::from_name(name).ok_or_else(|| format!("{name:?} is no kind of act"))
}

/// One row's gold and what its act is chosen from. For training.
#[derive(Debug, Serialize)]
pub struct Choices {
    gold: Option<&'static str>,
    cue: Option<[usize; 2]>,
    #[serde(rename = "choices")]
    from: Vec<Choice>,
}

#[derive(Debug, Serialize)]
struct Choice {
    kind: &'static str,
    cue: [usize; 2],
    right: bool,
    features: Vec<String>,
}

/// The scores.
#[derive(Debug, PartialEq, Serialize)]
pub struct Report {
    macro_f1: f64,
    kinds: BTreeMap<&'static str, Figures>,
    accuracy_given: f64,
    coverage: f64,
    cue_overlap: Option<f64>,
    rows: usize,
    rows_without_kind: usize,
    given_without_kind: usize,
    #[serde(skip)]
    gold: BTreeMap<ActKind, usize>,
}

/// Scores one answer a row. The macro F1 is over the kinds that gold has, and a row without an answer counts as wrong. Rows without
/// a kind are counted apart.
pub fn score(rows: &[Row], answers: &[Option<Act>]) -> Report {
    let mut kinds: BTreeMap<ActKind, Counts> = BTreeMap::new();
    let (mut told, mut given, mut right, mut cues, mut overlaps, mut idle) = (0, 0, 0, 0, 0, 0);
    for (row, answer) in rows.iter().zip(answers) {
        let Some(gold) = row.kind else {
            idle += usize::from(answer.is_some());
            continue;
        };
        let found = answer.map(|act| act.kind);
        for kind in ActKind::ALL {
            kinds.entry(kind).or_default().see(gold == kind, found == Some(kind));
        }
        told += 1;
        given += usize::from(found.is_some());
        right += usize::from(found == Some(gold));
        if let (Some(cue), Some(act)) = (row.cue, answer) {
            cues += 1;
            overlaps += usize::from(cue.overlaps(act.cue));
        }
    }
    kinds.retain(|_, counts| counts.gold > 0);
    let sum: f64 = kinds.values().map(|counts| counts.figures().f1).sum();
    Report {
        macro_f1: (sum / kinds.len().max(1) as f64 * 1e4).round() / 1e4,
        accuracy_given: ratio(right, given),
        coverage: ratio(given, told),
        cue_overlap: (cues > 0).then(|| ratio(overlaps, cues)),
        rows: told,
        rows_without_kind: rows.len() - told,
        given_without_kind: idle,
        gold: kinds.iter().map(|(kind, counts)| (*kind, counts.gold)).collect(),
        kinds: kinds.into_iter().map(|(kind, counts)| (kind.name(), counts.figures())).collect(),
    }
}

impl Report {
    /// The scores as a table.
    pub fn table(&self) -> String {
        let mut text = head("kind");
        for (kind, gold) in &self.gold {
            if let Some(figures) = self.kinds.get(kind.name()) {
                text += &row(kind.name(), *figures, *gold);
            }
        }
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "macro F1 {:.4} over {} rows\na kind is given for {:.4} of them; {:.4} of those are right",
            self.macro_f1, self.rows, self.coverage, self.accuracy_given
        );
        if let Some(overlap) = self.cue_overlap {
            let _ = writeln!(text, "{overlap:.4} of the cues given overlap gold's");
        }
        if self.rows_without_kind > 0 {
            let _ =
                writeln!(text, "rows without a kind: {}, given one: {}", self.rows_without_kind, self.given_without_kind);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(line: &str) -> Wire {
        serde_json::from_str(line).unwrap()
    }

    fn placed(kind: &str) -> String {
        format!(
            r#"{{"doc":"d","sentence":[3,18],"actor":[3,6],"target":[16,17],"stance":"oppose","kind":{kind},"cue":[7,15]}}"#
        )
    }

    #[test]
    fn places_are_code_points_of_the_article_or_of_the_text() {
        let articles = BTreeMap::from([("d".to_owned(), "é. Übé attacked B. C".to_owned())]);
        let row = Row::new(wire(&placed("\"assault\"")), &articles).unwrap().unwrap();
        assert_eq!(row.text, "Übé attacked B.");
        assert_eq!(row.asked.map(|span| span.slice(&row.text)), ["Übé", "B"]);
        assert_eq!(row.cue.map(|span| span.slice(&row.text)), Some("attacked"));
        let pair = r#"{"text":"é A met B","a":[2,3],"b":[8,9],"a_to_b":"support","kind":"cooperate"}"#;
        let row = Row::new(wire(pair), &articles).unwrap().unwrap();
        assert_eq!((row.asked.map(|span| span.slice(&row.text)), row.kind), (["A", "B"], Some(ActKind::Support)));
    }

    #[test]
    fn rows_that_cannot_be_are_told() {
        let articles = BTreeMap::from([("d".to_owned(), "short".to_owned())]);
        assert!(Row::new(wire(&placed("null")), &articles).unwrap_err().contains("5 code points"));
        assert!(Row::new(wire(&placed("null")), &BTreeMap::new()).unwrap_err().contains("no article"));
        let pair = |stance: &str, kind: &str| {
            let line = format!(r#"{{"text":"A met B","a":[0,1],"b":[6,7],"a_to_b":"{stance}","kind":"{kind}"}}"#);
            Row::new(wire(&line), &BTreeMap::new())
        };
        assert!(pair("none", "agree").unwrap_err().contains("no stance"));
        assert!(pair("support", "dance").unwrap_err().contains("dance"));
        let wrong = placed("null").replace('}', r#","right":false}"#);
        assert_eq!(Row::new(wire(&wrong), &BTreeMap::new()), Ok(None));
    }

    #[test]
    fn scores_by_hand() {
        let row = |kind| Row {
            text: "A hit B".to_owned(),
            asked: [Span::new(0, 1), Span::new(6, 7)],
            stance: Stance::Oppose,
            kind,
            cue: kind.map(|_| Span::new(2, 5)),
        };
        let act = |kind, start| Some(Act { kind, cue: Span::new(start, start + 2) });
        let rows = [row(Some(ActKind::Assault)), row(Some(ActKind::Assault)), row(Some(ActKind::Accuse)), row(None)];
        // Right, silent, wrong with the cue beside, and one where there is none.
        let answers = [act(ActKind::Assault, 2), None, act(ActKind::Assault, 5), act(ActKind::Accuse, 2)];
        let report = score(&rows, &answers);
        assert_eq!((report.accuracy_given, report.coverage, report.cue_overlap), (0.5, 0.6667, Some(0.5)));
        assert_eq!((report.rows, report.rows_without_kind, report.given_without_kind), (3, 1, 1));
        // Assault: found 2, gold 2, hit 1; accuse: found 0 of 1.
        assert_eq!((report.kinds["assault"].f1, report.kinds["accuse"].f1, report.macro_f1), (0.5, 0.0, 0.25));
    }
}
