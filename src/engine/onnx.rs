//! The default engine: two int8 ONNX graphs run by `rten`, on the calling thread's own core.
//!
//! Rows of like length go together into one run, packed (see `layout.rs`). The grouping is a function of the batch
//! alone; the caller makes batches from one article at a time, and so an annotation never depends on its neighbours.
//!
//! `rten` works on thread pools of its own. A worker that waits for a shared pool would steal other work meanwhile; each
//! calling thread therefore has a pool of one thread, which scales best (see ARCHITECTURE.md, "Engine").

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};

use super::checkpoint::Checkpoint;
use super::encode::Encoder;
use super::foreign::{Ask, Foreign, Net};
use super::layout::{Asked, Group, Packed, Queries, compared, groups};
use super::store::{Judging, Origin, Store};
use super::{Batch, Engine, EngineError, LABELS, Models, Pair, Reading, STANCES, StanceLogits};

/// Positions in one run, queries included. A larger run makes no product faster and needs more cache.
const BUDGET: usize = 256;

const TAGGER_INPUTS: [&str; 6] = ["ids", "cases", "places", "rows", "flat", "seen"];
const JUDGE_INPUTS: [&str; 11] =
    ["states", "rows", "flat", "seen", "firsts", "lasts", "slots", "back", "partners", "opens", "of"];

thread_local! {
    static POOL: Arc<ThreadPool> = Arc::new(ThreadPool::with_num_threads(1));
}

/// A graph with its inputs and outputs looked up once.
struct Graph {
    name: String,
    model: Model,
    inputs: Vec<NodeId>,
    outputs: Vec<NodeId>,
}

impl Graph {
    fn load(name: &str, bytes: Cow<'static, [u8]>, inputs: &[&str], outputs: &[&str]) -> Result<Self, EngineError> {
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = match bytes {
            Cow::Borrowed(bytes) => options.load_static_slice(bytes),
            Cow::Owned(bytes) => options.load(bytes),
        }
        .map_err(|cause| EngineError::Load { name: name.to_owned(), cause: Box::new(cause) })?;
        let find = |node: &str| {
            model.find_node(node).ok_or_else(|| EngineError::Unfit {
                name: name.to_owned(),
                what: format!("it has no input or output named {node}"),
            })
        };
        let inputs = inputs.iter().map(|node| find(node)).collect::<Result<_, _>>()?;
        let outputs = outputs.iter().map(|node| find(node)).collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), model, inputs, outputs })
    }

    /// One run: the outputs as flat numbers.
    fn run(&self, rows: usize, values: Vec<Value>) -> Result<Vec<Vec<f32>>, EngineError> {
        let fail =
            |cause: Box<dyn std::error::Error + Send + Sync>| EngineError::Run { name: self.name.clone(), rows, cause };
        let inputs = self.inputs.iter().zip(values).map(|(id, value)| (*id, ValueOrView::from(value))).collect();
        let options = POOL.with(|pool| RunOptions::default().with_thread_pool(Some(Arc::clone(pool))));
        let outputs = self.model.run(inputs, &self.outputs, Some(options)).map_err(|cause| fail(Box::new(cause)))?;
        outputs
            .into_iter()
            .map(|output| {
                output
                    .into_tensor::<f32>()
                    .map(rten_tensor::Tensor::into_data)
                    .ok_or_else(|| fail("an output is not float".into()))
            })
            .collect()
    }

    /// A value of a given shape. `numbers` has exactly that many entries, so a failure is a fault of this file.
    fn value<T, const N: usize>(&self, shape: [usize; N], numbers: Vec<T>) -> Result<Value, EngineError>
    where
        Value: From<rten_tensor::NdTensor<T, N>>,
    {
        rten_tensor::NdTensor::try_from_data(shape, numbers).map(Value::from).map_err(|cause| EngineError::Run {
            name: self.name.clone(),
            rows: shape[0],
            cause: Box::new(cause),
        })
    }
}

/// The engine of the shipped models.
pub struct OnnxEngine {
    models: Models,
    /// Of what the judge takes of each subword, and of the states of the tagger's layers.
    width: usize,
    narrow: usize,
    tagger: Graph,
    judge: Graph,
}

