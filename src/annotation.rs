//! The annotation: the wire record, one article a line of JSON. The only type that is written out.
//!
//! Places are half-open, in Unicode code points of the article's body: what Python slices by. Fields are written in the
//! order in which they stand here. A new field keeps the version; anything else makes a new one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

use crate::article::Article;
use crate::engine::{Models, store::sha256};
use crate::entity::Entity;
use crate::identity::TOOL;
use crate::mention::Mention;
use crate::position::{Evidence, Position};
use crate::segment::Sentence;
use crate::settings::IncludeText;
use crate::span::{CodePoints, Span};

/// The name and version of the record.
pub const VERSION: &str = "demarche.annotation/1";
/// The JSON Schema (2020-12) of the record.
pub const SCHEMA: &str = include_str!("../schema/annotation.schema.json");

/// One annotated article.
#[derive(Debug, Serialize, Deserialize)]
pub struct Annotation<'a> {
    /// [`VERSION`].
    pub schema: Cow<'a, str>,
    /// The article's identifier.
    pub id: Cow<'a, str>,
    /// Where it was read.
    pub source: WireSource<'a>,
    /// The headline, which is not part of the body.
    pub title: Option<Cow<'a, str>>,
    /// The date, as the source writes it.
    pub published: Option<Cow<'a, str>>,
    /// The paper, agency or site.
    pub outlet: Option<Cow<'a, str>>,
    /// The address.
    pub url: Option<Cow<'a, str>>,
    /// The length of the body in code points.
    pub chars: usize,
    /// The SHA-256 of the body as UTF-8, in hexadecimal: says which text the places belong to.
    pub sha256: Cow<'a, str>,
    /// The body, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<Cow<'a, str>>,
    /// The identifier of the article that came before and that this one repeats; then there is nothing in the lists below.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duplicate_of: Option<Cow<'a, str>>,
    /// The sentences, in order.
    pub sentences: Vec<WireSpan>,
    /// The mentions, in the order of the text.
    pub mentions: Vec<WireMention<'a>>,
    /// The entities, in the order of their first mentions.
    pub entities: Vec<WireEntity<'a>>,
    /// The positions, by actor and target.
    pub positions: Vec<WirePosition<'a>>,
    /// The models that said so.
    pub models: WireModels<'a>,
    /// The program and its version.
    pub tool: Cow<'a, str>,
}

/// Where an article was read.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireSource<'a> {
    /// The path as given, or `-`.
    pub path: Cow<'a, str>,
    /// The record's number in that file, from 0.
    pub record: u64,
    /// The byte at which it begins, where that is known (see [`Place`](crate::article::Place)).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset: Option<u64>,
}

/// A place in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireSpan {
    /// The first code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// A mention.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireMention<'a> {
    /// The first code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The text between them.
    pub text: Cow<'a, str>,
    /// PER, ORG, LOC, NORP, FAC or MISC.
    #[serde(rename = "type")]
    pub kind: Cow<'a, str>,
    /// The probability that place and type are right.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
    /// The number of its entity.
    pub entity: usize,
}

/// An entity.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireEntity<'a> {
    /// Its number in this article, from 0.
    pub id: usize,
    /// The name to show.
    pub name: Cow<'a, str>,
    /// PER, ORG, LOC, NORP, FAC or MISC.
    #[serde(rename = "type")]
    pub kind: Cow<'a, str>,
    /// COUNTRY or CITY, where that is known.
    #[serde(default)]
    pub subtype: Option<Cow<'a, str>>,
    /// ISO 3166 alpha-2, where it is a country.
    pub country: Option<Cow<'a, str>>,
    /// The numbers of its mentions.
    pub mentions: Vec<usize>,
}

/// A position.
#[derive(Debug, Serialize, Deserialize)]
pub struct WirePosition<'a> {
    /// The name of the actor.
    pub actor: Cow<'a, str>,
    /// The number of the actor's entity.
    pub actor_id: usize,
    /// The name of the target.
    pub target: Cow<'a, str>,
    /// The number of the target's entity.
    pub target_id: usize,
    /// support, oppose, or none where that was asked for.
    pub stance: Cow<'a, str>,
    /// The probability of the stance, given the article.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
    /// The sentences that say so, in order.
    pub evidence: Vec<WireEvidence<'a>>,
}

