//! Decoding: stored bytes -> decompressed bytes, by what the first of them tell, within limits of memory and of what comes out.
//!
//! A stream is never held, so that what unpacks to far too much can waste time alone; [`Unpacking`] bounds that.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;

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

/// The most memory that a decoder may take. Of what there is, a .gz takes 44 KiB, a .bz2 4 MiB; a .zst takes the window that it was made
/// with (`zstd --ultra -22` and `--long` make 128 MiB, `--long=31` more), an .xz its dictionary (`xz -9` makes 64 MiB).
const MEMORY: u64 = 128 << 20;
/// The same for zstd, as a power of two.
const WINDOW: u32 = MEMORY.ilog2();
/// How much has to stand at the beginning of a stream for its format to be told.
const LOOK: usize = 512;

/// How much compressed data may unpack to. What unpacks to more is a bomb: it is made to waste the time of whoever unpacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacking {
    /// The most bytes of one file or member.
    pub bytes: u64,
    /// The most bytes out of one byte of compressed data. News in JSON Lines has 4 to 9, one article forty thousand times 125 (gzip) to
    /// 795 (zstd); gzip never has more than 1,032.
    pub ratio: u64,
    /// How many bytes come out before the ratio counts. bzip2 takes half a second for the 16 MiB that are allowed without a word.
    pub free: u64,
}

impl Default for Unpacking {
    fn default() -> Self {
        Self { bytes: 1 << 40, ratio: 1000, free: 16 << 20 }
    }
}

/// Why compressed data is not unpacked further.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// It unpacks to more than it may.
    #[error("{stored} bytes unpacked to more than {unpacked}, {} : 1; no more than {} : 1 and {} bytes are unpacked", unpacked / stored.max(&1), limits.ratio, limits.bytes)]
    Bomb { stored: u64, unpacked: u64, limits: Unpacking },
    /// Its decoder wants more memory than it may have.
    #[error("it takes more than {} MiB of memory to unpack; pack it again with a smaller window", MEMORY >> 20)]
    Memory,
}

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

/// Counts what is taken from it, and not what is only looked at.
pub(super) struct Taken<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: BufRead> Read for Taken<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Taken<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count.fetch_add(amount as u64, Ordering::Relaxed);
        self.inner.consume(amount);
    }
}

/// A decoder that is stopped where it unpacks more than it may.
struct Capped<R> {
    decoder: R,
    /// The bytes that went into the decoder, and that came out.
    stored: Arc<AtomicU64>,
    unpacked: u64,
    limits: Unpacking,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.decoder.read(buffer).map_err(told)?;
        self.unpacked += read as u64;
        let (stored, unpacked, limits) = (self.stored.load(Ordering::Relaxed), self.unpacked, self.limits);
        let dense = unpacked > limits.free && unpacked > stored.saturating_mul(limits.ratio);
        if dense || unpacked > limits.bytes {
            return Err(std::io::Error::other(Refusal::Bomb { stored, unpacked, limits }));
        }
        Ok(read)
    }
}

/// A decoder's error in the terms that all decoders share.
fn told(cause: std::io::Error) -> std::io::Error {
    let inner = cause.get_ref();
    let own = inner.is_none() || inner.and_then(|inner| inner.downcast_ref::<Refusal>()).is_some();
    let hungry = inner.and_then(|inner| inner.downcast_ref()) == Some(&liblzma::stream::Error::MemLimit);
    match cause.kind() {
        std::io::ErrorKind::Other if own => cause,
        // The library of zstd has no code for it that it shows.
        std::io::ErrorKind::Other if hungry || cause.to_string().contains("too much memory") => {
            std::io::Error::other(Refusal::Memory)
        }
        std::io::ErrorKind::Other => std::io::Error::new(std::io::ErrorKind::InvalidData, cause),
        _ => cause,
    }
}

/// The output of a decoder whose input is counted, within limits.
pub(super) fn unpacked<B, D>(
    stored: B,
    limits: Unpacking,
    decoder: impl FnOnce(Taken<B>) -> std::io::Result<D>,
) -> std::io::Result<Bytes>
where
    B: BufRead,
    D: Read + Send + 'static,
{
    let count = Arc::default();
    let taken = Taken { inner: stored, count: Arc::clone(&count) };
    let decoder = decoder(taken)?;
    Ok(Box::new(BufReader::with_capacity(BUFFER, Capped { decoder, stored: count, unpacked: 0, limits })))
}

/// The bytes of an input as they are stored. `count` grows by what is read.
pub(super) fn stored(input: &Input, count: Arc<AtomicU64>) -> std::io::Result<Bytes> {
    let inner: Box<dyn Read + Send> = match &input.origin {
        Origin::Stdin => Box::new(std::io::stdin()),
        Origin::File(path) => Box::new(File::open(path)?),
        Origin::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER, Counted { inner, count })))
}

/// How a stream is compressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Packing {
    /// What the first bytes tell; `None` where they are not compressed.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(GZIP) {
            Some(Self::Gzip)
        } else if start.starts_with(ZSTD) {
            Some(Self::Zstd)
        } else if start.starts_with(BZIP2) && start.get(4..10).is_none_or(|magic| magic == BLOCK || magic == END) {
            Some(Self::Bzip2)
        } else if start.starts_with(XZ) {
            Some(Self::Xz)
        } else {
            None
        }
    }

    /// The bytes that are so compressed. `starts` learns where the members of a .gz begin.
    pub(super) fn open(self, stored: Bytes, limits: Unpacking, starts: &Starts) -> std::io::Result<Bytes> {
        match self {
            Self::Gzip => unpacked(stored, limits, |stored| {
                let member = Some(GzDecoder::new(stored));
                Ok(Members { member, unpacked: 0, starts: starts.clone() })
            }),
            Self::Bzip2 => unpacked(stored, limits, |stored| Ok(Bzip2::new(stored))),
            Self::Zstd => unpacked(stored, limits, |stored| {
                let mut decoder = zstd::Decoder::with_buffer(stored)?;
                decoder.window_log_max(WINDOW)?;
                Ok(decoder)
            }),
            Self::Xz => unpacked(stored, limits, |stored| {
                // As the library's own for files of several streams, which has no limit.
                let stream = Stream::new_stream_decoder(MEMORY, liblzma::stream::CONCATENATED)?;
                Ok(XzDecoder::new_stream(stored, stream))
            }),
        }
    }
}

