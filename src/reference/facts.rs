//! Facts about words: what nouns stand for, and which given names are a man's or a woman's. Read from `data/` at start.

use std::collections::BTreeMap;

use crate::mention::EntityType;

const NOUNS: &str = include_str!("../../data/nouns.tsv");
const GIVEN: [&str; 2] = [include_str!("../../data/given.tsv"), include_str!("../../data/given_extra.tsv")];
const COUNTRIES: &str = include_str!("../../data/countries.tsv");
const EXTRA: &str = include_str!("../../data/extra.tsv");

/// Whether somebody is called he or she.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    /// She.
    Female,
    /// He.
    Male,
}

/// A set of classes of nouns, one bit each.
pub(super) type Classes = u64;

/// A noun that may stand for a named thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noun {
    /// Its number, the same for singular and plural.
    pub(super) number: u16,
    /// The classes that it is of.
    pub(super) classes: Classes,
    /// The types of things that it may stand for, one bit each.
    pub(super) types: u8,
    /// The gender of whom it stands for, if it tells it.
    pub(super) gender: Option<Gender>,
    /// Whether it is a plural.
    pub(super) plural: bool,
}

impl Noun {
    /// Whether the table holds it.
    pub(super) const fn is_known(self) -> bool {
        self.number < OTHERS
    }

    /// Whether it may stand for a thing of a type.
    pub(super) const fn fits(self, kind: EntityType) -> bool {
        self.types & bit(kind) != 0
    }
}

const fn bit(kind: EntityType) -> u8 {
    1 << kind as u8
}

/// What a place's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A country or its people, by its ISO 3166 code.
    Country(&'static str),
    /// A capital.
    Capital,
}

/// The numbers from here on are those of nouns that the table does not hold.
const OTHERS: u16 = 10_000;

/// The tables.
pub(super) struct Facts {
    nouns: BTreeMap<String, Noun>,
    names: Vec<&'static str>,
    given: BTreeMap<&'static str, Gender>,
    places: BTreeMap<String, Place>,
}

impl Facts {
    /// Reads the tables.
    pub(super) fn new() -> Self {
        let mut nouns = BTreeMap::new();
        let mut names = Vec::new();
        for (at, row) in NOUNS.lines().enumerate() {
            let mut fields = row.split('\t');
            let [name, types, words] = std::array::from_fn(|_| fields.next().unwrap_or_default());
            let class = names.iter().position(|known| *known == name).unwrap_or(names.len());
            if class == names.len() {
                names.push(name);
            }
            let types = types.split(',').filter_map(EntityType::from_name).fold(0, |bits, kind| bits | bit(kind));
            for (place, word) in words.split(' ').enumerate() {
                let number = u16::try_from(at * 100 + place).unwrap_or(u16::MAX);
                add(&mut nouns, word, Noun { number, classes: 1 << class, types, gender: None, plural: false });
            }
        }
        let rows = GIVEN.iter().flat_map(|table| table.lines()).filter_map(|row| row.split_once('\t'));
        let given = rows.map(|(gender, name)| (name, if gender == "f" { Gender::Female } else { Gender::Male }));
        Self { nouns, names, given: given.collect(), places: places() }
    }

    /// The noun of a word in small letters.
    pub(super) fn noun(&self, word: &str) -> Option<Noun> {
        self.nouns.get(word).copied()
    }

    /// The noun of a word in small letters; one that the table does not hold may stand for anything, and its number tells it from
    /// most others.
    pub(super) fn any_noun(&self, word: &str) -> Noun {
        self.noun(word).unwrap_or_else(|| {
            let plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
            let stem = if plural { &word[..word.len() - 1] } else { word };
            // FNV-1a, folded into what the table leaves free.
            let hash = stem.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
            let number = OTHERS + (hash % u32::from(u16::MAX - OTHERS)) as u16;
            Noun { number, classes: 0, types: u8::MAX, gender: None, plural }
        })
    }

    /// The bit of a class.
    pub(super) fn class(&self, name: &str) -> Classes {
        self.names.iter().position(|known| *known == name).map_or(0, |at| 1 << at)
    }

    /// The gender of a given name in small letters.
    pub(super) fn given(&self, name: &str) -> Option<Gender> {
        self.given.get(name).copied()
    }