impl OnnxEngine {
    /// Loads and checks the models, and the encoder that goes with them.
    pub fn open(origin: &Origin, judging: Judging) -> Result<(Self, Encoder), EngineError> {
        let store = Store::open(origin, judging)?;
        let encoder = Encoder::new(&store.tokenizer)?;
        let states = if store.wide { "wide" } else { "states" };
        let mut tagger = Graph::load(&store.models.tagger.name, store.tagger, &TAGGER_INPUTS, &["labels", states])?;
        if judging == Judging::Pairs {
            tagger.outputs.extend(tagger.model.find_node("tops"));
        }
        let judge = Graph::load(&store.models.judge.name, store.judge, &JUDGE_INPUTS, &["stances"])?;
        Ok((Self { models: store.models, width: store.width, narrow: store.narrow, tagger, judge }, encoder))
    }

    fn read_group(&self, batch: &Batch, group: &Group, reading: &mut Reading) -> Result<(), EngineError> {
        let ranges: Vec<Range<usize>> = group.members.iter().map(|row| batch.row(*row)).collect();
        let packed = Packed::new(&ranges.iter().map(Range::len).collect::<Vec<_>>());
        let places = || ranges.iter().cloned().flatten();
        let ids: Vec<i32> = places().map(|place| batch.ids[place].cast_signed()).collect();
        let cases: Vec<i32> = places().map(|place| i32::from(batch.cases[place])).collect();
        let (graph, rows, count) = (&self.tagger, ranges.len(), packed.positions);
        let values = vec![
            graph.value([count], ids)?,
            graph.value([count], cases)?,
            graph.value([count], packed.places)?,
            graph.value([rows, packed.longest], packed.rows)?,
            graph.value([count], packed.flat)?,
            graph.value([rows, packed.longest, 1], packed.seen)?,
        ];
        let outputs = graph.run(rows, values)?;
        let to = [(&mut reading.labels, LABELS), (&mut reading.states, self.width), (&mut reading.tops, self.narrow)];
        for (output, (to, width)) in outputs.iter().zip(to) {
            self.fits(graph, output, count * width)?;
            for (range, start) in ranges.iter().zip(&packed.starts) {
                let from = start * width;
                to[range.start * width..range.end * width].copy_from_slice(&output[from..from + range.len() * width]);
            }
        }
        Ok(())
    }

    fn compare_group(&self, sides: (&Batch, &Reading), group: &Group, asked: &[Asked<'_>]) -> Result<Vec<f32>, EngineError> {
        let (batch, reading) = sides;
        let runs: Vec<(usize, Range<usize>)> = group.members.iter().map(|member| asked[*member].run(batch)).collect();
        let packed = Packed::new(&runs.iter().map(|(_, seen)| 1 + seen.len()).collect::<Vec<_>>());
        let mut states = Vec::with_capacity(packed.positions * self.width);
        for (open, seen) in &runs {
            states.extend_from_slice(&reading.states[open * self.width..(open + 1) * self.width]);
            states.extend_from_slice(&reading.states[seen.start * self.width..seen.end * self.width]);
        }
        let pairs_of = |member: &usize| asked[*member].pairs.iter().map(|(_, pair)| *pair).collect();
        let queries = Queries::new(&packed, group.members.iter().map(pairs_of));
        let (graph, rows, count) = (&self.judge, runs.len(), packed.positions);
        let (asked, pairs) = (queries.back.len(), queries.of.len());
        let values = vec![
            graph.value([count, self.width], states)?,
            graph.value([rows, packed.longest], packed.rows)?,
            graph.value([count], packed.flat)?,
            graph.value([rows, packed.longest, 1], packed.seen)?,
            graph.value([asked], queries.firsts)?,
            graph.value([asked], queries.lasts)?,
            graph.value([rows, queries.most], queries.slots)?,
            graph.value([asked], queries.back)?,
            graph.value([asked], queries.partners)?,
            graph.value([rows], queries.opens)?,
            graph.value([pairs], queries.of)?,
        ];
        let output = graph.run(rows, values)?.swap_remove(0);
        self.fits(graph, &output, pairs * 2 * STANCES)?;
        Ok(output)
    }

    /// Whether an output has the size that the program reads; checked at every run, as it costs nothing.
    fn fits(&self, graph: &Graph, output: &[f32], expected: usize) -> Result<(), EngineError> {
        if output.len() == expected {
            return Ok(());
        }
        let what = format!("an output holds {} numbers instead of {expected} (state width {})", output.len(), self.width);
        Err(EngineError::Unfit { name: graph.name.clone(), what })
    }
}

impl Engine for OnnxEngine {
    fn models(&self) -> &Models {
        &self.models
    }

