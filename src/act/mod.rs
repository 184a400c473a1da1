//! Kinds of acts: the word by which an evidence tells what was done, and the kind that it tells.
//!
//! [`Finder::find`] weighs the cues of a sentence, words and turns of phrase of `data/acts.tsv`, by where they stand beside actor and
//! target and in what words, with the weights of `models/acts.tsv`. It keeps silent where none is clear.

mod features;
mod inflect;
mod lexicon;
mod scorer;
mod sentence;
#[cfg(test)]
mod tests;

use std::ops::Range;

use features::{Pair, View, counts};
use lexicon::Lexicon;
use scorer::Weights;
use sentence::{Cue, Told};

use crate::position::{Act, ActKind, Evidence, Position, Stance};
use crate::segment::Sentence;
use crate::span::Span;

/// The finder of acts. One is shared by all threads.
pub struct Finder {
    lexicon: Lexicon,
    weights: Weights,
    /// The probability below which no kind is given.
    clear: f32,
}

/// Who acts on whom, and how he stands, by places in the body.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The actor's mention.
    pub actor: Span,
    /// The target's mention.
    pub target: Span,
    /// The stance of the one towards the other.
    pub stance: Stance,
}

/// A cue that may carry the act, as one kind, with its features. For training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it would be.
    pub act: Act,
    /// The names of its features.
    pub features: Vec<String>,
}

/// The probability below which a kind is not clear: from here on nine in ten of our own evidences are right, each judged by weights
/// that have not seen its document (`models/train/train_acts.py`).
const CLEAR: f32 = 0.65;

impl Default for Finder {
    fn default() -> Self {
        Self::new()
    }
}

impl Finder {
    /// A finder on the tables of the program.
    pub fn new() -> Self {
        Self { lexicon: Lexicon::new(), weights: Weights::new(), clear: CLEAR }
    }

    /// Writes into each evidence of some positions its act, where one is clear. `places` are where an evidence names actor and
    /// target; one that does not name both in its own sentence gets none.
    pub fn fill(
        &self,
        body: &str,
        sentences: &[Sentence],
        positions: &mut [Position],
        places: impl Fn(&Evidence) -> Option<[Span; 2]>,
    ) {
        let mut all: Vec<_> = positions.iter_mut().flat_map(|position| &mut position.evidence).collect();
        all.sort_by_key(|evidence| evidence.sentence);
        for evidence in all.chunk_by_mut(|one, other| one.sentence == other.sentence) {
            let Some(sentence) = evidence.first().and_then(|first| sentences.get(first.sentence)) else { continue };
            let told = Told::new(&self.lexicon, body, &sentence.tokens);
            for evidence in evidence {
                let here = places(evidence).filter(|places| places.iter().all(|place| sentence.span.contains(*place)));
                let Some([actor, target]) = here else { continue };
                let best = self.best(&told, Asked { actor, target, stance: evidence.stance });
                evidence.act = best.filter(|(_, sure)| *sure >= self.clear).map(|(act, _)| act);
            }
        }
    }

    /// The act of one sentence, given its tokens in the body, and its probability; `None` where none is clear.
    pub fn find(&self, body: &str, tokens: &[Span], asked: Asked) -> Option<(Act, f32)> {
        let told = Told::new(&self.lexicon, body, tokens);
        self.best(&told, asked).filter(|(_, sure)| *sure >= self.clear)
    }

    /// All that [`Finder::find`] chooses from. For training.
    pub fn candidates(&self, body: &str, tokens: &[Span], asked: Asked) -> Vec<Candidate> {
        let told = Told::new(&self.lexicon, body, tokens);
        let mut out = Vec::new();
        each(&told, asked, |view, cue, kinds| {
            let mut shape = Vec::new();
            view.shape(&mut |pieces| shape.push(pieces.concat()));
            for (rank, kind) in kinds {
                let mut features = shape.clone();
                view.kind(*kind, *rank, &mut |pieces| features.push(pieces.concat()));
                out.push(Candidate { act: Act { kind: *kind, cue }, features });
            }
        });
        out
    }

    fn best(&self, told: &Told<'_>, asked: Asked) -> Option<(Act, f32)> {
        let mut scored: Vec<(Act, f32)> = Vec::new();
        each(told, asked, |view, cue, kinds| {
            let mut shape = 0.0;
            view.shape(&mut |pieces| shape += self.weights.of(pieces));
            for (rank, kind) in kinds {
                let mut score = shape;
                view.kind(*kind, *rank, &mut |pieces| score += self.weights.of(pieces));
                scored.push((Act { kind: *kind, cue }, score));
            }
        });
        scorer::choose(&scored)
    }
}

/// Calls `see` with every cue that can carry the act, its place in the body, and its kinds that suit the stance with their ranks.
fn each(told: &Told<'_>, asked: Asked, mut see: impl FnMut(&View<'_>, Span, &[(usize, ActKind)])) {
    let pair = Pair { actor: tokens_of(told.tokens, asked.actor), target: tokens_of(told.tokens, asked.target) };
    let apart = |range: Range<usize>, who: &Range<usize>| range.end <= who.start || who.end <= range.start;
    let free = |range: Range<usize>| apart(range.clone(), &pair.actor) && apart(range, &pair.target);
    let fits: Vec<&Cue> = told
        .cues
        .iter()
        .filter(|cue| free(cue.first()..cue.head_end() + 1) && cue.kinds.iter().any(|kind| suits(*kind, asked.stance)))
        .collect();
    let sums = counts(told.tokens.len(), fits.iter().map(|cue| cue.first()));
    for cue in told.cues.iter().filter(|cue| free(cue.first()..cue.head_end() + 1)) {
        let view = View::new(told, &pair, cue, &sums);
        let mut kinds: Vec<(usize, ActKind)> =
            cue.kinds.iter().copied().enumerate().filter(|(_, kind)| suits(*kind, asked.stance)).collect();
        let denied = kinds.is_empty() && asked.stance == Stance::Oppose && view.negated();
        if view.suffered() {
            kinds.retain(|(_, kind)| {
                !matches!(kind, ActKind::Sanction | ActKind::Mobilise | ActKind::Coerce | ActKind::Assault)
            });
        }
        if denied {
            // What is denied is refused: "does not recognise".
            kinds.push((3, ActKind::Reject));
        }
        if kinds.is_empty() {
            continue;
        }
        let whole = cue.first()..cue.last() + 1;
        let run = if free(whole.clone()) && whole.len() <= 6 { whole } else { cue.first()..cue.head_end() + 1 };
        let place = Span::new(told.tokens[run.start].start, told.tokens[run.end - 1].end);
        see(&view, place, &kinds);
    }
}

/// Whether an act of this kind can tell this stance. A request may tell of both.
const fn suits(kind: ActKind, stance: Stance) -> bool {
    use ActKind::{Agree, Aid, Consult, Request, Support, Yield};
    match stance {
        Stance::None => false,
        Stance::Support => matches!(kind, Agree | Support | Aid | Yield | Consult | Request),
        Stance::Oppose => !matches!(kind, Agree | Support | Aid | Yield | Consult),
    }
}

/// The tokens that a span touches.
fn tokens_of(tokens: &[Span], span: Span) -> Range<usize> {
    let start = tokens.partition_point(|token| token.end <= span.start);
    let end = tokens.partition_point(|token| token.start < span.end);
    start..end.max(start)
}
