//! The annotation: the wire record, one article a line of JSON. The only type that is written out.
//!
//! Places are half-open, in Unicode code points of the article's body: what Python slices by. Fields are written in the
//! order in which they stand here. A new field keeps the version; anything else makes a new one.

use std::borrow::Cow;

#[cfg(test)]
mod tests;
mod wire;

use crate::article::Article;
use crate::engine::{ModelId, Models, store::sha256};
use crate::entity::{Entity, owners};
use crate::identity::TOOL;
use crate::mention::Mention;
use crate::position::{Evidence, Position};
use crate::quote::Quote;
use crate::reference::Reference;
use crate::roll_up::Rolled;
use crate::segment::Sentence;
use crate::settings::IncludeText;
use crate::span::{CodePoints, Span};
use crate::watch::{ClaimEvidence, Held, Watch, Watched};
pub use wire::*;

/// The name and version of the record.
pub const VERSION: &str = "demarche.annotation/1";
/// The JSON Schema (2020-12) of the record.
pub const SCHEMA: &str = include_str!("../../schema/annotation.schema.json");

/// What an annotation is made of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The article.
    pub article: &'a Article,
    /// Its sentences.
    pub sentences: &'a [Sentence],
    /// Its mentions.
    pub mentions: &'a [Mention],
    /// Its entities; every mention belongs to one.
    pub entities: &'a [Entity],
    /// Its pronouns and nominals that stand for a mention.
    pub references: &'a [Reference],
    /// Its direct speech.
    pub quotes: &'a [Quote],
    /// Its positions.
    pub positions: &'a [Position],
    /// Its positions between countries, where they were asked for.
    pub roll_up: Option<&'a [Rolled]>,
    /// The models that said so.
    pub models: &'a Models,
    /// The net that resolved references, where they were resolved.
    pub resolver: Option<&'a ModelId>,
    /// The model of claims, where one was used.
    pub claims: Option<&'a ModelId>,
    /// Whether the body is written too.
    pub include: IncludeText,
    /// The article that this one repeats.
    pub duplicate_of: Option<&'a str>,
    /// The targets that are watched, and those that the article mentions.
    pub watch: Option<(&'a Watch, &'a [Watched])>,
}

impl<'a> Annotation<'a> {
    /// The record of one article.
    pub fn new(parts: &Parts<'a>) -> Self {
        let article = parts.article;
        let optional = |field: &'a Option<String>| field.as_deref().map(Cow::Borrowed);
        let points = CodePoints::new(&article.body);
        let owners = owners(parts.entities, parts.mentions.len());
        let model = |id: &'a ModelId| WireModel { name: Cow::Borrowed(&id.name), sha256: Cow::Borrowed(&id.sha256) };
        Self {
            schema: VERSION.into(),
            id: Cow::Borrowed(&article.id),
            source: WireSource {
                path: Cow::Borrowed(&article.place.path),
                record: article.place.record,
                offset: article.place.offset,
            },
            title: optional(&article.title),
            published: optional(&article.published),
            outlet: optional(&article.outlet),
            url: optional(&article.url),
            chars: points.total(),
            sha256: sha256(article.body.as_bytes()).into(),
            text: (parts.include == IncludeText::Yes).then_some(Cow::Borrowed(article.body.as_str())),
            duplicate_of: parts.duplicate_of.map(Cow::Borrowed),
            sentences: parts.sentences.iter().map(|sentence| place(&points, sentence.span)).collect(),
            mentions: mentions(parts, &points, &owners),
            entities: parts.entities.iter().enumerate().map(|(id, entity)| wire_entity(id, entity)).collect(),
            references: parts
                .references
                .iter()
                .map(|reference| wire_reference(parts, reference, &points, &owners))
                .collect(),
            quotes: parts.quotes.iter().map(|quote| wire_quote(quote, &points, &owners)).collect(),
            positions: parts.positions.iter().map(|position| wire_position(position, parts.entities, &points)).collect(),
            roll_up: parts.roll_up.map(|rolled| rolled.iter().map(wire_rolled).collect()),
            watch: parts.watch.map(|(watch, watched)| {
                watched.iter().map(|watched| wire_watched(watch, watched, parts.entities)).collect()
            }),
            models: WireModels {
                ner: model(&parts.models.tagger),
                stance: model(&parts.models.judge),
                references: parts.resolver.map(model),
                claims: parts.claims.map(model),
            },
            tool: TOOL.into(),
        }
    }
}

