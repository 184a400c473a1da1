//! Who holds positions, towards whom, and how many.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::Question;
use crate::annotation::{Annotation, WireEntity};
use crate::export::tables::{day_text, published};

/// Positions by actor, by target and by pair. It holds a row for each that there is.
#[derive(Default)]
pub struct Summary {
    articles: u64,
    support: u64,
    oppose: u64,
    days: Option<(i32, i32)>,
    things: Vec<Thing>,
    /// By key, the place in `things`.
    keys: BTreeMap<String, usize>,
    pairs: BTreeMap<(usize, usize), [u64; 2]>,
}

/// An entity of all articles.
struct Thing {
    key: String,
    /// How often it has each name.
    names: BTreeMap<String, u64>,
    /// Positions that it holds, and those towards it: support, oppose.
    counts: [[u64; 2]; 2],
}

/// What is said of all.
#[derive(Debug, Serialize)]
pub struct Told {
    /// Articles that were read and are of the days and outlets that were asked for.
    pub articles: u64,
    /// Positions that support.
    pub support: u64,
    /// Positions that oppose.
    pub oppose: u64,
    /// The day of the first of them, where dates can be read.
    pub first_day: Option<String>,
    /// That of the last.
    pub last_day: Option<String>,
    /// Those who hold most positions, most first.
    pub actors: Vec<Side>,
    /// Those towards whom most are held.
    pub targets: Vec<Side>,
    /// The pairs with most positions.
    pub pairs: Vec<Pair>,
}

/// An actor or a target.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its name: the most common one.
    pub name: String,
    /// Its key.
    pub key: String,
    /// Positions that support.
    pub support: u64,
    /// Positions that oppose.
    pub oppose: u64,
}

/// An actor and a target.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The actor's name.
    pub actor: String,
    /// The actor's key.
    pub actor_key: String,
    /// The target's name.
    pub target: String,
    /// The target's key.
    pub target_key: String,
    /// Positions that support.
    pub support: u64,
    /// Positions that oppose.
    pub oppose: u64,
}

impl Summary {
    /// Counts the positions of a [`sound`](crate::export::sound) annotation that are asked for.
    pub fn add(&mut self, annotation: &Annotation<'_>, question: &Question) {
        if annotation.duplicate_of.is_some() || !question.is_of(annotation) {
            return;
        }
        self.articles += 1;
        if let Some(published) = annotation.published.as_deref().and_then(published) {
            let (first, last) = self.days.unwrap_or((published.day, published.day));
            self.days = Some((first.min(published.day), last.max(published.day)));
        }
        for (_, position) in question.positions(annotation) {
            let stance = match position.stance.as_ref() {
                "support" => 0,
                "oppose" => 1,
                _ => continue,
            };
            *[&mut self.support, &mut self.oppose][stance] += 1;
            let actor = self.thing(&annotation.entities[position.actor_id]);
            let target = self.thing(&annotation.entities[position.target_id]);
            self.things[actor].counts[0][stance] += 1;
            self.things[target].counts[1][stance] += 1;
            self.pairs.entry((actor, target)).or_default()[stance] += 1;
        }
    }

    fn thing(&mut self, entity: &WireEntity<'_>) -> usize {
        let key = if entity.key.is_empty() { &entity.name } else { &entity.key };
        let at = self.keys.get(key.as_ref()).copied().unwrap_or_else(|| {
            self.keys.insert(key.to_string(), self.things.len());
            self.things.push(Thing { key: key.to_string(), names: BTreeMap::new(), counts: [[0; 2]; 2] });
            self.things.len() - 1
        });
        let names = &mut self.things[at].names;
        match names.get_mut(entity.name.as_ref()) {
            Some(count) => *count += 1,
            None => _ = names.insert(entity.name.to_string(), 1),
        }
        at
    }

    /// The counts, with the `limit` first rows of each list. Of equals the one with the smaller key comes first.
    pub fn told(&self, limit: usize) -> Told {
        let side = |which: usize| {
            let mut rows: Vec<_> = self.things.iter().filter(|thing| thing.counts[which] != [0; 2]).collect();
            rows.sort_by_key(|thing| (Reverse(thing.counts[which].iter().sum::<u64>()), &thing.key));
            rows.truncate(limit);
            let row = |thing: &Thing| {
                let [support, oppose] = thing.counts[which];
                Side { name: thing.name(), key: thing.key.clone(), support, oppose }
            };
            rows.into_iter().map(row).collect::<Vec<_>>()
        };
        let key = |thing: usize| &self.things[thing].key;
        let mut pairs: Vec<_> = self.pairs.iter().collect();
        pairs.sort_by_key(|((actor, target), counts)| (Reverse(counts[0] + counts[1]), key(*actor), key(*target)));
        let pair = |(&(actor, target), &[support, oppose]): (&(usize, usize), &[u64; 2])| Pair {
            actor: self.things[actor].name(),
            actor_key: key(actor).clone(),
            target: self.things[target].name(),
            target_key: key(target).clone(),
            support,
            oppose,
        };
        Told {
            articles: self.articles,
            support: self.support,
            oppose: self.oppose,
            first_day: self.days.map(|(first, _)| day_text(first)),
            last_day: self.days.map(|(_, last)| day_text(last)),
            actors: side(0),
            targets: side(1),
            pairs: pairs.into_iter().take(limit).map(pair).collect(),
        }
    }
}

impl Thing {
    /// The most common name; of equals the first by the alphabet.
    fn name(&self) -> String {
        let most = self.names.iter().max_by_key(|(name, count)| (**count, Reverse(name.as_str())));
        most.map_or_else(|| self.key.clone(), |(name, _)| name.clone())
    }
}
