//! Files of annotations and rejects that survive their run: shards, journal and names.
//!
//! At most once a second, when no compressor holds back a line, annotations and rejects are brought to the disk, and then a checkpoint that says
//! how far they are (`fdatasync` of each, in this order). So a kill or a loss of power costs the work of about a second, or of the
//! last 256 KiB of lines where the output is compressed, and never a record: what stands behind the last checkpoint is cut off and done again. A
//! whole shard, and at the end the last one and the rejects, are named after a checkpoint that knows them whole.

use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::SinkError;
use super::journal::{Checkpoint, Journal};
use super::partial::{Mark, Partial, publish, unfinished};
use super::rejects;
use crate::identity::Identity;
use crate::source::{Cursor, Reject};
use crate::tally::Totals;

/// Lines a shard, where the output is cut into shards.
type ShardSize = Option<NonZeroU64>;

/// The least time between two checkpoints.
const PAUSE: Duration = Duration::from_secs(1);

/// What to do where an earlier run has left off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// Refuse, unless nothing was done.
    #[default]
    Careful,
    /// Go on with it; begin one where there is none.
    Resume,
    /// Begin anew.
    Restart,
}

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The output file.
    pub path: PathBuf,
    /// How many lines a shard has.
    pub shard_size: ShardSize,
    /// What the run is.
    pub identity: Identity,
}

/// How a run begins.
pub enum Begun {
    /// From the first record.
    Fresh(Box<Kept>),
    /// From a checkpoint.
    Resumed(Box<Kept>, Box<Checkpoint>),
    /// With nothing left to write.
    Done(Finished, Box<Checkpoint>),
}

/// Unfinished files and their journal.
pub struct Kept {
    path: PathBuf,
    shard_size: ShardSize,
    journal: Journal,
    lines: Partial,
    rejects: Option<Partial>,
    /// What the next checkpoint will say.
    now: Checkpoint,
    /// Records that the last checkpoint holds.
    safe: u64,
    /// Seconds of earlier sittings.
    before: f64,
    began: Instant,
    last: Instant,
}

/// Files that have their names, and the journal of their run.
pub struct Finished {
    /// The annotations: one file, or the shards.
    pub files: Vec<PathBuf>,
    /// The rejects, if there are any.
    pub rejects: Option<PathBuf>,
    journal: Journal,
}

impl Finished {
    /// Ends the run: its journal goes.
    pub fn close(self) -> std::io::Result<()> {
        self.journal.remove()
    }
}

