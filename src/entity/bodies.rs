//! Bodies: organisations that the tables of `data/` know, under all their names and acronyms.

use std::collections::{BTreeMap, BTreeSet};

use super::key::Spelling;
use super::names::{acronym_of, is_acronym};
use crate::mention::EntityType;

const BODIES: &str = include_str!("../../data/bodies.tsv");
const EXTRA: &str = include_str!("../../data/bodies_extra.tsv");

/// Acronyms of up to so many letters may be words: "who" and "WHO". Longer ones are written as names too: "Nato".
const SHORT: usize = 3;

/// One name of a body.
struct Known {
    /// A word that the article must have for the name to mean this.
    word: Option<&'static str>,
    /// Whether it has to be written in capitals.
    capitals: bool,
    /// The body's own name, as keys are spelled.
    body: String,
}

/// The tables, by how names are spelled in keys.
pub(super) struct Bodies {
    names: BTreeMap<String, Vec<Known>>,
    words: BTreeSet<&'static str>,
}

impl Bodies {
    /// Reads the tables.
    pub(super) fn new(spelling: &Spelling) -> Self {
        let mut all = Self { names: BTreeMap::new(), words: BTreeSet::new() };
        for row in BODIES.lines().chain(EXTRA.lines()) {
            let (name, others) = row.split_once('\t').unwrap_or((row, ""));
            let body = spelling.thing(EntityType::Org, name);
            for other in others.split('|').chain([name]).filter(|other| !other.is_empty()) {
                let (other, word) = other.split_once('@').map_or((other, None), |(other, word)| (other, Some(word)));
                all.words.extend(word);
                let capitals = is_acronym(other) && acronym_of(other).chars().count() <= SHORT;
                let known = all.names.entry(spelling.thing(EntityType::Org, other)).or_default();
                // A name that needs a word comes first: it says more.
                let at = if word.is_some() { 0 } else { known.len() };
                known.insert(at, Known { word, capitals, body: body.clone() });
            }
        }
        all
    }

    /// The words of the tables that a text has.
    pub(super) fn words(&self, body: &str) -> BTreeSet<&'static str> {
        let lower = body.to_lowercase();
        self.words.iter().copied().filter(|word| lower.contains(word)).collect()
    }

    /// The body that a name means in an article with these words: its own name, as keys are spelled.
    pub(super) fn find(&self, spelling: &Spelling, name: &str, words: &BTreeSet<&'static str>) -> Option<&str> {
        if !name.contains(char::is_uppercase) {
            return None;
        }
        let known = self.names.get(&spelling.thing(EntityType::Org, name))?;
        let fits =
            |known: &&Known| known.word.is_none_or(|word| words.contains(word)) && (!known.capitals || is_acronym(name));
        known.iter().find(fits).map(|known| known.body.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str, text: &str) -> Option<String> {
        let spelling = Spelling::new();
        let bodies = Bodies::new(&spelling);
        bodies.find(&spelling, name, &bodies.words(text)).map(str::to_owned)
    }

    #[test]
    fn names_and_acronyms_are_one() {
        let same = |names: &[&str]| {
            let found: Vec<_> = names.iter().map(|name| find(name, "")).collect();
            assert!(found[0].is_some() && found.windows(2).all(|pair| pair[0] == pair[1]), "{names:?}: {found:?}");
        };
        same(&["UN", "U.N.", "United Nations", "the United Nations"]);
        same(&["NATO", "Nato", "North Atlantic Treaty Organization", "North Atlantic Treaty Organisation"]);
        same(&["WHO", "World Health Organization", "World Health Organisation"]);
        same(&["AU", "A.U.", "African Union"]);
        same(&["Pentagon", "the Pentagon", "US Department of Defense"]);
        assert_eq!(find("Who", ""), None);
        assert_eq!(find("nato", ""), None);
    }

    #[test]
    fn a_word_of_the_article_tells_two_apart() {
        assert_eq!(find("ICC", "The court in The Hague").as_deref(), Some("international criminal court"));
        assert_eq!(find("ICC", "A cricket match").as_deref(), Some("international cricket council"));
        assert_eq!(find("DPP", "in Malawi"), None);
    }

    #[test]
    fn every_row_is_well_formed_and_no_name_is_two_bodies() {
        let spelling = Spelling::new();
        for row in BODIES.lines().chain(EXTRA.lines()) {
            assert_eq!(row.split('\t').count(), 2, "{row}");
            assert!(!row.starts_with('\t'), "{row}");
        }
        let bodies = Bodies::new(&spelling);
        for (name, known) in &bodies.names {
            let free: BTreeSet<&str> =
                known.iter().filter(|known| known.word.is_none()).map(|known| known.body.as_str()).collect();
            assert!(free.len() <= 1, "{name} is {free:?}");
        }
    }
}
