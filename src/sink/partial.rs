//! An unfinished file, `NAME.partial`, which gets its name when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::coding::{Coding, Encoder, Tail};

/// Bytes of lines after which a compressed file is flushed. Counted in lines and not in time, so that equal runs give equal bytes.
const FLUSH: u64 = 256 << 10;

/// How far a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Bytes of its lines.
    pub(super) lines: u64,
    /// Bytes of the file, which hold just these lines.
    pub(super) stored: u64,
}

/// An unfinished file.
pub(super) struct Partial {
    path: PathBuf,
    unfinished: PathBuf,
    encoder: Encoder<Tail>,
    coding: Coding,
    lines: u64,
    /// Bytes of lines since the last flush.
    held: u64,
}

/// `NAME.partial`, beside the file, so that the renaming stays on one disk.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    with_suffix(path, ".partial")
}

/// A path with something behind its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Partial {
    /// A file without lines. One that is there is written over.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let partial = unfinished(path);
        // Readable too, so that it can be saved if somebody takes it away.
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&partial)?;
        sync_folder(&partial);
        Self::over(path, Tail::behind(file, 0))
    }

    /// The same in the middle of a run, where the folder was there and may have been taken away.
    pub(super) fn create_later(path: &Path) -> Result<Self> {
        Self::create(path).or_else(|cause| match path.parent() {
            Some(folder) if cause.kind() == ErrorKind::NotFound => {
                std::fs::create_dir_all(folder)?;
                Self::create(path)
            }
            _ => Err(cause),
        })
    }

    fn over(path: &Path, tail: Tail) -> Result<Self> {
        let coding = Coding::of(path);
        let encoder = Encoder::new(coding, tail)?;
        Ok(Self { path: path.to_owned(), unfinished: unfinished(path), encoder, coding, lines: 0, held: 0 })
    }

    /// Goes on behind a mark. What was written behind it is forgotten. The compressor takes in all lines before it once more, as that is
    /// the only way to the state in which it was. Fails where the file does not hold what the mark says.
    pub(super) fn resume(path: &Path, mark: Mark) -> Result<Self> {
        let partial = unfinished(path);
        let mut file = OpenOptions::new().read(true).write(true).open(&partial)?;
        if file.metadata()?.len() < mark.stored {
            return Err(Error::new(ErrorKind::UnexpectedEof, "it is shorter than its journal says"));
        }
        file.set_len(mark.stored)?;
        file.seek(SeekFrom::Start(mark.stored))?;
        let mut whole = if Coding::of(path) == Coding::Plain {
            Self { lines: mark.lines, ..Self::over(path, Tail::behind(file, mark.stored))? }
        } else {
            let mut whole = Self::over(path, Tail::again(file, mark.stored))?;
            whole.replay(File::open(&partial)?, mark.lines)?;
            whole
        };
        if whole.mark() == mark {
            Ok(whole)
        } else {
            Err(Error::new(ErrorKind::InvalidData, "it is not what its journal says"))
        }
    }

    fn replay(&mut self, stored: File, lines: u64) -> Result<()> {
        let mut decoder = BufReader::new(self.coding.decoder(stored)?.take(lines));
        let mut line = Vec::new();
        while decoder.read_until(b'\n', &mut line)? > 0 {
            self.write(&line)?;
            line.clear();
        }
        Ok(())
    }

    /// Writes one line with its end.
    pub(super) fn write(&mut self, line: &[u8]) -> Result<()> {
        self.encoder.write(line)?;
        self.lines += line.len() as u64;
        self.held += line.len() as u64;
        if self.held >= FLUSH {
            self.encoder.flush()?;
            self.held = 0;
        }
        Ok(())
    }

    /// Whether all lines could be read from the file; a compressor holds back some.
    pub(super) fn can_be_marked(&self) -> bool {
        self.coding == Coding::Plain || self.held == 0
    }

    fn mark(&mut self) -> Mark {
        Mark { lines: self.lines, stored: self.encoder.inner().length() }
    }

    /// Waits until all is on the disk, and says how far that is. Says too whether the file had gone and was written anew.
    pub(super) fn secure(&mut self) -> Result<(Mark, bool)> {
        let file = self.encoder.inner().file()?;
        let saved = save(file, &self.unfinished)?;
        file.sync_data()?;
        Ok((self.mark(), saved))
    }

    /// Ends the compression and waits until all is on the disk. The file still lacks its name.
    pub(super) fn finish(self) -> Result<Mark> {
        let mut tail = self.encoder.finish()?;
        let length = tail.length();
        let file = tail.file()?;
        save(file, &self.unfinished)?;
        file.sync_all()?;
        Ok(Mark { lines: self.lines, stored: length })
    }

    /// Takes the unfinished file away.
    pub(super) fn discard(self) {
        // Where it cannot be taken away there is nothing more to do.
        let _ = std::fs::remove_file(&self.unfinished);
    }

    /// The final name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Gives a whole file its name. Nothing is done where it has it already.
