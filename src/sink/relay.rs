//! Lines that are made of the lines of an earlier run: read from its files, written to one that appears when it is whole. There is no
//! journal: such a run takes minutes and is done again.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::coding::Coding;
use super::partial::{Partial, publish};
use super::{SinkError, Streamed, Target};

/// The longest line that is read: an article of a million characters with its annotation has some 20 MB.
const LONGEST: u64 = 1 << 30;

/// The lines of a file of annotations, plain, `.gz` or `.zst`, or of standard input (`-`), without their ends; empty ones are passed over.
/// Behind a line that is no UTF-8 the next one follows; any other error is the last item.
pub struct Lines {
    place: String,
    number: usize,
    from: Box<dyn BufRead + Send>,
    consumed: Arc<AtomicU64>,
    over: bool,
}

/// Counts what is read of a file.
struct Counting<R> {
    from: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(to)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Why a file of lines cannot be read on.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {place}{}", if *line == 0 { String::new() } else { format!(", line {line}") })]
pub struct LinesError {
    /// The file.
    pub place: String,
    /// The line, from 1; 0 where the file could not be opened.
    pub line: usize,
    /// Why.
    #[source]
    pub cause: Error,
}

impl Lines {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, LinesError> {
        let place = path.display().to_string();
        let consumed = Arc::new(AtomicU64::new(0));
        let count = consumed.clone();
        let opened = move || -> std::io::Result<Box<dyn BufRead + Send>> {
            if path == Path::new("-") {
                return Ok(Box::new(BufReader::new(std::io::stdin())));
            }
            let file = Counting { from: File::open(path)?, count };
            Ok(match Coding::of(path) {
                Coding::Plain => Box::new(BufReader::with_capacity(1 << 20, file)),
                // More than one member: shards may have been joined by `cat`.
                Coding::Gzip => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(BufReader::new(file)))),
                Coding::Zstd => Box::new(BufReader::new(zstd::Decoder::new(file)?)),
            })
        };
        match opened() {
            Ok(from) => Ok(Self { place, number: 0, from, consumed, over: false }),
            Err(cause) => Err(LinesError { place, line: 0, cause }),
        }
    }

    /// The file, and the number of the line that was read last, from 1.
    pub fn place(&self) -> (&str, usize) {
        (&self.place, self.number)
    }

    /// How many bytes of the file, as it is stored, have been read; 0 of standard input.
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }
}

impl Iterator for Lines {
    type Item = Result<String, LinesError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        while !self.over {
            line.clear();
            self.number += 1;
            let cause = match self.from.as_mut().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(read) if read as u64 == LONGEST => Error::other("the line is longer than a gigabyte"),
                Ok(_) => match String::from_utf8(std::mem::take(&mut line)) {
                    Ok(line) if line.trim().is_empty() => continue,
                    Ok(mut line) => {
                        line.truncate(line.trim_end_matches(['\r', '\n']).len());
                        return Some(Ok(line));
                    }
                    Err(_) => return self.failed(Error::new(ErrorKind::InvalidData, "the line is no UTF-8")),
                },
                Err(cause) => cause,
            };
            self.over = true;
            return self.failed(cause);
        }
        None
    }
}

impl Lines {
    // In the shape of an item.
    #[allow(clippy::unnecessary_wraps)]
    fn failed(&self, cause: Error) -> Option<Result<String, LinesError>> {
        Some(Err(LinesError { place: self.place.clone(), line: self.number, cause }))
    }
}

/// Where such lines go.
pub struct Relay(Option<To>);

enum To {
    Stream(Streamed),
    File(Partial),
}

impl Relay {
    /// Opens a target. A file that is there keeps its name until the new one is whole.
    pub fn create(target: &Target) -> Result<Self, SinkError> {
        let Target::File(path) = target else {
            return Ok(Self(Streamed::open(target)?.map(To::Stream)));
        };
        if path.is_dir() {
            return Err(SinkError::Folder { path: path.clone() });
        }
        let partial = Partial::create(path).map_err(|cause| SinkError::Create { path: path.clone(), cause })?;
        Ok(Self(Some(To::File(partial))))
    }

    /// Writes one line with its end.
    pub fn line(&mut self, line: &[u8]) -> Result<(), SinkError> {
        match &mut self.0 {
            Some(To::Stream(to)) => to.line(line),
            Some(To::File(file)) => file.write(line).map_err(|cause| failed(file.path(), cause)),
            None => Ok(()),
        }
    }

    /// Ends the output. A file gets its name.
    pub fn finish(mut self) -> Result<(), SinkError> {
        match self.0.take() {
            Some(To::Stream(to)) => to.finish(),
            Some(To::File(file)) => {
                let path: PathBuf = file.path().to_owned();
                let whole = file.finish().and_then(|_| publish(&path));
                whole.map_err(|cause| failed(&path, cause))
            }
            None => Ok(()),
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(To::File(file)) = self.0.take() {
            file.discard();
        }
    }
}

fn failed(path: &Path, cause: Error) -> SinkError {
    SinkError::Write { place: path.display().to_string(), records: 0, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_from_every_coding() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"] {
            let path = folder.path().join(name);
            let mut relay = Relay::create(&Target::of(&path)).unwrap();
            for line in ["{\"a\":1}\n", "\n", "żółw\r\n"] {
                relay.line(line.as_bytes()).unwrap();
            }
            assert!(!path.exists());
            relay.finish().unwrap();
            let lines: Vec<String> = Lines::open(&path).unwrap().collect::<Result<_, _>>().unwrap();
            assert_eq!(lines, ["{\"a\":1}", "żółw"]);
        }
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, "old").unwrap();
        let mut relay = Relay::create(&Target::of(&path)).unwrap();
        relay.line(b"new\n").unwrap();
        drop(relay);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_bad_file_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        assert_eq!(Lines::open(&path).err().unwrap().line, 0);
        std::fs::write(&path, b"ok\n\xff\nwell\n").unwrap();
        let mut lines = Lines::open(&path).unwrap();
        let error = lines.nth(1).unwrap().unwrap_err();
        assert!(error.to_string().ends_with("a.jsonl, line 2"), "{error}");
        assert_eq!((lines.next().unwrap().unwrap().as_str(), lines.consumed()), ("well", 10));
        // A file that is cut off ends with the error, however often one asks.
        let path = folder.path().join("a.jsonl.gz");
        std::fs::write(&path, b"\x1f\x8b\x08\0").unwrap();
        let mut lines = Lines::open(&path).unwrap();
        assert!(lines.next().unwrap().is_err());
        assert!(lines.next().is_none());
    }
}