/// One sentence that speaks for a position.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireEvidence<'a> {
    /// The number of the sentence.
    pub sentence: usize,
    /// The number of the actor's mention.
    pub actor_mention: usize,
    /// The number of the target's mention.
    pub target_mention: usize,
    /// What this sentence says.
    pub stance: Cow<'a, str>,
    /// The probability of that, given this sentence.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
}

/// The models behind an annotation.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireModels<'a> {
    /// The model of the mentions.
    pub ner: WireModel<'a>,
    /// The model of the positions.
    pub stance: WireModel<'a>,
}

/// One model.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireModel<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// The SHA-256 of its weights.
    pub sha256: Cow<'a, str>,
}

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
    /// Its positions.
    pub positions: &'a [Position],
    /// The models that said so.
    pub models: &'a Models,
    /// Whether the body is written too.
    pub include: IncludeText,
    /// The article that this one repeats.
    pub duplicate_of: Option<&'a str>,
}

impl<'a> Annotation<'a> {
    /// The record of one article.
    pub fn new(parts: &Parts<'a>) -> Self {
        let article = parts.article;
        let optional = |field: &'a Option<String>| field.as_deref().map(Cow::Borrowed);
        let points = CodePoints::new(&article.body);
        let model =
            |id: &'a crate::engine::ModelId| WireModel { name: Cow::Borrowed(&id.name), sha256: Cow::Borrowed(&id.sha256) };
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
            mentions: mentions(parts, &points),
            entities: parts.entities.iter().enumerate().map(|(id, entity)| wire_entity(id, entity)).collect(),
            positions: parts.positions.iter().map(|position| wire_position(position, parts.entities)).collect(),
            models: WireModels { ner: model(&parts.models.tagger), stance: model(&parts.models.judge) },
            tool: TOOL.into(),
        }
    }
}

fn place(points: &CodePoints<'_>, span: Span) -> WireSpan {
    WireSpan { start: points.at(span.start), end: points.at(span.end) }
}

fn mentions<'a>(parts: &Parts<'a>, points: &CodePoints<'_>) -> Vec<WireMention<'a>> {
    let mut entity_of = vec![0; parts.mentions.len()];
    for (number, entity) in parts.entities.iter().enumerate() {
        for mention in &entity.mentions {
            entity_of[*mention] = number;
        }
    }
    let wire = |(mention, entity): (&'a Mention, usize)| {
        let WireSpan { start, end } = place(points, mention.span);
        let text = mention.span.slice(&parts.article.body).into();
        WireMention { start, end, text, kind: mention.kind.name().into(), score: mention.score, entity }
    };
    parts.mentions.iter().zip(entity_of).map(wire).collect()
}

fn wire_entity(id: usize, entity: &Entity) -> WireEntity<'_> {
    WireEntity {
        id,
        name: Cow::Borrowed(&entity.name),
        kind: entity.kind.name().into(),
        subtype: entity.subtype.map(|subtype| subtype.name().into()),
        country: entity.country.map(Cow::Borrowed),
        mentions: entity.mentions.clone(),
    }
}

fn wire_position<'a>(position: &Position, entities: &'a [Entity]) -> WirePosition<'a> {
    let evidence = |told: &Evidence| WireEvidence {
        sentence: told.sentence,
        actor_mention: told.actor_mention,
        target_mention: told.target_mention,
        stance: told.stance.name().into(),
        score: told.score,
    };
    WirePosition {
        actor: Cow::Borrowed(&entities[position.actor].name),
        actor_id: position.actor,
        target: Cow::Borrowed(&entities[position.target].name),
        target_id: position.target,
        stance: position.stance.name().into(),
        score: position.score,
        evidence: position.evidence.iter().map(evidence).collect(),
    }
}

