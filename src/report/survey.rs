//! The first pass: what is in the annotations, and which of it the page will show.

use std::collections::BTreeMap;

use super::day;
use super::gather::Gather;
use super::line::{Line, Thing};
use crate::mention::EntityType;

/// The most entities that are held; positions of those that come first later are counted and not shown.
const THINGS: usize = 1 << 19;
/// The most pairs that are counted at a time. Where there are more, those seen least are forgotten.
const PAIRS: usize = 1 << 21;
/// The most pairs that a page is made of.
const SHOWN_PAIRS: usize = 40_000;
/// The most outlets that are held, and that are shown by name.
const OUTLETS: usize = 1 << 16;
const SHOWN_OUTLETS: usize = 250;
/// The most names that are weighed for one entity.
const NAMES: usize = 4;

/// What the annotations hold, in sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Articles.
    pub articles: u64,
    /// Articles that repeat an earlier one.
    pub duplicates: u64,
    /// Articles whose date could be read.
    pub dated: u64,
    /// Positions for something.
    pub support: u64,
    /// Positions against something.
    pub oppose: u64,
    /// Outlets with a position; no more than 65,536 are told apart.
    pub outlets: u64,
    /// The first and the last day of an article with a position, from 1 January 1970.
    pub days: Option<(i32, i32)>,
}

/// An entity of the archive.
#[derive(Default)]
pub(super) struct Entity {
    pub(super) key: String,
    /// What articles call it, with how many do.
    names: Vec<(String, u32)>,
    kinds: [u32; EntityType::ALL.len()],
    pub(super) country: bool,
}

impl Entity {
    fn see(&mut self, thing: &Thing<'_>) {
        if let Some((_, seen)) = self.names.iter_mut().find(|(name, _)| name.as_str() == thing.name) {
            *seen = seen.saturating_add(1);
        } else if self.names.len() < NAMES {
            self.names.push((thing.name.to_string(), 1));
        }
        if let Some(kind) = EntityType::from_name(&thing.kind) {
            self.kinds[kind as usize] = self.kinds[kind as usize].saturating_add(1);
        }
        self.country |= thing.country.is_some();
    }

    /// What most articles call it; of equals the shorter, then the earlier in the alphabet.
    pub(super) fn name(&self) -> &str {
        let order = |(name, seen): &(String, u32)| (u32::MAX - seen, name.chars().count(), name.clone());
        self.names.iter().min_by_key(|name| order(name)).map_or("", |(name, _)| name)
    }

    /// The type that most articles give it.
    pub(super) fn kind(&self) -> EntityType {
        let most = self.kinds.iter().max().copied().unwrap_or_default();
        EntityType::ALL.into_iter().find(|kind| self.kinds[*kind as usize] == most).unwrap_or(EntityType::Misc)
    }
}

/// The annotations, in the first pass.
#[derive(Default)]
pub struct Survey {
    totals: Totals,
    numbers: BTreeMap<String, u32>,
    entities: Vec<Entity>,
    /// Positions by actor and target.
    pub(super) pairs: BTreeMap<(u32, u32), u32>,
    outlets: BTreeMap<String, u64>,
}

impl Survey {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What has been seen so far.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Takes in one line of annotations.
    pub fn see(&mut self, line: &str) -> serde_json::Result<()> {
        let line = Line::read(line)?;
        let day = line.published.as_deref().and_then(day);
        self.totals.articles += 1;
        self.totals.duplicates += u64::from(line.duplicate_of.is_some());
        self.totals.dated += u64::from(day.is_some());
        let mut known: BTreeMap<usize, u32> = BTreeMap::new();
        let mut held = 0;
        for position in &line.positions {
            match position.stance.as_ref() {
                "support" => self.totals.support += 1,
                "oppose" => self.totals.oppose += 1,
                _ => continue,
            }
            held += 1;
            let mut number = |at: usize| {
                if let Some(number) = known.get(&at) {
                    return Some(*number);
                }
                let number = self.entity(line.entities.get(at)?)?;
                known.insert(at, number);
                Some(number)
            };
            if let (Some(actor), Some(target)) = (number(position.actor_id), number(position.target_id)) {
                let seen = self.pairs.entry((actor, target)).or_default();
                *seen = seen.saturating_add(1);
            }
        }
        if held > 0 {
            if let Some(day) = day {
                let (first, last) = self.totals.days.unwrap_or((day, day));
                self.totals.days = Some((first.min(day), last.max(day)));
            }
            self.outlet(line.outlet.unwrap_or_default(), held);
            self.forget(PAIRS);
        }
        Ok(())
    }

    /// The number of an entity, which is seen once more.
    fn entity(&mut self, thing: &Thing<'_>) -> Option<u32> {
        let key = thing.key();
        let number = match self.numbers.get(key.as_ref()) {
            Some(number) => *number,
            None if self.entities.len() < THINGS => {
                let number = self.entities.len() as u32;
                self.numbers.insert(key.to_string(), number);
                self.entities.push(Entity { key: key.into_owned(), ..Entity::default() });
                number
            }
            None => return None,
        };
        self.entities[number as usize].see(thing);
        Some(number)
    }

    fn outlet(&mut self, name: String, positions: u64) {
        if name.is_empty() {
            return;
        }
        if let Some(seen) = self.outlets.get_mut(&name) {
            *seen += positions;
        } else if self.outlets.len() < OUTLETS {
            self.outlets.insert(name, positions);
        }
    }

    /// Forgets pairs that were seen least where there are more than `most`: half as many stay, of equals those that came first.
    pub(super) fn forget(&mut self, most: usize) {
        if self.pairs.len() <= most {
            return;
        }
        let mut counts: Vec<u32> = self.pairs.values().copied().collect();
        let least = *counts.select_nth_unstable_by(most / 2, |one, other| other.cmp(one)).1;
        let mut equals = (most / 2).saturating_sub(self.pairs.values().filter(|seen| **seen > least).count());
        self.pairs.retain(|_, seen| {
            let stays = *seen > least || (*seen == least && equals > 0);
            equals -= usize::from(stays && *seen == least);
            stays
        });
    }

    /// Chooses what is shown: the pairs with most positions, and the outlets with most.
    pub fn choose(self) -> Gather {
        let mut pairs: Vec<((u32, u32), u32)> = self.pairs.into_iter().collect();
        // Equals stand in the order of their numbers, which is that of the archive.
        pairs.sort_by_key(|(pair, seen)| (u32::MAX - seen, *pair));
        pairs.truncate(SHOWN_PAIRS);
        let known = self.outlets.len();
        let mut outlets: Vec<(String, u64)> = self.outlets.into_iter().collect();
        outlets.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        outlets.truncate(SHOWN_OUTLETS);
        let pairs = pairs.into_iter().map(|(pair, _)| pair).collect();
        let outlets = outlets.into_iter().map(|(name, _)| name).collect();
        Gather::new(Totals { outlets: known as u64, ..self.totals }, self.numbers, self.entities, pairs, outlets)
    }
}
