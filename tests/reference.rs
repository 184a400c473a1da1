//! The shipped int8 graphs against the float originals in Python: tests/golden/reference.json, made by
//! models/train/reference.py. Labels must agree; logits may differ as much as eight bits make them.

use demarche::engine::Engine;
use demarche::engine::onnx::OnnxEngine;
use demarche::engine::store::Origin;
use demarche::engine::{LABELS, Pair};
use demarche::segment::Sentence;
use demarche::span::Span;
use serde::Deserialize;

use crate::support::root;

#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
    cases: Vec<u8>,
    labels: Vec<usize>,
    pair: [usize; 4],
    stances: [[f32; 3]; 2],
}

/// The largest difference between an int8 stance logit and the float one: measured 0.5 on these sentences, with room.
const APART: f32 = 0.9;

#[test]
fn the_graphs_say_what_the_originals_say() {
    let text = std::fs::read_to_string(root().join("tests/golden/reference.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    let (engine, encoder) = OnnxEngine::open(&Origin::BuiltIn).unwrap();
    assert!(cases.len() >= 8);
    for case in cases {
        let sentence = Sentence { span: Span::new(0, case.text.len()), tokens: Vec::new() };
        let (_, batch) = encoder.rows(&case.text, &[sentence], 0).unwrap();
        assert_eq!((&batch.ids, &batch.cases), (&case.ids, &case.cases), "{}", case.text);
        let reading = engine.read(&batch).unwrap();
        let best = |logits: &[f32]| (0..LABELS).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap();
        let labels: Vec<usize> = reading.labels.chunks(LABELS).map(best).collect();
        assert_eq!(labels[1..labels.len() - 1], case.labels, "{}", case.text);
        let [a, b, c, d] = case.pair;
        let found = engine.compare(&batch, &reading, &[Pair { row: 0, first: [a, b], second: [c, d] }]).unwrap()[0];
        for (found, expected) in found.iter().flatten().zip(case.stances.iter().flatten()) {
            assert!((found - expected).abs() < APART, "{}: {found} instead of {expected}", case.text);
        }
    }
}
