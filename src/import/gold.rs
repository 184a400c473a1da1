//! Corrected articles -> gold articles and rows for training.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::earlier::Earlier;
use super::{Corrected, Name};
use crate::export::training::text::Cut;
use crate::position::Stance;
use crate::segment::segment;
use crate::span::{CodePoints, Span};

/// Code points of the article that a row has before and after its sentence.
const AROUND: usize = 240;

/// A corrected article with its entities.
pub struct Gold {
    id: String,
    text: String,
    /// In the order of the text.
    names: Vec<Name>,
    /// The entity of each name.
    entities: Vec<usize>,
    /// The entities' names, in the order of their first mentions.
    titles: Vec<String>,
    /// Actor, target and stance of entities, and whether one sentence names both.
    positions: BTreeMap<(usize, usize), (Stance, bool)>,
    /// The same of each sentence; `None` where nobody has looked at stances.
    told: Option<BTreeSet<(usize, usize, usize, Stance)>>,
    cut: Cut,
    notes: Vec<String>,
}

impl Gold {
    /// Makes gold of a corrected article. Names are of one entity where the people or the format say so, else where the annotation that was exported says
    /// so, else where they have the same text. Of two stances of one entity towards another the later one counts.
    pub fn new(mut corrected: Corrected, earlier: Option<&Earlier>) -> Self {
        let known = earlier.and_then(|earlier| earlier.text.as_ref());
        // Columns do not tell what stands between tokens.
        let known =
            known.filter(|text| corrected.stances.is_none() && text.chars().count() >= corrected.text.chars().count());
        if let Some(text) = known {
            corrected.text.clone_from(text);
        }
        let Corrected { id, text, names, same, stances, mut notes } = corrected;
        let (names, numbers) = in_order(&names, &mut notes);
        let same: Vec<[usize; 2]> = same.iter().filter_map(|[a, b]| Some([numbers[*a]?, numbers[*b]?])).collect();
        let entities = entities(&text, &names, &same, earlier);
        let titles = titles(&text, &names, &entities, earlier);
        let cut = cut(&text, &names);
        let mut gold = Self { id, text, names, entities, titles, positions: BTreeMap::new(), told: None, cut, notes };
        match stances {
            None => gold.keep(earlier),
            Some(stances) => {
                let kept = |one: &super::Stance| Some((numbers[one.actor]?, numbers[one.target]?, one.stance));
                gold.tell(stances.iter().filter_map(kept).collect());
            }
        }
        gold
    }

    /// Takes the stances of names as those of their entities; the later one in the text counts.
    fn tell(&mut self, mut stances: Vec<(usize, usize, Stance)>) {
        let mut told = BTreeSet::new();
        stances.sort_by_key(|(actor, target, _)| (*actor).max(*target));
        for (actor, target, stance) in stances {
            let [actor_at, target_at] = [actor, target]
                .map(|name| self.cut.sentences.partition_point(|sentence| sentence.place.end <= self.names[name].start));
            let pair = (self.entities[actor], self.entities[target]);
            self.position(pair, stance, actor_at == target_at);
            if actor_at == target_at && pair.0 != pair.1 {
                told.insert((actor_at, pair.0, pair.1, stance));
            }
        }
        self.told = Some(told);
    }

    fn position(&mut self, pair: (usize, usize), stance: Stance, named: bool) {
        if pair.0 == pair.1 {
            self.notes.push(format!("{} has a stance towards itself, which is left out", self.titles[pair.0]));
            return;
        }
        let before = self.positions.get(&pair).is_some_and(|(before, named)| *before == stance && *named);
        self.positions.insert(pair, (stance, named || before));
    }

    /// Keeps the positions of the annotation between entities that are still there.
    fn keep(&mut self, earlier: Option<&Earlier>) {
        let Some(earlier) = earlier else { return };
        let mut now: BTreeMap<usize, usize> = BTreeMap::new();
        for (name, entity) in self.names.iter().zip(&self.entities) {
            if let Some(was) = earlier.mentions.get(&[name.start, name.end]) {
                now.entry(*was).or_insert(*entity);
            }
        }
        for (actor, target, stance, named) in &earlier.positions {
            if let (Some(actor), Some(target)) = (now.get(actor), now.get(target)) {
                self.position((*actor, *target), *stance, *named);
            }
        }
    }

