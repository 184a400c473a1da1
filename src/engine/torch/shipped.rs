//! The shipped models on libtorch: the tagger is `rust-bert`'s BERT with one linear layer; the judge stands in `judge.rs`.

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Kind, Tensor, nn};

use super::judge::{EPSILON, JudgeNet, Sizes, joined};
use super::weights::weights;
use super::{Pool, device, flat, mask, padded, size};
use crate::engine::encode::Encoder;
use crate::engine::layout::{Asked, Group, compared, groups};
use crate::engine::store::{Judging, Origin, Store};
use crate::engine::{Batch, Engine, EngineError, LABELS, Models, Pair, Reading, STANCES, StanceLogits};

/// Attention heads of a layer of the shipped encoder, and the sizes that its embeddings have.
const HEADS: i64 = 12;
const PLACES: i64 = 512;
const CASES: i64 = 4;

/// The engine of the shipped models.
pub struct TorchEngine {
    models: Models,
    /// Of what the judge takes of each subword, and of the states of the tagger's layers.
    width: usize,
    narrow: usize,
    tagger: Pool<Tagger>,
    judge: Pool<JudgeNet>,
}

impl TorchEngine {
    /// Loads and checks the models, and the encoder that goes with them, onto a device.
    pub fn open(origin: &Origin, judging: Judging, on: &str) -> Result<(Self, Encoder), EngineError> {
        let store = Store::open(origin, judging)?;
        let encoder = Encoder::new(&store.tokenizer)?;
        let on = device(on)?;
        let (ner, stance) = (store.models.tagger.name.clone(), store.models.judge.name.clone());
        let lower = weights(&ner, &store.tagger, "bert.encoder.layer", HEADS)?;
        let upper = weights(&stance, &store.judge, "layer", HEADS)?;
        let upper = joined(upper);
        let rows = |weights: &super::Weights, name: &str| weights.get(name).map_or(0, |weight| weight.size()[0]);
        let config = BertConfig {
            hidden_size: rows(&lower, "bert.encoder.layer.0.attention.self.query.weight"),
            intermediate_size: rows(&lower, "bert.encoder.layer.0.intermediate.dense.weight"),
            num_hidden_layers: count(&lower, "bert.encoder.layer"),
            num_attention_heads: HEADS,
            max_position_embeddings: PLACES,
            type_vocab_size: CASES,
            vocab_size: rows(&lower, "bert.embeddings.word_embeddings.weight"),
            output_hidden_states: Some(true),
            ..BertConfig::default()
        };
        let sizes = Sizes {
            config: BertConfig {
                hidden_size: rows(&upper, "layer.0.attention.self.query.weight"),
                intermediate_size: rows(&upper, "layer.0.intermediate.dense.weight"),
                ..config.clone()
            },
            layers: count(&upper, "layer"),
            inner: rows(&upper, "inner.bias"),
            given: store.wide.then_some(size(store.width)),
        };
        let (shared, wide) = (store.shared, store.wide);
        let tagger = Box::new(move |path: &nn::Path<'_>| Tagger::new(path, &config, (shared, wide)));
        let judge = Box::new(move |path: &nn::Path<'_>| JudgeNet::new(path, &sizes));
        let engine = Self {
            tagger: Pool::new(&ner, on, lower, tagger)?,
            judge: Pool::new(&stance, on, upper, judge)?,
            models: store.models,
            width: store.width,
            narrow: store.narrow,
        };
        Ok((engine, encoder))
    }

    fn read_group(&self, batch: &Batch, group: &Group, reading: &mut Reading) -> Result<(), EngineError> {
        let rows: Vec<_> = group.members.iter().map(|row| batch.row(*row)).collect();
        let lengths: Vec<usize> = rows.iter().map(ExactSizeIterator::len).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let on = self.tagger.device;
        let ids = padded(rows.iter().map(|row| &batch.ids[row.clone()]), longest, on);
        let cases = padded(rows.iter().map(|row| &batch.cases[row.clone()]), longest, on);
        let seen = mask(&lengths, longest, on);
        let [labels, states, tops] = self.tagger.with(|tagger| {
            let [labels, states, tops] = tagger.forward((&ids, &cases, &seen))?;
            let numbers = |tensor| flat(tensor, &self.tagger.name, rows.len());
            Ok([numbers(&labels)?, numbers(&states)?, numbers(&tops)?])
        })?;
        let to = [
            (labels, &mut reading.labels, LABELS),
            (states, &mut reading.states, self.width),
            (tops, &mut reading.tops, self.narrow),
        ];
        for (output, to, width) in to {
            to.resize(batch.ids.len() * width, 0.0);
            for (row, padded) in rows.iter().zip(output.chunks_exact(longest * width)) {
                to[row.start * width..row.end * width].copy_from_slice(&padded[..row.len() * width]);
            }
        }
        Ok(())
    }

    fn compare_group(&self, sides: (&Batch, &Reading), group: &Group, asked: &[Asked<'_>]) -> Result<Vec<f32>, EngineError> {
        let (batch, reading) = sides;
        let asked: Vec<&Asked<'_>> = group.members.iter().map(|member| &asked[*member]).collect();
        let runs: Vec<_> = asked.iter().map(|asked| asked.run(batch)).collect();
        let lengths: Vec<usize> = runs.iter().map(|(_, seen)| 1 + seen.len()).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let mut states = vec![0.0; runs.len() * longest * self.width];
        for ((open, seen), row) in runs.iter().zip(states.chunks_exact_mut(longest * self.width)) {
            let from = |place: usize| place * self.width;
            row[..self.width].copy_from_slice(&reading.states[from(*open)..from(open + 1)]);
            row[self.width..self.width * (1 + seen.len())]
                .copy_from_slice(&reading.states[from(seen.start)..from(seen.end)]);
        }
        let most = 2 * asked.iter().map(|asked| asked.pairs.len()).max().unwrap_or(0);
        let on = self.judge.device;
        let ends = |side: usize| {
            let places: Vec<Vec<u32>> = asked.iter().map(|asked| ends(asked, side)).collect();
            padded(places.iter().map(Vec::as_slice), most, on)
        };
        let states = Tensor::from_slice(&states).view([size(runs.len()), size(longest), size(self.width)]).to_device(on);
        let seen = mask(&lengths, longest, on);
        let output = self
            .judge
            .with(|judge| flat(&judge.forward(&states, &seen, &[ends(0), ends(1)]), &self.judge.name, runs.len()))?;
        let answers = asked.iter().zip(output.chunks_exact(most * STANCES));
        Ok(answers.flat_map(|(asked, row)| &row[..asked.pairs.len() * 2 * STANCES]).copied().collect())
    }
}

/// The places of one end of each query's span in its run, whose first position is the opening mark.
fn ends(asked: &Asked<'_>, side: usize) -> Vec<u32> {
    let place = |pair: &Pair, span: [usize; 2]| u32::try_from(span[side] + 1 - pair.seen[0]).unwrap_or(0);
    asked.pairs.iter().flat_map(|(_, pair)| [place(pair, pair.first), place(pair, pair.second)]).collect()
}

impl Engine for TorchEngine {
    fn models(&self) -> &Models {
        &self.models
    }

    fn read(&self, batch: &Batch) -> Result<Reading, EngineError> {
        let mut reading = Reading::default();
        let lengths: Vec<usize> = (0..batch.rows()).map(|row| batch.row(row).len()).collect();
        for group in groups(&lengths, self.tagger.budget()) {
            self.read_group(batch, &group, &mut reading)?;
        }
        Ok(reading)
    }

    fn compare(&self, batch: &Batch, reading: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError> {
        compared(pairs, self.judge.budget(), |group, asked| self.compare_group((batch, reading), group, asked))
    }
}

/// How many layers there are under a name.
fn count(weights: &super::Weights, layers: &str) -> i64 {
    let there = |number: &i64| weights.contains_key(&format!("{layers}.{number}.output.dense.weight"));
    (0_i64..100).take_while(there).fold(0, |count, _| count + 1)
}

/// Subwords, case classes and mask -> label logits, the states of the shared layers, and those of the last.
struct Tagger {
    bert: BertModel<BertEmbeddings>,
    head: nn::Linear,
    /// How many layers it shares with the judge.
    shared: usize,
    /// For a wide judge, the embeddings' tables (words, places, cases) and the weight and bias of their norm.
    embeddings: Option<[Tensor; 5]>,
}

impl Tagger {
    fn new(path: &nn::Path<'_>, config: &BertConfig, (shared, wide): (usize, bool)) -> Result<Self, EngineError> {
        let bert = BertModel::new_with_optional_pooler(path / "bert", config, false);
        let head = nn::linear(path / "head", config.hidden_size, size(LABELS), nn::LinearConfig::default());
        let found = |(module, part): (&str, &str)| {
            let lacks = || EngineError::Unfit { name: "rust-bert".to_owned(), what: format!("it has no {module}") };
            (path / "bert" / "embeddings" / module).get(part).ok_or_else(lacks)
        };
        let embeddings = if wide {
            let [words, places, cases] =
                ["word_embeddings", "position_embeddings", "token_type_embeddings"].map(|table| found((table, "weight")));
            Some([words?, places?, cases?, found(("LayerNorm", "weight"))?, found(("LayerNorm", "bias"))?])
        } else {
            None
        };
        Ok(Self { bert, head, shared, embeddings })
    }

    fn forward(&self, (ids, cases, seen): (&Tensor, &Tensor, &Tensor)) -> Result<[Tensor; 3], EngineError> {
        let fail =
            |cause: Box<dyn std::error::Error + Send + Sync>| EngineError::Run { name: "BERT".to_owned(), rows: 0, cause };
        let output = self.bert.forward_t(Some(ids), Some(seen), Some(cases), None, None, None, None, false);
        let output = output.map_err(|cause| fail(Box::new(cause)))?;
        let states = output.all_hidden_states.and_then(|states| states.into_iter().nth(self.shared.checked_sub(1)?));
        let states = states.ok_or_else(|| fail("it has no states of the shared layers".into()))?;
        let states = match &self.embeddings {
            None => states,
            Some(tables) => Tensor::cat(&[states, embedded(tables, ids, cases)], -1),
        };
        Ok([output.hidden_state.apply(&self.head), states, output.hidden_state])
    }
}

/// What the layers begin with, `[rows, places, width]`; `rust-bert` computes it too, but does not give it away.
fn embedded([words, places, cases, weight, bias]: &[Tensor; 5], ids: &Tensor, kinds: &Tensor) -> Tensor {
    let of = |table: &Tensor, index: &Tensor| Tensor::embedding(table, index, -1, false, false);
    let at = Tensor::arange(ids.size()[1], (Kind::Int64, ids.device()));
    let summed = of(words, ids) + of(places, &at) + of(cases, kinds);
    summed.layer_norm(weight.size(), Some(weight), Some(bias), EPSILON, false)
}