pub(super) fn publish(path: &Path) -> Result<()> {
    match std::fs::rename(unfinished(path), path) {
        Err(cause) if cause.kind() == ErrorKind::NotFound && path.exists() => Ok(()),
        Err(cause) => Err(cause),
        Ok(()) => {
            sync_folder(path);
            Ok(())
        }
    }
}

/// Writes an open file anew where its name has been taken away, with its folder if need be; says whether that was so. The open file is the new
/// one from then on.
pub(super) fn save(file: &mut File, path: &Path) -> Result<bool> {
    if is_there(file, path)? {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut new = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    file.rewind()?;
    std::io::copy(file, &mut new)?;
    *file = new;
    sync_folder(path);
    Ok(true)
}

#[cfg(unix)]
fn is_there(file: &File, path: &Path) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match path.metadata() {
        Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(cause),
    }
}

#[cfg(not(unix))]
fn is_there(_: &File, path: &Path) -> Result<bool> {
    path.try_exists()
}

/// Waits until the names of a folder are on the disk. Not all file systems can; then there is nothing to wait for.
pub(super) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that do not compress to nothing.
    fn line(number: u64) -> Vec<u8> {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut line = String::new();
        for _ in 0..200 + number % 700 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            line.push(char::from(b'a' + (state % 26) as u8));
        }
        (line + "\n").into_bytes()
    }

    #[test]
    fn a_file_that_goes_on_is_byte_for_byte_the_undisturbed_one() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"] {
            let path = folder.path().join(name);
            let mut whole = Partial::create(&path).unwrap();
            let mut marks = vec![];
            for number in 0..4000 {
                whole.write(&line(number)).unwrap();
                if number % 7 == 0 && whole.can_be_marked() {
                    marks.push((number, whole.secure().unwrap().0));
                }
            }
            if name == "a.jsonl" {
                marks = marks.split_off(marks.len() - 3);
            }
            assert!(!marks.is_empty(), "{name}");
            whole.finish().unwrap();
            let undisturbed = std::fs::read(unfinished(&path)).unwrap();
            for (last, mark) in marks {
                // What stands behind the mark is torn.
                std::fs::write(unfinished(&path), &undisturbed[..(mark.stored as usize + 777).min(undisturbed.len())])
                    .unwrap();
                let mut resumed = Partial::resume(&path, mark).unwrap();
                (last + 1..4000).for_each(|number| resumed.write(&line(number)).unwrap());
                resumed.finish().unwrap();
                assert!(std::fs::read(unfinished(&path)).unwrap() == undisturbed, "{name} from line {last}");
            }
        }
    }

    #[test]
    fn a_mark_that_does_not_fit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"] {
            let path = folder.path().join(name);
            let mut whole = Partial::create(&path).unwrap();
            (0..2000).for_each(|number| whole.write(&line(number)).unwrap());
            let mark = whole.finish().unwrap();
            let stored = std::fs::read(unfinished(&path)).unwrap();
            assert!(Partial::resume(&path, Mark { stored: mark.stored + 1, ..mark }).is_err(), "{name}: too long");
            if name != "a.jsonl" {
                std::fs::write(unfinished(&path), &stored).unwrap();
                assert!(Partial::resume(&path, Mark { lines: mark.lines / 2, ..mark }).is_err(), "{name}: other lines");
            }
        }
    }

    #[test]
    fn a_file_that_is_taken_away_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.jsonl");
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        let mut whole = Partial::create(&path).unwrap();
        whole.write(b"one\n").unwrap();
        assert!(!whole.secure().unwrap().1);
        std::fs::remove_dir_all(folder.path().join("deep")).unwrap();
        whole.write(b"two\n").unwrap();
        assert!(whole.secure().unwrap().1);
        whole.write(b"three\n").unwrap();
        whole.finish().unwrap();
        publish(&path).unwrap();
        publish(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
    }
}
