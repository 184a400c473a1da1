//! Decoding: a file or standard input -> decompressed bytes, by what their first bytes tell.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;

use super::discover::Origin;
use super::{Bytes, Input};

const BUFFER: usize = 1 << 16;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const BZIP2: &[u8] = b"BZh";
/// What follows the first four bytes of a .bz2: a block, or the end. A text may begin as a .bz2 does.
const BLOCK: &[u8] = &[0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const END: &[u8] = &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];

/// Counts what passes through it.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The bytes of an input, decompressed. `count` grows by the bytes as they are stored.
pub(super) fn open(input: &Input, count: Arc<AtomicU64>) -> std::io::Result<Bytes> {
    let inner: Box<dyn Read + Send> = match &input.origin {
        Origin::Stdin => Box::new(std::io::stdin()),
        Origin::File(path) => Box::new(File::open(path)?),
        Origin::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
    };
    decompress(BufReader::with_capacity(BUFFER, Counted { inner, count }))
}

fn decompress(mut stored: impl BufRead + Send + 'static) -> std::io::Result<Bytes> {
    let start = stored.fill_buf()?;
    Ok(if start.starts_with(GZIP) {
        // A .gz may hold several members, as log rotation and web archives make them.
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(stored)))
    } else if start.starts_with(ZSTD) {
        Box::new(BufReader::with_capacity(BUFFER, zstd::Decoder::with_buffer(stored)?))
    } else if start.starts_with(BZIP2) && start.get(4..10).is_none_or(|magic| magic == BLOCK || magic == END) {
        Box::new(BufReader::with_capacity(BUFFER, MultiBzDecoder::new(stored)))
    } else if start.starts_with(XZ) {
        Box::new(BufReader::with_capacity(BUFFER, XzDecoder::new_multi_decoder(stored)))
    } else {
        Box::new(stored)
    })
}

/// How much a [`Bounded`] stream may still hand out.
#[derive(Clone, Default)]
pub(super) struct Leash(Arc<AtomicUsize>);

impl Leash {
    /// Lets it hand out that much from now on.
    pub(super) fn allow(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// A stream that fails, as a file that is too large, once it has handed out as much as it may: for libraries that hold a row or an
/// element whole, however long it is. A quote that is never closed then does not take in the whole file.
pub(super) struct Bounded {
    bytes: Bytes,
    left: Leash,
}

impl Bounded {
    pub(super) fn new(bytes: Bytes, left: &Leash) -> Self {
        Self { bytes, left: left.clone() }
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        let left = self.left.0.load(Ordering::Relaxed);
        if read > left {
            return Err(std::io::Error::from(std::io::ErrorKind::FileTooLarge));
        }
        self.left.allow(left - read);
        Ok(read)
    }
}

/// What a bounded read of a line found.
pub(super) enum Line {
    /// A line, with its end if it has one.
    Whole,
    /// A line of more bytes than allowed, read to its end and thrown away.
    TooLong(u64),
    /// Nothing more.
    End,
}

/// Reads one line into `line`, holding at most `most` bytes of it.
pub(super) fn read_line(bytes: &mut dyn BufRead, line: &mut Vec<u8>, most: usize) -> std::io::Result<Line> {
    line.clear();
    let mut length = 0_u64;
    loop {
        let buffer = match bytes.fill_buf() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let piece = &buffer[..end.map_or(buffer.len(), |end| end + 1)];
        length += piece.len() as u64;
        if length <= most as u64 {
            line.extend_from_slice(piece);
        }
        let (read, done) = (piece.len(), end.is_some() || piece.is_empty());
        bytes.consume(read);
        if done {
            return Ok(match length {
                0 => Line::End,
                long if long > most as u64 => Line::TooLong(long),
                _ => Line::Whole,
            });
        }
    }
}

/// Reads everything; `None` where it is more than `most` bytes.
pub(super) fn read_all(bytes: &mut dyn BufRead, most: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut all = Vec::new();
    bytes.take(most as u64 + 1).read_to_end(&mut all)?;
    Ok((all.len() <= most).then_some(all))
}