fn place(points: &CodePoints<'_>, span: Span) -> WireSpan {
    WireSpan { start: points.at(span.start), end: points.at(span.end) }
}

fn mentions<'a>(parts: &Parts<'a>, points: &CodePoints<'_>, owners: &[usize]) -> Vec<WireMention<'a>> {
    let wire = |(mention, entity): (&'a Mention, &usize)| {
        let WireSpan { start, end } = place(points, mention.span);
        let text = mention.span.slice(&parts.article.body).into();
        WireMention { start, end, text, kind: mention.kind.name().into(), score: mention.score, entity: *entity }
    };
    parts.mentions.iter().zip(owners).map(wire).collect()
}

fn wire_reference<'a>(
    parts: &Parts<'a>,
    reference: &Reference,
    points: &CodePoints<'_>,
    owners: &[usize],
) -> WireReference<'a> {
    let WireSpan { start, end } = place(points, reference.span);
    let text = reference.span.slice(&parts.article.body).into();
    WireReference { start, end, text, entity: owners[reference.mention], score: reference.score }
}

fn wire_quote(quote: &Quote, points: &CodePoints<'_>, owners: &[usize]) -> WireQuote {
    let WireSpan { start, end } = place(points, quote.span);
    WireQuote { start, end, speaker: owners[quote.speaker] }
}

fn wire_entity(id: usize, entity: &Entity) -> WireEntity<'_> {
    WireEntity {
        id,
        name: Cow::Borrowed(&entity.name),
        kind: entity.kind.name().into(),
        subtype: entity.subtype.map(|subtype| subtype.name().into()),
        country: entity.country.map(Cow::Borrowed),
        key: Cow::Borrowed(&entity.key),
        role: entity.role.as_ref().map(|role| Cow::Borrowed(role.title.as_str())),
        of: entity.role.as_ref().and_then(|role| role.of).or(entity.of),
        mentions: entity.mentions.clone(),
    }
}

fn wire_rolled(rolled: &Rolled) -> WireRolled<'_> {
    WireRolled {
        actor: Cow::Borrowed(&rolled.actor),
        target: Cow::Borrowed(&rolled.target),
        stance: rolled.stance.name().into(),
        score: rolled.score,
        positions: rolled.positions.clone(),
    }
}

fn wire_watched<'a>(watch: &'a Watch, watched: &Watched, entities: &'a [Entity]) -> WireWatched<'a> {
    WireWatched {
        target: Cow::Borrowed(&watch.targets()[watched.target].name),
        mentions: entities[watched.entity].mentions.clone(),
        positions: watched.positions.clone(),
        claim: watch.targets()[watched.target].claim.as_deref().map(|text| WireClaim {
            text: Cow::Borrowed(text),
            stances: watched.claim.iter().map(|held| wire_held(held, entities)).collect(),
        }),
    }
}

fn wire_held<'a>(held: &Held, entities: &'a [Entity]) -> WireHeld<'a> {
    let evidence = |told: &ClaimEvidence| WireClaimEvidence {
        sentences: told.sentences,
        actor_mention: told.actor_mention,
        stance: told.stance.name().into(),
        score: told.score,
    };
    WireHeld {
        actor: Cow::Borrowed(&entities[held.actor].name),
        actor_id: held.actor,
        stance: held.stance.name().into(),
        score: held.score,
        evidence: held.evidence.iter().map(evidence).collect(),
    }
}

fn wire_position<'a>(position: &Position, entities: &'a [Entity], points: &CodePoints<'_>) -> WirePosition<'a> {
    let evidence = |told: &Evidence| WireEvidence {
        sentence: told.sentence,
        actor_mention: told.actor_mention,
        target_mention: told.target_mention,
        actor_reference: told.references[0],
        target_reference: told.references[1],
        stance: told.stance.name().into(),
        score: told.score,
        quote: told.quote.is_some(),
        quote_span: told.quote.map(|span| place(points, span)),
        kind: told.act.map(|act| act.kind.name().into()),
        cue: told.act.map(|act| place(points, act.cue)),
    };
    WirePosition {
        actor: Cow::Borrowed(&entities[position.actor].name),
        actor_id: position.actor,
        target: Cow::Borrowed(&entities[position.target].name),
        target_id: position.target,
        stance: position.stance.name().into(),
        score: position.score,
        changed: position.changed,
        evidence: position.evidence.iter().map(evidence).collect(),
    }
}
