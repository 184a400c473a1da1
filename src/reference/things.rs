//! Things: what the names of an article mean as far as it has been read, and where each was seen last.

use std::collections::BTreeMap;
use std::ops::Range;

use super::facts::{Classes, Facts, Gender, Place};
use super::find::{Role, role};
use crate::mention::{EntityType, Mention};
use crate::quote::Line;

/// A named thing.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    /// The type of its first mention.
    pub(super) kind: EntityType,
    /// The numbers of the nouns that stand in its name.
    pub(super) named: Vec<u16>,
    /// The numbers of the nouns by which the text describes it: titles, appositions, predicates.
    pub(super) described: Vec<u16>,
    /// The classes of the nouns in its name.
    pub(super) named_classes: Classes,
    /// The classes of the nouns that describe it.
    pub(super) described_classes: Classes,
    /// Whether it is called he or she, if that is known.
    pub(super) gender: Option<Gender>,
    /// What place it is, if that is known.
    pub(super) place: Option<Place>,
    /// How often it was seen.
    pub(super) seen: u32,
    /// The first mention of it that was seen.
    pub(super) first: Option<usize>,
    /// The last mention of it that was seen.
    pub(super) mention: usize,
    /// A mention of the body that it speaks for: a minister's country, a chairman's company.
    pub(super) body: Option<usize>,
    /// Whether its name is a plural: "Democrats", "Reds".
    pub(super) plural: bool,
}

/// A place at which a thing was named or referred to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    /// The number of the thing.
    pub(super) thing: usize,
    /// The number of the sentence.
    pub(super) line: usize,
    /// The first word there.
    pub(super) word: usize,
    /// Its part in the sentence.
    pub(super) role: Role,
    /// Whether it stands there by a pronoun or nominal.
    pub(super) referred: bool,
}

/// Several things named in a row: "A and B".
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Their mentions.
    pub(super) mentions: Vec<usize>,
    /// Where the first stands.
    pub(super) first: Sighting,
    /// One past the last word.
    end: usize,
    /// Whether an "and" has been seen.
    pub(super) whole: bool,
}

/// The most descriptions that are kept of a thing.
const DESCRIPTIONS: usize = 16;

/// All things so far.
#[derive(Default)]
pub(super) struct Things {
    /// The things, in the order in which they were named first.
    pub(super) list: Vec<Thing>,
    /// The number of the thing of each mention.
    pub(super) of: Vec<usize>,
    /// Where they were seen, in order.
    pub(super) sightings: Vec<Sighting>,
    /// The groups, in order.
    pub(super) groups: Vec<Group>,
    /// The things that a noun describes or names, by the noun's number, the last ones last.
    pub(super) by_noun: BTreeMap<u16, Vec<usize>>,
    keys: BTreeMap<String, usize>,
}

impl Things {
    /// Says of the mentions of a line what things they mean, and what the line calls these. All lines of a passage are named before
    /// any is read on, so that a title is known wherever it stands.
    pub(super) fn name(&mut self, line: &Line<'_>, body: &str, mentions: &[Mention], facts: &Facts) {
        for number in line.mentions.clone() {
            let mention = &mentions[number];
            let words = line.within(mention.span);
            let thing = self.thing(mention, body, facts);
            self.of.push(thing);
            self.describe(thing, line, &words, mentions, facts);
        }
    }

    /// The thing of a name: countries by their code, persons by the last word, all else by the name.
    fn thing(&mut self, mention: &Mention, body: &str, facts: &Facts) -> usize {
        let text = mention.span.slice(body).to_lowercase().replace('.', "");
        let name = text.strip_prefix("the ").unwrap_or(&text);
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let place =
            facts.place(&name).filter(|_| matches!(mention.kind, EntityType::Loc | EntityType::Norp | EntityType::Org));
        let key = match (place, mention.kind) {
            (Some(Place::Country(code)), _) => format!("country {code}"),
            (_, EntityType::Per) => format!("person {}", name.rsplit(' ').next().unwrap_or_default()),
            (_, EntityType::Norp) => name.strip_suffix('s').unwrap_or(&name).to_owned(),
            _ => name.clone(),
        };
        let next = self.list.len();
        let thing = *self.keys.entry(key).or_insert(next);
        if thing == next {
            let plural = name.ends_with('s') && !name.ends_with("ss") && mention.kind != EntityType::Loc;
            self.list.push(Thing {
                kind: mention.kind,
                named: Vec::new(),
                described: Vec::new(),
                named_classes: 0,
                described_classes: 0,
                gender: None,
                place,
                seen: 0,
                first: None,
                mention: 0,
                body: None,
                plural,
            });
        }
        if mention.kind == EntityType::Per {
            let first = name.split(' ').next().filter(|first| first.len() < name.len());
            self.list[thing].gender = self.list[thing].gender.or_else(|| first.and_then(|first| facts.given(first)));
        } else {
            for word in name.split([' ', '-']).filter(|word| word.len() > 3 || facts.noun(word).is_some()) {
                let noun = facts.any_noun(word);
                if noun.fits(mention.kind) {
                    self.list[thing].named_classes |= noun.classes;
                    self.note(thing, noun.number, false);
                }
            }
        }
        thing
    }

    fn note(&mut self, thing: usize, noun: u16, described: bool) {
        let held = &mut self.list[thing];
        let nouns = if described { &mut held.described } else { &mut held.named };
        if nouns.len() < DESCRIPTIONS && !nouns.contains(&noun) {
            nouns.push(noun);
        }
        let things = self.by_noun.entry(noun).or_default();
        if things.last() != Some(&thing) {
            things.push(thing);
        }
    }

