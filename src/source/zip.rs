//! Zip: the members of a zip archive in the order of its directory, each in a stream.
//!
//! The directory stands at the end and is read entry by entry, never held, so that a hundred thousand members take the time of reading
//! them. An archive without one was cut, and its members are found from the front. Nothing is believed of the sizes that are claimed:
//! members that share their bytes, of which zip bombs are made, together claim more than the archive has. The library of the name holds
//! the whole directory, lends its members, and takes two of one name for one.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::archive::Members;
use super::decode::{Packing, Starts, Unpacking, unpacked};
use super::discover::Origin;
use super::{Bytes, Reason, Reject};
use crate::article::Place;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const LOCATOR: &[u8] = b"PK\x06\x07";
const END64: &[u8] = b"PK\x06\x06";
/// The sizes of these records without what follows in them.
const LOCAL_SIZE: u64 = 30;
const CENTRAL_SIZE: usize = 46;
const END_SIZE: u64 = 22;
const LOCATOR_SIZE: u64 = 20;
const END64_SIZE: u64 = 56;
const BUFFER: usize = 1 << 16;

/// Whether bytes begin as a zip archive does.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL) || bytes.starts_with(END)
}

/// Bytes that can be read at any place.
#[derive(Clone)]
pub(super) struct Store {
    kind: Kind,
    size: u64,
    /// Grows by what is read.
    count: Arc<AtomicU64>,
}

#[derive(Clone)]
enum Kind {
    File(Arc<File>),
    Memory(bytes::Bytes),
}

impl Store {
    /// The bytes of an input; `None` where they come in a stream.
    pub(super) fn of(origin: &Origin, count: &Arc<AtomicU64>) -> std::io::Result<Option<Self>> {
        let (kind, size) = match origin {
            Origin::Stdin => return Ok(None),
            Origin::Memory(bytes) => (Kind::Memory(bytes.clone()), bytes.len() as u64),
            Origin::File(path) => {
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                (Kind::File(Arc::new(file)), size)
            }
        };
        Ok(Some(Self { kind, size, count: Arc::clone(count) }))
    }

    /// Bytes that were read before, and are counted.
    pub(super) fn held(bytes: bytes::Bytes) -> Self {
        Self { size: bytes.len() as u64, kind: Kind::Memory(bytes), count: Arc::default() }
    }

    /// Some bytes from a place on, as a stream. One that reaches beyond the end fails there.
    fn stream(&self, at: u64, size: u64) -> BufReader<Piece> {
        let buffer = usize::try_from(size).unwrap_or(BUFFER).clamp(1, BUFFER);
        BufReader::with_capacity(buffer, Piece { store: self.clone(), at, left: size })
    }

    /// Some few bytes at a place.
    fn bytes(&self, at: u64, size: u64) -> std::io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.stream(at, size).read_to_end(&mut all)?;
        Ok(all)
    }
}

/// A stream of some of the bytes.
struct Piece {
    store: Store,
    at: u64,
    left: u64,
}

impl Read for Piece {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = match &self.store.kind {
            Kind::File(file) => {
                let mut file = &**file;
                // One member is read at a time; but the directory is too, between them.
                file.seek(SeekFrom::Start(self.at))?;
                file.read(&mut buffer[..most])?
            }
            Kind::Memory(bytes) => {
                let rest = usize::try_from(self.at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
                (&rest[..rest.len().min(most)]).read(buffer)?
            }
        };
        if read == 0 && most > 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.store.count.fetch_add(read as u64, Ordering::Relaxed);
        (self.at, self.left) = (self.at + read as u64, self.left - read as u64);
        Ok(read)
    }
}

/// What the archive says of a member.
#[derive(Default)]
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    /// `None` where it stands behind the content.
    sum: Option<u32>,
    /// The size as stored and unpacked.
    stored: u64,
    size: u64,
    /// Where its head stands.
    at: u64,
}

/// How members are found.
enum Way {
    /// By the directory; how much of it is left, and what stands before the archive, as in one that unpacks itself.
    Directory { entries: BufReader<Piece>, left: u64, before: u64 },
    /// By their heads, from here on.
    Heads(u64),
}

/// A reader of members.
pub(super) struct Zip {
    store: Store,
    way: Way,
    entry: Entry,
    /// How many stored bytes the members that are read may still claim.
    left: u64,
    limits: Unpacking,
}

impl Zip {
    /// Finds the directory.
    pub(super) fn open(store: Store, limits: Unpacking) -> std::io::Result<Self> {
        let left = store.size;
        let way = directory(&store)?.unwrap_or(Way::Heads(0));
        Ok(Self { store, way, entry: Entry::default(), left, limits })
    }

