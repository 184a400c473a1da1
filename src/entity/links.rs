//! Links: which mentions of an article are one thing, by their names.

use std::collections::BTreeMap;

use super::names::{acronym_of, initials, is_acronym, key, person_key};
use crate::mention::{EntityType, Mention};

/// Which mentions are one thing: a forest whose roots are the earliest members.
pub(super) struct Links {
    parent: Vec<usize>,
}

impl Links {
    pub(super) fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    pub(super) fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    pub(super) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// Joins the mentions that have the same key.
pub(super) fn link_alike<K: Ord>(keyed: impl Iterator<Item = (usize, K)>, links: &mut Links) {
    let mut first: BTreeMap<K, usize> = BTreeMap::new();
    for (at, key) in keyed {
        let first = *first.entry(key).or_insert(at);
        links.join(first, at);
    }
}

/// Joins persons: full names that agree, then single names with the full name that they are part of.
pub(super) fn link_persons(body: &str, mentions: &[Mention], persons: &[usize], links: &mut Links) {
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

/// Joins all other things: by name, by acronym, by a part of the name. `bodies` has what a mention is called where the tables know it.
pub(super) fn link_things(body: &str, mentions: &[Mention], things: &[usize], bodies: &[Option<&str>], links: &mut Links) {
    let own = |at: usize| bodies[at].map_or_else(|| key(mentions[at].span.slice(body)), str::to_owned);
    let keys: BTreeMap<usize, String> = things.iter().map(|at| (*at, own(*at))).collect();
    link_alike(keys.iter().map(|(at, key)| (*at, singular(mentions[*at].kind, key))), links);
    link_acronyms(body, mentions, things, links);
    link_parts(mentions, &keys, bodies, links);
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

/// Joins shorter names with the only longer one of their kind that begins or ends with them. A body that is known by its name is not
/// a part of another: the United Nations are not the United Nations Children's Fund.
fn link_parts(mentions: &[Mention], keys: &BTreeMap<usize, String>, bodies: &[Option<&str>], links: &mut Links) {
    let kinds = [EntityType::Org, EntityType::Fac, EntityType::Misc];
    let mut parts: BTreeMap<(EntityType, &str), Vec<usize>> = BTreeMap::new();
    for (at, key) in keys.iter().filter(|(at, _)| kinds.contains(&mentions[**at].kind)) {
        for (cut, _) in key.match_indices(' ') {
            for part in [&key[..cut], &key[cut + 1..]] {
                parts.entry((mentions[*at].kind, part)).or_default().push(*at);
            }
        }
    }
    for (at, key) in keys.iter().filter(|(at, _)| bodies[**at].is_none()) {
        let holders = parts.get(&(mentions[*at].kind, key.as_str()));
        if let Some(holder) = holders.and_then(|holders| only(holders, links)) {
            links.join(holder, *at);
        }
    }
}
