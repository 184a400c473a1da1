//! Entities: mentions -> the things behind them, inside one article. It cannot fail.
//!
//! Rules, in the order in which they are tried for a mention:
//!
//! 1. A country's name, adjective or people is the country (`data/`, `gazetteer`), a name in doubt what the article speaks for
//!    (`country`). Its capital is the country too where the article names the country elsewhere and it is not named as a place
//!    (`place`): "Moscow rejected" is Russia, "in Moscow" is a city.
//! 2. A person of several names is whoever has the same first and last name; a person of one name is the nearest earlier
//!    (else the only later) person whose name ends, or else begins, with it.
//! 3. Anything else is whatever has the same name, all names of a body that the tables know being one (`bodies`); an acronym is the
//!    thing whose initials it is, or that it follows in brackets; a shorter name of an organisation, building or event is the only
//!    longer one that begins or ends with it.
//!
//! Persons are never joined with other things. `key` says what each thing is called in every article alike.

mod bodies;
mod country;
mod gazetteer;
mod key;
mod links;
mod names;
mod place;
mod role;

use std::collections::{BTreeMap, BTreeSet};

pub use crate::mention::EntityType;
use crate::mention::Mention;
use bodies::Bodies;
use country::{Told, countries};
use gazetteer::Gazetteer;
pub use key::{Spelling, plain};
use links::{Links, link_alike, link_persons, link_things};
pub use names::is_acronym;

/// What kind of place an entity is, told only where the tables of `data/` know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subtype {
    /// A country.
    Country,
    /// A capital that stands for itself, not for its government.
    City,
}

impl Subtype {
    /// The name in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Country => "COUNTRY",
            Self::City => "CITY",
        }
    }
}

/// One thing under its several names inside one article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The name to show.
    pub name: String,
    /// What kind of thing it is.
    pub kind: EntityType,
    /// What kind of place it is, if that is known.
    pub subtype: Option<Subtype>,
    /// The ISO 3166 code of the country that it is, if it is one.
    pub country: Option<&'static str>,
    /// What it is called in every article alike: ISO 3166 alpha-3 of a country, else a prefix of its type and its name as `key` spells it.
    pub key: String,
    /// What office or task it has by the text, if it is a person.
    pub role: Option<Role>,
    /// The number of the entity to which it belongs, if it is a body; that of a person stands in its role.
    pub of: Option<usize>,
    /// The ISO 3166 alpha-3 code of the country that it is or speaks for by its office, if it does.
    pub speaks_for: Option<String>,
    /// The numbers of its mentions in the article's list, ascending; never empty.
    pub mentions: Vec<usize>,
}

/// An office or task, as the text tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The title in small letters: "foreign minister".
    pub title: String,
    /// The number of the entity whose office it is, in the article's list.
    pub of: Option<usize>,
}

/// The linker: mentions -> entities. One is shared by all threads.
pub struct Linker {
    gazetteer: Gazetteer,
    spelling: Spelling,
    bodies: Bodies,
}

impl Default for Linker {
    fn default() -> Self {
        Self::new()
    }
}

/// What the steps of the linker know of the article.
struct Known<'a> {
    body: &'a str,
    mentions: &'a [Mention],
    told: Vec<Told>,
    /// The name of the body that a mention is, as keys are spelled.
    bodies: Vec<Option<&'a str>>,
}

impl Linker {
    /// A linker with the facts of `data/`.
    pub fn new() -> Self {
        let spelling = Spelling::new();
        Self { gazetteer: Gazetteer::new(), bodies: Bodies::new(&spelling), spelling }
    }

    /// The entities of one article, in the order of their first mentions; every mention belongs to exactly one.
    pub fn link(&self, body: &str, mentions: &[Mention]) -> Vec<Entity> {
        let mut links = Links::new(mentions.len());
        let told = countries(&self.gazetteer, body, mentions);
        let words = self.bodies.words(body);
        let known = Known { body, mentions, bodies: self.known_bodies(body, mentions, &told, &words), told };
        let rest = |person: bool| -> Vec<usize> {
            (0..mentions.len())
                .filter(|at| known.told[*at].country.is_none() && (mentions[*at].kind == EntityType::Per) == person)
                .collect()
        };
        link_alike(known.told.iter().enumerate().filter_map(|(at, told)| Some((at, told.country?))), &mut links);
        link_persons(body, mentions, &rest(true), &mut links);
        link_things(body, mentions, &rest(false), &known.bodies, &mut links);
        self.gather(&known, &mut links)
    }

