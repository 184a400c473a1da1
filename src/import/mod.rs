//! Imports: what people have corrected -> gold, and rows for training. A room beside the line.
//!
//! | file | what it reads |
//! | --- | --- |
//! | `label_studio.rs` | the JSON that Label Studio exports |
//! | `brat.rs` | texts with annotations that stand off |
//! | `conll.rs` | columns of tokens and tags |
//! | `earlier.rs` | the annotations that were exported |
//! | `gold.rs` | all of these -> articles of gold (see corpus/GUIDE.md) and rows for training |

pub mod brat;
pub mod conll;
pub mod earlier;
pub mod gold;
pub mod label_studio;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::export::training::text::is_blank;
use crate::mention::EntityType;

/// An article that people have worked on. Places count code points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corrected {
    /// Its identifier.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Its names, in any order.
    pub names: Vec<Name>,
    /// Pairs of names, by number, that are of one entity.
    pub same: Vec<[usize; 2]>,
    /// The stances, in the order of the file; `None` where the format tells none.
    pub stances: Option<Vec<Stance>>,
    /// What could not be used, for people to read.
    pub notes: Vec<String>,
}

/// A name that people have marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The first code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Its type.
    pub kind: EntityType,
    /// What the format says of its entity: a number, and the entity's name where it tells that.
    pub entity: Option<(usize, String)>,
}

/// The stance of a name towards another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stance {
    /// The number of the actor among the names.
    pub actor: usize,
    /// The number of the target.
    pub target: usize,
    /// Support or oppose.
    pub stance: crate::position::Stance,
}

/// Why a file of corrections cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It is something else.
    #[error("{}: this is not what Label Studio exports as JSON (a list of tasks with data and annotations)", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// A line is something else.
    #[error("{}, line {line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// There is nothing in it.
    #[error("{}: {what}", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
    },
}

/// A text file, byte for byte.
fn read(path: &Path) -> Result<String, ImportError> {
    std::fs::read_to_string(path).map_err(|cause| ImportError::Read { path: path.to_owned(), cause })
}

/// The stance that a relation's label names.
fn stance(label: &str) -> Option<crate::position::Stance> {
    use crate::position::Stance::{Oppose, Support};
    [("support", Support), ("supports", Support), ("oppose", Oppose), ("opposes", Oppose)]
        .into_iter()
        .find_map(|(name, stance)| label.eq_ignore_ascii_case(name).then_some(stance))
}

impl Corrected {
    /// Adds a name; its number. White space at its ends is left out, as it is easily marked by mistake. What is no place of the text is noted.
    fn name(
        &mut self,
        chars: &[char],
        [start, end]: [usize; 2],
        kind: &str,
        entity: Option<(usize, String)>,
    ) -> Option<usize> {
        let Some(text) = chars.get(start..end).filter(|text| !text.iter().copied().all(is_blank)) else {
            self.notes.push(format!("a {kind} from {start} to {end} is no place of the text"));
            return None;
        };
        let Some(kind) = EntityType::from_name(kind) else {
            let text: String = text.iter().collect();
            self.notes.push(format!("{text:?} is a {kind}, which is none of PER, ORG, LOC, NORP, FAC, MISC"));
            return None;
        };
        let blank = |c: &&char| is_blank(**c);
        let start = start + text.iter().take_while(blank).count();
        let end = end - text.iter().rev().take_while(blank).count();
        self.names.push(Name { start, end, kind, entity });
        Some(self.names.len() - 1)
    }
}
