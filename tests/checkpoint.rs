//! Checkpoints on the default engine: graphs made here, small enough to know what they have to say.

use std::path::Path;

use demarche::engine::open::{Choice, open};
use demarche::engine::{LABELS, Pair, Reading};
use rten_onnx::onnx::{DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto};
use std::cell::RefCell;

use crate::support::{annotate, articles, rows};

const WORDS: [&str; 9] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "kenya", "praised", "uganda", "supports", "."];

/// A graph in which every subword has its own logits: `table[subword][label]`. For rows, those of the second subword count.
fn graph(table: &[[f32; 3]], rows: bool) -> Vec<u8> {
    let tensor = |name: &str, dims: &[i64], bytes: Vec<u8>, kind| TensorProto {
        dims: dims.to_vec(),
        data_type: Some(kind),
        raw_data: Some(RefCell::new(bytes)),
        name: Some(name.to_owned()),
        ..TensorProto::default()
    };
    let numbers: Vec<u8> = table.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
    let weights = vec![
        tensor("table", &[i64::try_from(table.len()).unwrap(), 3], numbers, DataType::FLOAT),
        tensor("second", &[], 1_i64.to_le_bytes().to_vec(), DataType::INT64),
    ];
    let node = |op: &str, input: [&str; 2], output: &str, axis: i64| NodeProto {
        op_type: Some(op.to_owned()),
        name: Some(output.to_owned()),
        input: input.map(str::to_owned).to_vec(),
        output: vec![output.to_owned()],
        attribute: vec![rten_onnx::onnx::AttributeProto {
            name: Some("axis".to_owned()),
            i: Some(axis),
            r#type: Some(rten_onnx::onnx::AttributeType::INT),
            ..Default::default()
        }],
        ..NodeProto::default()
    };
    let every = node("Gather", ["table", "input_ids"], if rows { "every" } else { "logits" }, 0);
    let nodes = if rows { vec![every, node("Gather", ["every", "second"], "logits", 1)] } else { vec![every] };
    let value = |name: &str| ValueInfoProto { name: Some(name.to_owned()), ..ValueInfoProto::default() };
    let model = ModelProto {
        ir_version: Some(9),
        graph: Some(GraphProto {
            node: nodes,
            initializer: weights,
            input: vec![value("input_ids"), value("attention_mask")],
            output: vec![value("logits")],
            ..GraphProto::default()
        }),
        opset_import: vec![OperatorSetIdProto { domain: None, version: Some(17) }],
        ..ModelProto::default()
    };
    model.write_buf().unwrap()
}

/// A folder with a checkpoint of that graph.
fn checkpoint(architecture: &str, labels: [&str; 3], graph: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let [a, b, c] = labels;
    let config = serde_json::json!({
        "model_type": "bert", "architectures": [architecture], "hidden_size": 8, "num_attention_heads": 2,
        "max_position_embeddings": 512, "vocab_size": WORDS.len(), "id2label": {"0": a, "1": b, "2": c},
    });
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    std::fs::write(folder.path().join("vocab.txt"), WORDS.join("\n")).unwrap();
    std::fs::write(folder.path().join("model.onnx"), graph).unwrap();
    folder
}

fn choice(folder: &Path) -> Choice {
    Choice { checkpoints: vec![folder.into()], ..Choice::default() }
}

#[test]
fn a_graph_that_labels_tokens_finds_mentions() {
    let mut table = [[5.0, 0.0, 0.0]; WORDS.len()];
    table[4] = [0.0, 6.0, 0.0];
    table[6] = [0.0, 0.0, 7.0];
    let folder = checkpoint("BertForTokenClassification", ["O", "B-GPE", "I-GPE"], &graph(&table, false));
    let text = folder.path().join("article.txt");
    std::fs::write(&text, "Kenya praised Uganda. Peru praised Kenya.").unwrap();
    let out = folder.path().join("out.jsonl");
    let (status, stderr) = annotate(&text, &out, &["--model-dir", &folder.path().display().to_string()]);
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    let record = rows(&out).remove(0);
    let names: Vec<_> =
        record["mentions"].as_array().unwrap().iter().map(|m| (m["text"].clone(), m["type"].clone())).collect();
    // An inside label that continues nothing opens a mention; Peru is no word of this model.
    assert_eq!(names, [("Kenya", "LOC"), ("Uganda", "LOC"), ("Kenya", "LOC")].map(|(a, b)| (a.into(), b.into())));
    assert_eq!(record["models"]["stance"]["name"], "demarche-stance-minilm4");
}