    /// What a name in small letters is, if it is a country's or a capital's.
    pub(super) fn place(&self, name: &str) -> Option<Place> {
        self.places.get(name).copied()
    }
}

/// Adds a noun and its plural. A word that is there already gets the classes and types of both.
fn add(nouns: &mut BTreeMap<String, Noun>, word: &str, noun: Noun) {
    let (gender, word) = match word.split_once(':') {
        Some(("f", word)) => (Some(Gender::Female), word),
        Some((_, word)) => (Some(Gender::Male), word),
        None => (None, word),
    };
    let already = PLURAL.contains(&word);
    for (form, plural) in [(word.to_owned(), already), (plural_of(word), true)] {
        if plural && form == word && !already {
            continue;
        }
        let new = Noun { gender, plural, ..noun };
        nouns
            .entry(form)
            .and_modify(|old| {
                old.classes |= new.classes;
                old.types |= new.types;
            })
            .or_insert(new);
    }
}

/// Nouns of the table that are plurals.
const PLURAL: &[&str] = &[
    "troops",
    "forces",
    "guards",
    "militants",
    "rebels",
    "insurgents",
    "terrorists",
    "guerrillas",
    "guerillas",
    "separatists",
    "extremists",
    "islamists",
    "visitors",
    "hosts",
    "champions",
    "islands",
    "mountains",
    "authorities",
    "games",
    "headquarters",
    "police",
    "people",
];

fn plural_of(word: &str) -> String {
    let consonant_y = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    if let Some(stem) = consonant_y {
        format!("{stem}ies")
    } else if let Some(stem) = word.strip_suffix("man").filter(|_| word != "talisman") {
        format!("{stem}men")
    } else if word.ends_with(['s', 'x']) || word.ends_with("ch") || word.ends_with("sh") {
        if PLURAL.contains(&word) { word.to_owned() } else { format!("{word}es") }
    } else {
        format!("{word}s")
    }
}

/// Countries, their people and their capitals, by small letters. The linker has senses of them; here only what kind of place
/// a noun may stand for matters.
fn places() -> BTreeMap<String, Place> {
    let mut places = BTreeMap::new();
    let mut put = |names: &str, place: Place| {
        for name in names.split('|').filter(|name| name.len() > 1) {
            places.entry(name.replace('.', "").to_lowercase()).or_insert(place);
        }
    };
    for row in COUNTRIES.lines() {
        let mut fields = row.split('\t');
        let [code, name, others, demonyms, capital] = std::array::from_fn(|_| fields.next().unwrap_or_default());
        put(name, Place::Country(code));
        put(others, Place::Country(code));
        put(demonyms, Place::Country(code));
        put(&demonyms.split('|').map(|demonym| format!("{demonym}s")).collect::<Vec<_>>().join("|"), Place::Country(code));
        put(capital, Place::Capital);
    }
    for row in EXTRA.lines() {
        let mut fields = row.split('\t');
        let [kind, code, names] = std::array::from_fn(|_| fields.next().unwrap_or_default());
        match kind {
            "name" | "demonym" => put(names, Place::Country(code)),
            "capital" => put(names, Place::Capital),
            _ => {}
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_well_formed() {
        for row in NOUNS.lines() {
            let fields: Vec<_> = row.split('\t').collect();
            assert!(fields.len() == 3 && fields[1].split(',').all(|kind| EntityType::from_name(kind).is_some()), "{row}");
        }
        for row in GIVEN.iter().flat_map(|table| table.lines()) {
            assert!(row.starts_with("f\t") || row.starts_with("m\t"), "{row}");
        }
    }

    #[test]
    fn nouns_have_plurals_and_genders() {
        let facts = Facts::new();
        let noun = |word| facts.noun(word).unwrap();
        assert_eq!(noun("ministries").number, noun("ministry").number);
        assert!(noun("countries").plural && !noun("country").plural && noun("troops").plural);
        assert_eq!((noun("spokeswoman").gender, noun("men").gender), (Some(Gender::Female), Some(Gender::Male)));
        assert!(noun("base").fits(EntityType::Fac) && !noun("base").fits(EntityType::Per));
        assert_eq!(facts.given("angela"), Some(Gender::Female));
        assert_eq!(facts.place("russian"), facts.place("russia"));
    }
}
