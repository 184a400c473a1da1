//! An article as annotators see it: its text, the names in it, and the stances between two of them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::text::{Cut, Place, Word, words};
use crate::annotation::{Annotation, WireEvidence};
use crate::span::{CodePoints, Span};

/// An article with its names and stances.
#[derive(Clone, Debug)]
pub struct Marked<'a> {
    /// What it is drawn from: identifier, title, entities and so on.
    pub annotation: &'a Annotation<'a>,
    /// The text; all places are of it.
    pub body: &'a str,
    /// Its sentences and tokens.
    pub cut: Cut,
    /// The mentions that are kept, in the order of the text; they do not overlap, and each has a token at least.
    pub names: Vec<Name>,
    /// The stances, in the order of the positions; both ends are kept names.
    pub stances: Vec<Stance<'a>>,
    /// What was asked of scores.
    pub least: f32,
}

/// A mention.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Where it stands.
    pub place: Place,
    /// Its number in the annotation.
    pub mention: usize,
    /// The numbers of its tokens.
    pub tokens: Range<usize>,
}

/// One sentence's stance of one name towards another.
#[derive(Clone, Copy, Debug)]
pub struct Stance<'a> {
    /// The number of the actor among the names.
    pub actor: usize,
    /// The number of the target among the names.
    pub target: usize,
    /// What is said of it.
    pub evidence: &'a WireEvidence<'a>,
}

/// Why a text does not fit its annotation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not the one that was annotated")]
pub struct OtherText;

impl<'a> Marked<'a> {
    /// An annotation with its body. Mentions and positions of a score below `least` are left out, and so is a stance that lost one of its ends. Of
    /// a position, the evidence counts that says what the position says.
    pub fn new(annotation: &'a Annotation<'a>, body: &'a str, least: f32) -> Result<Self, OtherText> {
        let points = CodePoints::new(body);
        if points.total() != annotation.chars {
            return Err(OtherText);
        }
        let mut kept = names(annotation, body, &points, least)?;
        let mut marks: Vec<usize> = kept.iter().flat_map(|name| [name.place.span.start, name.place.span.end]).collect();
        marks.dedup();
        let sentences: Vec<Span> =
            annotation.sentences.iter().filter_map(|place| points.span([place.start, place.end])).collect();
        let cut = Cut::new(body, &points, &sentences, &marks);
        for name in &mut kept {
            name.tokens = cut.inside(name.place.span);
        }
        kept.retain(|name| !name.tokens.is_empty());
        let stances = stances(annotation, &kept, least);
        Ok(Self { annotation, body, cut, names: kept, stances, least })
    }

    /// The words of the body as spaCy counts them.
    pub fn words(&self) -> Vec<Word> {
        words(self.body, &CodePoints::new(self.body), &self.cut)
    }

    /// The type of a name.
    pub fn kind(&self, name: &Name) -> &str {
        &self.annotation.mentions[name.mention].kind
    }

    /// The number of a name's entity.
    pub fn entity(&self, name: &Name) -> usize {
        self.annotation.mentions[name.mention].entity
    }

    /// The score of a name, with four decimals.
    pub fn score(&self, name: &Name) -> f64 {
        super::super::score(self.annotation.mentions[name.mention].score)
    }

    /// The tags of some tokens, a sentence's: `O`, `B-TYPE` at the first token of a name, `I-TYPE` at the others. A name that goes on from the sentence
    /// before begins anew.
    pub fn tags(&self, tokens: &Range<usize>) -> Vec<String> {
        let tag = |token: usize| {
            let after = self.names.partition_point(|name| name.tokens.end <= token);
            match self.names.get(after).filter(|name| name.tokens.contains(&token)) {
                Some(name) if token == name.tokens.start.max(tokens.start) => format!("B-{}", self.kind(name)),
                Some(name) => format!("I-{}", self.kind(name)),
                None => "O".to_owned(),
            }
        };
        tokens.clone().map(tag).collect()
    }
}

/// The mentions that are kept, still without tokens. Of two that overlap the first counts, the longer one where both begin together.
fn names(annotation: &Annotation<'_>, body: &str, points: &CodePoints<'_>, least: f32) -> Result<Vec<Name>, OtherText> {
    let mut names: Vec<Name> = Vec::with_capacity(annotation.mentions.len());
    for (mention, wire) in annotation.mentions.iter().enumerate() {
        let Some(span) = points.span([wire.start, wire.end]) else { continue };
        if span.slice(body) != wire.text {
            return Err(OtherText);
        }
        if wire.score >= least {
            names.push(Name { place: Place { span, start: wire.start, end: wire.end }, mention, tokens: 0..0 });
        }
    }
    names.sort_by_key(|name| (name.place.start, std::cmp::Reverse(name.place.end)));
    let mut end = 0;
    names.retain(|name| {
        let apart = name.place.start >= end;
        end = if apart { name.place.end } else { end };
        apart
    });
    Ok(names)
}

fn stances<'a>(annotation: &'a Annotation<'a>, names: &[Name], least: f32) -> Vec<Stance<'a>> {
    let numbers: BTreeMap<usize, usize> = names.iter().enumerate().map(|(number, name)| (name.mention, number)).collect();
    let mut stances = Vec::new();
    for position in annotation.positions.iter().filter(|position| position.stance != "none" && position.score >= least) {
        let mut told = std::collections::BTreeSet::new();
        for evidence in position.evidence.iter().filter(|evidence| evidence.stance == position.stance) {
            let ends = (numbers.get(&evidence.actor_mention), numbers.get(&evidence.target_mention));
            if let (Some(actor), Some(target)) = ends
                && actor != target
                && told.insert((*actor, *target))
            {
                stances.push(Stance { actor: *actor, target: *target, evidence });
            }
        }
    }
    stances
}
