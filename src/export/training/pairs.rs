//! The rows that our own training and `demarche eval stance` read: one sentence, two marked places, the stance each way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::marked::Marked;
use super::text::Place;
use crate::annotation::WireEvidence;
use crate::export::score;
use crate::span::CodePoints;

/// A place in a sentence that stands for an entity.
#[derive(Clone, Copy)]
struct End<'a> {
    place: Place,
    entity: usize,
    kind: &'a str,
    /// Whether it is a pronoun or nominal, which is asked of only where evidence names it.
    reference: Option<usize>,
}

/// The rows of an article: of every sentence all pairs of names of two entities, in the order of the text, each way told: the stance of the one entity
/// towards the other where the sentence speaks for one, else none. Pairs of whose position the score is below what was asked are left out, as they are
/// neither. A pronoun or nominal stands in a row where it tells the position.
pub fn pairs(article: &Marked<'_>) -> Vec<Value> {
    let points = CodePoints::new(article.body);
    let mut rows = Vec::new();
    let said = by_sentence(article, &points);
    for (number, sentence) in article.cut.sentences.iter().enumerate() {
        let empty = Vec::new();
        let said = said.get(&number).unwrap_or(&empty);
        let mut ends: Vec<End<'_>> = article
            .names
            .iter()
            .filter(|name| {
                article.cut.sentence_of(name.tokens.start) == number && sentence.place.span.contains(name.place.span)
            })
            .map(|name| End { place: name.place, entity: article.entity(name), kind: article.kind(name), reference: None })
            .collect();
        for reference in
            said.iter().flat_map(|told| [told.evidence.actor_reference, told.evidence.target_reference]).flatten()
        {
            if !ends.iter().any(|end| end.reference == Some(reference)) {
                let end = reference_end(article, &points, reference);
                ends.extend(end.filter(|end| sentence.place.span.contains(end.place.span)));
            }
        }
        ends.sort_by_key(|end| (end.place.start, end.place.end, end.reference));
        for (at, a) in ends.iter().enumerate() {
            for b in ends[at + 1..].iter().filter(|b| b.entity != a.entity && !a.place.span.overlaps(b.place.span)) {
                rows.extend(row(article, (number, sentence.place), [*a, *b], said));
            }
        }
    }
    rows
}

/// What evidence says in a sentence.
struct Told<'a> {
    evidence: &'a WireEvidence<'a>,
    ends: [usize; 2],
    /// Whether its score is high enough.
    sure: bool,
}

/// All evidence whose two ends stand in one sentence, by its number.
fn by_sentence<'a>(article: &Marked<'a>, points: &CodePoints<'_>) -> BTreeMap<usize, Vec<Told<'a>>> {
    let annotation = article.annotation;
    let mut out: BTreeMap<usize, Vec<Told<'a>>> = BTreeMap::new();
    let sentence = |mention: usize, reference: Option<usize>| {
        let start = reference.map_or(annotation.mentions[mention].start, |number| annotation.references[number].start);
        let byte = points.byte(start);
        article.cut.sentences.partition_point(|sentence| sentence.place.span.end <= byte)
    };
    for position in annotation.positions.iter().filter(|position| position.stance != "none") {
        for evidence in &position.evidence {
            let at = sentence(evidence.actor_mention, evidence.actor_reference);
            if at == sentence(evidence.target_mention, evidence.target_reference) && evidence.stance != "none" {
                let sure = position.score >= article.least && evidence.stance == position.stance;
                out.entry(at).or_default().push(Told { evidence, ends: [position.actor_id, position.target_id], sure });
            }
        }
    }
    out
}

fn reference_end<'a>(article: &Marked<'a>, points: &CodePoints<'_>, number: usize) -> Option<End<'a>> {
    let reference = &article.annotation.references[number];
    let span = points.span([reference.start, reference.end])?;
    let place = Place { span, start: reference.start, end: reference.end };
    let kind = &article.annotation.entities[reference.entity].kind;
    Some(End { place, entity: reference.entity, kind, reference: Some(number) })
}

/// The row of two places; none where a reference tells nothing of them, or a stance is unsure.
fn row(article: &Marked<'_>, (number, sentence): (usize, Place), [a, b]: [End<'_>; 2], said: &[Told<'_>]) -> Option<Value> {
    let way = |actor: End<'_>, target: End<'_>| {
        let mut told = said.iter().filter(move |told| {
            let by = [told.evidence.actor_reference, told.evidence.target_reference];
            told.ends == [actor.entity, target.entity]
                && [(actor, by[0]), (target, by[1])]
                    .into_iter()
                    .all(|(end, by)| end.reference.is_none() || end.reference == by)
        });
        told.next()
    };
    let (forth, back) = (way(a, b), way(b, a));
    let by_reference = a.reference.is_some() || b.reference.is_some();
    let unsure = [&forth, &back].into_iter().flatten().any(|told| !told.sure);
    if unsure || (by_reference && forth.is_none() && back.is_none()) {
        return None;
    }
    let place = |end: End<'_>| [end.place.start - sentence.start, end.place.end - sentence.start];
    let name = |told: Option<&Told<'_>>| told.map_or("none", |told| told.evidence.stance.as_ref()).to_owned();
    let mut row = json!({
        "doc": article.annotation.id, "sent": number, "text": sentence.span.slice(article.body), "a": place(a), "b": place(b),
        "a_type": a.kind, "b_type": b.kind, "a_to_b": name(forth), "b_to_a": name(back),
    });
    for (field, told) in [("a_to_b_score", forth), ("b_to_a_score", back)] {
        if let Some(told) = told {
            row[field] = score(told.evidence.score).into();
        }
    }
    if let Some(kind) = forth.and_then(|told| told.evidence.kind.as_deref()) {
        row["kind"] = kind.into();
    }
    Some(row)
}
