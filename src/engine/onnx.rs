//! The default engine: two int8 ONNX graphs run by `rten`, on the calling thread's own core.
//!
//! Rows of like length go together into one padded run. The graphs scale activations by the run they are in, so the
//! grouping is a function of the batch alone; the caller makes batches from one article at a time, and so an annotation
//! never depends on its neighbours.
//!
//! `rten` works on thread pools of its own. A worker that waits for a shared pool would steal other work meanwhile; each
//! calling thread therefore has a pool of one thread, which scales best (see ARCHITECTURE.md, "Engine").

use std::borrow::Cow;
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};

use super::encode::Encoder;
use super::store::{Origin, Store};
use super::{Batch, Engine, EngineError, LABELS, Models, Pair, Reading, STANCES, StanceLogits};

/// Padded positions in one run. Few, as a row seldom finds a partner of its length, and a position of padding costs as much
/// as one of text: 1,024 take 1.5 times as long.
const BUDGET: usize = 192;

thread_local! {
    static POOL: Arc<ThreadPool> = Arc::new(ThreadPool::with_num_threads(1));
}

/// A graph with its inputs and outputs looked up once.
struct Graph {
    name: String,
    model: Model,
    inputs: [NodeId; 3],
    outputs: Vec<NodeId>,
}

impl Graph {
    fn load(name: &str, bytes: Cow<'static, [u8]>, inputs: [&str; 3], outputs: &[&str]) -> Result<Self, EngineError> {
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
        let [a, b, c] = inputs;
        let inputs = [find(a)?, find(b)?, find(c)?];
        let outputs = outputs.iter().map(|node| find(node)).collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), model, inputs, outputs })
    }

    /// One run: the outputs as flat numbers.
    fn run(&self, rows: usize, values: [Value; 3]) -> Result<Vec<Vec<f32>>, EngineError> {
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
    width: usize,
    tagger: Graph,
    judge: Graph,
}

impl OnnxEngine {
    /// Loads and checks the models, and the encoder that goes with them.
    pub fn open(origin: &Origin) -> Result<(Self, Encoder), EngineError> {
        let store = Store::open(origin)?;
        let encoder = Encoder::new(&store.tokenizer)?;
        let tagger = Graph::load(&store.models.tagger.name, store.tagger, ["ids", "cases", "mask"], &["labels", "states"])?;
        let judge = Graph::load(&store.models.judge.name, store.judge, ["states", "mask", "pairs"], &["stances"])?;
        Ok((Self { models: store.models, width: store.width, tagger, judge }, encoder))
    }

    fn read_group(&self, batch: &Batch, group: &Group, reading: &mut Reading) -> Result<(), EngineError> {
        let (rows, longest) = (group.members.len(), group.longest);
        let size = rows * longest;
        let (mut ids, mut cases, mut mask) = (vec![0_i32; size], vec![0_i32; size], vec![0_i32; size]);
        for (at, row) in group.members.iter().enumerate() {
            for (place, from) in batch.row(*row).enumerate() {
                let to = at * longest + place;
                ids[to] = batch.ids[from].cast_signed();
                cases[to] = i32::from(batch.cases[from]);
                mask[to] = 1;
            }
        }
        let shape = [rows, longest];
        let graph = &self.tagger;
        let values = [graph.value(shape, ids)?, graph.value(shape, cases)?, graph.value(shape, mask)?];
        let outputs = graph.run(rows, values)?;
        for (output, to, width) in
            [(&outputs[0], &mut reading.labels, LABELS), (&outputs[1], &mut reading.states, self.width)]
        {
            self.fits(&self.tagger, output, size * width)?;
            for (at, row) in group.members.iter().enumerate() {
                let range = batch.row(*row);
                let from = at * longest * width;
                to[range.start * width..range.end * width].copy_from_slice(&output[from..from + range.len() * width]);
            }
        }
        Ok(())
    }