    /// Notes what a line calls a thing whose name stands at some words: titles before, appositions and predicates behind.
    fn describe(&mut self, thing: usize, line: &Line<'_>, words: &Range<usize>, mentions: &[Mention], facts: &Facts) {
        let titles = (0..words.start).rev().take(5).take_while(|at| {
            line.words[*at].mention.is_none() && (line.is_noun(*at) || ["-", "."].contains(&line.lower(*at)))
        });
        let start = titles.last().unwrap_or(words.start);
        if start == words.start && start > 1 && [",", "—", "–"].contains(&line.lower(start - 1)) {
            // "her novel, Tomb of Sand".
            let noun = (0..start - 1).rev().take(5).take_while(|at| line.is_noun(*at) && line.words[*at].mention.is_none());
            let noun = noun.last().unwrap_or(start - 1);
            let owned = noun > 0 && ["the", "a", "an", "his", "her", "its", "their"].contains(&line.lower(noun - 1));
            if owned {
                self.describe_by(thing, line, noun..start - 1, facts);
            }
        }
        self.describe_by(thing, line, start..words.start, facts);
        // "Kenya's foreign minister, Ann Lee" and "Kenyan minister Ann Lee".
        let office = start < words.start
            && (start..words.start).any(|at| facts.noun(line.lower(at)).is_some_and(|noun| noun.fits(EntityType::Per)));
        let owner = if start > 0 && line.is_possessive(start - 1) { start.checked_sub(2) } else { start.checked_sub(1) };
        let bodied =
            |at: usize| line.words.get(at).and_then(|word| word.mention).filter(|it| mentions[*it].kind != EntityType::Per);
        if office && let Some(body) = owner.and_then(bodied) {
            self.list[thing].body = Some(body);
        }
        let next = words.end;
        let apposed = [",", "(", "—"].contains(&line.lower(next));
        let said = ["is", "was", "became", "remains"].contains(&line.lower(next))
            || (apposed && ["who"].contains(&line.lower(next + 1)));
        if !apposed && !said {
            return;
        }
        let from = if apposed && said { next + 3 } else { next + 1 };
        let ends = |at: &usize| [",", ";", ")", "—", "who", "which", "that", "and", "but"].contains(&line.lower(*at));
        let end = (from..line.words.len().min(from + 12)).find(ends).unwrap_or_else(|| line.words.len().min(from + 12));
        let begins = ["a", "an", "the", "his", "her", "its", "their", "one"].contains(&line.lower(from))
            || bodied(from).is_some()
            || (!said && facts.noun(line.lower(from)).is_some())
            || (!said && line.is_noun(from) && facts.noun(line.lower(from + 1)).is_some());
        let mid = (from..end)
            .find(|at| ["of", "for", "at", "in", "with", "to", "from", "by", "on"].contains(&line.lower(*at)))
            .unwrap_or(end);
        if begins && from < end {
            self.describe_by(thing, line, from..mid, facts);
            let office = (from..mid).any(|at| facts.noun(line.lower(at)).is_some_and(|noun| noun.fits(EntityType::Per)));
            let body = (from..end).find_map(bodied);
            if office && self.list[thing].kind == EntityType::Per {
                self.list[thing].body = body.or(self.list[thing].body);
            }
        }
    }

    fn describe_by(&mut self, thing: usize, line: &Line<'_>, words: Range<usize>, facts: &Facts) {
        for at in words {
            let lower = line.lower(at);
            let person = self.list[thing].kind == EntityType::Per;
            let gender = match lower {
                "mr" | "sir" | "lord" if person => Some(Gender::Male),
                "mrs" | "ms" | "miss" | "lady" | "dame" if person => Some(Gender::Female),
                _ => None,
            };
            self.list[thing].gender = gender.or(self.list[thing].gender);
            let noun = facts.any_noun(lower);
            let word =
                noun.is_known() || (lower.len() > 3 && lower.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            if !word || !noun.fits(self.list[thing].kind) {
                continue;
            }
            self.list[thing].described_classes |= noun.classes;
            self.list[thing].gender = self.list[thing].gender.or(noun.gender.filter(|_| person));
            self.note(thing, noun.number, true);
        }
    }

    /// Sees a mention at its place in the line.
    pub(super) fn see(&mut self, line: &Line<'_>, number: usize, words: &Range<usize>) {
        let thing = self.of[number];
        let sighting = Sighting { thing, line: line.number, word: words.start, role: role(line, words), referred: false };
        self.sightings.push(sighting);
        self.list[thing].seen += 1;
        self.list[thing].first = self.list[thing].first.or(Some(number));
        self.list[thing].mention = number;
        let joined = self.groups.last_mut().filter(|group| {
            let between = group.end..words.start;
            group.first.line == line.number
                && group.end < words.start
                && between.len() <= 3
                && between.clone().all(|at| [",", "and", "the", "&"].contains(&line.lower(at)))
        });
        match joined {
            Some(group) => {
                group.whole |= (group.end..words.start).any(|at| ["and", "&"].contains(&line.lower(at)));
                if group.mentions.len() < 8 {
                    group.mentions.push(number);
                }
                group.end = words.end;
            }
            None => self.groups.push(Group { mentions: vec![number], first: sighting, end: words.end, whole: false }),
        }
    }
}
