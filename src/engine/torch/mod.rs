//! The second engine: libtorch, by way of `rust-bert` and `tch`, in float, on the CPU or a GPU.
//!
//! It keeps the default engine honest, as it computes the same shipped weights by other people's modules ([`shipped`]), and runs
//! checkpoints of the Hugging Face layout ([`families`]).
//!
//! A tensor may go to another thread but not be shared by two. So every call takes a model from a [`Pool`] and puts it back; a
//! model that a further thread needs is made then, on the same weights: it costs the modules alone, a few kilobytes. Each thread
//! computes by itself (one intra-operation thread), since the threads of the run already fill all cores.

mod deberta;
pub mod families;
mod judge;
pub mod shipped;
mod weights;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tch::{Cuda, Device, Kind, Tensor, nn};

use super::EngineError;

/// Positions in one run, queries included. On a CPU more costs time (512 by 10 %, 2048 by 40 %), a GPU wants many.
const BUDGET: usize = 192;
const BUDGET_GPU: usize = 16 * 1024;

thread_local! {
    static ALONE: () = tch::set_num_threads(1);
}

/// Weights by name, shared by all models made of them.
type Weights = BTreeMap<String, Tensor>;

/// Makes a model whose parameters have a place in a store.
type Build<T> = Box<dyn Fn(&nn::Path<'_>) -> Result<T, EngineError> + Send + Sync>;

/// Models over the same weights, one for each thread that computes.
struct Pool<T> {
    name: String,
    device: Device,
    free: Mutex<Vec<T>>,
    weights: Mutex<Weights>,
    build: Build<T>,
}

impl<T> Pool<T> {
    /// A pool with a first model in it. Fails where a weight is missing or has another shape than the model's.
    fn new(name: &str, device: Device, weights: Weights, build: Build<T>) -> Result<Self, EngineError> {
        let weights =
            weights.into_iter().map(|(name, tensor)| (name, tensor.to_device(device).to_kind(Kind::Float))).collect();
        let (free, weights) = (Mutex::new(Vec::new()), Mutex::new(weights));
        let pool = Self { name: name.to_owned(), device, free, weights, build };
        let first = pool.make()?;
        lock(&pool.free).push(first);
        Ok(pool)
    }

    /// Asks a model that no other thread has in hand.
    fn with<R>(&self, ask: impl FnOnce(&T) -> Result<R, EngineError>) -> Result<R, EngineError> {
        ALONE.with(|()| ());
        let taken = lock(&self.free).pop();
        let model = taken.map_or_else(|| self.make(), Ok)?;
        let answer = tch::no_grad(|| ask(&model));
        lock(&self.free).push(model);
        answer
    }

    fn make(&self) -> Result<T, EngineError> {
        let weights = lock(&self.weights);
        let store = nn::VarStore::new(self.device);
        let model = (self.build)(&store.root())?;
        let unfit = |what: String| EngineError::Unfit { name: self.name.clone(), what };
        for (name, mut place) in store.variables().into_iter().collect::<BTreeMap<_, _>>() {
            let weight = weights.get(&name).ok_or_else(|| unfit(format!("it has no weights {name}")))?;
            let (found, wanted) = (weight.size(), place.size());
            if found != wanted {
                return Err(unfit(format!(
                    "its weights {name} have the shape {found:?}; by its configuration they have {wanted:?}"
                )));
            }
            place.set_data(weight);
        }
        Ok(model)
    }

    /// How many positions a run takes.
    fn budget(&self) -> usize {
        if self.device.is_cuda() { BUDGET_GPU } else { BUDGET }
    }
}

/// A lock whose holder panicked guards nothing half-done here: a model is taken whole or not.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The device of a name. Fails where there is no such device, rather than take another.
fn device(name: &str) -> Result<Device, EngineError> {
    let fail = |what: String| Err(EngineError::Device { device: name.to_owned(), what });
    let number = match name.split_once(':') {
        _ if name == "cpu" => return Ok(Device::Cpu),
        None if name == "cuda" => Some(0),
        Some(("cuda", number)) => number.parse::<usize>().ok(),
        _ => None,
    };
    let Some(number) = number else { return fail("write cpu, cuda or cuda:NUMBER".to_owned()) };
    if !Cuda::is_available() {
        return fail(
            "this libtorch finds no GPU; it has to be one with CUDA (see ARCHITECTURE.md under libtorch), and the driver has to be there"
                .into(),
        );
    }
    match usize::try_from(Cuda::device_count()) {
        Ok(count) if number < count => Ok(Device::Cuda(number)),
        count => fail(format!("there are {} GPUs, numbered from 0", count.unwrap_or(0))),
    }
}

/// Whole numbers of padded rows, `[rows, longest]`.
fn padded<'a, T: Copy + Into<i64> + 'a>(
    rows: impl ExactSizeIterator<Item = &'a [T]>,
    longest: usize,
    device: Device,
) -> Tensor {
    let count = rows.len();
    let mut numbers = vec![0_i64; count * longest];
    for (row, place) in rows.zip(numbers.chunks_exact_mut(longest.max(1))) {
        place.iter_mut().zip(row).for_each(|(place, number)| *place = (*number).into());
    }
    Tensor::from_slice(&numbers).view([size(count), size(longest)]).to_device(device)
}

/// 1 where rows of the given lengths have a position, 0 for padding: `[rows, longest]`.
fn mask(lengths: &[usize], longest: usize, device: Device) -> Tensor {
    let ones = vec![1_u8; longest];
    padded(lengths.iter().map(|length| &ones[..*length]), longest, device)
}

/// A tensor as flat numbers.
fn flat(tensor: &Tensor, name: &str, rows: usize) -> Result<Vec<f32>, EngineError> {
    let tensor = tensor.to_device(Device::Cpu).to_kind(Kind::Float).contiguous().view(-1);
    Vec::try_from(tensor).map_err(|cause| EngineError::Run { name: name.to_owned(), rows, cause: Box::new(cause) })
}

/// A size as torch takes it. Nothing here is near 2⁶³.
fn size(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