    /// The next entry; `None` at the end.
    fn entry(&mut self) -> std::io::Result<Option<Entry>> {
        match &mut self.way {
            Way::Directory { left, .. } if *left < CENTRAL_SIZE as u64 => Ok(None),
            Way::Directory { entries, left, before } => {
                let mut head = [0; CENTRAL_SIZE];
                entries.read_exact(&mut head)?;
                let sizes = [28, 30, 32].map(|at| u64::from(short(&head, at)));
                *left = left.saturating_sub(CENTRAL_SIZE as u64 + sizes.iter().sum::<u64>());
                if !head.starts_with(CENTRAL) {
                    return Err(damaged("the archive's directory is damaged"));
                }
                let mut rest = sizes.map(|size| vec![0; size as usize]);
                for piece in &mut rest {
                    entries.read_exact(piece)?;
                }
                let [name, extra, _] = rest;
                let mut entry = Entry {
                    name,
                    flags: short(&head, 8),
                    method: short(&head, 10),
                    sum: Some(long(&head, 16)),
                    stored: long(&head, 20).into(),
                    size: long(&head, 24).into(),
                    at: long(&head, 42).into(),
                };
                wide(&extra, &mut [&mut entry.size, &mut entry.stored, &mut entry.at]);
                entry.at = entry.at.saturating_add(*before);
                Ok(Some(entry))
            }
            Way::Heads(at) => {
                let at = *at;
                self.found(at)
            }
        }
    }

    /// The member whose head stands at a place of an archive that was cut. Fails at the cut.
    fn found(&mut self, at: u64) -> std::io::Result<Option<Entry>> {
        let head = self.store.bytes(at, LOCAL_SIZE)?;
        if !head.starts_with(LOCAL) {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let start = at + LOCAL_SIZE;
        let names = u64::from(short(&head, 26));
        let extra = u64::from(short(&head, 28));
        let mut entry = Entry {
            name: self.store.bytes(start, names)?,
            flags: short(&head, 6),
            method: short(&head, 8),
            sum: Some(long(&head, 14)),
            stored: long(&head, 18).into(),
            size: long(&head, 22).into(),
            at,
        };
        wide(&self.store.bytes(start + names, extra)?, &mut [&mut entry.size, &mut entry.stored]);
        let start = start + names + extra;
        // The sizes stand behind the content, whose end its compression tells.
        if entry.flags & 8 != 0 && entry.stored == 0 {
            if entry.method != 8 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let rest = self.store.size.saturating_sub(start);
            let mut decoder = DeflateDecoder::new(self.store.stream(start, rest));
            let whole = std::io::copy(&mut (&mut decoder).take(self.limits.bytes), &mut std::io::sink()).is_ok();
            (entry.stored, entry.sum) = (if whole { decoder.total_in() } else { rest }, None);
            entry.size = decoder.total_out();
        }
        let end = start.saturating_add(entry.stored);
        // What stands behind it: a mark that not all write, the sum and two sizes of four bytes or eight.
        let behind = if entry.flags & 8 == 0 {
            Vec::new()
        } else {
            self.store.bytes(end, 28.min(self.store.size.saturating_sub(end)))?
        };
        let next = behind.windows(4).position(|mark| mark == LOCAL || mark == CENTRAL).unwrap_or(behind.len());
        self.way = Way::Heads(end.saturating_add(next as u64));
        Ok(Some(entry))
    }
}

impl Members for Zip {
    fn advance(&mut self, place: &Place) -> Result<Option<Vec<u8>>, Reject> {
        loop {
            match self.entry() {
                Ok(None) => return Ok(None),
                // Folders are entries of such names.
                Ok(Some(entry)) if entry.name.ends_with(b"/") => {}
                Ok(Some(entry)) => {
                    let name = entry.name.clone();
                    self.entry = entry;
                    return Ok(Some(name));
                }
                Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                    let what =
                        "the archive has no directory at its end; the members before the cut are read, the rest is lost";
                    return Err(Reject::new(place.clone(), Reason::Truncated, what));
                }
                Err(cause) => return Err(Reject::read(place.clone(), &cause)),
            }
        }
    }