/// The name of a shard: `news-00003.jsonl.gz` of `news.jsonl.gz`.
fn shard(path: &Path, size: ShardSize, number: u64) -> PathBuf {
    if size.is_none() {
        return path.to_owned();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let coded = [".gz", ".zst"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    let stem = coded.rsplit_once('.').map_or(coded, |(stem, _)| stem);
    path.with_file_name(format!("{stem}-{number:05}{}", &name[stem.len()..]))
}

impl Kept {
    /// Begins a run, or goes on with one.
    pub fn begin(plan: Plan, how: How) -> Result<Begun, SinkError> {
        let path = plan.path.clone();
        if path.is_dir() {
            return Err(SinkError::Folder { path });
        }
        let opened = Journal::open(&path).map_err(|cause| unopened(&path, cause))?;
        match opened {
            Some((journal, Some(last))) if how != How::Restart => {
                if how == How::Careful {
                    return Err(SinkError::Unfinished { path, records: last.totals.read() });
                }
                if let Some(difference) = journal.identity().difference(&plan.identity) {
                    return Err(SinkError::Other { path, difference });
                }
                Self::resume(plan, journal, last)
            }
            // The lock on the old journal goes with it.
            opened => {
                drop(opened);
                Self::fresh(plan).map(|files| Begun::Fresh(Box::new(files)))
            }
        }
    }

    fn fresh(plan: Plan) -> Result<Self, SinkError> {
        let Plan { path, shard_size, identity } = plan;
        let create = |cause| unopened(&path, cause);
        let journal = Journal::create(&path, identity).map_err(create)?;
        let lines = match Partial::create(&shard(&path, shard_size, 0)) {
            Ok(lines) => lines,
            Err(cause) => {
                // It must not look as if a run had begun.
                let _ = journal.remove();
                return Err(create(cause));
            }
        };
        Ok(Self::over(path, shard_size, journal, lines, None, Checkpoint::default()))
    }

    fn resume(plan: Plan, journal: Journal, last: Checkpoint) -> Result<Begun, SinkError> {
        let Plan { path, shard_size, .. } = plan;
        let damaged = |partial: &Path, cause| SinkError::Damaged { path: path.clone(), partial: unfinished(partial), cause };
        let named = |file: &Path| publish(file).map_err(|cause| damaged(file, cause));
        if last.done {
            let finished = name_all(&path, shard_size, &last, journal, named)?;
            return Ok(Begun::Done(finished, Box::new(last)));
        }
        if let Some(before) = last.shard.checked_sub(1) {
            named(&shard(&path, shard_size, before))?;
        }
        let current = shard(&path, shard_size, last.shard);
        // Behind a whole shard the next may not be there yet.
        let lines =
            if last.lines == Mark::default() { Partial::create(&current) } else { Partial::resume(&current, last.lines) };
        let lines = lines.map_err(|cause| damaged(&current, cause))?;
        let file = rejects::beside(&path);
        let rejects = last.rejects.map(|mark| Partial::resume(&file, mark)).transpose();
        let rejects = rejects.map_err(|cause| damaged(&file, cause))?;
        let kept = Self::over(path.clone(), shard_size, journal, lines, rejects, last.clone());
        Ok(Begun::Resumed(Box::new(kept), Box::new(last)))
    }

    fn over(
        path: PathBuf,
        shard_size: ShardSize,
        journal: Journal,
        lines: Partial,
        rejects: Option<Partial>,
        now: Checkpoint,
    ) -> Self {
        let (safe, before, began) = (now.totals.read(), now.seconds, Instant::now());
        Self { path, shard_size, journal, lines, rejects, now, safe, before, began, last: began }
    }

    fn failed(&self, path: &Path, cause: std::io::Error) -> SinkError {
        SinkError::Write { place: path.display().to_string(), records: self.safe, cause }
    }

    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), SinkError> {
        if self.shard_size.is_some_and(|size| self.now.in_shard >= size.get()) {
            self.next_shard()?;
        }
        self.now.in_shard += 1;
        self.lines.write(line).map_err(|cause| self.failed(self.lines.path(), cause))
    }

    pub(super) fn reject(&mut self, reject: &Reject) -> Result<(), SinkError> {
        let path = rejects::beside(&self.path);
        let mut write = || {
            let rejects = match &mut self.rejects {
                Some(rejects) => rejects,
                none => none.insert(Partial::create_later(&path)?),
            };
            rejects.write(&rejects::line(reject)?)
        };
        write().map_err(|cause| self.failed(&path, cause))
    }

    pub(super) fn handled(&mut self, cursor: Cursor, totals: &Totals) -> Result<(), SinkError> {
        self.now.cursor = cursor;
        self.now.totals.clone_from(totals);
        if self.last.elapsed() >= PAUSE && self.lines.can_be_marked() {
            self.now.lines = match self.lines.secure() {
                Ok((mark, saved)) => {
                    tell_saved(saved, self.lines.path());
                    mark
                }
                Err(cause) => return Err(self.failed(self.lines.path(), cause)),
            };
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Brings the rejects to the disk, and then the checkpoint.
    fn checkpoint(&mut self) -> Result<(), SinkError> {
        if let Some(rejects) = &mut self.rejects {
            let secured = rejects.secure();
            let path = rejects.path().to_owned();
            let (mark, saved) = secured.map_err(|cause| self.failed(&path, cause))?;
            tell_saved(saved, &path);
            self.now.rejects = Some(mark);
        }
        self.now.seconds = self.before + self.began.elapsed().as_secs_f64();
        self.journal.checkpoint(&self.now).map_err(|cause| self.failed(&self.path, cause))?;
        self.last = Instant::now();
        self.safe = self.now.totals.read();
        tracing::debug!(records = self.safe, "checkpoint");
        Ok(())
    }

    /// Ends a shard and begins the next.
    fn next_shard(&mut self) -> Result<(), SinkError> {
        let next = shard(&self.path, self.shard_size, self.now.shard + 1);
        let lines = Partial::create_later(&next).map_err(|cause| self.failed(&next, cause))?;
        let whole = std::mem::replace(&mut self.lines, lines);
        let path = whole.path().to_owned();
        whole.finish().map_err(|cause| self.failed(&path, cause))?;
        (self.now.shard, self.now.in_shard, self.now.lines) = (self.now.shard + 1, 0, Mark::default());
        self.checkpoint()?;
        publish(&path).map_err(|cause| self.failed(&path, cause))?;
        tracing::info!(path = %path.display(), "shard written");
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Finished, SinkError> {
        let path = self.lines.path().to_owned();
        let safe = self.safe;
        let failed = |path: &Path, cause| SinkError::Write { place: path.display().to_string(), records: safe, cause };
        self.now.lines = self.lines.finish().map_err(|cause| failed(&path, cause))?;
        let file = rejects::beside(&self.path);
        self.now.rejects = self.rejects.map(Partial::finish).transpose().map_err(|cause| failed(&file, cause))?;
        self.now.done = true;
        self.now.seconds = self.before + self.began.elapsed().as_secs_f64();
        self.journal.checkpoint(&self.now).map_err(|cause| failed(&self.path, cause))?;
        name_all(&self.path, self.shard_size, &self.now, self.journal, |file| {
            publish(file).map_err(|cause| failed(file, cause))
        })
    }

    /// Leaves the run as it is: with a checkpoint it can go on, without one nothing stays.
    pub fn abandon(self) {
        if self.safe == 0 {
            self.lines.discard();
            if let Some(rejects) = self.rejects {
                rejects.discard();
            }
            // Where it cannot be taken away, the next run writes over it.
            let _ = self.journal.remove();
        }
    }
}

/// Gives whole files their names, and takes those of earlier runs away that would speak of this one: rejects, shards behind the last.
fn name_all<E>(
    path: &Path,
    size: ShardSize,
    done: &Checkpoint,
    journal: Journal,
    named: impl Fn(&Path) -> Result<(), E>,
) -> Result<Finished, E> {
    let file = rejects::beside(path);
    if done.rejects.is_some() {
        named(&file)?;
    } else {
        // There is none, as a rule. An unfinished one is of a run that was killed before its first checkpoint.
        let _ = std::fs::remove_file(&file);
        let _ = std::fs::remove_file(unfinished(&file));
    }
    let files: Vec<PathBuf> = (0..=done.shard).map(|number| shard(path, size, number)).collect();
    if let Some(before) = files.len().checked_sub(2) {
        named(&files[before])?;
    }
    if let Some(last) = files.last() {
        named(last)?;
    }
    if size.is_some() {
        let stale = (done.shard + 1..).map(|number| shard(path, size, number));
        let _ = stale.map(std::fs::remove_file).take_while(Result::is_ok).count();
    }
    Ok(Finished { files, rejects: done.rejects.is_some().then_some(file), journal })
}

fn tell_saved(saved: bool, path: &Path) {
    if saved {
        tracing::warn!("{} was taken away while it was written; it has been written anew", unfinished(path).display());
    }
}

fn unopened(path: &Path, cause: std::io::Error) -> SinkError {
    let path = path.to_owned();
    if cause.kind() == ErrorKind::WouldBlock { SinkError::Busy { path } } else { SinkError::Create { path, cause } }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn plan(path: &Path) -> Plan {
        let identity = Identity { tool: "demarche".to_owned(), settings: BTreeMap::new(), inputs: String::new() };
        Plan { path: path.to_owned(), shard_size: NonZeroU64::new(3), identity }
    }

    fn fresh(path: &Path) -> Box<Kept> {
        match Kept::begin(plan(path), How::Restart).unwrap() {
            Begun::Fresh(kept) => kept,
            _ => panic!("it goes on with something"),
        }
    }

    /// Writes seven lines in three shards.
    fn write(kept: &mut Kept) {
        let mut totals = Totals::default();
        for number in 0..7 {
            kept.line(format!("{number}\n").as_bytes()).unwrap();
            totals.annotated += 1;
            kept.handled(Cursor { inputs: 0, records: totals.annotated }, &totals).unwrap();
        }
    }

    fn text(path: &Path) -> Vec<String> {
        let shards = (0..).map(|number| shard(path, NonZeroU64::new(3), number));
        shards.map_while(|path| std::fs::read_to_string(path).ok()).collect()
    }

    #[test]
    fn names_of_shards() {
        let name = |path: &str, size| shard(Path::new(path), NonZeroU64::new(size), 12).to_str().unwrap().to_owned();
        assert_eq!(name("a/news.2024.jsonl.gz", 5), "a/news.2024-00012.jsonl.gz");
        assert_eq!(name("news", 5), "news-00012");
        assert_eq!(name("news.zst", 5), "news-00012.zst");
        assert_eq!(name("news.jsonl", 0), "news.jsonl");
    }

    #[test]
    fn a_run_that_was_killed_while_it_gave_names_is_ended_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        // How many of the shards have their names: the last one or two may lack them.
        for named in [1, 2, 3] {
            let mut kept = fresh(&path);
            write(&mut kept);
            // Dropped with its journal in place, as a kill leaves it.
            drop(kept.finish().unwrap());
            for number in named..3 {
                let shard = shard(&path, NonZeroU64::new(3), number);
                std::fs::rename(&shard, unfinished(&shard)).unwrap();
            }
            let Begun::Done(finished, last) = Kept::begin(plan(&path), How::Resume).unwrap() else { panic!("it is done") };
            assert_eq!((finished.files.len(), last.totals.annotated), (3, 7));
            finished.close().unwrap();
            assert_eq!(text(&path), ["0\n1\n2\n", "3\n4\n5\n", "6\n"]);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else stays");
        }
    }

    #[test]
    fn a_run_that_was_killed_behind_a_shard_goes_on_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let mut kept = fresh(&path);
        write(&mut kept);
        // The last checkpoint stands behind the second shard; its name, and the beginning of the third, may be lost.
        drop(kept);
        let second = shard(&path, NonZeroU64::new(3), 1);
        std::fs::rename(&second, unfinished(&second)).unwrap();
        std::fs::remove_file(unfinished(&shard(&path, NonZeroU64::new(3), 2))).unwrap();
        let Begun::Resumed(mut kept, from) = Kept::begin(plan(&path), How::Resume).unwrap() else { panic!("it goes on") };
        assert_eq!((from.cursor.records, from.totals.annotated), (6, 6));
        kept.line(b"6\n").unwrap();
        kept.finish().unwrap().close().unwrap();
        assert_eq!(text(&path), ["0\n1\n2\n", "3\n4\n5\n", "6\n"]);
    }
}
