//! Coding: lines -> the bytes of a file, plain or compressed.
//!
//! A compressed file is one member of gzip or one frame of zstd, since some readers stop behind the first. So that a run can go on in the
//! middle of it, what was written can be read back from every [`flush`](Encoder::flush) on, and equal lines with equal flushes give equal
//! bytes, whoever writes them.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Result, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

const BUFFER: usize = 1 << 20;
/// The level at which zstd gives about gzip's size in a tenth of its time.
const ZSTD_LEVEL: i32 = 3;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Zstd,
}

impl Coding {
    /// What the extension of a name asks for.
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => Self::Plain,
        }
    }

    /// The lines of a file that may end in the middle of its last member.
    pub(super) fn decoder<'a>(self, stored: impl Read + 'a) -> Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Plain => Box::new(stored),
            Self::Gzip => Box::new(GzDecoder::new(BufReader::new(stored))),
            Self::Zstd => Box::new(zstd::Decoder::new(stored)?),
        })
    }
}

/// A writer of lines.
pub(super) enum Encoder<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

impl<W: Write> Encoder<W> {
    pub(super) fn new(coding: Coding, to: W) -> Result<Self> {
        Ok(match coding {
            Coding::Plain => Self::Plain(to),
            // The header of gzip holds no time here, so that equal runs give equal bytes.
            Coding::Gzip => Self::Gzip(GzEncoder::new(to, Compression::default())),
            Coding::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(to, ZSTD_LEVEL)?),
        })
    }

    fn as_write(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(writer) => writer,
            Self::Gzip(writer) => writer,
            Self::Zstd(writer) => writer,
        }
    }

    pub(super) fn write(&mut self, line: &[u8]) -> Result<()> {
        self.as_write().write_all(line)
    }

    /// Hands on all that was written, so that it can be read.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.as_write().flush()
    }

    /// What it writes to.
    pub(super) fn inner(&mut self) -> &mut W {
        match self {
            Self::Plain(writer) => writer,
            Self::Gzip(writer) => writer.get_mut(),
            Self::Zstd(writer) => writer.get_mut(),
        }
    }

    /// Ends the compression.
    pub(super) fn finish(self) -> Result<W> {
        match self {
            Self::Plain(writer) => Ok(writer),
            Self::Gzip(writer) => writer.finish(),
            Self::Zstd(writer) => writer.finish(),
        }
    }
}

/// A file that is written from some length on. A compressor that has to find its state again sends what the file holds already once
/// more, which is thrown away.
pub(super) struct Tail {
    file: BufWriter<File>,
    skip: u64,
    length: u64,
}

impl Tail {
    /// A file of that length.
    pub(super) fn behind(file: File, length: u64) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER, file), skip: 0, length }
    }

    /// A file whose first bytes come once more.
    pub(super) fn again(file: File, skip: u64) -> Self {
        Self { skip, ..Self::behind(file, 0) }
    }

    /// The length of the file, once all that comes again has come.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// The file with all that came.
    pub(super) fn file(&mut self) -> Result<&mut File> {
        self.file.flush()?;
        Ok(self.file.get_mut())
    }
}

impl Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        let written = if skipped > 0 { skipped } else { self.file.write(bytes)? };
        self.skip -= skipped as u64;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }
}
