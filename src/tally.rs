//! Counts: of one article, and of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::source::Reason;

/// How many of the surest positions a run remembers.
const SUREST: usize = 8;

/// Counts of one article.
#[derive(Debug, Default)]
pub struct Tally {
    /// Tokens.
    pub tokens: usize,
    /// Sentences.
    pub sentences: usize,
    /// Mentions.
    pub mentions: usize,
    /// Entities.
    pub entities: usize,
    /// Supporting and opposing positions.
    pub positions: [usize; 2],
    /// The surest position, in words.
    pub surest: Option<Surest>,
}

/// A position in words, for the summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surest {
    /// Its score.
    pub score: f32,
    /// `A opposes B`.
    pub words: String,
    /// The article.
    pub article: String,
}

/// Counts of a run so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Annotated articles.
    pub annotated: u64,
    /// Copies of articles that came before.
    pub duplicates: u64,
    /// Rejects by the names of their reasons.
    pub rejected: BTreeMap<String, u64>,
    /// Tokens of the annotated articles.
    pub tokens: u64,
    /// Their sentences.
    pub sentences: u64,
    /// Their mentions.
    pub mentions: u64,
    /// Their entities.
    pub entities: u64,
    /// Their supporting and opposing positions.
    pub positions: [u64; 2],
    /// The surest positions, surest first.
    pub surest: Vec<Surest>,
}

impl Totals {
    /// Adds an annotated article.
    pub fn annotated(&mut self, tally: Tally) {
        self.annotated += 1;
        self.tokens += tally.tokens as u64;
        self.sentences += tally.sentences as u64;
        self.mentions += tally.mentions as u64;
        self.entities += tally.entities as u64;
        self.positions[0] += tally.positions[0] as u64;
        self.positions[1] += tally.positions[1] as u64;
        if let Some(surest) = tally.surest {
            let at = self.surest.partition_point(|kept| kept.score >= surest.score);
            self.surest.insert(at, surest);
            self.surest.truncate(SUREST);
        }
    }

    /// Adds a copy.
    pub fn duplicate(&mut self) {
        self.duplicates += 1;
    }

    /// Adds a reject.
    pub fn reject(&mut self, reason: Reason) {
        *self.rejected.entry(reason.name().to_owned()).or_default() += 1;
    }

    /// Rejects of all reasons.
    pub fn rejects(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Records of all kinds.
    pub fn read(&self) -> u64 {
        self.annotated + self.duplicates + self.rejects()
    }
}
