//! The sink for standard output, devices and pipes: each line goes to whoever waits for it, at once. Nothing is kept, so a run that ends early
//! cannot go on.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use super::coding::{Coding, Encoder};

/// A stream of lines.
pub(super) struct Stream {
    encoder: Encoder<BufWriter<Box<dyn Write + Send>>>,
}

impl Stream {
    pub(super) fn stdout() -> Result<Self> {
        Self::over(Coding::Plain, Box::new(std::io::stdout()))
    }

    /// A device or a pipe.
    pub(super) fn special(path: &Path) -> Result<Self> {
        Self::over(Coding::of(path), Box::new(File::create(path)?))
    }

    fn over(coding: Coding, to: Box<dyn Write + Send>) -> Result<Self> {
        Ok(Self { encoder: Encoder::new(coding, BufWriter::new(to))? })
    }

    pub(super) fn write(&mut self, line: &[u8]) -> Result<()> {
        self.encoder.write(line)?;
        self.encoder.flush()
    }

    pub(super) fn finish(self) -> Result<()> {
        self.encoder.finish()?.flush()
    }
}
