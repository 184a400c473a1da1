//! Claims: how the actors of an article stand to a statement on a watched target.
//!
//! The model is put a row of claim and text, and says of each actor in the text how it stands to the claim, whatever the claim is: it has
//! learnt from texts and claims on many other matters (zero-shot). It reads every sentence that mentions the target, and the sentence
//! that follows one together with it.

use std::collections::BTreeMap;

use crate::engine::open::Side;
use crate::engine::{EngineError, ModelId, Pair};
use crate::entity::Entity;
use crate::mention::{EntityType, Mention};
use crate::position::{Judge, Stance, balance, can_act, probabilities};
use crate::segment::Sentence;
use crate::span::Span;

/// The judge of claims, with what computes it.
pub struct ClaimJudge {
    side: Side,
    judge: Judge,
}

/// How an actor stands to a claim over the whole article.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The number of the actor in the article's list of entities.
    pub actor: usize,
    /// Support, oppose, or none where it takes no side.
    pub stance: Stance,
    /// The calibrated probability of that, given the article.
    pub score: f32,
    /// What it rests on, in the order of the text; never empty.
    pub evidence: Vec<ClaimEvidence>,
}

/// One or two sentences that were read with the claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClaimEvidence {
    /// The numbers of the first and the last sentence.
    pub sentences: [usize; 2],
    /// The number of the actor's mention in the article's list.
    pub actor_mention: usize,
    /// What they say.
    pub stance: Stance,
    /// The calibrated probability of that, given these sentences.
    pub score: f32,
}

/// An article as far as it is known when claims are put.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The text.
    pub body: &'a str,
    /// Its sentences.
    pub sentences: &'a [Sentence],
    /// Its mentions.
    pub mentions: &'a [Mention],
    /// Its entities.
    pub entities: &'a [Entity],
    /// The entity of each mention.
    pub entity_of: &'a [usize],
}

/// Some text to be read with the claim, and the mentions whose entities are asked about.
pub(super) struct Reading {
    pub(super) sentences: [usize; 2],
    pub(super) span: Span,
    pub(super) actors: Vec<usize>,
}

impl ClaimJudge {
    /// The judge on an engine that was opened for claims.
    pub fn new(side: Side) -> Self {
        let judge = Judge::new(side.engine.models());
        Self { side, judge }
    }

    /// How one actor stands to a claim by a text; `None` where no row holds all of the actor's mention. For scoring.
    pub fn weigh(&self, text: &str, actor: Span, claim: &str) -> Result<Option<(Stance, f32)>, EngineError> {
        let mention = Mention { span: actor, kind: EntityType::Org, score: 1.0, sentence: 0 };
        let known = Known { body: text, sentences: &[], mentions: &[mention], entities: &[], entity_of: &[0] };
        let reading = Reading { sentences: [0; 2], span: Span::new(0, text.len()), actors: vec![0] };
        let answer = self.put(&known, &reading, claim)?;
        Ok(answer.first().map(|(_, logits)| self.judge.choose(&probabilities(*logits, self.judge.temperature))))
    }

    /// The model.
    pub fn model(&self) -> &ModelId {
        &self.side.engine.models().judge
    }

    /// How the actors that are named beside a target stand to a claim on it, by their numbers.
    pub fn ask(&self, known: &Known<'_>, target: usize, claim: &str) -> Result<Vec<Held>, EngineError> {
        let mut told: BTreeMap<usize, Vec<ClaimEvidence>> = BTreeMap::new();
        for reading in readings(known, target) {
            for (actor_mention, logits) in self.put(known, &reading, claim)? {
                let (stance, score) = self.judge.choose(&probabilities(logits, self.judge.temperature));
                let evidence = ClaimEvidence { sentences: reading.sentences, actor_mention, stance, score };
                told.entry(known.entity_of[actor_mention]).or_default().push(evidence);
            }
        }
        Ok(told.into_iter().map(|(actor, evidence)| held(actor, evidence)).collect())
    }

    /// Puts a claim to some text: for every actor's mention that the row holds, the logits of its stance.
    fn put(&self, known: &Known<'_>, reading: &Reading, claim: &str) -> Result<Vec<(usize, [f32; 3])>, EngineError> {
        let row = self.side.encoder.two(claim, known.body, reading.span)?;
        let asked: Vec<(usize, Pair)> = reading
            .actors
            .iter()
            .filter_map(|actor| {
                let first = row.places(known.mentions[*actor].span)?;
                Some((*actor, Pair { row: 0, seen: row.seen(), first, second: row.first }))
            })
            .collect();
        let pairs: Vec<Pair> = asked.iter().map(|(_, pair)| *pair).collect();
        let engine = self.side.engine.as_ref();
        let logits = engine.compare(&row.batch, &engine.read(&row.batch)?, &pairs)?;
        Ok(asked.iter().zip(logits).map(|((actor, _), ways)| (*actor, ways[0])).collect())
    }
}

/// What is read: each sentence that mentions the target, and with it the one that follows, if it does not.
pub(super) fn readings(known: &Known<'_>, target: usize) -> Vec<Reading> {
    let mut here: Vec<usize> =
        known.entities[target].mentions.iter().map(|mention| known.mentions[*mention].sentence).collect();
    here.dedup();
    let actors = |sentence: usize| -> Vec<usize> {
        let from = known.mentions.partition_point(|mention| mention.sentence < sentence);
        let to = known.mentions.partition_point(|mention| mention.sentence <= sentence);
        let mut seen = Vec::new();
        (from..to)
            .filter(|mention| {
                let entity = known.entity_of[*mention];
                let new = !seen.contains(&entity);
                seen.push(entity);
                new && entity != target && can_act(known.mentions[*mention].kind)
            })
            .collect()
    };
    let span = |from: usize, to: usize| Span::new(known.sentences[from].span.start, known.sentences[to].span.end);
    let mut out = Vec::new();
    for sentence in &here {
        out.push(Reading { sentences: [*sentence; 2], span: span(*sentence, *sentence), actors: actors(*sentence) });
        let next = sentence + 1;
        if next < known.sentences.len() && here.binary_search(&next).is_err() {
            out.push(Reading { sentences: [*sentence, next], span: span(*sentence, next), actors: actors(next) });
        }
    }
    out.retain(|reading| !reading.actors.is_empty());
    out
}

fn held(actor: usize, evidence: Vec<ClaimEvidence>) -> Held {
    let balanced = balance(evidence.iter().map(|told| (told.stance, told.score)));
    let (stance, score) = balanced.unwrap_or_else(|| (Stance::None, evidence.iter().map(|told| told.score).product()));
    let evidence = match stance {
        Stance::None => evidence,
        _ => evidence.into_iter().filter(|told| told.stance != Stance::None).collect(),
    };
    Held { actor, stance, score, evidence }
}
