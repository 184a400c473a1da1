//! The run: source -> pipeline -> sink over all cores. The only file that names rayon.
//!
//! Every worker takes the next record from the one feed, annotates it and hands the finished line to the calling thread,
//! which writes in input order. The feed stops giving while too many articles are under way, so memory does not grow with
//! the archive, even where one article is slow.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::annotation::{Annotation, Parts};
use crate::article::Article;
use crate::pipeline::{Findings, Pipeline};
use crate::settings::{Duplicates, IncludeText};
use crate::source::{Cursor, Read, Reason, Reject, What};
use crate::tally::{Surest, Tally};

/// Articles under way for each thread: taken from the source and not yet written.
const AHEAD: u64 = 16;

/// What became of one record.
pub enum Outcome {
    /// A line of output, with its line end, and what it holds.
    Annotated {
        /// The record as JSON, ended by a line feed.
        line: Vec<u8>,
        /// What it holds.
        tally: Box<Tally>,
    },
    /// A copy of an article that came before: its line of output, unless copies are left out.
    Duplicate(Option<Vec<u8>>),
    /// Input that could not be annotated.
    Rejected(Reject),
}

/// How a run is done.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How many threads work.
    pub threads: NonZeroUsize,
    /// Whether the record carries the body.
    pub include: IncludeText,
    /// What becomes of copies.
    pub duplicates: Duplicates,
}

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {threads} worker threads: ask for fewer with --threads")]
pub struct RunError {
    threads: usize,
    #[source]
    cause: rayon::ThreadPoolBuildError,
}

/// Annotates all records and hands the outcomes over in input order, on the calling thread, each with the place behind its record. Stops
/// early where `deliver` fails, and returns its error.
pub fn run<E: From<RunError>>(
    pipeline: &Pipeline,
    records: impl Iterator<Item = Read> + Send,
    manner: Manner,
    mut deliver: impl FnMut(Cursor, Outcome) -> Result<(), E>,
) -> Result<(), E> {
    let pool = pool(manner.threads)?;
    let feed = Feed::new(records, AHEAD * manner.threads.get() as u64);
    let (sender, outcomes) = channel();
    pool.in_place_scope(|scope| {
        // One job a thread, which no other thread can steal. A thread waits for the engine's pool and would take up a second
        // job meanwhile, on top of the article that it has in hand: with the feed full of articles that wait for that one,
        // the run would stand still for ever.
        let feed_of_workers = &feed;
        scope.spawn_broadcast(move |_, _| work(pipeline, feed_of_workers, manner, &sender));
        let result = in_order(&outcomes, &feed, &mut deliver);
        feed.stop();
        result
    })
}

/// Maps a list over all cores, order kept. For scoring.
pub fn map<T: Sync, R: Send, E: From<RunError>>(
    threads: NonZeroUsize,
    list: &[T],
    each: impl Fn(&T) -> R + Sync,
) -> Result<Vec<R>, E> {
    let piece = list.len().div_ceil(threads.get()).max(1);
    // One piece a thread, as in `run` and for its reason.
    let pieces = pool(threads)?.broadcast(|worker| {
        let piece = list.chunks(piece).nth(worker.index()).unwrap_or_default();
        piece.iter().map(&each).collect::<Vec<R>>()
    });
    Ok(pieces.into_iter().flatten().collect())
}

fn pool(threads: NonZeroUsize) -> Result<rayon::ThreadPool, RunError> {
    let threads = threads.get();
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|cause| RunError { threads, cause })
}

/// The number of a record, the place behind it, and what became of it.
type Numbered = (u64, (Cursor, Outcome));

/// One worker: records from the feed, outcomes to the writer, until there are no more.
fn work(pipeline: &Pipeline, feed: &Feed<impl Iterator<Item = Read>>, manner: Manner, sender: &Sender<Numbered>) {
    while let Some((number, Read { cursor, what })) = feed.next() {
        let outcome = match what {
            What::Article(article) => outcome(pipeline, &article, manner.include),
            What::Copy { article, of } if manner.duplicates == Duplicates::Mark => {
                match line(pipeline, &article, &Findings::default(), (manner.include, Some(&of))) {
                    Ok(line) => Outcome::Duplicate(Some(line)),
                    Err(error) => Outcome::Rejected(failed(&article, &unwritten(&error))),
                }
            }
            What::Copy { .. } => Outcome::Duplicate(None),
            What::Reject(reject) => Outcome::Rejected(reject),
        };
        // The writer hangs up when it stops early.
        if sender.send((number, (cursor, outcome))).is_err() {
            return;
        }
    }
}

/// The reject of an article on which the program failed.
fn failed(article: &Article, message: &str) -> Reject {
    Reject {
        place: article.place.clone(),
        id: Some(article.id.clone()),
        reason: Reason::Internal,
        message: format!("{}, record {}: {message}", article.place.path, article.place.record),
        last: false,
    }
}

