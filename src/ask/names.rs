//! Which entity is meant by a name.

use crate::annotation::{Annotation, WireEntity};
use crate::entity::plain as words;

/// How much of a name has to agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// The words that are asked for stand in the name, one behind the other: "Bagram" means "Bagram Air Base" too.
    #[default]
    Words,
    /// The whole name.
    Whole,
}

/// A name that somebody asks for. It is folded as names are for keys: accents, letter case and marks do not count, and "U.S." is "US".
#[derive(Clone, Debug)]
pub struct Name {
    text: String,
    words: Vec<String>,
    manner: Manner,
}

impl Name {
    /// The name as it is asked for.
    pub fn new(text: &str, manner: Manner) -> Self {
        Self { text: text.trim().to_owned(), words: words(text), manner }
    }

    /// Whether an entity is meant: by its key, its name, or the text of one of its mentions.
    pub fn means(&self, annotation: &Annotation<'_>, entity: &WireEntity<'_>) -> bool {
        let mentions = || entity.mentions.iter().filter_map(|number| annotation.mentions.get(*number));
        entity.key.to_lowercase() == self.text.to_lowercase()
            || self.fits(&entity.name)
            || mentions().any(|mention| mention.text != entity.name && self.fits(&mention.text))
    }

    /// Whether a name is this one.
    pub fn fits(&self, name: &str) -> bool {
        let name = words(name);
        match self.manner {
            // A name of marks alone has no words, and is in no name.
            Manner::Words => !self.words.is_empty() && name.windows(self.words.len()).any(|words| words == self.words),
            Manner::Whole => !self.words.is_empty() && name == self.words,
        }
    }

    /// Whether a name is this one as a whole, whatever the manner.
    pub fn is(&self, name: &str) -> bool {
        words(name) == self.words
    }
}