    /// The article's identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What could not be used, for people to read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many mentions and positions it has.
    pub fn counts(&self) -> (usize, usize) {
        (self.names.len(), self.positions.len())
    }

    /// The article as a line of gold (see corpus/GUIDE.md).
    pub fn line(&self) -> Value {
        let chars: Vec<char> = self.text.chars().collect();
        let mention = |(name, entity): (&Name, &usize)| {
            let text: String = chars[name.start..name.end].iter().collect();
            json!({"start": name.start, "end": name.end, "text": text, "type": name.kind.name(), "entity": entity})
        };
        let entity = |(number, title): (usize, &String)| {
            let kind = self
                .names
                .iter()
                .zip(&self.entities)
                .find(|(_, entity)| **entity == number)
                .map(|(name, _)| name.kind.name());
            json!({"id": number, "name": title, "type": kind})
        };
        let position = |((actor, target), (stance, named)): (&(usize, usize), &(Stance, bool))| {
            let mut row = json!({"actor": actor, "target": target, "stance": stance.name()});
            if !named {
                row["by"] = "reference".into();
            }
            row
        };
        json!({
            "id": self.id,
            "mentions": self.names.iter().zip(&self.entities).map(mention).collect::<Vec<_>>(),
            "entities": self.titles.iter().enumerate().map(entity).collect::<Vec<_>>(),
            "positions": self.positions.iter().map(position).collect::<Vec<_>>(),
        })
    }

    /// The rows for training: one a sentence, with the tokens' tags, and with the stances of its entities where people have looked at them. Places count
    /// code points of the sentence.
    pub fn rows(&self) -> Vec<Value> {
        let chars: Vec<char> = self.text.chars().collect();
        let slice = |start: usize, end: usize| -> String { chars[start..end].iter().collect() };
        let row = |(number, sentence): (usize, &crate::export::training::text::Sentence)| {
            let (start, end) = (sentence.place.start, sentence.place.end);
            let tokens = &self.cut.tokens[sentence.tokens.clone()];
            let inside: Vec<(&Name, usize)> = self
                .names
                .iter()
                .zip(self.entities.iter().copied())
                .filter(|(name, _)| name.start >= start && name.end <= end)
                .collect();
            let tag = |token: &crate::export::training::text::Place| {
                let name = inside.iter().find(|(name, _)| name.start <= token.start && token.end <= name.end);
                name.map_or("O".to_owned(), |(name, _)| {
                    format!("{}-{}", if token.start == name.start { "B" } else { "I" }, name.kind.name())
                })
            };
            let mut row = json!({
                "doc": self.id, "sent": number, "text": slice(start, end),
                "before": slice(start.saturating_sub(AROUND), start), "after": slice(end, (end + AROUND).min(chars.len())),
                "tokens": tokens.iter().map(|token| token.span.slice(&self.text)).collect::<Vec<_>>(),
                "tags": tokens.iter().map(tag).collect::<Vec<_>>(),
                "mentions": inside.iter().map(|(name, entity)| [name.start - start, name.end - start, *entity]).collect::<Vec<_>>(),
            });
            if let Some(told) = &self.told {
                let here = told.iter().filter(|(sentence, ..)| *sentence == number);
                row["stances"] =
                    here.map(|(_, actor, target, stance)| json!([actor, target, stance.name()])).collect::<Vec<_>>().into();
            }
            row
        };
        self.cut.sentences.iter().enumerate().map(row).collect()
    }
}

