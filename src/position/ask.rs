//! Asking the engine about every pair of mentions that meet in a sentence.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Judge, Judgement, can_act};
use crate::engine::encode::Row;
use crate::engine::{Engine, EngineError, Pair, STANCES};
use crate::mention::{EntityType, Mention, Read};
use crate::segment::{Sentence, dateline};
use crate::span::Span;

/// At most so many pairs are asked in one row, the nearest first: a list of fifty names is no debate.
const PAIRS_A_ROW: usize = 256;

impl Judge {
    /// Judges every pair of differently named mentions that stand in one sentence and one row. `sentences` are those of the
    /// rows, the first of them with the number `first` in the article, and `found` their mentions, ascending.
    pub fn judge(
        &self,
        engine: &dyn Engine,
        read: &Read<'_>,
        (text, sentences, first): (&str, &[Sentence], usize),
        found: Numbered<'_>,
    ) -> Result<Vec<Judgement>, EngineError> {
        let mut pairs = Vec::new();
        let mut judgements = Vec::new();
        let mut told = BTreeSet::new();
        let mut from = 0;
        for (number, row) in read.rows.iter().enumerate() {
            for sentence in row.sentences.clone() {
                from += found.mentions[from..].partition_point(|mention| mention.sentence < sentence);
                let here = found.mentions[from..].partition_point(|mention| mention.sentence == sentence);
                let seen = row.within(sentences[sentence - first].span);
                for (one, other) in meetings(row, &seen, &found.mentions[from..from + here], text) {
                    let mentions = [one.0, other.0].map(|mention| found.first + from + mention);
                    // Two windows of one long sentence may show the same pair.
                    if told.insert(mentions) {
                        pairs.push(Pair { row: number, seen: [seen.start + 1, seen.end], first: one.1, second: other.1 });
                        judgements.push(Judgement { sentence, mentions, ways: [[0.0; STANCES]; 2] });
                    }
                }
            }
        }
        for (judgement, logits) in judgements.iter_mut().zip(engine.compare(read.batch, read.reading, &pairs)?) {
            judgement.ways = logits.map(|way| probabilities(way, self.temperature));
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

/// Some mentions of an article's list and the number of the first of them.
#[derive(Clone, Copy, Debug)]
pub struct Numbered<'a> {
    /// The mentions, in the order of the text.
    pub mentions: &'a [Mention],
    /// The number of `mentions[0]` in the article's list.
    pub first: usize,
}

/// A mention by its number in a list, and the places of its first and last subword in a row.
type Placed = (usize, [usize; 2]);

/// The pairs of mentions of one sentence that can hold a position: fully in the row, differently named, at least one of them
/// somebody who can act, and neither the place or agency of a dateline. The nearest pairs first where there are too many.
fn meetings(row: &Row, seen: &Range<usize>, mentions: &[Mention], text: &str) -> Vec<(Placed, Placed)> {
    let told = dateline_end(&row.subwords[seen.clone()], text);
    let filed = |mention: &Mention| mention.span.end <= told && mention.kind != EntityType::Per;
    let placed: Vec<Placed> = mentions
        .iter()
        .enumerate()
        .filter(|(_, mention)| !filed(mention))
        .filter_map(|(number, mention)| Some((number, places(row, mention.span)?)))
        .collect();
    let mut out = Vec::new();
    for distance in 1..placed.len() {
        for (one, other) in placed.iter().zip(&placed[distance..]) {
            if out.len() == PAIRS_A_ROW {
                return out;
            }
            let [first, second] = [one, other].map(|(number, _)| &mentions[*number]);
            let named_alike = first.span.slice(text).eq_ignore_ascii_case(second.span.slice(text));
            if !named_alike && (can_act(first.kind) || can_act(second.kind)) {
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
pub(super) fn probabilities(logits: [f32; STANCES], temperature: f32) -> [f32; STANCES] {
    let scaled = logits.map(|logit| Some(logit / temperature).filter(|scaled| scaled.is_finite()).unwrap_or(0.0));
    let most = scaled.into_iter().fold(f32::MIN, f32::max);
    let raised = scaled.map(|logit| (logit - most).exp());
    let total: f32 = raised.iter().sum();
    raised.map(|value| value / total)
}