/// Writes a score with four decimals: more would be noise, and would make records differ that say the same.
// serde hands the field over by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn rounded<S: Serializer>(score: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*score) * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::Place;
    use crate::engine::{Engine, table::TableEngine};
    use crate::entity::Subtype;
    use crate::mention::EntityType;
    use crate::position::Stance;

    fn article(body: &str) -> Article {
        let place = Place { path: "news/a.txt".to_owned(), record: 0, offset: None };
        Article { id: "a".to_owned(), title: None, body: body.to_owned(), published: None, outlet: None, url: None, place }
    }

    fn record(article: &Article, spans: &[Span], include: IncludeText) -> serde_json::Value {
        let mention = |span: &Span| Mention { span: *span, kind: EntityType::Loc, score: 0.998_04, sentence: 0 };
        let mentions: Vec<_> = spans.iter().map(mention).collect();
        let entity = |number: usize| Entity {
            name: format!("e{number}"),
            kind: EntityType::Loc,
            subtype: Some(Subtype::Country),
            country: Some("RU"),
            mentions: vec![number],
        };
        let entities: Vec<_> = (0..spans.len()).map(entity).collect();
        let evidence =
            vec![Evidence { sentence: 0, actor_mention: 0, target_mention: 1, stance: Stance::Oppose, score: 0.75 }];
        let positions = [Position { actor: 0, target: 1, stance: Stance::Oppose, score: 0.75, evidence }];
        let positions = if spans.len() > 1 { &positions[..] } else { &[] };
        let engine = TableEngine::new([], Default::default());
        let sentences = crate::segment::segment(&article.body);
        let parts = Parts {
            article,
            sentences: &sentences,
            mentions: &mentions,
            entities: &entities,
            positions,
            models: engine.models(),
            include,
            duplicate_of: None,
        };
        serde_json::to_value(Annotation::new(&parts)).unwrap()
    }

    #[test]
    fn a_record_fits_the_schema_and_a_broken_one_does_not() {
        let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
        let good = record(&article("Żółw and Kabul."), &[Span::new(0, 7), Span::new(12, 17)], IncludeText::Yes);
        assert!(schema.is_valid(&good), "{:?}", schema.iter_errors(&good).map(|e| e.to_string()).collect::<Vec<_>>());
        assert_eq!(good["mentions"][1]["start"], 9);
        assert_eq!(good["mentions"][0]["score"], 0.998);
        let broken: [(&str, serde_json::Value); 4] = [
            ("/positions/0/stance", "hates".into()),
            ("/mentions/0/end", 1.5.into()),
            ("/schema", "demarche.annotation/2".into()),
            ("/mentions/0/type", "GPE".into()),
        ];
        for (pointer, value) in broken {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            assert!(!schema.is_valid(&bad), "{pointer}");
        }
        let mut short = good;
        short.as_object_mut().unwrap().remove("sha256");
        assert!(!schema.is_valid(&short));
    }

    #[test]
    fn a_record_is_read_back_and_new_fields_do_not_disturb() {
        let mut value = record(&article("Kabul and Oslo."), &[Span::new(0, 5), Span::new(10, 14)], IncludeText::No);
        value["mentions"][0]["subtype"] = "CITY".into();
        let text = value.to_string();
        let annotation: Annotation<'_> = serde_json::from_str(&text).unwrap();
        assert_eq!((annotation.mentions[1].text.as_ref(), annotation.positions[0].target.as_ref()), ("Oslo", "e1"));
        assert!(annotation.text.is_none());
    }

    proptest! {
        #[test]
        fn places_are_code_points(body in "\\PC{0,80}") {
            let spans: Vec<_> = crate::segment::segment(&body).into_iter().flat_map(|sentence| sentence.tokens).collect();
            let value = record(&article(&body), &spans, IncludeText::No);
            for (span, mention) in spans.iter().zip(value["mentions"].as_array().unwrap()) {
                let place = |field: &str| usize::try_from(mention[field].as_u64().unwrap()).unwrap();
                let text: String = body.chars().skip(place("start")).take(place("end") - place("start")).collect();
                prop_assert_eq!(&text, span.slice(&body));
                prop_assert_eq!(mention["text"].as_str().unwrap(), text);
            }
        }
    }
}