#[test]
fn a_graph_that_labels_rows_judges_each_direction() {
    // The row's first word is the sentence's; of the claim, the graph knows nothing. So both directions are what "kenya" says.
    let mut table = [[0.0; 3]; WORDS.len()];
    table[4] = [1.0, 2.0, 3.0];
    let labels = ["contradiction", "entailment", "neutral"];
    let folder = checkpoint("BertForSequenceClassification", labels, &graph(&table, true));
    let sides = open(&choice(folder.path())).unwrap();
    let judge = sides.judge.unwrap();
    let text = "Kenya praised Uganda.";
    let (_, batch) = judge.encoder.rows(text, &demarche::segment::segment(text), 0).unwrap();
    assert_eq!(batch.ids, [2, 4, 5, 6, 8, 3]);
    let pair = Pair { row: 0, seen: [1, 4], first: [1, 1], second: [3, 3] };
    let answers = judge.engine.compare(&batch, &Reading::default(), &[pair, pair]).unwrap();
    assert_eq!(answers, [[[3.0, 2.0, 1.0]; 2]; 2]);
    // Of mentions it says nothing, and so the shipped tagger does.
    assert!(judge.engine.read(&batch).unwrap().labels.is_empty());
    let (_, batch) = sides.tagger.encoder.rows(text, &demarche::segment::segment(text), 0).unwrap();
    assert_eq!(sides.tagger.engine.read(&batch).unwrap().labels.len(), batch.ids.len() * LABELS);
}

#[test]
fn what_does_not_fit_is_told() {
    let out = tempfile::tempdir().unwrap();
    let fails = |folders: &[&Path], told: &str| {
        let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let flags: Vec<&str> = folders.iter().flat_map(|folder| ["--model-dir", folder.as_str()]).collect();
        let (status, stderr) = annotate(&articles(), &out.path().join("out.jsonl"), &flags);
        assert!(status == Some(1) && stderr.contains(told) && stderr.lines().count() == 1, "{told}: {stderr}");
    };
    let make = |labels| checkpoint("BertForTokenClassification", labels, &graph(&[[0.0; 3]; WORDS.len()], false));
    let folder = make(["O", "B-PER", "I-PER"]);
    fails(&[folder.path(), folder.path()], "for the same task");
    std::fs::rename(folder.path().join("model.onnx"), folder.path().join("model.safetensors")).unwrap();
    fails(&[folder.path()], "--engine torch");
    std::fs::write(folder.path().join("model.onnx"), b"no graph").unwrap();
    fails(&[folder.path()], "model.onnx");
    fails(&[make(["O", "B-GENE", "I-GENE"]).path()], "\"O\", \"B-GENE\", \"I-GENE\"");
    fails(&[Path::new("no/such/folder")], "no/such/folder/config.json");
    let narrow = checkpoint("BertForTokenClassification", ["O", "B-PER", "I-PER"], &graph(&[[0.0; 3]; 2], false));
    // A graph whose table is too short fails in the run: every article is told, and none is written.
    let flags = ["--model-dir", &narrow.path().display().to_string()];
    assert_eq!(annotate(&articles(), &out.path().join("out.jsonl"), &flags).0, Some(2));
}

#[cfg(not(feature = "torch"))]
#[test]
fn an_engine_that_is_not_built_in_says_how_to_build_it() {
    let out = tempfile::tempdir().unwrap();
    let (status, stderr) = annotate(&articles(), &out.path().join("out.jsonl"), &["--engine", "torch"]);
    assert!(status == Some(1) && stderr.contains("make torch"), "{stderr}");
}