/// The names in the order of the text, and the new number of each. Of two that overlap the longer one counts.
fn in_order(names: &[Name], notes: &mut Vec<String>) -> (Vec<Name>, Vec<Option<usize>>) {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|number| std::cmp::Reverse(names[*number].end - names[*number].start));
    let mut kept: Vec<usize> = Vec::new();
    for number in order {
        let name = &names[number];
        let overlaps = |other: &Name| other.start < name.end && name.start < other.end;
        if kept.iter().any(|other| overlaps(&names[*other])) {
            notes.push(format!("the mention from {} to {} overlaps a longer one and is left out", name.start, name.end));
        } else {
            kept.push(number);
        }
    }
    kept.sort_by_key(|number| names[*number].start);
    let mut numbers = vec![None; names.len()];
    kept.iter().enumerate().for_each(|(new, old)| numbers[*old] = Some(new));
    (kept.into_iter().map(|number| names[number].clone()).collect(), numbers)
}

/// The tokens and sentences of a text, cut at its names.
fn cut(text: &str, names: &[Name]) -> Cut {
    let points = CodePoints::new(text);
    let places = names.iter().filter_map(|name| points.span([name.start, name.end]));
    let mut marks: Vec<usize> = places.flat_map(|span| [span.start, span.end]).collect();
    marks.sort_unstable();
    let sentences: Vec<Span> = segment(text).into_iter().map(|sentence| sentence.span).collect();
    Cut::new(text, &points, &sentences, &marks)
}

/// The entity of each name, numbered in the order of the text.
fn entities(text: &str, names: &[Name], same: &[[usize; 2]], earlier: Option<&Earlier>) -> Vec<usize> {
    let mut leader: Vec<usize> = (0..names.len()).collect();
    let find = |leader: &[usize], mut at: usize| {
        while leader[at] != at {
            at = leader[at];
        }
        at
    };
    let join = |leader: &mut Vec<usize>, a: usize, b: usize| {
        let (a, b) = (find(leader, a), find(leader, b));
        leader[a.max(b)] = a.min(b);
    };
    let mut told = vec![false; names.len()];
    for [a, b] in same {
        join(&mut leader, *a, *b);
        (told[*a], told[*b]) = (true, true);
    }
    let mut firsts: BTreeMap<(bool, usize), usize> = BTreeMap::new();
    for (number, name) in names.iter().enumerate() {
        let by_format = name.entity.as_ref().map(|(entity, _)| (true, *entity));
        let before =
            || earlier.and_then(|earlier| earlier.mentions.get(&[name.start, name.end])).map(|entity| (false, *entity));
        // Who is told apart by people is not joined again by what was before.
        if let Some(key) = by_format.or_else(|| if told[number] { None } else { before() }) {
            let first = *firsts.entry(key).or_insert(number);
            join(&mut leader, first, number);
            told[number] = true;
        }
    }
    let chars: Vec<char> = text.chars().collect();
    let surface = |name: &Name| chars[name.start..name.end].iter().collect::<String>();
    let mut surfaces: BTreeMap<String, usize> = BTreeMap::new();
    for sure in [true, false] {
        for (number, name) in names.iter().enumerate().filter(|(number, _)| told[*number] == sure) {
            let first = *surfaces.entry(surface(name)).or_insert(number);
            if !sure {
                join(&mut leader, first, number);
            }
        }
    }
    let mut ids: BTreeMap<usize, usize> = BTreeMap::new();
    (0..names.len())
        .map(|number| {
            let next = ids.len();
            *ids.entry(find(&leader, number)).or_insert(next)
        })
        .collect()
}

/// What each entity is called: by the format, by the annotation that was exported, or its longest name.
fn titles(text: &str, names: &[Name], entities: &[usize], earlier: Option<&Earlier>) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let many = entities.iter().max().map_or(0, |most| most + 1);
    (0..many)
        .map(|entity| {
            let own = || names.iter().zip(entities).filter(|(_, of)| **of == entity).map(|(name, _)| name);
            let by_format = own().find_map(|name| name.entity.as_ref().map(|(_, title)| title.clone()));
            let before = || {
                let earlier = earlier?;
                own().find_map(|name| earlier.names.get(*earlier.mentions.get(&[name.start, name.end])?).cloned())
            };
            let longest =
                || own().max_by_key(|name| name.end - name.start).map(|name| chars[name.start..name.end].iter().collect());
            by_format.or_else(before).or_else(longest).unwrap_or_default()
        })
        .collect()
}
