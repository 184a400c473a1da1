//! The engine on libtorch: the shipped models against the default engine, checkpoints against transformers.
//!
//! `make test-torch` runs them. With `DEMARCHE_FLOAT=FOLDER` (the shipped weights in float graphs: recover.py, then export.py --float)
//! and `DEMARCHE_ROWS=FILE` (rows of tokens), `the_engines_agree` prints its table for these too (`--no-capture`).

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use demarche::article::Article;
use demarche::engine::open::{Choice, Kind, Side, Sides, open, open_claims};
use demarche::engine::store::Origin;
use demarche::engine::{Batch, Engine, EngineError, LABELS, Models, Pair, Reading, StanceLogits};
use demarche::pipeline::Pipeline;
use demarche::position::Keep;
use demarche::segment::segment;
use demarche::source::{Options, Records, discover};
use demarche::span::Span;
use demarche::watch::ClaimJudge;
use serde::Deserialize;

use crate::support::{annotate, articles, root, rows};

fn choice(kind: Kind, checkpoints: &[PathBuf]) -> Choice {
    Choice { kind, checkpoints: checkpoints.to_vec(), ..Choice::default() }
}

fn checkpoint(name: &str) -> PathBuf {
    root().join("tests/checkpoints").join(name)
}

/// What two engines answered to the same questions.
#[derive(Clone, Copy, Default)]
struct Apart {
    subwords: usize,
    labels: usize,
    label_logits: f32,
    ways: usize,
    stances: usize,
    stance_logits: f32,
    /// How far the states of the tagger's last layer are apart, of their length.
    tops: f32,
}

/// An engine that puts every question to two and notes how far apart they are; the first one's answers go on.
struct Both {
    one: Side,
    other: Side,
    apart: Arc<Mutex<Apart>>,
}

