//! Duplicates: articles of a run that repeat an earlier one, as wire copy does from paper to paper.
//!
//! | how | file | what a copy is |
//! | --- | --- | --- |
//! | exact | `exact.rs` | the same body but for white space |
//! | near | `near.rs` | a body that shares enough of its phrases (`MinHash` and banding) |
//!
//! Only first articles are remembered, so a copy of a copy names the first one and copies take no memory. The answers depend on the
//! articles and their order alone: nothing is random, and no order of a table is ever read. ARCHITECTURE.md has the memory, the speed
//! and the libraries that were weighed.

mod exact;
mod near;

use crate::article::Article;

/// How copies are told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dedup {
    /// The same body but for white space.
    Exact,
    /// A body whose shingles are mostly those of an earlier one.
    Near {
        /// The least Jaccard similarity of a copy to its original, above 0 and up to 1. It is estimated: a pair right at the
        /// threshold is as likely a copy as not, and one 0.1 off is rarely told wrongly.
        threshold: f32,
    },
}

impl Dedup {
    /// The threshold of near copies where none is given.
    pub const THRESHOLD: f32 = 0.8;
}

/// What has been seen of a run's articles.
pub struct Seen {
    names: Names,
    index: Index,
}

/// The bodies of first articles, by number.
enum Index {
    Exact(exact::Exact),
    Near(near::Near),
}

impl Seen {
    /// Nothing seen yet.
    pub fn new(dedup: Dedup) -> Self {
        let index = match dedup {
            Dedup::Exact => Index::Exact(exact::Exact::default()),
            Dedup::Near { threshold } => Index::Near(near::Near::new(threshold)),
        };
        Self { names: Names::default(), index }
    }

    /// The identifier of the first article that this one repeats; where there is none, this one is remembered as a first.
    ///
    /// Behind 4,294,967,295 first articles no more are remembered, and nothing is a copy.
    pub fn original(&mut self, article: &Article) -> Option<&str> {
        let next = u32::try_from(self.names.ends.len()).ok().filter(|next| *next < u32::MAX)?;
        let first = match &mut self.index {
            Index::Exact(index) => index.first(&article.body, next),
            Index::Near(index) => index.first(&article.body, next),
        };
        if first == next {
            self.names.push(&article.id);
            return None;
        }
        self.names.get(first)
    }
}

/// The identifiers of first articles, by number: one text, since a string each would take twice the memory.
#[derive(Default)]
struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    fn get(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(number)?)
    }
}

#[cfg(test)]
mod tests;
