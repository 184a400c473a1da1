//! Mentions against gold rows of tokens and BIO tags: exact span, exact type.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::counts::{Counts, Figures, head, row};
use super::{EvalError, read_rows};
use crate::mention::EntityType;
use crate::span::Span;

#[derive(Deserialize)]
struct Wire {
    tokens: Vec<String>,
    tags: Vec<String>,
}

/// Which of our types each gold label stands for. By default our types stand for themselves.
#[derive(Clone, Debug)]
pub struct Labels(BTreeMap<String, EntityType>);

impl Default for Labels {
    fn default() -> Self {
        EntityType::ALL.into_iter().map(|kind| (kind.name().to_owned(), kind)).collect()
    }
}

impl FromIterator<(String, EntityType)> for Labels {
    fn from_iter<I: IntoIterator<Item = (String, EntityType)>>(labels: I) -> Self {
        Self(labels.into_iter().collect())
    }
}

impl Labels {
    /// Whether some label stands for this type: mentions of other types are neither right nor wrong.
    pub fn scores(&self, kind: EntityType) -> bool {
        self.0.values().any(|scored| *scored == kind)
    }
}

/// A mention as it is compared: tokens from, to, and type.
type Item = (usize, usize, EntityType);

/// One gold sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The tokens joined by spaces: what the finder reads.
    pub text: String,
    /// Where each token stands in `text`, in bytes.
    pub tokens: Vec<Span>,
    /// The gold mentions that are scored.
    gold: Vec<Item>,
}

/// Reads rows of `{"tokens", "tags"}`. Tags of other labels than those given are left out.
pub fn read(path: &Path, labels: &Labels) -> Result<Vec<Row>, EvalError> {
    let row = |(line, wire): (usize, Wire)| {
        if wire.tokens.len() == wire.tags.len() {
            return Ok(Row::new(&wire.tokens, &wire.tags, labels));
        }
        let what = format!("{} tokens, but {} tags", wire.tokens.len(), wire.tags.len());
        Err(EvalError::Content { path: path.to_owned(), line, what })
    };
    read_rows::<Wire>(path)?.into_iter().map(row).collect()
}

impl Row {
    fn new(tokens: &[String], tags: &[String], labels: &Labels) -> Self {
        let mut text = String::new();
        let mut spans = Vec::with_capacity(tokens.len());
        for token in tokens {
            if !text.is_empty() {
                text.push(' ');
            }
            spans.push(Span::new(text.len(), text.len() + token.len()));
            text.push_str(token);
        }
        Self { text, tokens: spans, gold: mentions(tags, labels) }
    }

    /// Compares the mentions that were found in `text` with the gold. A found span that begins or ends inside a token is
    /// taken to the whole token, since gold knows no smaller piece.
    fn compare(&self, found: &[(Span, EntityType)], counts: &mut BTreeMap<EntityType, Counts>) {
        let touched = |span: Span| {
            let from = self.tokens.partition_point(|token| token.end <= span.start);
            (from, self.tokens.partition_point(|token| token.start < span.end))
        };
        let mut items: Vec<Item> =
            found.iter().map(|(span, kind)| (touched(*span), *kind)).map(|((from, to), kind)| (from, to, kind)).collect();
        items.dedup();
        for item in &items {
            let count = counts.entry(item.2).or_default();
            count.found += 1;
            count.hits += usize::from(self.gold.contains(item));
        }
        for item in &self.gold {
            counts.entry(item.2).or_default().gold += 1;
        }
    }
}

/// BIO -> mentions. An inside tag that continues nothing opens a mention.
fn mentions(tags: &[String], labels: &Labels) -> Vec<Item> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    for (at, tag) in tags.iter().map(String::as_str).chain(["O"]).enumerate() {
        let (part, kind) = tag.split_once('-').unwrap_or((tag, ""));
        if part == "I" && open.is_some_and(|(_, held)| held == kind) {
            continue;
        }
        if let Some((start, held)) = open.take() {
            found.extend(labels.0.get(held).map(|held| (start, at, *held)));
        }
        if part != "O" {
            open = Some((at, kind));
        }
    }
    found
}

/// The scores.
#[derive(Debug, PartialEq, Serialize)]
pub struct Report {
    micro: Figures,
    types: BTreeMap<&'static str, Figures>,
    sentences: usize,
    #[serde(skip)]
    gold: BTreeMap<&'static str, usize>,
}

/// Scores what was found in each row, in the rows' order.
pub fn score(rows: &[Row], found: &[Vec<(Span, EntityType)>]) -> Report {
    let mut counts = BTreeMap::new();
    for (row, found) in rows.iter().zip(found) {
        row.compare(found, &mut counts);
    }
    let mut micro = Counts::default();
    for count in counts.values() {
        micro += *count;
    }
    Report {
        micro: micro.figures(),
        types: counts.iter().map(|(kind, count)| (kind.name(), count.figures())).collect(),
        gold: counts.iter().map(|(kind, count)| (kind.name(), count.gold)).chain([("micro", micro.gold)]).collect(),
        sentences: rows.len(),
    }
}

impl Report {
    /// The scores as a table.
    pub fn table(&self) -> String {
        let gold = |name: &str| self.gold.get(name).copied().unwrap_or(0);
        let mut text = head("type");
        for (name, figures) in &self.types {
            text += &row(name, *figures, gold(name));
        }
        text += &row("micro", self.micro, gold("micro"));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} sentences", self.sentences);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn scores_by_hand() {
        let row = Row::new(
            &strings("Ban Ki-moon left New York on Monday"),
            &strings("B-PER I-PER O B-LOC I-LOC O B-DATE"),
            &Labels::default(),
        );
        assert_eq!(row.gold, [(0, 2, EntityType::Per), (3, 5, EntityType::Loc)]);
        // Exact, cut short, and one that covers half a token.
        let found = vec![(Span::new(0, 8), EntityType::Per), (Span::new(21, 25), EntityType::Loc)];
        let report = score(&[row], &[found]);
        assert_eq!(report.types["PER"], Figures { p: 1.0, r: 1.0, f1: 1.0 });
        assert_eq!(report.micro, Figures { p: 0.5, r: 0.5, f1: 0.5 });
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["sentences"], 1);
        assert!(json.get("gold").is_none() && json["types"]["LOC"]["f1"] == 0.0);
    }

    #[test]
    fn strict_tags_and_loose_ones() {
        assert_eq!(
            mentions(&strings("I-PER B-PER I-ORG B-MONEY"), &Labels::default()),
            [(0, 1, EntityType::Per), (1, 2, EntityType::Per), (2, 3, EntityType::Org)]
        );
    }

    #[test]
    fn labels_of_others() {
        let labels: Labels = [("politician", EntityType::Per), ("person", EntityType::Per)]
            .map(|(l, t)| (l.to_owned(), t))
            .into_iter()
            .collect();
        let tags = strings("B-politician B-person I-person B-LOC B-PER");
        assert_eq!(mentions(&tags, &labels), [(0, 1, EntityType::Per), (1, 3, EntityType::Per)]);
        assert!(labels.scores(EntityType::Per) && !labels.scores(EntityType::Loc));
    }
}