    /// Whether a form is the adjective or the people of a country.
    pub fn is_demonym(&self, form: &str) -> bool {
        self.gazetteer.is_demonym(form)
    }

    /// The body of the tables that each mention names.
    fn known_bodies(
        &self,
        body: &str,
        mentions: &[Mention],
        told: &[Told],
        words: &BTreeSet<&'static str>,
    ) -> Vec<Option<&str>> {
        let find = |(mention, told): (&Mention, &Told)| {
            let name = if told.union { "European Union" } else { mention.span.slice(body) };
            let may = told.country.is_none() && mention.kind != EntityType::Per;
            may.then(|| self.bodies.find(&self.spelling, name, words)).flatten()
        };
        mentions.iter().zip(told).map(find).collect()
    }

    fn gather(&self, known: &Known<'_>, links: &mut Links) -> Vec<Entity> {
        let (body, mentions) = (known.body, known.mentions);
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..mentions.len() {
            groups.entry(links.root(at)).or_default().push(at);
        }
        // Roots are the first members, so the groups come in the order of the text.
        let gather = |members: Vec<usize>| {
            let told = known.told[members[0]];
            if let Some((code, country)) = told.country.and_then(|code| Some((code, self.gazetteer.country(code)?))) {
                return Entity {
                    name: country.name.to_owned(),
                    kind: EntityType::Loc,
                    subtype: Some(Subtype::Country),
                    country: Some(code),
                    key: country.alpha3.to_owned(),
                    role: None,
                    of: None,
                    speaks_for: None,
                    mentions: members,
                };
            }
            let kind = kind(mentions, &members);
            let subtype = (told.city && kind == EntityType::Loc).then_some(Subtype::City);
            let (name, key) = (show(body, mentions, &members), self.key(known, kind, &members));
            Entity { name, kind, subtype, country: None, key, role: None, of: None, speaks_for: None, mentions: members }
        };
        groups.into_values().map(gather).collect()
    }

    /// The key of a thing that is no country: of a body of the tables its own name, else the fullest name.
    fn key(&self, known: &Known<'_>, kind: EntityType, members: &[usize]) -> String {
        let names: BTreeSet<&str> = members.iter().map(|at| known.mentions[*at].span.slice(known.body)).collect();
        // An acronym that the article spells out is what it says, not what the tables say.
        let spelled_out = |at: &usize| !is_acronym(known.mentions[*at].span.slice(known.body));
        let told_full = members.iter().filter(|at| spelled_out(at)).find_map(|at| known.bodies[*at]);
        let only_acronyms = !members.iter().any(spelled_out);
        let told = told_full.or_else(|| members.iter().find_map(|at| known.bodies[*at]).filter(|_| only_acronyms));
        match told {
            Some(body) => format!("org:{body}"),
            None => self.spelling.key(kind, &names.into_iter().collect::<Vec<_>>()),
        }
    }
}

/// The entity of each of so many mentions. The linker puts every mention into exactly one.
pub fn owners(entities: &[Entity], mentions: usize) -> Vec<usize> {
    let mut owners = vec![0; mentions];
    for (number, entity) in entities.iter().enumerate() {
        for mention in &entity.mentions {
            owners[*mention] = number;
        }
    }
    owners
}

/// The longest name, on one line; the first of equals.
fn show(body: &str, mentions: &[Mention], members: &[usize]) -> String {
    let texts = members.iter().map(|at| mentions[*at].span.slice(body));
    let longest = texts.fold("", |longest, text| if text.len() > longest.len() { text } else { longest });
    longest.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The type that the mentions speak for, each with its score.
fn kind(mentions: &[Mention], members: &[usize]) -> EntityType {
    let weight = |kind| members.iter().filter(|at| mentions[**at].kind == kind).map(|at| mentions[*at].score).sum::<f32>();
    let best = EntityType::ALL.into_iter().map(|kind| (weight(kind), kind));
    best.fold((f32::MIN, mentions[members[0]].kind), |best, next| if next.0 > best.0 { next } else { best }).1
}

#[cfg(test)]
mod tests;
