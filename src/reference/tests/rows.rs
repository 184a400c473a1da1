//! The rows that the weights are trained on: what is asked of the model for each phrase of some annotated texts, as JSON Lines.
//!
//! A row of input is an annotation with its text (`--include text`); a row of output holds the article, the phrase's place in code
//! points, its form, and for each candidate its mentions and features; the last candidate is none of them.

use serde_json::{Value, json};

use super::super::features::NAMES;
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
    let resolver = super::resolver();
    let mut resolving = resolver.begin(&body, &sentences);
    resolving.asked = Some(Vec::new());
    let place = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let points = CodePoints::new(&body);
    resolving.gold = row["gold"].as_array().map(|rows| {
        let list = |value: &Value| value.as_array().unwrap().iter().map(place).collect::<Vec<_>>();
        let things = |value: &Value| value.as_array().unwrap().iter().map(list).collect::<Vec<_>>();
        let span = |row: &Value| Span::new(points.byte(place(&row[0])), points.byte(place(&row[1])));
        rows.iter().map(|row| (span(row), things(&row[2]))).collect()
    });
    resolving.passage((&sentences, 0), (&mentions, 0), None);
    let place = |span: Span| json!([points.at(span.start), points.at(span.end)]);
    let asked = resolving.asked.iter().flatten().map(|asked| {
        let told = |told: &features::Told| -> Value {
            told.0.iter().map(|(feature, value)| (NAMES[*feature].to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into()
        };
        let candidates: Vec<_> =
            asked.candidates.iter().map(|(candidate, features)| {
            let (mentions, first) = candidate.as_ref().map_or((&[][..], None), |it| (&it.mentions[..], Some(it.first)));
            json!({"mentions": mentions, "first": first, "told": told(features)})
        }).collect();
        json!({"id": row["id"], "span": place(asked.phrase.span), "form": asked.phrase.form.name(), "candidates": candidates})
    });
    let quotes = resolving.quotes();
    let quotes =
        quotes.iter().map(|it| json!({"id": row["id"], "span": place(it.span), "form": "quote", "mention": it.speaker}));
    let spans: Vec<_> = sentences.iter().map(|sentence| place(sentence.span)).collect();
    let sentences = json!({"id": row["id"], "form": "sentences", "spans": spans});
    std::iter::once(sentences).chain(asked).chain(quotes).collect()
}
