//! The rows that the weights are trained on: what is asked of the model for each phrase of some annotated texts, as JSON Lines.
//!
//! A row of input is an annotation with its text (`--include text`); a row of output holds the article, the phrase's place in code
//! points, its form, and for each candidate its mentions and features; the last candidate is none of them.

use serde_json::{Value, json};

use super::super::score::NAMES;
use super::super::*;
use crate::segment::segment;
use crate::span::CodePoints;

/// The body, sentences and mentions of an annotation.
pub(super) fn read(row: &Value) -> (String, Vec<Sentence>, Vec<Mention>) {
    let body = row["text"].as_str().unwrap().to_owned();
    let sentences = segment(&body);
    let points = CodePoints::new(&body);
    let place = |value: &Value| points.byte(usize::try_from(value.as_u64().unwrap()).unwrap());
    let mention = |row: &Value| {
        let span = Span::new(place(&row["start"]), place(&row["end"]));
        let kind = EntityType::from_name(row["type"].as_str().unwrap()).unwrap();
        let sentence = sentences.partition_point(|sentence| sentence.span.end <= span.start);
        Mention { span, kind, score: 1.0, sentence }
    };
    let mentions = row["mentions"].as_array().unwrap().iter().map(mention).collect();
    drop(points);
    (body, sentences, mentions)
}

/// The rows of one article.
pub(super) fn rows(row: &Value) -> Vec<Value> {
    let (body, sentences, mentions) = read(row);
    let resolver = Resolver::new();
    let mut resolving = resolver.begin(&body, &sentences);
    resolving.asked = Some(Vec::new());
    let found = resolving.passage((&sentences, 0), (&mentions, 0));
    let points = CodePoints::new(&body);
    let place = |span: Span| json!([points.at(span.start), points.at(span.end)]);
    let asked = resolving.asked.iter().flatten().map(|asked| {
        let told = |told: &score::Told| -> Value {
            told.0.iter().map(|(feature, value)| (NAMES[*feature as usize].to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into()
        };
        let candidates: Vec<_> =
            asked.candidates.iter().map(|(mentions, features)| json!({"mentions": mentions, "told": told(features)})).collect();
        json!({"id": row["id"], "span": place(asked.phrase.span), "form": asked.phrase.form.name(), "candidates": candidates})
    });
    // "I" and "we" are not scored; they are told for their figures.
    let first = found.iter().filter(|reference| {
        ["i", "me", "my", "we", "us", "our"].contains(&reference.span.slice(&body).to_lowercase().as_str())
    });
    let first = first.map(|it| json!({"id": row["id"], "span": place(it.span), "form": "first", "mention": it.mention}));
    let quotes = resolving.quotes();
    let quotes =
        quotes.iter().map(|it| json!({"id": row["id"], "span": place(it.span), "form": "quote", "mention": it.speaker}));
    asked.chain(first).chain(quotes).collect()
}
