//! A file of bytes that appears under its name when it is whole, alone or together with others.

use std::io::{Error, Result as IoResult, Write};
use std::path::{Path, PathBuf};

use super::SinkError;
use super::partial::{Partial, publish, unfinished};

/// A file that is being written; `.gz` and `.zst` compress. Dropped, it leaves nothing behind.
pub struct Whole(Option<Partial>);

/// A file that is written, and safe on the disk, but lacks its name. Dropped, it leaves nothing behind.
pub struct Nameless(Option<PathBuf>);

impl Whole {
    /// Begins a file. One that is there keeps its name until the new one gets it.
    pub fn create(path: &Path) -> Result<Self, SinkError> {
        if path.is_dir() {
            return Err(SinkError::Folder { path: path.to_owned() });
        }
        let partial = Partial::create(path).map_err(|cause| SinkError::Create { path: path.to_owned(), cause })?;
        Ok(Self(Some(partial)))
    }

    /// The name that it gets; empty where there is none any more.
    pub fn path(&self) -> &Path {
        self.0.as_ref().map_or(Path::new(""), Partial::path)
    }

    /// What is said of a write that failed.
    pub fn failed(&self, cause: Error) -> SinkError {
        failed(self.path(), cause)
    }

    /// Ends the file and waits until it is on the disk.
    pub fn seal(mut self) -> Result<Nameless, SinkError> {
        let Some(partial) = self.0.take() else { return Ok(Nameless(None)) };
        // From here on what is dropped is removed by its name.
        let nameless = Nameless(Some(partial.path().to_owned()));
        partial.finish().map_err(|cause| failed(nameless.path(), cause))?;
        Ok(nameless)
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        if let Some(partial) = &mut self.0 {
            partial.write(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> IoResult<()> {
        Ok(())
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if let Some(partial) = self.0.take() {
            partial.discard();
        }
    }
}

impl Nameless {
    fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }

    /// Gives the file its name.
    pub fn publish(mut self) -> Result<(), SinkError> {
        match self.0.take() {
            Some(path) => publish(&path).map_err(|cause| failed(&path, cause)),
            None => Ok(()),
        }
    }
}

impl Drop for Nameless {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // Where it cannot be taken away there is nothing more to do.
            let _ = std::fs::remove_file(unfinished(&path));
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
    fn a_file_has_its_name_when_it_is_whole_and_leaves_nothing_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let there = || std::fs::read_dir(folder.path()).unwrap().count();
        let begun = || {
            let mut file = Whole::create(&path).unwrap();
            file.write_all(b"one\0").unwrap();
            file
        };
        drop(begun());
        drop(begun().seal().unwrap());
        assert_eq!(there(), 0);
        let nameless = begun().seal().unwrap();
        assert!(!path.exists());
        nameless.publish().unwrap();
        assert_eq!((std::fs::read(&path).unwrap().as_slice(), there()), (&b"one\0"[..], 1));
        assert!(matches!(Whole::create(folder.path()), Err(SinkError::Folder { .. })));
    }
}
