//! The shapes of the record. Fields are written in the order in which they stand here.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

/// One annotated article.
#[derive(Debug, Serialize, Deserialize)]
pub struct Annotation<'a> {
    /// The version of the record.
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
    /// Pronouns and nominals that stand for an entity, in the order of the text.
    #[serde(default)]
    pub references: Vec<WireReference<'a>>,
    /// Direct speech whose speaker is known, in the order of the text.
    #[serde(default)]
    pub quotes: Vec<WireQuote>,
    /// The positions, by actor and target.
    pub positions: Vec<WirePosition<'a>>,
    /// The positions between countries, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub roll_up: Option<Vec<WireRolled<'a>>>,
    /// The watched targets that the article mentions, where targets were given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub watch: Option<Vec<WireWatched<'a>>>,
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
    /// What it is called in every article alike: ISO 3166 alpha-3 of a country, a key of its name elsewhere.
    #[serde(default)]
    pub key: Cow<'a, str>,
    /// The office or task of a person, as the text tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<Cow<'a, str>>,
    /// The number of the entity whose office that is, or to which a body belongs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<usize>,
    /// The numbers of its mentions.
    pub mentions: Vec<usize>,
}

/// A pronoun or nominal that stands for an entity.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireReference<'a> {
    /// The first code point.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The text between them.
    pub text: Cow<'a, str>,
    /// The number of its entity.
    pub entity: usize,
    /// The probability that it stands for that.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
}

/// Direct speech.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct WireQuote {
    /// Its opening mark.
    pub start: usize,
    /// One past its closing mark.
    pub end: usize,
    /// The number of the entity that speaks.
    pub speaker: usize,
}

/// A position of one country towards another, drawn from those of their people and bodies.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireRolled<'a> {
    /// ISO 3166 alpha-3 of the actor.
    pub actor: Cow<'a, str>,
    /// ISO 3166 alpha-3 of the target.
    pub target: Cow<'a, str>,
    /// support or oppose.
    pub stance: Cow<'a, str>,
    /// The probability of the stance, given the article.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
    /// The numbers of the positions that it is drawn from.
    pub positions: Vec<usize>,
}

/// A watched target that the article mentions.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireWatched<'a> {
    /// Its name in the file of targets.
    pub target: Cow<'a, str>,
    /// The numbers of its mentions.
    pub mentions: Vec<usize>,
    /// The numbers of the positions towards it.
    pub positions: Vec<usize>,
    /// How actors stand to the claim on it, where the file of targets has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claim: Option<WireClaim<'a>>,
}

/// A claim, and how actors stand to it.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireClaim<'a> {
    /// The claim.
    pub text: Cow<'a, str>,
    /// The actors that are named beside the target, in the order of their numbers.
    pub stances: Vec<WireHeld<'a>>,
}

/// How an actor stands to a claim.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireHeld<'a> {
    /// The actor's name.
    pub actor: Cow<'a, str>,
    /// The number of the actor's entity.
    pub actor_id: usize,
    /// support, oppose or none.
    pub stance: Cow<'a, str>,
    /// The probability of that, given the article.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
    /// The sentences that say so, in order.
    pub evidence: Vec<WireClaimEvidence<'a>>,
}

/// One or two sentences that were read with a claim.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireClaimEvidence<'a> {
    /// The numbers of the first and the last of them.
    pub sentences: [usize; 2],
    /// The number of the actor's mention.
    pub actor_mention: usize,
    /// support, oppose or none.
    pub stance: Cow<'a, str>,
    /// The probability of that, given these sentences.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
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
    /// True where the text says that the actor stood otherwise before.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub changed: bool,
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
    /// The number of the reference by which the sentence speaks of the actor; the mention is its antecedent then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor_reference: Option<usize>,
    /// The number of the reference by which the sentence speaks of the target; the mention is its antecedent then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target_reference: Option<usize>,
    /// What this sentence says.
    pub stance: Cow<'a, str>,
    /// The probability of that, given this sentence.
    #[serde(serialize_with = "rounded")]
    pub score: f32,
    /// True where the actor says so in direct speech.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub quote: bool,
    /// Where that speech stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quote_span: Option<WireSpan>,
    /// The kind of act, where a word tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<Cow<'a, str>>,
    /// Where that word stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cue: Option<WireSpan>,
}

/// The models behind an annotation.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireModels<'a> {
    /// The model of the mentions.
    pub ner: WireModel<'a>,
    /// The model of the positions.
    pub stance: WireModel<'a>,
    /// The net that resolved references, where they were resolved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub references: Option<WireModel<'a>>,
    /// The model of the claims, where one was used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claims: Option<WireModel<'a>>,
}

/// One model.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireModel<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// The SHA-256 of its weights.
    pub sha256: Cow<'a, str>,
}

/// Writes a score with four decimals: more would be noise, and would make records differ that say the same.
// serde hands the field over by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn rounded<S: Serializer>(score: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*score) * 1e4).round() / 1e4)
}