fn best(logits: &[f32]) -> usize {
    (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap()
}

fn furthest(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

impl Engine for Both {
    fn models(&self) -> &Models {
        self.one.engine.models()
    }

    fn read(&self, batch: &Batch) -> Result<Reading, EngineError> {
        let (one, other) = (self.one.engine.read(batch)?, self.other.engine.read(batch)?);
        let mut apart = self.apart.lock().unwrap();
        apart.subwords += batch.ids.len();
        apart.label_logits = apart.label_logits.max(furthest(&one.labels, &other.labels));
        let pairs = one.labels.chunks(LABELS).zip(other.labels.chunks(LABELS));
        apart.labels += pairs.filter(|(a, b)| best(a) != best(b)).count();
        let length = |states: &[f32]| states.iter().map(|state| state * state).sum::<f32>().sqrt();
        assert!(one.tops.len() == other.tops.len() && !one.tops.is_empty());
        let between: Vec<f32> = one.tops.iter().zip(&other.tops).map(|(a, b)| a - b).collect();
        apart.tops = apart.tops.max(length(&between) / length(&one.tops));
        Ok(one)
    }

    fn compare(&self, batch: &Batch, reading: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError> {
        let one = self.one.engine.compare(batch, reading, pairs)?;
        let other = self.other.engine.compare(batch, &self.other.engine.read(batch)?, pairs)?;
        let mut apart = self.apart.lock().unwrap();
        for (a, b) in one.iter().flatten().zip(other.iter().flatten()) {
            apart.ways += 1;
            apart.stance_logits = apart.stance_logits.max(furthest(a, b));
            apart.stances += usize::from(best(a) != best(b));
        }
        Ok(one)
    }
}

fn apart(one: &Choice, other: &Choice, articles: &[Article]) -> Apart {
    let shared = Arc::new(Mutex::new(Apart::default()));
    let (one, other) = (open(one).unwrap().tagger, open(other).unwrap().tagger);
    let encoder = open(&Choice::default()).unwrap().tagger.encoder;
    let pipeline = Pipeline::new(Box::new(Both { one, other, apart: Arc::clone(&shared) }), encoder, Keep::Stanced).unwrap();
    for article in articles {
        pipeline.annotate(article).unwrap();
    }
    *shared.lock().unwrap()
}

/// The articles of an input.
fn read(input: &Path) -> Vec<Article> {
    let inputs = discover(&[input.display().to_string()], &[]).unwrap();
    let languages = demarche::source::Languages::Any;
    Records::new(inputs, Options { languages, ..Options::default() }).map(Result::unwrap).collect()
}

#[test]
// The table is asked for by --no-capture.
#[allow(clippy::print_stdout)]
fn the_engines_agree() {
    let corpus = read(&articles());
    let (int8, torch) = (Choice::default(), choice(Kind::Torch, &[]));
    let show = |name: &str, apart: &Apart| {
        println!(
            "{name:<30} {:>7} subwords, {:>3} labels apart, logits up to {:.2e}; {:>5} directions, {:>3} stances apart, logits up to {:.2e}",
            apart.subwords, apart.labels, apart.label_logits, apart.ways, apart.stances, apart.stance_logits
        );
    };
    let rounded = apart(&torch, &int8, &corpus);
    show("corpus: torch, int8", &rounded);
    // Eight bits for activations: measured 0 of 3,587 labels and 1 of 676 stances, logits 0.37 and 0.19 apart at most.
    assert!(rounded.subwords > 3_000 && rounded.ways > 500);
    assert!(rounded.labels * 400 < rounded.subwords && rounded.stances * 100 < rounded.ways);
    assert!(rounded.label_logits < 1.5 && rounded.stance_logits < 0.8 && rounded.tops < 0.1, "{}", rounded.tops);

    let Some(float) = std::env::var_os("DEMARCHE_FLOAT").map(|folder| Choice::shipped(Origin::Folder(folder.into()))) else {
        return;
    };
    let mut sets = vec![("corpus", corpus)];
    if let Some(file) = std::env::var_os("DEMARCHE_ROWS") {
        sets.push(("rows", token_rows(Path::new(&file), 500)));
    }
    for (name, articles) in sets {
        let same = apart(&torch, &float, &articles);
        show(&format!("{name}: torch, float"), &same);
        show(&format!("{name}: float, int8"), &apart(&float, &int8, &articles));
        show(&format!("{name}: torch, int8"), &apart(&torch, &int8, &articles));
        assert_eq!((same.labels, same.stances), (0, 0));
        assert!(same.label_logits < 1e-3 && same.stance_logits < 1e-3);
    }
}

/// Every tenth row of the claims: the wide judge is another net than that of pairs.
#[test]
fn the_engines_agree_on_claims() {
    let judges = [Choice::default(), choice(Kind::Torch, &[])].map(|choice| ClaimJudge::new(open_claims(&choice).unwrap()));
    let (mut asked, mut apart) = (0, 0);
    for row in rows(&root().join("corpus/claims.jsonl")).iter().step_by(10) {
        let text = row["text"].as_str().unwrap();
        let place = |at: usize| {
            let characters = usize::try_from(row["actor"][at].as_u64().unwrap()).unwrap();
            text.char_indices().nth(characters).map_or(text.len(), |(place, _)| place)
        };
        let actor = Span::new(place(0), place(1));
        let [int8, torch] =
            judges.each_ref().map(|judge| judge.weigh(text, actor, row["claim"].as_str().unwrap()).unwrap().unwrap());
        asked += 1;
        apart += usize::from(int8.0 != torch.0);
        // Eight bits for activations move a score; a layer that is computed otherwise would turn it about.
        assert!(int8.0 != torch.0 || (int8.1 - torch.1).abs() < 0.25, "{row}: {int8:?}, {torch:?}");
    }
    assert!(asked > 70 && apart * 10 < asked, "{apart} of {asked}");
}

/// The first rows of a file of `{"tokens"}`, each an article.
fn token_rows(path: &Path, count: usize) -> Vec<Article> {
    let folder = tempfile::tempdir().unwrap();
    for (number, row) in rows(path).iter().take(count).enumerate() {
        let tokens: Vec<&str> = row["tokens"].as_array().unwrap().iter().filter_map(|token| token.as_str()).collect();
        std::fs::write(folder.path().join(format!("{number:04}.txt")), tokens.join(" ")).unwrap();
    }
    read(folder.path())
}

#[test]
fn torch_writes_the_same_bytes_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |threads: &str| {
        let out = folder.path().join(format!("{threads}.jsonl"));
        let (status, stderr) = annotate(&articles(), &out, &["--engine", "torch", "--threads", threads]);
        assert_eq!((status, stderr.as_str()), (Some(0), ""));
        std::fs::read(out).unwrap()
    };
    let one = bytes("1");
    assert!(one.len() > 10_000);
    assert_eq!(one, bytes("2"));
    assert_eq!(one, bytes("8"));
}

#[derive(Deserialize)]
struct Reference {
    text: String,
    pair: [String; 2],
    models: std::collections::BTreeMap<String, Told>,
}

#[derive(Deserialize)]
struct Told {
    ids: Vec<u32>,
    labels: Vec<String>,
    logits: Vec<Vec<f32>>,
}

fn reference() -> Reference {
    serde_json::from_slice(&std::fs::read(checkpoint("reference.json")).unwrap()).unwrap()
}

/// The largest difference from transformers: measured 1.1e-5.
const TOLERANCE: f32 = 1e-4;

fn label(number: usize) -> String {
    let kinds = ["PER", "ORG", "LOC", "NORP", "FAC", "MISC"];
    number.checked_sub(1).map_or("O".to_owned(), |at| format!("{}-{}", ["B", "I"][at % 2], kinds[at / 2]))
}

#[test]
fn token_checkpoints_say_what_transformers_says() {
    let reference = reference();
    let sentences = segment(&reference.text);
    let names: Vec<&String> = reference.models.keys().filter(|name| name.ends_with("-tokens")).collect();
    assert_eq!(names.len(), 8);
    for name in names {
        let told = &reference.models[name];
        let Sides { tagger, judge, .. } = open(&choice(Kind::Torch, &[checkpoint(name)])).unwrap();
        assert!(judge.is_some(), "the shipped judge goes with {name}");
        let (_, batch) = tagger.encoder.rows(&reference.text, &sentences, 0).unwrap();
        assert_eq!(batch.ids, told.ids, "{name}");
        let labels = tagger.engine.read(&batch).unwrap().labels;
        for (ours, theirs) in labels.chunks(LABELS).zip(&told.logits) {
            for (number, logit) in ours.iter().enumerate() {
                let at = |label: &str| theirs[told.labels.iter().position(|known| known == label).unwrap()];
                let own = label(number);
                // An inside label may also open a mention.
                let expected = own.strip_prefix("B-").map_or(at(&own), |kind| at(&own).max(at(&format!("I-{kind}")) - 1.0));
                assert!((logit - expected).abs() < TOLERANCE, "{name} {own}: {logit} instead of {expected}");
            }
        }
    }
}

#[test]
fn row_checkpoints_say_what_transformers_says() {
    let reference = reference();
    let [sentence, claim] = &reference.pair;
    let sentences = segment(sentence);
    let names: Vec<&String> = reference.models.keys().filter(|name| name.ends_with("-rows")).collect();
    assert_eq!((names.len(), claim.as_str()), (7, "Kenya supports Uganda."));
    for name in names {
        let told = &reference.models[name];
        let Sides { judge, .. } = open(&choice(Kind::Torch, &[checkpoint(name)])).unwrap();
        let Side { engine, encoder } = judge.unwrap();
        let (rows, batch) = encoder.rows(sentence, &sentences, 0).unwrap();
        let place = |word: &str| {
            let start = sentence.find(word).unwrap();
            let places = rows[0].within(demarche::span::Span::new(start, start + word.len()));
            [places.start + 1, places.end]
        };
        let seen = [1, batch.ids.len() - 2];
        let pair = Pair { row: 0, seen, first: place("Uganda"), second: place("Kenya") };
        // The second towards the first: Kenya is the actor.
        let ours = engine.compare(&batch, &Reading::default(), &[pair]).unwrap()[0][1];
        for (logit, stance) in ours.iter().zip(["none", "support", "oppose"]) {
            let expected = told.logits[0][told.labels.iter().position(|label| label == stance).unwrap()];
            assert!((logit - expected).abs() < TOLERANCE, "{name} {stance}: {logit} instead of {expected}; {:?}", told.ids);
        }
    }
}

#[test]
fn checkpoints_annotate_end_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let article = articles().join("bagram-statement.txt");
    for family in ["bert", "distilbert", "roberta", "xlm-roberta", "deberta", "deberta-v2", "albert", "electra"] {
        let out = folder.path().join(format!("{family}.jsonl"));
        let (tokens, judges) = (checkpoint(&format!("{family}-tokens")), checkpoint(&format!("{family}-rows")));
        let [tokens, judges] = [tokens, judges].map(|path| path.display().to_string());
        let mut flags = vec!["--engine", "torch", "--model-dir", &tokens];
        if family != "electra" {
            flags.extend(["--model-dir", &judges]);
        }
        assert_eq!(annotate(&article, &out, &flags), (Some(0), String::new()), "{family}");
        let record = rows(&out).remove(0);
        assert_eq!(record["models"]["ner"]["name"], format!("{family}-tokens"));
        let stance = if family == "electra" { "demarche-stance-minilm4".to_owned() } else { format!("{family}-rows") };
        assert_eq!(record["models"]["stance"]["name"], stance);
        assert!(!record["mentions"].as_array().unwrap().is_empty(), "{family}: random weights find something");
    }
}

/// A copy of a checkpoint with one of its files changed.
fn changed(name: &str, file: &str, change: impl FnOnce(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(checkpoint(name)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    change(&folder.path().join(file));
    folder
}

#[test]
fn a_checkpoint_that_does_not_fit_is_told() {
    let replaced = |from: &'static str, to: &'static str| {
        move |path: &Path| {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(text.contains(from), "{text}");
            std::fs::write(path, text.replace(from, to)).unwrap();
        }
    };
    let gone = |path: &Path| std::fs::remove_file(path).unwrap();
    let cases = [
        (
            changed("bert-tokens", "config.json", replaced("\"intermediate_size\": 16", "\"intermediate_size\": 32")),
            "intermediate.dense.bias have the shape [16]; by its configuration they have [32]",
        ),
        (
            changed("roberta-tokens", "config.json", replaced("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")),
            "it has no weights roberta.encoder.layer.2",
        ),
        (changed("deberta-tokens", "config.json", replaced("B-PER", "B-GENE")), "\"B-GENE\" is not known"),
        (changed("bert-tokens", "model.safetensors", gone), "model.safetensors"),
        (changed("bert-tokens", "vocab.txt", gone), "tokenizer.json"),
        (changed("bert-tokens", "config.json", gone), "config.json"),
        (changed("albert-tokens", "model.safetensors", |path| std::fs::write(path, b"{}").unwrap()), "model.safetensors"),
        (changed("bert-tokens", "config.json", replaced("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"sigh\"")), "sigh"),
        (changed("electra-tokens", "config.json", replaced("ForTokenClassification", "ForSequenceClassification")), "\"I-"),
        (changed("bert-tokens", "config.json", replaced("\"vocab_size\": 90", "\"vocab_size\": 50")), "50 subwords"),
    ];
    let out = tempfile::tempdir().unwrap();
    for (folder, told) in cases {
        let path = folder.path().display().to_string();
        let (status, stderr) =
            annotate(&articles(), &out.path().join("out.jsonl"), &["--engine", "torch", "--model-dir", &path]);
        assert_eq!(status, Some(1), "{told}: {stderr}");
        assert!(stderr.contains(told) && stderr.contains(&path) && stderr.lines().count() == 1, "{told}: {stderr}");
    }
}

#[test]
fn a_device_that_is_not_there_is_no_other_device() {
    let out = tempfile::tempdir().unwrap();
    for (device, told) in [("cuda:99", "cuda:99"), ("gpu", "write cpu, cuda or cuda:NUMBER")] {
        let (status, stderr) =
            annotate(&articles(), &out.path().join("out.jsonl"), &["--engine", "torch", "--device", device]);
        assert_eq!(status, Some(1));
        assert!(stderr.contains(told), "{stderr}");
    }
}
