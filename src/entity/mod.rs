//! Entities: mentions -> the things behind them, inside one article. It cannot fail.
//!
//! Rules, in the order in which they are tried for a mention:
//!
//! 1. A country's name, adjective or people is the country (`data/`, `gazetteer`). Its capital is the country too where the
//!    article names the country elsewhere and it is not named as a place: "Moscow rejected" is Russia, "in Moscow" is a city.
//! 2. A person of several names is whoever has the same first and last name; a person of one name is the nearest earlier
//!    (else the only later) person whose name ends, or else begins, with it.
//! 3. Anything else is whatever has the same name; an acronym is the thing whose initials it is, or that it follows in
//!    brackets; a shorter name of an organisation, building or event is the only longer one that begins or ends with it.
//!
//! Persons are never joined with other things.

mod gazetteer;
mod names;
mod role;

use std::collections::{BTreeMap, BTreeSet};

pub use crate::mention::EntityType;
use crate::mention::Mention;
use gazetteer::{Gazetteer, Sense};
use names::{acronym_of, initials, is_acronym, key, person_key};

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
    /// What it is called in every article alike: what joins the annotations of an archive.
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
}

impl Default for Linker {
    fn default() -> Self {
        Self::new()
    }
}

impl Linker {
    /// A linker with the facts of `data/`.
    pub fn new() -> Self {
        Self { gazetteer: Gazetteer::new() }
    }

    /// The entities of one article, in the order of their first mentions; every mention belongs to exactly one.
    pub fn link(&self, body: &str, mentions: &[Mention]) -> Vec<Entity> {
        let mut links = Links::new(mentions.len());
        let countries = self.countries(body, mentions);
        let rest = |person: bool| -> Vec<usize> {
            (0..mentions.len())
                .filter(|at| countries[*at].is_none() && (mentions[*at].kind == EntityType::Per) == person)
                .collect()
        };
        link_alike(countries.iter().enumerate().filter_map(|(at, code)| Some((at, (*code)?))), &mut links);
        link_persons(body, mentions, &rest(true), &mut links);
        link_things(body, mentions, &rest(false), &mut links);
        self.gather(body, mentions, &countries, &mut links)
    }

    /// The country behind each mention, if there is one.
    fn countries(&self, body: &str, mentions: &[Mention]) -> Vec<Option<&'static str>> {
        let senses: Vec<Option<Sense>> = mentions.iter().map(|mention| self.sense(body, mention)).collect();
        let named: BTreeSet<&str> = senses.iter().flatten().filter_map(|sense| sense.named()).collect();
        let acts = |sense: &Option<Sense>, mention: &Mention| match (*sense)? {
            Sense::Name(code) | Sense::Demonym(code) => Some(code),
            Sense::Capital(code) => (named.contains(code) && !names::is_place(body, mention.span)).then_some(code),
        };
        senses.iter().zip(mentions).map(|(sense, mention)| acts(sense, mention)).collect()
    }

    fn sense(&self, body: &str, mention: &Mention) -> Option<Sense> {
        let text = mention.span.slice(body);
        // "us" is a pronoun. Events and works bear countries' names; only the adjective is the country there.
        let capitalised = text.contains(char::is_uppercase);
        let sense = self.gazetteer.sense(&key(text)).filter(|_| capitalised)?;
        let fits = match mention.kind {
            EntityType::Per => false,
            EntityType::Loc | EntityType::Norp => true,
            EntityType::Org => matches!(sense, Sense::Name(_) | Sense::Demonym(_)),
            EntityType::Misc | EntityType::Fac => matches!(sense, Sense::Demonym(_)),
        };
        fits.then_some(sense)
    }

    fn is_capital(&self, body: &str, mention: &Mention) -> bool {
        matches!(self.sense(body, mention), Some(Sense::Capital(_)))
    }

    fn gather(
        &self,
        body: &str,
        mentions: &[Mention],
        countries: &[Option<&'static str>],
        links: &mut Links,
    ) -> Vec<Entity> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..mentions.len() {
            groups.entry(links.root(at)).or_default().push(at);
        }
        // Roots are the first members, so the groups come in the order of the text.
        groups
            .into_values()
            .map(|members| {
                let country = countries[members[0]];
                let (name, kind) = country.map_or_else(
                    || (show(body, mentions, &members), kind(mentions, &members)),
                    |code| (self.gazetteer.name(code).to_owned(), EntityType::Loc),
                );
                let city = || kind == EntityType::Loc && self.is_capital(body, &mentions[members[0]]);
                let subtype = country.map(|_| Subtype::Country).or_else(|| city().then_some(Subtype::City));
                Entity {
                    key: key(&name),
                    name,
                    kind,
                    subtype,
                    country,
                    role: None,
                    of: None,
                    speaks_for: None,
                    mentions: members,
                }
            })
            .collect()
    }
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

/// Which mentions are one thing: a forest whose roots are the earliest members.
struct Links {
    parent: Vec<usize>,
}

