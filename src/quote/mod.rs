//! Quotations: what stands between quotation marks, and who says it. It cannot fail.
//!
//! Three steps. [`Speeches::new`] finds direct speech by its marks over a whole body; a few words in marks that nobody is told
//! to say ("so-called" things) are none. [`lines`] sets a passage out word by word. [`Speeches::attribute`] finds the verbs of
//! saying of a passage and gives each piece of speech its speaker, a mention or the pronoun or nominal that stands there:
//!
//! 1. the one whose saying follows the piece in its sentence: "…," said X;
//! 2. the one whose saying comes before it: X said: "…";
//! 3. the one who spoke just before, where the piece opens its sentence or goes on from the paragraph before.
//!
//! Indirect speech ("X said that …") comes out as [`Saying`]s, with the span of what is said.

mod line;
mod marks;
mod saying;
#[cfg(test)]
pub(crate) mod tests;
mod words;

pub use line::{Line, Word, lines};
pub use saying::{Saying, Speaker};
pub(crate) use words::{AUXILIARIES, CLAUSE, DETERMINERS, PREPOSITIONS, PRONOUNS, is_noun_like};

use crate::mention::Mention;
use crate::segment::Sentence;
use crate::span::Span;
use marks::{Piece, quoted};

/// Direct speech whose speaker is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// From its opening mark to one past its closing one.
    pub span: Span,
    /// The number of a mention of the speaker in the article's list.
    pub speaker: usize,
}

/// So many words in marks are no speech unless somebody is told to say them.
const SCARE: usize = 3;
/// The speaker is told at most so many words behind the closing mark: "…," the minister, who had come late, said.
const REACH: usize = 12;

/// The pieces of direct speech of an article, in order, not overlapping.
#[derive(Clone, Debug, Default)]
pub struct Speeches {
    pieces: Vec<Piece>,
    spans: Vec<Span>,
    speakers: Vec<Option<Speaker>>,
    /// How many pieces were asked for their speakers.
    asked: usize,
    /// Where the piece that was asked last ends, and who said it.
    last: Option<(usize, Speaker)>,
}

impl Speeches {
    /// What stands between quotation marks.
    pub fn new(body: &str, sentences: &[Sentence]) -> Self {
        let pieces = quoted(body, sentences);
        let spans = pieces.iter().map(|piece| piece.span).collect();
        Self { speakers: vec![None; pieces.len()], pieces, spans, asked: 0, last: None }
    }

    /// Where the pieces stand.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The pieces whose speaker is known, with their numbers.
    pub fn spoken(&self) -> impl Iterator<Item = (Span, Speaker)> {
        self.spans.iter().zip(&self.speakers).filter_map(|(span, speaker)| Some((*span, (*speaker)?)))
    }

    /// The speaker of the piece in which a place stands, if it is known.
    pub fn speaker_at(&self, place: usize) -> Option<Speaker> {
        let at = self.spans.partition_point(|span| span.end <= place);
        self.spans.get(at).filter(|span| span.start <= place).and(*self.speakers.get(at)?)
    }

    /// Finds the speakers of the pieces that begin in a passage, and all sayings of it. Passages come in order.
    pub fn attribute(&mut self, lines: &[Line<'_>], mentions: &[Mention]) -> Vec<Saying> {
        let mut sayings = Vec::new();
        // The sayings of a line: which of them are its own.
        let mut own = Vec::with_capacity(lines.len());
        for line in lines {
            let from = sayings.len();
            sayings.extend(saying::sayings(line, mentions));
            own.push(from..sayings.len());
        }
        let end = lines.last().map_or(0, |line| line.span.end);
        while self.asked < self.spans.len() && self.spans[self.asked].start < end {
            let at = self.asked;
            self.asked += 1;
            self.speakers[at] = self.speaker(at, lines, |line| &sayings[own[line].clone()]);
            self.last = self.speakers[at].map(|speaker| (at, speaker)).or(self.last);
        }
        sayings
    }

    fn speaker<'a>(&self, at: usize, lines: &[Line<'_>], of: impl Fn(usize) -> &'a [Saying]) -> Option<Speaker> {
        let span = self.spans[at];
        let line_at = |place: usize| lines.partition_point(|line| line.span.end <= place);
        let (first, last) = (line_at(span.start), line_at(span.end.saturating_sub(1)).min(lines.len().checked_sub(1)?));
        let (opening, closing) = (lines.get(first)?, &lines[last]);
        let words = closing.within(span);
        let next = closing.words.partition_point(|word| word.span.start < span.end);
        let behind = of(last).iter().find(|saying| {
            saying.cue.start >= next
                && saying.cue.start <= next + REACH
                && closing.words[next..saying.cue.start].iter().all(|word| !word.quoted && !ends_sentence(word.text))
        });
        let begins = opening.within(span).start;
        let ahead = of(first).iter().rev().find(|saying| {
            saying.cue.end <= begins && opening.words[saying.cue.end..begins].iter().all(|word| !ends_sentence(word.text))
        });
        let broken = |saying: &&Saying| saying.cue.start <= next + 1 || ahead.is_none();
        // "…," said X directly behind counts before what stands ahead; else the other way round.
        let told = behind.filter(broken).or(ahead).or(behind).map(|saying| saying.speaker);
        let scarce = first == last && words.len() < SCARE + 3;
        if told.is_some() {
            let attached = behind.is_some_and(|saying| saying.cue.start <= next + 1)
                || ahead.is_some_and(|saying| begins - saying.cue.end <= 1);
            return told.filter(|_| !scarce || attached);
        }
        let introduced = || Self::introduced(first, lines, &of);
        let carried = || self.carried(at, opening, first, lines);
        if begins == 0 && !scarce {
            carried().or_else(introduced)
        } else if begins == 0 {
            introduced()
        } else {
            None
        }
    }

    /// X said in a statement: (new line) "…"
    fn introduced<'a>(first: usize, lines: &[Line<'_>], of: &impl Fn(usize) -> &'a [Saying]) -> Option<Speaker> {
        let before = first.checked_sub(1)?;
        let colon = lines[before].words.last().is_some_and(|word| word.text == ":");
        of(before).last().filter(|_| colon).map(|saying| saying.speaker)
    }

    /// The speaker of the piece before, where this one carries on: across paragraphs, or in the sentence after its own.
    fn carried(&self, at: usize, opening: &Line<'_>, first: usize, lines: &[Line<'_>]) -> Option<Speaker> {
        let (last, speaker) = self.last.filter(|(last, _)| *last + 1 == at)?;
        let ended = self.spans[last].end;
        let near = match first.checked_sub(1) {
            Some(before) => lines[before].span.start < ended,
            None => ended <= opening.span.start,
        };
        (self.pieces[at].carries_on || near).then_some(speaker)
    }
}

fn ends_sentence(mark: &str) -> bool {
    matches!(mark, "." | "!" | "?" | ";")
}
