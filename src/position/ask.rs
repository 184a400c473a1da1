//! Asking the engine about every pair of mentions that meet in a sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Judge, Judgement, can_act};
use crate::engine::encode::Row;
use crate::engine::{Engine, EngineError, Pair, STANCES};
use crate::mention::{EntityType, Mention, Read};
use crate::reference::Reference;
use crate::segment::{Sentence, dateline};
use crate::span::Span;

/// At most so many pairs are asked in one row, the nearest first: a list of fifty names is no debate.
const PAIRS_A_ROW: usize = 256;

impl Judge {
    /// Judges every pair of differently named mentions that stand in one sentence and one row, and every pair with a reference that
    /// is not to the thing of the other. `sentences` are those of the rows, the first of them with the number `first` in the
    /// article, and `found` their mentions and references, ascending.
    pub fn judge(
        &self,
        engine: &dyn Engine,
        read: &Read<'_>,
        (text, sentences, first): (&str, &[Sentence], usize),
        found: Numbered<'_>,
    ) -> Result<Vec<Judgement>, EngineError> {
        let mut pairs = Vec::new();
        let mut judgements = Vec::new();
        // The pair that answers each judgement: the two that "they" stands for share one.
        let mut answers = Vec::new();
        let mut asked: BTreeMap<(usize, [usize; 2], [usize; 2]), usize> = BTreeMap::new();
        let mut told = BTreeSet::new();
        let mut parties = found.parties(first..first + sentences.len()).peekable();
        let mut here: Vec<Party> = Vec::new();
        for (number, row) in read.rows.iter().enumerate() {
            for sentence in row.sentences.clone() {
                if here.first().is_none_or(|party| party.sentence != sentence) {
                    here.clear();
                    while parties.next_if(|party| party.sentence < sentence).is_some() {}
                    here.extend(std::iter::from_fn(|| parties.next_if(|party| party.sentence == sentence)));
                }
                let seen = row.within(sentences[sentence - first].span);
                for (one, other) in meetings(row, &seen, &here, (text, found)) {
                    let both = [here[one.0], here[other.0]];
                    // Two windows of one long sentence may show the same pair.
                    if told.insert(both.map(|party| (party.mention, party.reference))) {
                        let pair = *asked.entry((number, one.1, other.1)).or_insert_with(|| {
                            pairs.push(Pair {
                                row: number,
                                seen: [seen.start + 1, seen.end],
                                first: one.1,
                                second: other.1,
                            });
                            pairs.len() - 1
                        });
                        answers.push(pair);
                        let (mentions, references) = (both.map(|party| party.mention), both.map(|party| party.reference));
                        let sure = both[0].sure * both[1].sure;
                        judgements.push(Judgement { sentence, mentions, references, sure, ways: [[0.0; STANCES]; 2] });
                    }
                }
            }
        }
        let logits = engine.compare(read.batch, read.reading, &pairs)?;
        for (judgement, answer) in judgements.iter_mut().zip(answers) {
            if let Some(logits) = logits.get(answer) {
                judgement.ways = logits.map(|way| probabilities(way, self.temperature));
            }
        }
        Ok(judgements)
    }

    /// Judges two given spans of one row, whatever they name. For scoring against gold pairs.
    pub fn judge_spans(
        &self,
        engine: &dyn Engine,
        read: &Read<'_>,
        spans: [Span; 2],
    ) -> Result<Option<[[f32; STANCES]; 2]>, EngineError> {
        let both = |row: &Row| Some((places(row, spans[0])?, places(row, spans[1])?));
        let Some((row, (first, second))) = read.rows.iter().enumerate().find_map(|(number, row)| Some((number, both(row)?)))
        else {
            return Ok(None);
        };
        let seen = [1, read.rows[row].subwords.len()];
        let logits = engine.compare(read.batch, read.reading, &[Pair { row, seen, first, second }])?;
        Ok(logits.first().map(|ways| ways.map(|way| probabilities(way, self.temperature))))
    }
}

/// The mentions of a passage in the article's list, and the references that stand there.
#[derive(Clone, Copy)]
pub struct Numbered<'a> {
    /// All mentions so far, in the order of the text.
    pub mentions: &'a [Mention],
    /// The number of the first mention of the passage.
    pub first: usize,
    /// The references of the passage.
    pub referred: Referred<'a>,
}

/// Some references of an article's list.
#[derive(Clone, Copy)]
pub struct Referred<'a> {
    /// The references, in the order of the text.
    pub references: &'a [Reference],
    /// The number of `references[0]` in the article's list.
    pub first: usize,
    /// Whether two mentions name one thing, as far as names tell.
    pub alike: &'a dyn Fn(usize, usize) -> bool,
}