    fn read(&self, batch: &Batch) -> Result<Reading, EngineError> {
        let room = |width: usize| vec![0.0; batch.ids.len() * width];
        let tops = if self.tagger.outputs.len() > 2 { room(self.narrow) } else { Vec::new() };
        let mut reading = Reading { labels: room(LABELS), states: room(self.width), tops };
        let lengths: Vec<usize> = (0..batch.rows()).map(|row| batch.row(row).len()).collect();
        for group in groups(&lengths, BUDGET) {
            self.read_group(batch, &group, &mut reading)?;
        }
        Ok(reading)
    }

    fn compare(&self, batch: &Batch, reading: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError> {
        compared(pairs, BUDGET, |group, asked| self.compare_group((batch, reading), group, asked))
    }
}

/// A checkpoint's graph, `model.onnx` as `optimum-cli export onnx` writes it.
struct CheckpointNet {
    graph: Graph,
    /// Whether it takes token types.
    kinds: bool,
}

/// The engine of a checkpoint that has a `model.onnx`. Fails where there is none, and where its inputs or outputs are others.
pub(super) fn checkpoint(checkpoint: &Checkpoint, encoder: &Encoder, claim: &str) -> Result<Box<dyn Engine>, EngineError> {
    let (path, shown) = checkpoint.file("model.onnx");
    if !path.exists() && checkpoint.file("model.safetensors").0.exists() {
        let what = "it has model.safetensors, which the engine torch reads (--engine torch), but no model.onnx, which this one \
                    needs: `optimum-cli export onnx` makes it";
        return Err(EngineError::Unfit { name: checkpoint.folder.display().to_string(), what: what.to_owned() });
    }
    let bytes = checkpoint.read("model.onnx")?;
    let id = checkpoint.id(&bytes);
    let mut graph = Graph::load(&shown, Cow::Owned(bytes), &["input_ids", "attention_mask"], &["logits"])?;
    let kinds = graph.model.find_node("token_type_ids");
    graph.inputs.extend(kinds);
    let kinds = kinds.is_some();
    Ok(Box::new(Foreign::new((checkpoint, id), Box::new(CheckpointNet { graph, kinds }), encoder, claim)?))
}

impl Net for CheckpointNet {
    fn logits(&self, rows: &[&Ask]) -> Result<Vec<f32>, EngineError> {
        let longest = rows.iter().map(|row| row.ids.len()).max().unwrap_or(0);
        let shape = [rows.len(), longest];
        let padded = |of: &dyn Fn(&Ask, usize) -> i32| -> Vec<i32> {
            rows.iter().flat_map(|row| (0..longest).map(|at| if at < row.ids.len() { of(row, at) } else { 0 })).collect()
        };
        let mut values = vec![
            self.graph.value(shape, padded(&|row, at| row.ids[at].cast_signed()))?,
            self.graph.value(shape, padded(&|_, _| 1))?,
        ];
        if self.kinds {
            values.push(self.graph.value(shape, padded(&|row, at| i32::from(row.kinds[at])))?);
        }
        let output = self.graph.run(rows.len(), values)?.swap_remove(0);
        Ok(unpadded(output, rows, longest))
    }

    fn budget(&self) -> usize {
        BUDGET
    }
}

/// The answers of the positions that are none of padding; those of rows as a whole have none.
fn unpadded(output: Vec<f32>, rows: &[&Ask], longest: usize) -> Vec<f32> {
    let places = rows.len() * longest;
    if places == 0 || !output.len().is_multiple_of(places) || rows.iter().all(|row| row.ids.len() == longest) {
        return output;
    }
    let labels = output.len() / places;
    let rows = rows.iter().zip(output.chunks_exact(longest * labels));
    rows.flat_map(|(row, answers)| &answers[..row.ids.len() * labels]).copied().collect()
}
