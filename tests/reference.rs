//! The shipped int8 graphs against the float originals in Python: tests/golden/reference.json and reference-claims.json, made by
//! models/train/reference.py. Labels must agree; logits may differ as much as eight bits make them.

use demarche::engine::Engine;
use demarche::engine::onnx::OnnxEngine;
use demarche::engine::store::{Judging, Origin};
use demarche::engine::{Batch, LABELS, Pair};
use demarche::segment::Sentence;
use demarche::span::Span;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::support::{annotate, articles, root, rows};

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

/// The pair of a case, as the engine takes it.
fn asked(row: usize, seen: [usize; 2], [a, b, c, d]: [usize; 4]) -> Pair {
    Pair { row, seen, first: [a, b], second: [c, d] }
}

/// A file of JSON of the repository.
fn json<T: DeserializeOwned>(path: &str) -> T {
    serde_json::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

/// The largest difference between an int8 stance logit and the float one: measured 0.5 on these sentences, with room.
const APART: f32 = 0.9;

#[test]
fn the_graphs_say_what_the_originals_say() {
    let cases: Vec<Case> = json("tests/golden/reference.json");
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
        let found = engine.compare(&batch, &reading, &[asked(0, case.seen, case.pair)]).unwrap()[0];
        for (found, expected) in found.iter().flatten().zip(case.stances.iter().flatten()) {
            assert!((found - expected).abs() < APART, "{text}: {found} instead of {expected}");
        }
    }
}

/// How far a logit may be from that of the same row beside others: sums of floats in another order, and what a step of eight bits makes of them.
const BESIDE: f32 = 0.05;

#[test]
fn a_row_says_what_it_says_beside_others() {
    let cases: Vec<Case> = json("tests/golden/reference.json");
    let (engine, _) = OnnxEngine::open(&Origin::BuiltIn, Judging::Pairs).unwrap();
    let mut together = Batch { starts: vec![0], ..Batch::default() };
    for case in &cases {
        together.ids.extend(&case.ids);
        together.cases.extend(&case.cases);
        together.starts.push(together.ids.len());
    }
    let all = engine.read(&together).unwrap();
    let pairs: Vec<Pair> = cases.iter().enumerate().map(|(row, case)| asked(row, case.seen, case.pair)).collect();
    let stances = engine.compare(&together, &all, &pairs).unwrap();
    let mut most = 0_f32;
    for (row, case) in cases.iter().enumerate() {
        let alone = Batch { starts: vec![0, case.ids.len()], ids: case.ids.clone(), cases: case.cases.clone() };
        let reading = engine.read(&alone).unwrap();
        let stance = engine.compare(&alone, &reading, &[asked(0, case.seen, case.pair)]).unwrap()[0];
        let labels = &all.labels[together.starts[row] * LABELS..together.starts[row + 1] * LABELS];
        let found = reading.labels.iter().zip(labels).chain(stance.iter().flatten().zip(stances[row].iter().flatten()));
        most = found.fold(most, |most, (alone, beside)| most.max((alone - beside).abs()));
    }
    assert!(most < BESIDE, "logits up to {most} apart");
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
    let cases: Vec<ClaimCase> = json("tests/golden/reference-claims.json");
    let (engine, encoder) = OnnxEngine::open(&Origin::BuiltIn, Judging::Claims).unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let row = encoder.two(&case.claim, &case.text, Span::new(0, case.text.len())).unwrap();
        assert_eq!((&row.batch.ids, &row.batch.cases), (&case.ids, &case.cases), "{}", case.text);
        assert_eq!(row.seen(), case.seen, "{}", case.text);
        let reading = engine.read(&row.batch).unwrap();
        let found = engine.compare(&row.batch, &reading, &[asked(0, case.seen, case.pair)]).unwrap()[0][0];
        for (found, expected) in found.iter().zip(case.stances) {
            assert!((found - expected).abs() < APART, "{}: {found} instead of {expected}", case.text);
        }
    }
}

/// A judge of pairs may be as wide as that of claims is; mentions and references hang on neither.
#[test]
fn a_wide_judge_of_pairs_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut manifest: serde_json::Value = json("models/models.json");
    for file in ["tagger.onnx", "judge.onnx", "claims.onnx", "references.safetensors", "tokenizer.json"] {
        std::fs::copy(root().join("models").join(file), path(file)).unwrap();
    }
    assert_eq!(manifest["claims"]["wide"], true);
    manifest["judge"] = manifest["claims"].clone();
    std::fs::write(path("models.json"), manifest.to_string()).unwrap();
    assert_eq!(annotate(&articles(), &path("narrow.jsonl"), &[]).0, Some(0));
    let models = ["--models", folder.path().to_str().unwrap()];
    assert_eq!(annotate(&articles(), &path("wide.jsonl"), &models), (Some(0), String::new()));
    let (narrow, wide) = (rows(&path("narrow.jsonl")), rows(&path("wide.jsonl")));
    let told = |rows: &[serde_json::Value], part: &str| rows.iter().map(|row| row[part].clone()).collect::<Vec<_>>();
    for part in ["mentions", "references"] {
        assert_eq!(told(&narrow, part), told(&wide, part), "{part}");
    }
    assert!(told(&narrow, "references").iter().any(|references| references.as_array().is_some_and(|held| !held.is_empty())));
    assert_ne!(told(&narrow, "positions"), told(&wide, "positions"));
}
