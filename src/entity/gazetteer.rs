//! The gazetteer: names, adjectives, capitals and seats of government of countries, read from the tables in `data/`.

use std::collections::{BTreeMap, BTreeSet};

use super::names::key;

const COUNTRIES: &str = include_str!("../../data/countries.tsv");
const EXTRA: &str = include_str!("../../data/extra.tsv");

/// In what way a name stands for a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// It is the country's name.
    Name,
    /// It is its adjective or its people.
    Demonym,
    /// It is its capital, or a city that stands in for it.
    Capital,
    /// It is the house or quarter where its government sits.
    Seat,
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sense {
    /// How it stands for what it may be.
    pub(super) how: How,
    /// What it may be, parted by `|`, the likeliest first: ISO 3166-1 alpha-2 of countries, ISO 3166-2 of states and provinces, EU.
    pub(super) codes: &'static str,
}

impl Sense {
    /// The one thing that it is, if there is only one.
    pub(super) fn only(self) -> Option<&'static str> {
        (!self.codes.contains('|')).then_some(self.codes)
    }
}

/// A country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Country {
    pub(super) name: &'static str,
    pub(super) alpha3: &'static str,
    borders: &'static str,
}

impl Country {
    /// The countries beside it.
    pub(super) fn neighbours(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.borders.split('|').filter(|code| !code.is_empty())
    }
}

/// The tables, by the key of the name.
pub(super) struct Gazetteer {
    senses: BTreeMap<String, Sense>,
    countries: BTreeMap<&'static str, Country>,
    hints: BTreeMap<String, Vec<&'static str>>,
    others: BTreeSet<String>,
}

impl Gazetteer {
    /// Reads the tables. A name keeps the first sense that it is given: one of several countries, then a country's own name, then all
    /// else.
    pub(super) fn new() -> Self {
        let mut all =
            Self { senses: BTreeMap::new(), countries: BTreeMap::new(), hints: BTreeMap::new(), others: BTreeSet::new() };
        let keys = |names: &'static str| names.split('|').map(key);
        let not: BTreeSet<String> = extra("not").flat_map(|(_, names)| keys(names)).collect();
        all.others = extra("other").flat_map(|(_, names)| keys(names)).collect();
        for (code, names) in extra("hint") {
            keys(names).for_each(|name| all.hints.entry(name).or_default().push(code));
        }
        let mut add = |names: &str, how: How, codes: &'static str| {
            for name in names.split('|').map(key).filter(|name| name.len() > 1 && !not.contains(name)) {
                all.senses.entry(name).or_insert(Sense { how, codes });
            }
        };
        for row in COUNTRIES.lines() {
            let [code, name, _, _, _, alpha3, borders] = columns(row);
            all.countries.insert(code, Country { name, alpha3, borders });
        }
        // A row of several codes comes before all that would make the name one country's.
        for several in [true, false] {
            for (kind, how) in
                [("name", How::Name), ("demonym", How::Demonym), ("seat", How::Seat), ("capital", How::Capital)]
            {
                if !several && how == How::Name {
                    COUNTRIES.lines().map(columns).for_each(|[code, name, ..]| add(name, How::Name, code));
                }
                extra(kind)
                    .filter(|(codes, _)| several == codes.contains('|') && (several || how != How::Capital))
                    .for_each(|(codes, names)| add(names, how, codes));
            }
        }
        for row in COUNTRIES.lines() {
            let [code, _, others, demonyms, capital, ..] = columns(row);
            add(others, How::Name, code);
            for demonym in demonyms.split('|') {
                add(demonym, How::Demonym, code);
                add(&format!("{demonym}s"), How::Demonym, code);
            }
            add(capital, How::Capital, code);
        }
        for (code, names) in extra("capital") {
            add(names, How::Capital, code);
        }
        all
    }

    /// What a name means, given by its key.
    pub(super) fn sense(&self, key: &str) -> Option<Sense> {
        self.senses.get(key).copied()
    }

    /// Whether a form is the adjective or the people of a country.
    pub(super) fn is_demonym(&self, form: &str) -> bool {
        self.sense(&key(form)).is_some_and(|sense| sense.how == How::Demonym)
    }

    /// Whether the key is of a name that holds a country's name and is no country: New Mexico, the Indian Ocean.
    pub(super) fn is_other(&self, key: &str) -> bool {
        self.others.contains(key)
    }

    /// The countries and states that a name speaks for without being theirs: a city, a region, a head of state.
    pub(super) fn hints(&self, key: &str) -> &[&'static str] {
        self.hints.get(key).map_or(&[], Vec::as_slice)
    }

    /// A country; `None` where the code is of something else.
    pub(super) fn country(&self, code: &str) -> Option<&Country> {
        self.countries.get(code)
    }
}

/// The columns of a row; empty where there are fewer.
fn columns(row: &'static str) -> [&'static str; 7] {
    let mut fields = row.split('\t');
    std::array::from_fn(|_| fields.next().unwrap_or_default())
}

/// The rows of one kind of the second table: codes and names.
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
        let several =
            |name: &str| extra("name").any(|(codes, names)| codes.contains('|') && names.split('|').any(|n| n == name));
        for row in COUNTRIES.lines() {
            assert_eq!(row.split('\t').count(), 7, "{row}");
            let [code, name, _, _, _, alpha3, _] = columns(row);
            let upper = |code: &str, length| code.len() == length && code.chars().all(|c| c.is_ascii_uppercase());
            assert!(upper(code, 2) && upper(alpha3, 3), "{row}");
            let own = gazetteer.sense(&key(name));
            assert!(own == Some(Sense { how: How::Name, codes: code }) || several(name), "{name} is {own:?}");
            assert!(gazetteer.country(code).unwrap().neighbours().all(|code| code.len() == 2), "{row}");
        }
        for row in EXTRA.lines() {
            let [kind, codes, names, ..] = columns(row);
            assert!(
                ["name", "demonym", "capital", "seat", "hint", "other", "not"].contains(&kind) && !names.is_empty(),
                "{row}"
            );
            let known = |code: &str| gazetteer.country(code).is_some() || code.contains('-') || code == "EU";
            assert!(codes.split('|').all(known), "{row}");
            assert!(
                kind != "name" && kind != "demonym" || gazetteer.country(codes.split('|').next().unwrap()).is_some(),
                "{row}"
            );
        }
    }

    #[test]
    fn no_name_of_a_country_is_also_anothers() {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        let not: Vec<String> = extra("not").flat_map(|(_, names)| names.split('|').map(key)).collect();
        let several: Vec<String> = extra("name")
            .filter(|(codes, _)| codes.contains('|'))
            .flat_map(|(_, names)| names.split('|').map(key))
            .collect();
        let names = COUNTRIES.lines().map(|row| (columns(row)[0], columns(row)[1])).chain(extra("name"));
        for (code, names) in names {
            for name in names.split('|').map(key).filter(|name| !not.contains(name) && !several.contains(name)) {
                assert_eq!(*owners.entry(name.clone()).or_insert(code), code, "{name}");
            }
        }
    }

    #[test]
    fn hints_speak_for_things_that_are_in_doubt() {
        let doubted: BTreeSet<&str> = ["name", "demonym", "capital", "seat"]
            .into_iter()
            .flat_map(extra)
            .filter(|(codes, _)| codes.contains('|'))
            .flat_map(|(codes, _)| codes.split('|'))
            .collect();
        for (code, names) in extra("hint") {
            assert!(doubted.contains(code), "{code}: {names}");
        }
    }
}