/// Somebody whom a sentence speaks of, by a mention or by a reference to one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Party {
    span: Span,
    sentence: usize,
    /// The number of the mention, or of the antecedent.
    mention: usize,
    /// The number of the reference.
    reference: Option<usize>,
    /// How probable that is.
    sure: f32,
}

impl Numbered<'_> {
    /// The parties of some sentences, in the order of the text.
    fn parties(&self, sentences: Range<usize>) -> impl Iterator<Item = Party> {
        let here = self.mentions.iter().enumerate().skip(self.first);
        let here = here.filter(move |(_, mention)| sentences.contains(&mention.sentence));
        let named =
            here.map(|(mention, it)| Party { span: it.span, sentence: it.sentence, mention, reference: None, sure: 1.0 });
        let referred = self.referred.references.iter().enumerate().map(|(number, it)| {
            let reference = Some(self.referred.first + number);
            Party { span: it.span, sentence: it.sentence, mention: it.mention, reference, sure: it.score }
        });
        let mut parties: Vec<Party> = named.chain(referred).collect();
        parties.sort_by_key(|party| (party.sentence, party.span, party.reference));
        parties.into_iter()
    }

    /// Whether a pair may hold a position: two mentions of different names; with a reference, two things of different names that do
    /// not stand one inside the other.
    fn apart(&self, one: Party, other: Party, text: &str) -> bool {
        let [first, second] = [one, other].map(|party| &self.mentions[party.mention]);
        let named_alike = first.span.slice(text).eq_ignore_ascii_case(second.span.slice(text));
        let referred = one.reference.is_some() || other.reference.is_some();
        let same = referred && (one.span.overlaps(other.span) || (self.referred.alike)(one.mention, other.mention));
        !named_alike && !same && (can_act(first.kind) || can_act(second.kind))
    }
}

/// A party by its number in a list, and the places of its first and last subword in a row.
type Placed = (usize, [usize; 2]);

/// The pairs of parties of one sentence that can hold a position: fully in the row, not the same thing, at least one of them
/// somebody who can act, and neither the place or agency of a dateline. The nearest pairs first where there are too many.
fn meetings(
    row: &Row,
    seen: &Range<usize>,
    parties: &[Party],
    (text, found): (&str, Numbered<'_>),
) -> Vec<(Placed, Placed)> {
    let told = dateline_end(&row.subwords[seen.clone()], text);
    let filed = |party: &Party| {
        party.reference.is_none() && party.span.end <= told && found.mentions[party.mention].kind != EntityType::Per
    };
    let placed: Vec<Placed> = parties
        .iter()
        .enumerate()
        .filter(|(_, party)| !filed(party))
        .filter_map(|(number, party)| Some((number, places(row, party.span)?)))
        .collect();
    let mut out = Vec::new();
    for distance in 1..placed.len() {
        for (one, other) in placed.iter().zip(&placed[distance..]) {
            if out.len() == PAIRS_A_ROW {
                return out;
            }
            if found.apart(parties[one.0], parties[other.0], text) {
                out.push((*one, *other));
            }
        }
    }
    out
}

/// Where the dateline of a sentence ends, given its subwords; its start where it has none. A later window of a long sentence may
/// begin like one, but hardly ever does.
fn dateline_end(subwords: &[Span], text: &str) -> usize {
    let ends = subwords.first().zip(subwords.last());
    ends.map_or(0, |(first, last)| first.start + dateline(&text[first.start..last.end]))
}

/// The positions in the row of the first and last subword of a span; `None` where the row does not hold all of it.
fn places(row: &Row, span: Span) -> Option<[usize; 2]> {
    let Range { start: from, end: to } = row.within(span);
    let (first, last) = (row.subwords.get(from)?, row.subwords.get(to.checked_sub(1)?)?);
    let whole = from < to && first.start <= span.start && last.end >= span.end;
    // The opening mark takes position 0. A span whose edge is a character that has no subword still counts.
    (whole || (from > 0 && to < row.subwords.len() && from < to)).then_some([from + 1, to])
}

/// The softmax of `logits / temperature`; even where the model gives no number.
pub fn probabilities(logits: [f32; STANCES], temperature: f32) -> [f32; STANCES] {
    let scaled = logits.map(|logit| Some(logit / temperature).filter(|scaled| scaled.is_finite()).unwrap_or(0.0));
    let most = scaled.into_iter().fold(f32::MIN, f32::max);
    let raised = scaled.map(|logit| (logit - most).exp());
    let total: f32 = raised.iter().sum();
    raised.map(|value| value / total)
}
