//! Annotations of whole articles against gold: mentions (exact), references (place, entity) and positions (actor, target, stance).
//!
//! Names are no help in comparing entities, since gold may call one otherwise. A found entity is a gold one if they share
//! a mention, a found mention being a gold one where they overlap.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::counts::{Counts, Figures, head, row};
use super::references::{self, GoldReference};
use super::{EvalError, read_rows};
use crate::annotation::Annotation;

/// A gold article (see corpus/GUIDE.md).
#[derive(Debug, Deserialize)]
struct Gold {
    id: String,
    mentions: Vec<GoldMention>,
    positions: Vec<GoldPosition>,
    /// Pronouns and nominals; without the field, those of the article are not scored.
    references: Option<Vec<GoldReference>>,
    /// Pairs on whose stance careful readers differ: what is found of them counts neither way.
    #[serde(default)]
    open: Vec<OpenPair>,
}

#[derive(Debug, Deserialize)]
struct OpenPair {
    actor: usize,
    target: usize,
}

#[derive(Debug, Deserialize)]
struct GoldMention {
    start: usize,
    end: usize,
    #[serde(rename = "type")]
    kind: String,
    entity: usize,
}

#[derive(Debug, Deserialize)]
struct GoldPosition {
    actor: usize,
    target: usize,
    stance: String,
    /// `reference` where no one sentence names both and tells it.
    by: Option<String>,
}

impl GoldPosition {
    fn is_named(&self) -> bool {
        self.by.as_deref() != Some("reference")
    }
}

/// Which gold positions count. What is found of the others counts neither way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that one sentence tells of two names.
    Named,
}

/// The scores.
#[derive(Debug, Serialize)]
pub struct Report {
    mentions: MentionFigures,
    /// Where some gold article has references.
    #[serde(skip_serializing_if = "Option::is_none")]
    references: Option<Figures>,
    positions: PositionFigures,
    articles: usize,
    /// Gold articles without an annotation: all that they hold counts as missed.
    missing: Vec<String>,
    #[serde(skip)]
    gold: BTreeMap<String, usize>,
}

#[derive(Debug, Serialize)]
struct MentionFigures {
    #[serde(flatten)]
    all: Figures,
    types: BTreeMap<String, Figures>,
}

#[derive(Debug, Serialize)]
struct PositionFigures {
    #[serde(flatten)]
    all: Figures,
    support: Figures,
    oppose: Figures,
}

/// Scores a file of annotations against a file of gold. Annotations without gold are left aside.
pub fn score(annotations: &Path, gold: &Path, which: Which) -> Result<Report, EvalError> {
    let gold: Vec<Gold> = read_rows(gold)?.into_iter().map(|(_, row)| row).collect();
    let found: BTreeMap<String, Annotation<'static>> =
        read_rows::<Annotation<'static>>(annotations)?.into_iter().map(|(_, row)| (row.id.to_string(), row)).collect();
    let mut types: BTreeMap<String, Counts> = BTreeMap::new();
    let mut stances: BTreeMap<String, Counts> =
        ["support", "oppose"].map(|name| (name.to_owned(), Counts::default())).into();
    let mut missing = Vec::new();
    let mut referred = None;
    for gold in &gold {
        let annotation = found.get(&gold.id);
        if annotation.is_none() {
            missing.push(gold.id.clone());
        }
        count_mentions(gold, annotation, &mut types);
        let same = annotation.map(|annotation| same_entities(gold, annotation)).unwrap_or_default();
        if let Some(references) = &gold.references {
            let counts = referred.get_or_insert_with(Counts::default);
            references::count(references, annotation, |found, gold| same.contains(&(found, gold)), counts);
        }
        count_positions(gold, (annotation, &same), which, &mut stances);
    }
    let sum = |counts: &BTreeMap<String, Counts>| {
        counts.values().fold(Counts::default(), |mut sum, count| {
            sum += *count;
            sum
        })
    };
    let (mentions, positions) = (sum(&types), sum(&stances));
    let sums = [
        ("mentions", mentions.gold),
        ("references", referred.map_or(0, |counts| counts.gold)),
        ("positions", positions.gold),
    ];
    let sizes = types.iter().chain(&stances).map(|(name, count)| (name.clone(), count.gold));
    Ok(Report {
        gold: sizes.chain(sums.map(|(name, count)| (name.to_owned(), count))).collect(),
        references: referred.map(Counts::figures),
        mentions: MentionFigures {
            all: mentions.figures(),
            types: types.into_iter().map(|(name, count)| (name, count.figures())).collect(),
        },
        positions: PositionFigures {
            all: positions.figures(),
            support: stances["support"].figures(),
            oppose: stances["oppose"].figures(),
        },
        articles: gold.len(),
        missing,
    })
}

