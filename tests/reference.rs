//! The shipped int8 graphs against the float originals in Python: tests/golden/reference.json and reference-claims.json, made by
//! models/train/reference.py. Labels must agree; logits may differ as much as eight bits make them.

use demarche::engine::Engine;
use demarche::engine::onnx::OnnxEngine;
use demarche::engine::store::{Judging, Origin};
use demarche::engine::{LABELS, Pair};
use demarche::segment::Sentence;
use demarche::span::Span;
use serde::Deserialize;

use crate::support::root;

#[derive(Deserialize)]
struct Case {
    sentences: Vec<String>,
    ids: Vec<u32>,
    cases: Vec<u8>,
    labels: Vec<usize>,
    seen: [usize; 2],
    pair: [usize; 4],
    stances: [[f32; 3]; 2],
}

/// The largest difference between an int8 stance logit and the float one: measured 0.5 on these sentences, with room.
const APART: f32 = 0.9;

#[test]
fn the_graphs_say_what_the_originals_say() {
    let text = std::fs::read_to_string(root().join("tests/golden/reference.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    let (engine, encoder) = OnnxEngine::open(&Origin::BuiltIn, Judging::Pairs).unwrap();
    assert!(cases.len() >= 8);
    for case in cases {
        let text = case.sentences.join(" ");
        let spans = case.sentences.iter().map(|sentence| (text.find(sentence.as_str()).unwrap(), sentence.len()));
        let sentences: Vec<Sentence> =
            spans.map(|(at, length)| Sentence { span: Span::new(at, at + length), tokens: Vec::new() }).collect();
        let (rows, batch) = encoder.rows(&text, &sentences, 0).unwrap();
        assert_eq!((rows.len(), rows[0].sentences.clone()), (1, 0..sentences.len()), "{text}");
        assert_eq!((&batch.ids, &batch.cases), (&case.ids, &case.cases), "{text}");
        let reading = engine.read(&batch).unwrap();
        let best = |logits: &[f32]| (0..LABELS).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap();
        let labels: Vec<usize> = reading.labels.chunks(LABELS).map(best).collect();
        assert_eq!(labels[1..labels.len() - 1], case.labels, "{text}");
        let [a, b, c, d] = case.pair;
        let found =
            engine.compare(&batch, &reading, &[Pair { row: 0, seen: case.seen, first: [a, b], second: [c, d] }]).unwrap()[0];
        for (found, expected) in found.iter().flatten().zip(case.stances.iter().flatten()) {
            assert!((found - expected).abs() < APART, "{text}: {found} instead of {expected}");
        }
    }
}

#[derive(Deserialize)]
struct ClaimCase {
    claim: String,
    text: String,
    ids: Vec<u32>,
    cases: Vec<u8>,
    seen: [usize; 2],
    pair: [usize; 4],
    stances: [f32; 3],
}

#[test]
fn the_graph_of_claims_says_what_the_original_says() {
    let text = std::fs::read_to_string(root().join("tests/golden/reference-claims.json")).unwrap();
    let cases: Vec<ClaimCase> = serde_json::from_str(&text).unwrap();
    let (engine, encoder) = OnnxEngine::open(&Origin::BuiltIn, Judging::Claims).unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let row = encoder.two(&case.claim, &case.text, Span::new(0, case.text.len())).unwrap();
        assert_eq!((&row.batch.ids, &row.batch.cases), (&case.ids, &case.cases), "{}", case.text);
        assert_eq!(row.seen(), case.seen, "{}", case.text);
        let reading = engine.read(&row.batch).unwrap();
        let [a, b, c, d] = case.pair;
        let pair = Pair { row: 0, seen: case.seen, first: [a, b], second: [c, d] };
        let found = engine.compare(&row.batch, &reading, &[pair]).unwrap()[0][0];
        for (found, expected) in found.iter().zip(case.stances) {
            assert!((found - expected).abs() < APART, "{}: {found} instead of {expected}", case.text);
        }
    }
}