impl Links {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// Joins the mentions that have the same key.
fn link_alike<K: Ord>(keyed: impl Iterator<Item = (usize, K)>, links: &mut Links) {
    let mut first: BTreeMap<K, usize> = BTreeMap::new();
    for (at, key) in keyed {
        let first = *first.entry(key).or_insert(at);
        links.join(first, at);
    }
}

/// Joins persons: full names that agree, then single names with the full name that they are part of.
fn link_persons(body: &str, mentions: &[Mention], persons: &[usize], links: &mut Links) {
    let keys: Vec<(usize, Vec<String>)> =
        persons.iter().map(|at| (*at, person_key(mentions[*at].span.slice(body)))).collect();
    let full = || keys.iter().filter(|(_, words)| words.len() > 1);
    // A middle name or initial is left out in one place and written in another.
    link_alike(full().map(|(at, words)| (*at, (words.first().cloned(), words.last().cloned()))), links);
    let mut endings: BTreeMap<&[String], Vec<usize>> = BTreeMap::new();
    let mut beginnings: BTreeMap<&[String], Vec<usize>> = BTreeMap::new();
    for (at, words) in full() {
        for cut in 1..words.len() {
            endings.entry(&words[cut..]).or_default().push(*at);
            beginnings.entry(&words[..cut]).or_default().push(*at);
        }
    }
    let mut alone: Vec<(usize, &[String])> = Vec::new();
    for (at, words) in &keys {
        let holder = endings.get(words.as_slice()).and_then(|holders| nearest(*at, holders, links));
        let given = beginnings.get(words.as_slice()).filter(|_| words.len() == 1);
        let holder = holder.or_else(|| given.and_then(|holders| only(holders, links)));
        match holder {
            Some(holder) => links.join(holder, *at),
            None if words.len() == 1 => alone.push((*at, words)),
            None => {}
        }
    }
    link_alike(alone.into_iter(), links);
}

/// The nearest holder before `at`; else the later one, if all later ones are one thing.
fn nearest(at: usize, holders: &[usize], links: &mut Links) -> Option<usize> {
    match holders.partition_point(|holder| *holder < at) {
        0 => only(holders, links),
        before => Some(holders[before - 1]),
    }
}

/// The one thing that all holders are, if they are one.
fn only(holders: &[usize], links: &mut Links) -> Option<usize> {
    let root = links.root(*holders.first()?);
    holders.iter().all(|holder| links.root(*holder) == root).then_some(root)
}

/// Joins all other things: by name, by acronym, by a part of the name.
fn link_things(body: &str, mentions: &[Mention], things: &[usize], links: &mut Links) {
    let keys: BTreeMap<usize, String> = things.iter().map(|at| (*at, key(mentions[*at].span.slice(body)))).collect();
    link_alike(keys.iter().map(|(at, key)| (*at, singular(mentions[*at].kind, key))), links);
    link_acronyms(body, mentions, things, links);
    link_parts(mentions, &keys, links);
}

/// A people's name without its plural: "Democrats" and "Democrat" are one.
fn singular(kind: EntityType, key: &str) -> &str {
    if kind == EntityType::Norp && key.len() > 4 { key.strip_suffix('s').unwrap_or(key) } else { key }
}

fn link_acronyms(body: &str, mentions: &[Mention], things: &[usize], links: &mut Links) {
    let text = |at: usize| mentions[at].span.slice(body);
    let mut expansions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for at in things.iter().filter(|at| mentions[**at].kind != EntityType::Norp) {
        for letters in initials(text(*at)) {
            expansions.entry(letters).or_default().push(*at);
        }
    }
    for pair in things.windows(2) {
        let between = body.get(mentions[pair[0]].span.end..mentions[pair[1]].span.start).unwrap_or_default();
        if is_acronym(text(pair[1])) && between.trim() == "(" {
            links.join(pair[0], pair[1]);
        }
    }
    for at in things.iter().filter(|at| is_acronym(text(**at))) {
        let holders = expansions.get(&acronym_of(text(*at)));
        if let Some(holder) = holders.and_then(|holders| nearest(*at, holders, links)) {
            links.join(holder, *at);
        }
    }
}

/// Joins shorter names with the only longer one of their kind that begins or ends with them.
fn link_parts(mentions: &[Mention], keys: &BTreeMap<usize, String>, links: &mut Links) {
    let kinds = [EntityType::Org, EntityType::Fac, EntityType::Misc];
    let mut parts: BTreeMap<(EntityType, &str), Vec<usize>> = BTreeMap::new();
    for (at, key) in keys.iter().filter(|(at, _)| kinds.contains(&mentions[**at].kind)) {
        for (cut, _) in key.match_indices(' ') {
            for part in [&key[..cut], &key[cut + 1..]] {
                parts.entry((mentions[*at].kind, part)).or_default().push(*at);
            }
        }
    }
    for (at, key) in keys {
        let holders = parts.get(&(mentions[*at].kind, key.as_str()));
        if let Some(holder) = holders.and_then(|holders| only(holders, links)) {
            links.join(holder, *at);
        }
    }
}

#[cfg(test)]
mod tests;
