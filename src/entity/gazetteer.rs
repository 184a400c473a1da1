//! The gazetteer: names, adjectives and capitals of countries, read from the tables in `data/`.

use std::collections::BTreeMap;

use super::names::key;

const COUNTRIES: &str = include_str!("../../data/countries.tsv");
const EXTRA: &str = include_str!("../../data/extra.tsv");

/// What a name means to a country of the given ISO 3166 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// It is the country's name.
    Name(&'static str),
    /// It is its adjective or its people.
    Demonym(&'static str),
    /// It is its capital.
    Capital(&'static str),
}

impl Sense {
    /// The country, if the name is its own or its people's.
    pub(super) const fn named(self) -> Option<&'static str> {
        match self {
            Self::Name(code) | Self::Demonym(code) => Some(code),
            Self::Capital(_) => None,
        }
    }
}

/// The tables, by the key of the name.
pub(super) struct Gazetteer {
    senses: BTreeMap<String, Sense>,
    names: BTreeMap<&'static str, &'static str>,
}

impl Gazetteer {
    /// Reads the tables. A name keeps the first sense that it is given, a country's own name before all else.
    pub(super) fn new() -> Self {
        let mut all = Self { senses: BTreeMap::new(), names: BTreeMap::new() };
        let not: Vec<String> = extra("not").flat_map(|(_, names)| names.split('|').map(key)).collect();
        for row in COUNTRIES.lines() {
            let [code, name, ..] = columns(row);
            all.names.insert(code, name);
            all.add(name, Sense::Name(code), &not);
        }
        for (code, names) in extra("name") {
            all.add(names, Sense::Name(code), &not);
        }
        for (code, names) in extra("demonym") {
            all.add(names, Sense::Demonym(code), &not);
        }
        for row in COUNTRIES.lines() {
            let [code, _, others, demonyms, capital] = columns(row);
            all.add(others, Sense::Name(code), &not);
            for demonym in demonyms.split('|') {
                all.add(demonym, Sense::Demonym(code), &not);
                all.add(&format!("{demonym}s"), Sense::Demonym(code), &not);
            }
            all.add(capital, Sense::Capital(code), &not);
        }
        for (code, names) in extra("capital") {
            all.add(names, Sense::Capital(code), &not);
        }
        all
    }

    fn add(&mut self, names: &str, sense: Sense, not: &[String]) {
        for name in names.split('|').map(key).filter(|name| name.len() > 1 && !not.contains(name)) {
            self.senses.entry(name).or_insert(sense);
        }
    }

    /// What a name means, given by its key.
    pub(super) fn sense(&self, key: &str) -> Option<Sense> {
        self.senses.get(key).copied()
    }

    /// The name of a country.
    pub(super) fn name(&self, code: &str) -> &'static str {
        self.names.get(code).copied().unwrap_or_default()
    }
}

/// The five columns of a row; empty where there are fewer.
fn columns(row: &'static str) -> [&'static str; 5] {
    let mut fields = row.split('\t');
    std::array::from_fn(|_| fields.next().unwrap_or_default())
}

/// The rows of one kind of the second table: code and names.
fn extra(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    EXTRA.lines().filter_map(move |row| {
        let [found, code, names, ..] = columns(row);
        (found == kind).then_some((code, names))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_well_formed() {
        let gazetteer = Gazetteer::new();
        for row in COUNTRIES.lines() {
            assert_eq!(row.split('\t').count(), 5, "{row}");
            let [code, name, ..] = columns(row);
            assert!(code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase()), "{row}");
            let own = gazetteer.sense(&key(name));
            assert!(own == Some(Sense::Name(code)) || name == "Georgia", "{name} is {own:?}");
        }
        for row in EXTRA.lines() {
            let [kind, code, names, ..] = columns(row);
            assert!(["name", "demonym", "capital", "not"].contains(&kind) && !names.is_empty(), "{row}");
            assert!(kind == "not" || gazetteer.names.contains_key(code), "{row}");
        }
    }

    #[test]
    fn no_name_of_a_country_is_also_anothers() {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        let not: Vec<String> = extra("not").flat_map(|(_, names)| names.split('|').map(key)).collect();
        let names = COUNTRIES.lines().map(|row| (columns(row)[0], columns(row)[1])).chain(extra("name"));
        for (code, names) in names {
            for name in names.split('|').map(key).filter(|name| !not.contains(name)) {
                assert_eq!(*owners.entry(name.clone()).or_insert(code), code, "{name}");
            }
        }
    }
}
