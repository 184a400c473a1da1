//! Lines that are made of the lines of an earlier run: read from its files, written to one that appears when it is whole. There is no
//! journal: such a run takes minutes and is done again.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, Read};
use std::path::{Path, PathBuf};

use super::coding::Coding;
use super::partial::{Partial, publish};
use super::{SinkError, Streamed, Target};

/// The longest line that is read: an article of a million characters with its annotation has some 20 MB.
const LONGEST: u64 = 1 << 30;

/// The lines of a file of annotations, plain, `.gz` or `.zst`, or of standard input (`-`), without their ends; empty ones are passed over.
pub struct Lines {
    place: String,
    number: usize,
    from: Box<dyn BufRead + Send>,
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
        let opened = || -> std::io::Result<Box<dyn BufRead + Send>> {
            if path == Path::new("-") {
                return Ok(Box::new(BufReader::new(std::io::stdin())));
            }
            let file = File::open(path)?;
            Ok(match Coding::of(path) {
                Coding::Plain => Box::new(BufReader::with_capacity(1 << 20, file)),
                // More than one member: shards may have been joined by `cat`.
                Coding::Gzip => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(BufReader::new(file)))),
                Coding::Zstd => Box::new(BufReader::new(zstd::Decoder::new(file)?)),
            })
        };
        match opened() {
            Ok(from) => Ok(Self { place, number: 0, from }),
            Err(cause) => Err(LinesError { place, line: 0, cause }),
        }
    }

    /// The file, and the number of the line that was read last, from 1.
    pub fn place(&self) -> (&str, usize) {
        (&self.place, self.number)
    }
}

impl Iterator for Lines {
    type Item = Result<String, LinesError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut line = String::new();
            self.number += 1;
            let failed = |cause| Some(Err(LinesError { place: self.place.clone(), line: self.number, cause }));
            match self.from.as_mut().take(LONGEST).read_line(&mut line) {
                Ok(0) => return None,
                Ok(read) if read as u64 == LONGEST => return failed(Error::other("the line is longer than a gigabyte")),
                Ok(_) if line.trim().is_empty() => {}
                Ok(_) => {
                    line.truncate(line.trim_end_matches(['\r', '\n']).len());
                    return Some(Ok(line));
                }
                Err(cause) => return failed(cause),
            }
        }
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
        std::fs::write(&path, b"ok\n\xff\n").unwrap();
        let error = Lines::open(&path).unwrap().nth(1).unwrap().unwrap_err();
        assert!(error.to_string().ends_with("a.jsonl, line 2"), "{error}");
    }
}
