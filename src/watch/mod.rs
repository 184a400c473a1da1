//! Watched targets: what a user follows, found by names of his own, even where the model misses them.
//!
//! A target's names are looked for in the text. Where the model found the same name, that mention is the target's; where it found
//! nothing, or a part, the name becomes a mention. A longer name that holds the target's ("Bank of China" for "China") is
//! another thing. What the linker then joins with such a mention is the target too, by whatever name.

mod claim;
mod file;
mod pattern;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::entity::Entity;
use crate::mention::{EntityType, Mention};
use crate::position::Position;
use crate::segment::Sentence;
use crate::span::Span;
pub use claim::{ClaimEvidence, ClaimJudge, Held, Known};
pub use file::WatchError;
use pattern::Pattern;

/// One target to watch.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name in the output.
    pub name: String,
    /// What kind of thing it is; without it, what the model takes it for, and MISC where the model missed it.
    pub kind: Option<EntityType>,
    /// A statement on it that actors may be for or against.
    pub claim: Option<String>,
    pattern: Pattern,
}

/// The targets that are watched. One list is shared by all threads.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    targets: Vec<Target>,
    sha256: String,
}

/// A watched target that an article mentions.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// The number of the target in the list.
    pub target: usize,
    /// Its entity in the article.
    pub entity: usize,
    /// The numbers of the positions towards it, ascending.
    pub positions: Vec<usize>,
    /// How the actors that are named beside it stand to its claim, if it has one.
    pub claim: Vec<Held>,
}

/// A mention that a target's name stands for: number of the mention, number of the target.
pub type Sighting = (usize, usize);

impl Watch {
    /// The targets, in the order of the file.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The digest of the file that it was read from.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether any target has a claim.
    pub fn has_claims(&self) -> bool {
        self.targets.iter().any(|target| target.claim.is_some())
    }

    /// Whether a text has any target's name.
    pub fn sees(&self, text: &str) -> bool {
        self.targets.iter().any(|target| target.pattern.find(text).next().is_some())
    }

    /// Looks for the targets in some sentences and puts what the model missed into their mentions, which stay in the order of the
    /// text and do not overlap. `first` is the number of the first of the sentences in the article. Gives the sightings, by the
    /// numbers of `mentions`.
    pub fn mark(&self, body: &str, (sentences, first): (&[Sentence], usize), mentions: &mut Vec<Mention>) -> Vec<Sighting> {
        let hits = self.hits(body, sentences);
        if hits.is_empty() {
            return Vec::new();
        }
        let model = std::mem::take(mentions);
        let mut rest = model.into_iter().peekable();
        let mut sightings = Vec::new();
        for Hit { span, sentence, targets } in hits {
            while let Some(before) = rest.next_if(|mention| mention.span.end <= span.start) {
                mentions.push(before);
            }
            if rest.peek().is_some_and(|mention| mention.span != span && mention.span.contains(span)) {
                continue;
            }
            let kind = targets.iter().find_map(|target| self.targets[*target].kind);
            let mut met: Option<Mention> = None;
            while let Some(part) = rest.next_if(|mention| mention.span.overlaps(span)) {
                // Of several parts the longest tells the kind.
                if met.as_ref().is_none_or(|met| part.span.len() > met.span.len()) {
                    met = Some(part);
                }
            }
            let told = met.as_ref().map(|met| met.kind);
            let score = met.filter(|met| met.span == span).map_or(1.0, |met| met.score);
            sightings.extend(targets.into_iter().map(|target| (mentions.len(), target)));
            let kind = kind.or(told).unwrap_or(EntityType::Misc);
            mentions.push(Mention { span, kind, score, sentence: first + sentence });
        }
        mentions.extend(rest);
        sightings
    }

    /// The places of all names in some sentences, each as whole tokens of one sentence, in the order of the text; of names that
    /// overlap the earliest, of those the longest.
    fn hits(&self, body: &str, sentences: &[Sentence]) -> Vec<Hit> {
        let Some((from, to)) = sentences.first().zip(sentences.last()) else { return Vec::new() };
        let whole = Span::new(from.span.start, to.span.end);
        let text = whole.slice(body);
        let mut found: Vec<(Span, usize, usize)> = Vec::new();
        for (number, target) in self.targets.iter().enumerate() {
            let spans = target.pattern.find(text).map(|span| Span::new(span.start + whole.start, span.end + whole.start));
            found.extend(spans.filter_map(|span| {
                let (span, sentence) = as_tokens(sentences, span)?;
                Some((span, sentence, number))
            }));
        }
        found.sort_by_key(|(span, _, number)| (span.start, std::cmp::Reverse(span.end), *number));
        let mut hits: Vec<Hit> = Vec::new();
        for (span, sentence, target) in found {
            match hits.last_mut() {
                Some(last) if last.span == span => last.targets.push(target),
                Some(last) if last.span.overlaps(span) => {}
                _ => hits.push(Hit { span, sentence, targets: vec![target] }),
            }
        }
        hits
    }

    /// Makes one entity of all that are the same target, the earliest of them. Sightings are by the numbers of the article's mentions.
    pub fn join(&self, entities: &mut Vec<Entity>, sightings: &[Sighting]) {
        for target in 0..self.targets.len() {
            let seen: BTreeSet<usize> =
                sightings.iter().filter(|(_, of)| *of == target).map(|(mention, _)| *mention).collect();
            let is_it = |entity: &Entity| entity.mentions.iter().any(|mention| seen.contains(mention));
            let Some(one) = entities.iter().position(is_it) else { continue };
            let mut others = Vec::new();
            let mut at = 0;
            entities.retain(|entity| {
                let joins = at > one && is_it(entity);
                if joins {
                    others.extend_from_slice(&entity.mentions);
                }
                at += 1;
                !joins
            });
            entities[one].mentions.append(&mut others);
            entities[one].mentions.sort_unstable();
        }
    }

    /// The targets that the article mentions, in the order of the file.
    pub fn watched(&self, entities: &[Entity], sightings: &[Sighting], positions: &[Position]) -> Vec<Watched> {
        let of = |mention: usize| entities.iter().position(|entity| entity.mentions.binary_search(&mention).is_ok());
        let seen = |target: usize| sightings.iter().find(|(_, of)| *of == target).and_then(|(mention, _)| of(*mention));
        let watched = |target: usize| {
            let entity = seen(target)?;
            let towards = positions.iter().enumerate().filter(|(_, position)| position.target == entity);
            Some(Watched { target, entity, positions: towards.map(|(number, _)| number).collect(), claim: Vec::new() })
        };
        (0..self.targets.len()).filter_map(watched).collect()
    }
}

/// One place that names targets.
struct Hit {
    span: Span,
    /// Its number among the sentences.
    sentence: usize,
    targets: Vec<usize>,
}

/// The tokens that a span touches, if they stand in one sentence, and its number.
fn as_tokens(sentences: &[Sentence], span: Span) -> Option<(Span, usize)> {
    let number = sentences.partition_point(|sentence| sentence.span.end <= span.start);
    let sentence = sentences.get(number).filter(|sentence| sentence.span.contains(span))?;
    let from = sentence.tokens.partition_point(|token| token.end <= span.start);
    let to = sentence.tokens.partition_point(|token| token.start < span.end);
    let tokens = sentence.tokens.get(from..to)?;
    Some((Span::new(tokens.first()?.start, tokens.last()?.end), number))
}