fn count_mentions(gold: &Gold, annotation: Option<&Annotation<'_>>, types: &mut BTreeMap<String, Counts>) {
    let held: BTreeSet<_> =
        gold.mentions.iter().map(|mention| (mention.start, mention.end, mention.kind.as_str())).collect();
    for (_, _, kind) in &held {
        types.entry((*kind).to_owned()).or_default().gold += 1;
    }
    for mention in annotation.iter().flat_map(|annotation| &annotation.mentions) {
        let count = types.entry(mention.kind.to_string()).or_default();
        count.found += 1;
        count.hits += usize::from(held.contains(&(mention.start, mention.end, mention.kind.as_ref())));
    }
}

fn count_positions(
    gold: &Gold,
    (annotation, same): (Option<&Annotation<'_>>, &BTreeSet<(usize, usize)>),
    which: Which,
    stances: &mut BTreeMap<String, Counts>,
) {
    let counts = |position: &&GoldPosition| which == Which::All || position.is_named();
    for position in gold.positions.iter().filter(counts) {
        stances.entry(position.stance.clone()).or_default().gold += 1;
    }
    let Some(annotation) = annotation else { return };
    let mut rest: Vec<&GoldPosition> = gold.positions.iter().filter(counts).collect();
    let left_out = || gold.positions.iter().filter(|position| !counts(position)).map(|it| (it.actor, it.target));
    let open = || gold.open.iter().map(|it| (it.actor, it.target)).chain(left_out());
    for position in annotation.positions.iter().filter(|position| position.stance != "none") {
        let is_of =
            |actor, target| same.contains(&(position.actor_id, actor)) && same.contains(&(position.target_id, target));
        // Each gold row is met once.
        let met = rest.iter().position(|gold| gold.stance == position.stance && is_of(gold.actor, gold.target));
        if met.is_none() && open().any(|(actor, target)| is_of(actor, target)) {
            continue;
        }
        let count = stances.entry(position.stance.to_string()).or_default();
        count.found += 1;
        if let Some(met) = met {
            rest.swap_remove(met);
            count.hits += 1;
        }
    }
}

/// The pairs (found entity, gold entity) that share a mention.
fn same_entities(gold: &Gold, annotation: &Annotation<'_>) -> BTreeSet<(usize, usize)> {
    let overlap = |a: (usize, usize), b: (usize, usize)| a.0 < b.1 && b.0 < a.1;
    let found = annotation.mentions.iter();
    found
        .flat_map(|mention| {
            let here = (mention.start, mention.end);
            let meets = gold.mentions.iter().filter(move |gold| overlap((gold.start, gold.end), here));
            meets.map(|gold| (mention.entity, gold.entity))
        })
        .collect()
}

impl Report {
    /// The scores as a table.
    pub fn table(&self) -> String {
        let gold = |name: &str| self.gold.get(name).copied().unwrap_or(0);
        let mut text = head("mentions");
        for (name, figures) in &self.mentions.types {
            text += &row(name, *figures, gold(name));
        }
        text += &row("all", self.mentions.all, gold("mentions"));
        if let Some(references) = self.references {
            text += &head("references");
            text += &row("all", references, gold("references"));
        }
        text += &head("positions");
        text += &row("support", self.positions.support, gold("support"));
        text += &row("oppose", self.positions.oppose, gold("oppose"));
        text += &row("all", self.positions.all, gold("positions"));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} articles", self.articles);
        if !self.missing.is_empty() {
            let _ = writeln!(text, "not annotated: {}", self.missing.join(", "));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation() -> serde_json::Value {
        let evidence =
            serde_json::json!([{"sentence":0,"actor_mention":0,"target_mention":1,"stance":"oppose","score":0.9}]);
        serde_json::json!({
            "schema":"demarche.annotation/1","id":"a","source":{"path":"a.txt","record":0},"title":null,"published":null,
            "outlet":null,"url":null,"chars":30,"sha256":"0","sentences":[{"start":0,"end":30}],
            "mentions":[{"start":0,"end":6,"text":"Russia","type":"LOC","score":1.0,"entity":0},
                        {"start":10,"end":14,"text":"Oslo","type":"ORG","score":1.0,"entity":1}],
            "entities":[{"id":0,"name":"Russia","type":"LOC","country":"RU","mentions":[0]},
                        {"id":1,"name":"Oslo","type":"ORG","country":null,"mentions":[1]}],
            "positions":[{"actor":"Russia","actor_id":0,"target":"Oslo","target_id":1,"stance":"oppose","score":0.9,"evidence":evidence},
                         {"actor":"Oslo","actor_id":1,"target":"Russia","target_id":0,"stance":"support","score":0.6,"evidence":evidence}],
            "models":{"ner":{"name":"n","sha256":"0"},"stance":{"name":"s","sha256":"0"}},"tool":"t"})
    }

    #[test]
    fn scores_by_hand() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let gold = [
            r#"{"id":"a","mentions":[{"start":0,"end":6,"text":"Russia","type":"LOC","entity":7},{"start":10,"end":14,"text":"Oslo","type":"LOC","entity":3}],"entities":[],"positions":[{"actor":7,"target":3,"stance":"oppose"}]}"#,
            r#"{"id":"b","mentions":[{"start":0,"end":1,"text":"B","type":"PER","entity":0}],"entities":[],"positions":[{"actor":0,"target":0,"stance":"support"}]}"#,
        ];
        std::fs::write(path("gold"), gold.join("\n")).unwrap();
        std::fs::write(path("found"), annotation().to_string()).unwrap();
        let report = score(&path("found"), &path("gold"), Which::All).unwrap();
        assert_eq!(report.mentions.all, Figures { p: 0.5, r: 0.3333, f1: 0.4 });
        assert_eq!(report.positions.oppose, Figures { p: 1.0, r: 1.0, f1: 1.0 });
        assert_eq!(report.positions.all, Figures { p: 0.5, r: 0.5, f1: 0.5 });
        assert_eq!(report.missing, ["b"]);
    }

    #[test]
    fn what_readers_differ_on_counts_neither_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let gold = r#"{"id":"a","mentions":[{"start":0,"end":6,"text":"Russia","type":"LOC","entity":7},{"start":10,"end":14,"text":"Oslo","type":"LOC","entity":3}],"entities":[],"positions":[{"actor":3,"target":7,"stance":"support"}],"open":[{"actor":7,"target":3,"stance":"oppose"}]}"#;
        std::fs::write(path("gold"), gold).unwrap();
        std::fs::write(path("found"), annotation().to_string()).unwrap();
        let report = score(&path("found"), &path("gold"), Which::All).unwrap();
        assert_eq!(report.positions.all, Figures { p: 1.0, r: 1.0, f1: 1.0 });
    }

    #[test]
    fn positions_by_reference_can_be_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let gold = r#"{"id":"a","mentions":[{"start":0,"end":6,"text":"Russia","type":"LOC","entity":7},{"start":10,"end":14,"text":"Oslo","type":"LOC","entity":3}],"entities":[],"references":[{"start":7,"end":9,"text":"it","entity":7}],"positions":[{"actor":7,"target":3,"stance":"oppose"},{"actor":3,"target":7,"stance":"support","by":"reference"}]}"#;
        std::fs::write(path("gold"), gold).unwrap();
        let mut found = annotation();
        found["positions"].as_array_mut().unwrap().remove(1);
        found["references"] = serde_json::json!([{"start":7,"end":9,"text":"it","entity":0,"score":0.9},{"start":7,"end":9,"text":"it","entity":1,"score":0.9}]);
        std::fs::write(path("found"), found.to_string()).unwrap();
        let report = |which| score(&path("found"), &path("gold"), which).unwrap();
        assert_eq!(report(Which::All).positions.all, Figures { p: 1.0, r: 0.5, f1: 0.6667 });
        assert_eq!(report(Which::Named).positions.all, Figures { p: 1.0, r: 1.0, f1: 1.0 });
        assert_eq!(report(Which::All).references, Some(Figures { p: 0.5, r: 1.0, f1: 0.6667 }));
    }

    #[test]
    fn a_bad_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gold");
        std::fs::write(&path, "\n{\"id\":1}\n").unwrap();
        let error = score(&path, &path, Which::All).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
