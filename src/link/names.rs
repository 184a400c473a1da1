//! The names that things bear in an archive.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Aliases;
use crate::entity::{Spelling, is_acronym};
use crate::mention::EntityType;

/// The most names of one table. Names that come first later are left as they are, so that no archive takes more memory.
const MOST: usize = 1 << 19;
/// The most things that are held for one name; one of so many has none that it means beyond doubt.
const BEARERS: usize = 4;
/// How many articles have to say that two names are one thing.
const SEEN: u32 = 2;
/// Of the articles that say what a name means, how many of ten have to agree.
const AGREE: u64 = 9;
/// In how many articles a person has to be named in full before the surname alone is taken for that person.
const KNOWN: u32 = 10;

/// What is read of an annotation.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    mentions: Vec<Text<'a>>,
    #[serde(borrow)]
    entities: Vec<Thing<'a>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Thing<'a> {
    #[serde(borrow, default)]
    key: Cow<'a, str>,
    mentions: Vec<usize>,
}

/// What one name was said to mean: keys, each with its articles.
#[derive(Default)]
struct Meant {
    keys: Vec<(String, u32)>,
    /// Articles that say yet another thing.
    others: u32,
}

impl Meant {
    fn see(&mut self, key: &str) {
        if let Some((_, seen)) = self.keys.iter_mut().find(|(held, _)| held == key) {
            *seen = seen.saturating_add(1);
        } else if self.keys.len() < BEARERS {
            self.keys.push((key.to_owned(), 1));
        } else {
            self.others = self.others.saturating_add(1);
        }
    }
}

/// The names that things bear in an archive, article by article: the first pass.
pub struct Names {
    spelling: Spelling,
    /// Acronyms and shorter full names, by their keys.
    meant: BTreeMap<String, Meant>,
    /// Surnames, by the keys of persons who are called nothing else.
    surnames: BTreeMap<String, Meant>,
}

impl Default for Names {
    fn default() -> Self {
        Self::new()
    }
}

impl Names {
    /// No names yet.
    pub fn new() -> Self {
        Self { spelling: Spelling::new(), meant: BTreeMap::new(), surnames: BTreeMap::new() }
    }

    /// Takes in one line of annotations.
    pub fn see(&mut self, line: &str) -> serde_json::Result<()> {
        let line: Line<'_> = serde_json::from_str(line)?;
        for thing in &line.entities {
            let Some((kind, name)) = thing.key.split_once(':').and_then(|(prefix, name)| Some((kind(prefix)?, name))) else {
                continue;
            };
            let texts: BTreeSet<&str> =
                thing.mentions.iter().filter_map(|at| line.mentions.get(*at)).map(|mention| mention.text.as_ref()).collect();
            let others = texts
                .into_iter()
                .filter(|text| !text.trim().is_empty())
                .filter(|text| kind == EntityType::Per || is_acronym(text));
            let keys: BTreeSet<String> = others.map(|text| self.spelling.key(kind, &[text])).collect();
            let full = |key: &String| if kind == EntityType::Per { key.contains(' ') } else { shortens(key, &thing.key) };
            for key in keys.iter().filter(|key| **key != thing.key && full(key)) {
                see(&mut self.meant, key, &thing.key);
            }
            if kind == EntityType::Per
                && let Some((_, surname)) = name.rsplit_once(' ')
            {
                see(&mut self.surnames, &format!("per:{surname}"), &thing.key);
            }
        }
        Ok(())
    }

    /// The aliases that follow from all articles.
    ///
    /// An acronym, and a person's shorter full name, stands for what at least two articles say it does, and nine of ten of those that
    /// say anything. A surname stands for a person only where the archive knows no other bearer, and names that one in full in at
    /// least ten articles.
    pub fn aliases(self) -> Aliases {
        let mut aliases: BTreeMap<String, String> = BTreeMap::new();
        for (name, meant) in self.meant {
            let total: u64 = meant.keys.iter().map(|(_, seen)| u64::from(*seen)).sum::<u64>() + u64::from(meant.others);
            let best = meant.keys.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
            if let Some((key, _)) = best.filter(|(_, seen)| *seen >= SEEN && 10 * u64::from(*seen) >= AGREE * total) {
                aliases.insert(name, key);
            }
        }
        let full = Aliases::new(aliases);
        let mut surnames: BTreeMap<String, String> = BTreeMap::new();
        for (name, meant) in self.surnames.into_iter().filter(|(_, meant)| meant.others == 0) {
            let bearers: BTreeSet<&str> = meant.keys.iter().map(|(key, _)| full.of(key)).collect();
            let seen = meant.keys.iter().fold(0_u32, |sum, (_, seen)| sum.saturating_add(*seen));
            if let (Some(bearer), 1) = (bearers.first(), bearers.len())
                && seen >= KNOWN
            {
                surnames.insert(name, (*bearer).to_owned());
            }
        }
        full.with(surnames)
    }
}

/// Whether the letters of one key stand in the other in the same order. What an article has in brackets may be another thing.
fn shortens(short: &str, long: &str) -> bool {
    let mut letters = long.chars();
    short.chars().all(|letter| letters.any(|other| other == letter))
}

fn see(table: &mut BTreeMap<String, Meant>, name: &str, key: &str) {
    if let Some(meant) = table.get_mut(name) {
        meant.see(key);
    } else if table.len() < MOST {
        table.entry(name.to_owned()).or_default().see(key);
    }
}

/// The type behind the prefix of a key.
fn kind(prefix: &str) -> Option<EntityType> {
    EntityType::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(prefix))
}
