//! Tar: the members of a tar archive (POSIX ustar and pax, GNU, and those before them) in a stream.
//!
//! The few lines are written here since a member has to be a stream of its own, and since nothing is believed of what a head claims: the
//! library of the name lends its members and holds any name that they claim to have. Folders, links, devices and pipes are passed over.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::archive::Members;
use super::{Bytes, Reason, Reject};
use crate::article::Place;

/// Heads and contents are padded to blocks.
const BLOCK: usize = 512;
/// The most bytes of a member's long name and of a member's further fields. Longer ones are passed over.
const EXTENDED: u64 = 1 << 20;
const BUFFER: usize = 1 << 16;
/// No file has as many bytes.
const MOST: u64 = 1 << 62;

/// Whether bytes begin as a tar archive does that says so. The sum is checked too, since a text may hold the word.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|head: &[u8; BLOCK]| head[257..].starts_with(b"ustar") && summed(head))
}

/// A reader of members.
pub(super) struct Tar {
    stream: Arc<Mutex<Stream>>,
}

/// The archive's bytes, shared by the archive and the member at hand.
struct Stream {
    bytes: Bytes,
    /// How much of the member at hand has not been read, and how much there is to its padding.
    left: u64,
    padding: u64,
    /// Whether the member at hand has been told that it is cut.
    told: bool,
    /// Whether the member at hand is stored with holes, which is not read.
    sparse: bool,
}

/// The content of a member.
struct Content(Arc<Mutex<Stream>>);

/// What a head says of its member.
struct Head {
    name: Vec<u8>,
    size: u64,
    kind: u8,
}

/// What further fields say of the member that they stand before.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

fn locked(stream: &Mutex<Stream>) -> MutexGuard<'_, Stream> {
    // A reader that panicked has left nothing behind but a place in the stream.
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut stream = locked(&self.0);
        let most = usize::try_from(stream.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = stream.bytes.read(&mut buffer[..most]).inspect_err(|_| stream.told = true)?;
        if read == 0 && most > 0 {
            stream.told = true;
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        stream.left -= read as u64;
        Ok(read)
    }
}

impl Tar {
    pub(super) fn new(bytes: Bytes) -> Self {
        let stream = Stream { bytes, left: 0, padding: 0, told: false, sparse: false };
        Self { stream: Arc::new(Mutex::new(stream)) }
    }
}

impl Members for Tar {
    fn advance(&mut self, place: &Place) -> Result<Option<Vec<u8>>, Reject> {
        locked(&self.stream).advance(place)
    }

    fn content(&mut self, place: &Place) -> Result<Bytes, Reject> {
        if locked(&self.stream).sparse {
            let what = "it is stored as a sparse file, which is not read; pack it without --sparse";
            return Err(Reject::new(place.clone(), Reason::Unreadable, what));
        }
        Ok(Box::new(BufReader::with_capacity(BUFFER, Content(Arc::clone(&self.stream)))))
    }
}

impl Stream {
    /// Goes to the next member that is a file.
    fn advance(&mut self, place: &Place) -> Result<Option<Vec<u8>>, Reject> {
        let mut extended = Extended::default();
        loop {
            if !self.pass(place)? {
                return Ok(None);
            }
            let Some(head) = self.head(place)? else { return Ok(None) };
            let size = match head.kind {
                // Links, devices, folders and pipes have no content, whatever they say.
                b'1'..=b'6' => 0,
                b'L' | b'K' | b'x' | b'g' => head.size,
                _ => extended.size.unwrap_or(head.size),
            };
            (self.left, self.padding) = (size, size.next_multiple_of(BLOCK as u64) - size);
            match head.kind {
                b'L' => extended.name = self.extension(place)?.map(|name| until_nul(&name).to_vec()).or(extended.name),
                b'x' => extended.take(&self.extension(place)?.unwrap_or_default()),
                // Names of links, and what goes for all members: neither is a name or a size.
                b'K' | b'g' => {}
                b'0' | 0 | b'7' | b'S' => {
                    let told = std::mem::take(&mut extended);
                    let name = told.name.unwrap_or(head.name);
                    // Before there was a kind for folders, they were files of such a name.
                    if !name.ends_with(b"/") {
                        self.sparse = told.sparse || head.kind == b'S';
                        return Ok(Some(name));
                    }
                }
                _ => extended = Extended::default(),
            }
        }
    }

    /// Passes over what is left of the member at hand; `false` where nothing follows, and that has been told.
    fn pass(&mut self, place: &Place) -> Result<bool, Reject> {
        let rest = self.left + self.padding;
        let told = std::mem::take(&mut self.told);
        (self.left, self.padding) = (0, 0);
        match std::io::copy(&mut (&mut self.bytes).take(rest), &mut std::io::sink()) {
            Ok(passed) if passed == rest => Ok(true),
            _ if told => Ok(false),
            Ok(_) => Err(cut(place)),
            Err(cause) => Err(Reject::read(place.clone(), &cause)),
        }
    }