    fn content(&mut self, place: &Place) -> Result<Bytes, Reject> {
        let entry = &self.entry;
        let refuse = |reason, what: &str| Err(Reject::new(place.clone(), reason, what));
        if entry.flags & (1 | 1 << 6 | 1 << 13) != 0 {
            return refuse(Reason::Unreadable, "it is encrypted; unpack the archive with its password first");
        }
        let read = |cause: std::io::Error| Reject::read(place.clone(), &cause);
        // Of one that is cut, what is there.
        let claimed = entry.stored.min(self.store.size.saturating_sub(entry.at));
        let Some(left) = self.left.checked_sub(claimed) else {
            let what = format!(
                "the members claim more bytes than the archive's {}, so that some share theirs, as zip bombs do",
                self.store.size
            );
            return refuse(Reason::Bomb, &what);
        };
        self.left = left;
        let head = self.store.bytes(entry.at, LOCAL_SIZE).map_err(read)?;
        if !head.starts_with(LOCAL) {
            return refuse(Reason::Corrupt, "its head does not stand where the directory says");
        }
        let start = entry.at.saturating_add(LOCAL_SIZE + u64::from(short(&head, 26)) + u64::from(short(&head, 28)));
        let stored = self.store.stream(start, entry.stored);
        let limits = self.limits;
        let bytes = match entry.method {
            0 => Ok(Box::new(stored) as Bytes),
            8 => unpacked(stored, limits, |stored| Ok(DeflateDecoder::new(stored))),
            12 => Packing::Bzip2.open(Box::new(stored), limits, &Starts::default()),
            20 | 93 => Packing::Zstd.open(Box::new(stored), limits, &Starts::default()),
            95 => Packing::Xz.open(Box::new(stored), limits, &Starts::default()),
            other => {
                let what = format!("it is packed by method {other} of zip, which is not read; pack it by Deflate");
                return refuse(Reason::Unreadable, &what);
            }
        };
        let sum = Sum { bytes: bytes.map_err(read)?, crc: Crc::new(), unpacked: 0, expected: (entry.sum, entry.size) };
        Ok(Box::new(BufReader::with_capacity(BUFFER, sum)))
    }
}

/// A member's content, checked at its end by its size and sum.
struct Sum {
    bytes: Bytes,
    crc: Crc,
    unpacked: u64,
    expected: (Option<u32>, u64),
}

impl Read for Sum {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.crc.update(&buffer[..read]);
        self.unpacked += read as u64;
        let (sum, size) = self.expected;
        if read == 0 && !buffer.is_empty() && (size != self.unpacked || sum.is_some_and(|sum| sum != self.crc.sum())) {
            return Err(damaged("its size or checksum is not what the archive says"));
        }
        Ok(read)
    }
}

/// Where the directory stands; `None` where there is none.
fn directory(store: &Store) -> std::io::Result<Option<Way>> {
    // A comment of up to 65,535 bytes may stand behind the record that ends the archive.
    let tail_at = store.size.saturating_sub(END_SIZE + u64::from(u16::MAX));
    let tail = store.bytes(tail_at, store.size - tail_at)?;
    let ends = |at: &usize| {
        let record = &tail[*at..];
        record.starts_with(END) && record.len() as u64 >= END_SIZE + u64::from(short(record, 20))
    };
    let Some(found) = (0..(tail.len() + 1).saturating_sub(END_SIZE as usize)).rev().find(ends) else { return Ok(None) };
    let record = &tail[found..];
    let mut end = tail_at + found as u64;
    let (mut size, mut at) = (u64::from(long(record, 12)), u64::from(long(record, 16)));
    if let Some(locator_at) = end.checked_sub(LOCATOR_SIZE) {
        let locator = store.bytes(locator_at, LOCATOR_SIZE)?;
        let wide_at = longest(&locator, 8);
        if locator.starts_with(LOCATOR) && wide_at.saturating_add(END64_SIZE) <= locator_at {
            let record = store.bytes(wide_at, END64_SIZE)?;
            if record.starts_with(END64) {
                (size, at, end) = (longest(&record, 40), longest(&record, 48), wide_at);
            }
        }
    }
    let Some(start) = end.checked_sub(size) else { return Ok(None) };
    // Places count from the archive's beginning, before which something may stand.
    let Some(before) = start.checked_sub(at) else { return Ok(None) };
    Ok(Some(Way::Directory { entries: store.stream(start, size), left: size, before }))
}

/// Puts the wide numbers of the field for zip64 where the narrow ones say that they are too narrow.
fn wide(mut extra: &[u8], numbers: &mut [&mut u64]) {
    while extra.len() >= 4 {
        let (kind, size) = (short(extra, 0), usize::from(short(extra, 2)));
        let Some((field, rest)) = extra[4..].split_at_checked(size) else { return };
        if kind == 1 {
            let mut values = field.chunks_exact(8);
            for number in numbers.iter_mut().filter(|number| ***number == u64::from(u32::MAX)) {
                let Some(value) = values.next() else { return };
                **number = longest(value, 0);
            }
            return;
        }
        extra = rest;
    }
}

fn damaged(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what)
}

/// The bytes of a number, little end first; zeros beyond the end.
fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(number(bytes, at))
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(number(bytes, at))
}

fn longest(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(number(bytes, at))
}