/// Where the members of a .gz begin, as unpacked and as stored. Those that were read ahead, and no more than [`Starts::MOST`].
#[derive(Clone, Default)]
pub(super) struct Starts(Arc<Mutex<VecDeque<(u64, u64)>>>);

impl Starts {
    const MOST: usize = 4096;

    fn push(&self, unpacked: u64, stored: u64) {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A member without content is no start of anything.
        if starts.back().is_some_and(|last| last.0 == unpacked) {
            starts.pop_back();
        }
        if starts.len() == Self::MOST {
            starts.pop_front();
        }
        starts.push_back((unpacked, stored));
    }

    /// Where the member is stored that begins at a place of the unpacked stream; `None` where none does. Forgets what stands before.
    fn stored(&self, unpacked: u64) -> Option<u64> {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while starts.front().is_some_and(|first| first.0 < unpacked) {
            starts.pop_front();
        }
        starts.front().filter(|first| first.0 == unpacked).map(|first| first.1)
    }
}

/// How a place in a stream becomes one in the file.
pub(super) enum Offsets {
    /// It cannot be told.
    None,
    /// As it is.
    Same,
    /// By the member of a .gz that begins there.
    Members(Starts),
}

impl Offsets {
    /// The byte of the file that stands at a byte of the stream.
    pub(super) fn of(&self, at: u64) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Same => Some(at),
            Self::Members(starts) => starts.stored(at),
        }
    }
}

/// The content of a .gz, which may hold several members, as log rotation and web archives make them.
struct Members<B> {
    /// `None` at the end.
    member: Option<GzDecoder<Taken<B>>>,
    unpacked: u64,
    starts: Starts,
}

impl<B: BufRead> Read for Members<B> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while let Some(member) = &mut self.member {
            if self.unpacked == 0 && member.get_ref().count.load(Ordering::Relaxed) == 0 {
                self.starts.push(0, 0);
            }
            let read = member.read(buffer)?;
            self.unpacked += read as u64;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut stored) = self.member.take().map(GzDecoder::into_inner) else { break };
            if !stored.fill_buf()?.is_empty() {
                self.starts.push(self.unpacked, stored.count.load(Ordering::Relaxed));
                self.member = Some(GzDecoder::new(stored));
            }
        }
        Ok(0)
    }
}

/// A stream whose first bytes have been looked at.
pub(super) struct Looked {
    /// What was read ahead, as far as it is not yet taken.
    head: Vec<u8>,
    at: usize,
    /// What ended the look, if that was a fault: told once the head is taken.
    fault: Option<std::io::Error>,
    bytes: Bytes,
}

impl Looked {
    /// Looks at as much as tells the format, less where there is less.
    pub(super) fn new(mut bytes: Bytes) -> Self {
        let (mut head, mut fault) = (Vec::new(), None);
        while head.len() < LOOK {
            match bytes.fill_buf() {
                Ok([]) => break,
                Ok(piece) => {
                    let read = piece.len();
                    head.extend_from_slice(piece);
                    bytes.consume(read);
                }
                Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
                Err(cause) => {
                    fault = Some(cause);
                    break;
                }
            }
        }
        Self { head, at: 0, fault, bytes }
    }

    /// What was looked at; the fault, where there is nothing before it.
    pub(super) fn head(&mut self) -> std::io::Result<&[u8]> {
        match self.fault.take_if(|_| self.head.is_empty()) {
            Some(cause) => Err(cause),
            None => Ok(&self.head),
        }
    }
}

impl Read for Looked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Looked {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.at < self.head.len() {
            return Ok(&self.head[self.at..]);
        }
        match self.fault.take() {
            Some(cause) => Err(cause),
            None => self.bytes.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        if self.at < self.head.len() {
            self.at += amount;
        } else {
            self.bytes.consume(amount);
        }
    }
}

/// The streams of a .bz2, one after the other. Each costs some 40 microseconds, so that a file of many without content, 14 bytes each, is
/// made to waste time.
struct Bzip2<R> {
    /// `None` once reading has failed.
    stream: Option<BzDecoder<R>>,
    /// Whether anything came of it, and how many streams there were of which nothing came.
    any: bool,
    empty: usize,
}

impl<R: BufRead> Bzip2<R> {
    /// The most streams without content.
    const EMPTY: usize = 1000;

    fn new(stored: R) -> Self {
        Self { stream: Some(BzDecoder::new(stored)), any: false, empty: 0 }
    }
}

impl<R: BufRead> Read for Bzip2<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while let Some(stream) = &mut self.stream {
            let read = stream.read(buffer)?;
            self.any |= read > 0;
            if read > 0 || buffer.is_empty() || stream.get_mut().fill_buf()?.is_empty() {
                return Ok(read);
            }
            self.empty += usize::from(!self.any);
            if self.empty > Self::EMPTY {
                self.stream = None;
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "too many streams hold nothing"));
            }
            self.any = false;
            self.stream = self.stream.take().map(|stream| BzDecoder::new(stream.into_inner()));
        }
        Ok(0)
    }
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