    /// The next head; `None` at the end of the archive.
    fn head(&mut self, place: &Place) -> Result<Option<Head>, Reject> {
        let mut block = [0; BLOCK];
        for empty in 0.. {
            match fill(&mut self.bytes, &mut block) {
                Ok(BLOCK) => {}
                Ok(_) => return Err(cut(place)),
                Err(cause) => return Err(Reject::read(place.clone(), &cause)),
            }
            if block.iter().any(|byte| *byte != 0) {
                break;
            }
            // Two empty blocks are the end.
            if empty == 1 {
                return Ok(None);
            }
        }
        let damaged =
            |what: &str| Reject::new(place.clone(), Reason::Corrupt, &format!("{what}; the rest of the archive is lost"));
        if !summed(&block) {
            return Err(damaged("this is not the head of a tar archive's member"));
        }
        let Some(size) = number(&block[124..136]) else { return Err(damaged("a member does not say its size")) };
        let mut name = until_nul(&block[..100]).to_vec();
        let prefix = until_nul(&block[345..500]);
        // Only POSIX has more of the name there.
        if block[257..].starts_with(b"ustar\0") && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        let kind = block[156];
        if kind == b'S' {
            self.holes(&block, place)?;
        }
        Ok(Some(Head { name, size, kind }))
    }

    /// Passes over the further blocks that tell where a sparse member of GNU has its holes.
    fn holes(&mut self, head: &[u8; BLOCK], place: &Place) -> Result<(), Reject> {
        let (mut block, mut more) = ([0; BLOCK], head[482] != 0);
        while more {
            match fill(&mut self.bytes, &mut block) {
                Ok(BLOCK) => more = block[504] != 0,
                Ok(_) => return Err(cut(place)),
                Err(cause) => return Err(Reject::read(place.clone(), &cause)),
            }
        }
        Ok(())
    }

    /// The content of a head that only speaks of the next; `None` where it is too long to be held.
    fn extension(&mut self, place: &Place) -> Result<Option<Vec<u8>>, Reject> {
        if self.left > EXTENDED {
            return Ok(None);
        }
        let mut all = Vec::new();
        let read = (&mut self.bytes).take(self.left).read_to_end(&mut all);
        let read = read.map_err(|cause| Reject::read(place.clone(), &cause))? as u64;
        if read < self.left {
            return Err(cut(place));
        }
        self.left = 0;
        Ok(Some(all))
    }
}

impl Extended {
    /// Takes the fields of pax: `length key=value`, each with a line end.
    fn take(&mut self, mut fields: &[u8]) {
        while let Some(space) = fields.iter().position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(&fields[..space]).ok().and_then(|length| length.parse().ok());
            let Some((field, rest)) = length.and_then(|length: usize| fields.split_at_checked(length)) else { return };
            let Some(field) = field.get(space + 1..) else { return };
            let field = field.strip_suffix(b"\n").unwrap_or(field);
            if let Some(equals) = field.iter().position(|byte| *byte == b'=') {
                let value = &field[equals + 1..];
                match &field[..equals] {
                    b"path" => self.name = Some(value.to_vec()),
                    b"size" => {
                        let size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok());
                        self.size = size.filter(|size| *size < MOST);
                    }
                    key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                    _ => {}
                }
            }
            fields = rest;
        }
    }
}

fn cut(place: &Place) -> Reject {
    let what = "the archive ends without its end mark; what stands before is read, the rest is lost";
    Reject::new(place.clone(), Reason::Truncated, what)
}

/// Reads until the buffer is full or nothing follows.
fn fill(bytes: &mut dyn BufRead, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match bytes.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}

/// Whether a head's checksum is right: the sum of its bytes, itself as spaces. Some have added signed bytes.
fn summed(head: &[u8; BLOCK]) -> bool {
    let bytes = head.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    let (unsigned, signed) = bytes.fold((0_u64, 0_i64), |(unsigned, signed), byte| {
        (unsigned + u64::from(byte), signed + i64::from(byte.cast_signed()))
    });
    let claimed = number(&head[148..156]);
    claimed.is_some_and(|claimed| claimed == unsigned || i64::try_from(claimed) == Ok(signed))
}

/// A number of a head: octal digits, or, where the first bit is set, the other bits. `None` where it is none, negative, or more than any
/// file has.
fn number(field: &[u8]) -> Option<u64> {
    let number = match field {
        [first, rest @ ..] if first & 0x80 != 0 => {
            let digits = [&[first & 0x7f], rest].concat();
            digits.iter().try_fold(0_u64, |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte)))?
        }
        _ => {
            let text = std::str::from_utf8(until_nul(field)).ok()?.trim_matches(' ');
            if text.is_empty() { 0 } else { u64::from_str_radix(text, 8).ok()? }
        }
    };
    (number < MOST).then_some(number)
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}