    fn compare_group(&self, sides: (&Batch, &Reading), group: &Group, asked: &[Asked<'_>]) -> Result<Vec<f32>, EngineError> {
        let (batch, reading) = sides;
        let (rows, longest, width) = (group.members.len(), group.longest, self.width);
        let most = group.members.iter().map(|member| asked[*member].pairs.len()).max().unwrap_or(0);
        let mut states = vec![0_f32; rows * longest * width];
        let mut mask = vec![0_i32; rows * longest];
        let mut pairs = vec![0_i32; rows * most * 4];
        for (at, member) in group.members.iter().enumerate() {
            let range = batch.row(asked[*member].row);
            let from = at * longest;
            mask[from..from + range.len()].fill(1);
            states[from * width..(from + range.len()) * width]
                .copy_from_slice(&reading.states[range.start * width..range.end * width]);
            for (slot, (_, pair)) in asked[*member].pairs.iter().enumerate() {
                let places = [pair.first[0], pair.first[1], pair.second[0], pair.second[1]];
                for (k, place) in places.into_iter().enumerate() {
                    pairs[(at * most + slot) * 4 + k] = i32::try_from(from + place).unwrap_or(0);
                }
            }
        }
        let graph = &self.judge;
        let values = [
            graph.value([rows, longest, width], states)?,
            graph.value([rows, longest], mask)?,
            graph.value([rows, most, 4], pairs)?,
        ];
        let mut outputs = graph.run(rows, values)?;
        let output = outputs.swap_remove(0);
        self.fits(graph, &output, rows * most * 2 * STANCES)?;
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
        let mut reading =
            Reading { labels: vec![0.0; batch.ids.len() * LABELS], states: vec![0.0; batch.ids.len() * self.width] };
        let rows: Vec<(usize, usize)> = (0..batch.rows()).map(|row| (batch.row(row).len(), batch.row(row).len())).collect();
        for group in groups(&rows) {
            self.read_group(batch, &group, &mut reading)?;
        }
        Ok(reading)
    }

    fn compare(&self, batch: &Batch, reading: &Reading, pairs: &[Pair]) -> Result<Vec<StanceLogits>, EngineError> {
        let asked = by_row(pairs);
        let rows: Vec<(usize, usize)> = asked
            .iter()
            .map(|asked| (batch.row(asked.row).len(), batch.row(asked.row).len() + 2 * asked.pairs.len()))
            .collect();
        let mut out = vec![StanceLogits::default(); pairs.len()];
        for group in groups(&rows) {
            let output = self.compare_group((batch, reading), &group, &asked)?;
            let most = group.members.iter().map(|member| asked[*member].pairs.len()).max().unwrap_or(0);
            for (at, member) in group.members.iter().enumerate() {
                for (slot, (number, _)) in asked[*member].pairs.iter().enumerate() {
                    let from = (at * most + slot) * 2 * STANCES;
                    for (way, logits) in out[*number].iter_mut().enumerate() {
                        logits.copy_from_slice(&output[from + way * STANCES..from + (way + 1) * STANCES]);
                    }
                }
            }
        }
        Ok(out)
    }
}

/// The pairs of one row, each with its number in the caller's list.
struct Asked<'a> {
    row: usize,
    pairs: Vec<(usize, &'a Pair)>,
}

/// At most so many pairs of a row in one run; a row with more is asked again, so that one long list of names does not pad
/// its neighbours.
const PAIRS: usize = 24;

fn by_row(pairs: &[Pair]) -> Vec<Asked<'_>> {
    let mut order: Vec<(usize, &Pair)> = pairs.iter().enumerate().collect();
    order.sort_by_key(|(number, pair)| (pair.row, *number));
    order
        .chunk_by(|(_, one), (_, next)| one.row == next.row)
        .flat_map(|row| row.chunks(PAIRS))
        .map(|chunk| Asked { row: chunk[0].1.row, pairs: chunk.to_vec() })
        .collect()
}

/// Rows that run together.
struct Group {
    /// Numbers into the list that was grouped.
    members: Vec<usize>,
    /// The length that they are padded to.
    longest: usize,
}

/// Puts rows of like cost together, the padded cost of a group at most [`BUDGET`] (or one row). Each row is given as its
/// length and its cost.
fn groups(rows: &[(usize, usize)]) -> Vec<Group> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|row| (rows[*row].1, rows[*row].0));
    let mut out: Vec<Group> = Vec::new();
    for row in order {
        let (length, cost) = rows[row];
        match out.last_mut() {
            // Costs ascend, so the newcomer's is what every member is padded to.
            Some(group) if (group.members.len() + 1) * cost <= BUDGET => {
                group.members.push(row);
                group.longest = group.longest.max(length);
            }
            _ => out.push(Group { members: vec![row], longest: length }),
        }
    }
    out
}
