//! Aliases: keys that are another's, and the rewriting of lines.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// How far one alias is followed to the next.
const STEPS: usize = 8;

/// Which keys are another's: what the second pass goes by.
pub struct Aliases {
    to: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    entities: Vec<Thing<'a>>,
}

#[derive(Deserialize)]
struct Thing<'a> {
    #[serde(borrow, default)]
    key: Option<&'a RawValue>,
}

impl Aliases {
    pub(super) const fn new(to: BTreeMap<String, String>) -> Self {
        Self { to }
    }

    pub(super) fn with(mut self, more: BTreeMap<String, String>) -> Self {
        for (name, key) in more {
            self.to.entry(name).or_insert(key);
        }
        self
    }

    /// How many keys are another's.
    pub fn len(&self) -> usize {
        self.to.len()
    }

    /// Whether every key is its own.
    pub fn is_empty(&self) -> bool {
        self.to.is_empty()
    }

    /// The key of the archive for the key of an article. Aliases that lead in a circle lead nowhere.
    pub fn of<'a>(&'a self, key: &'a str) -> &'a str {
        let mut at = key;
        for _ in 0..STEPS {
            match self.to.get(at) {
                Some(next) => at = next,
                None => return at,
            }
        }
        key
    }

    /// A line with its keys made those of the archive, everything else byte for byte as it was; and how many keys changed.
    pub fn rewrite(&self, line: &str) -> serde_json::Result<(String, usize)> {
        let read: Line<'_> = serde_json::from_str(line)?;
        let mut out = String::with_capacity(line.len());
        let (mut done, mut changed) = (0, 0);
        for raw in read.entities.iter().filter_map(|thing| thing.key) {
            let old: String = serde_json::from_str(raw.get())?;
            let new = self.of(&old);
            if new == old {
                continue;
            }
            // The raw value is a piece of the line, so the distance of the two is its place.
            let start = raw.get().as_ptr() as usize - line.as_ptr() as usize;
            out.push_str(&line[done..start]);
            out.push_str(&serde_json::to_string(new)?);
            done = start + raw.get().len();
            changed += 1;
        }
        out.push_str(&line[done..]);
        Ok((out, changed))
    }
}
