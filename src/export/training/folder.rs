//! A folder of files that appears under its name when it is whole. Until then it stands beside it as `NAME.partial`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

/// An unfinished folder.
pub(super) struct Folder {
    path: PathBuf,
    unfinished: PathBuf,
    open: BTreeMap<String, BufWriter<File>>,
    whole: bool,
}

impl Folder {
    /// A folder without files. One that has files is not written over: somebody may have worked in them.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let path: PathBuf = path.components().collect();
        if path.exists() && !path.read_dir().is_ok_and(|mut files| files.next().is_none()) {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                "it is there and may hold somebody's work: name another folder with -o, or take it away",
            ));
        }
        let mut name = path.clone().into_os_string();
        name.push(".partial");
        let unfinished = PathBuf::from(name);
        // What a run that was killed has left.
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        std::fs::create_dir_all(&unfinished)?;
        Ok(Self { path, unfinished, open: BTreeMap::new(), whole: false })
    }

    /// Where the folder will stand.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes on in a file, which stays open.
    pub(super) fn append(&mut self, name: &str, text: &str) -> Result<()> {
        if !self.open.contains_key(name) {
            let file = BufWriter::new(File::create(self.place(name)?)?);
            self.open.insert(name.to_owned(), file);
        }
        self.open.get_mut(name).map_or(Ok(()), |file| file.write_all(text.as_bytes()))
    }

    /// Writes a whole file.
    pub(super) fn put(&mut self, name: &str, text: &str) -> Result<()> {
        std::fs::write(self.place(name)?, text)
    }

    fn place(&self, name: &str) -> Result<PathBuf> {
        let place = self.unfinished.join(name);
        place.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        Ok(place)
    }

    /// Gives the folder its name.
    pub(super) fn finish(mut self) -> Result<()> {
        for (_, mut file) in std::mem::take(&mut self.open) {
            file.flush()?;
            file.get_ref().sync_all()?;
        }
        // Taken away only where it is empty.
        if self.path.exists() {
            std::fs::remove_dir(&self.path)?;
        }
        std::fs::rename(&self.unfinished, &self.path)?;
        self.whole = true;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.whole {
            // Where it cannot be taken away there is nothing more to do.
            let _ = std::fs::remove_dir_all(&self.unfinished);
        }
    }
}