fn unwritten(error: &serde_json::Error) -> String {
    format!("the annotation could not be written as JSON: {error}")
}

/// Annotates one article. An engine that fails, or code that panics, costs this article and not the night's run.
pub fn outcome(pipeline: &Pipeline, article: &Article, include: IncludeText) -> Outcome {
    let reject = |message: &str| Outcome::Rejected(failed(article, message));
    match catch_unwind(AssertUnwindSafe(|| pipeline.annotate(article))) {
        Ok(Ok(findings)) => match line(pipeline, article, &findings, (include, None)) {
            Ok(line) => Outcome::Annotated { line, tally: Box::new(tally(article, &findings)) },
            Err(error) => reject(&unwritten(&error)),
        },
        Ok(Err(error)) => reject(&format!("the engine failed: {}", crate::chain(&error))),
        Err(_) => reject("a fault of this program stopped the annotation: please report it with the article"),
    }
}

/// The line of an article, or of a copy of one.
fn line(
    pipeline: &Pipeline,
    article: &Article,
    findings: &Findings,
    (include, duplicate_of): (IncludeText, Option<&str>),
) -> Result<Vec<u8>, serde_json::Error> {
    let annotation = Annotation::new(&Parts {
        article,
        sentences: &findings.sentences,
        mentions: &findings.mentions,
        entities: &findings.entities,
        references: &findings.references,
        quotes: &findings.quotes,
        positions: &findings.positions,
        roll_up: findings.roll_up.as_deref(),
        models: pipeline.models(),
        resolver: pipeline.resolver(),
        claims: pipeline.claims(),
        include,
        duplicate_of,
        watch: pipeline.watch().map(|watch| (watch, findings.watched.as_slice())),
    });
    let mut line = serde_json::to_vec(&annotation)?;
    line.push(b'\n');
    Ok(line)
}

fn tally(article: &Article, findings: &Findings) -> Tally {
    use crate::position::Stance;
    let count = |stance| findings.positions.iter().filter(|position| position.stance == stance).count();
    let surest = findings.positions.iter().filter(|position| position.stance != Stance::None);
    let surest = surest.max_by(|a, b| a.score.total_cmp(&b.score)).map(|position| {
        let name = |entity: usize| findings.entities[entity].name.as_str();
        let verb = if position.stance == Stance::Support { "supports" } else { "opposes" };
        let words = format!("{} {verb} {}", name(position.actor), name(position.target));
        Surest { score: position.score, words, article: article.id.clone() }
    });
    Tally {
        tokens: findings.tokens(),
        sentences: findings.sentences.len(),
        mentions: findings.mentions.len(),
        entities: findings.entities.len(),
        positions: [count(Stance::Support), count(Stance::Oppose)],
        surest,
    }
}

/// Delivers outcomes by their numbers: those that come early wait.
fn in_order<I, E>(
    outcomes: &Receiver<Numbered>,
    feed: &Feed<I>,
    deliver: &mut impl FnMut(Cursor, Outcome) -> Result<(), E>,
) -> Result<(), E> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, outcome) in outcomes {
        waiting.insert(number, outcome);
        while let Some((cursor, outcome)) = waiting.remove(&next) {
            deliver(cursor, outcome)?;
            next += 1;
            feed.written();
        }
    }
    Ok(())
}

/// The one place where records are taken, with a limit on how many are under way.
struct Feed<I> {
    /// `None` once the source is dry. Held while a record is read, which can take long on standard input.
    records: Mutex<Option<I>>,
    /// Apart from the records, so that the writer never waits for the reader.
    count: Mutex<Count>,
    moved: Condvar,
    ahead: u64,
}

#[derive(Default)]
struct Count {
    taken: u64,
    written: u64,
    stopped: bool,
}

impl<I> Feed<I> {
    fn new(records: I, ahead: u64) -> Self {
        Self { records: Mutex::new(Some(records)), count: Mutex::default(), moved: Condvar::new(), ahead }
    }

    /// One more record is written.
    fn written(&self) {
        lock(&self.count).written += 1;
        self.moved.notify_one();
    }

    /// No more records are given.
    fn stop(&self) {
        lock(&self.count).stopped = true;
        self.moved.notify_all();
    }
}

impl<I: Iterator> Feed<I> {
    /// The next record and its number, when it is its turn; `None` at the end.
    fn next(&self) -> Option<(u64, I::Item)> {
        let mut records = lock(&self.records);
        let full = |count: &mut Count| !count.stopped && count.taken - count.written >= self.ahead;
        let count = self.moved.wait_while(lock(&self.count), full).unwrap_or_else(PoisonError::into_inner);
        let number = count.taken;
        let stopped = count.stopped;
        drop(count);
        let record = records.as_mut().filter(|_| !stopped).and_then(Iterator::next);
        if record.is_some() {
            lock(&self.count).taken += 1;
        } else {
            *records = None;
        }
        record.map(|record| (number, record))
    }
}

/// A lock is poisoned only by a panic, which the workers catch; the counts stay right.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
