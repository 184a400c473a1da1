//! Sources: files of articles -> articles, one at a time, in order. One file a format.
//!
//! | format | file | what it reads |
//! | --- | --- | --- |
//! | text | `text.rs` | `.txt`: one article a file |
//! | JSON Lines | `lines.rs` | `.jsonl`, `.ndjson`: one article a line |
//! | JSON | `json.rs` | `.json`: one object, an array of objects, or lines |
//!
//! Each may be compressed by gzip or zstd, which is told from its first bytes (`decode.rs`). Standard input and files of
//! another extension are told by their first bytes too. To add a format: a file here, a line in `Format::of` and one in
//! `Records::open`.
//!
//! Input that is no article becomes a [`Reject`]; reading goes on behind it.

mod decode;
mod discover;
mod json;
mod lines;
mod record;
mod text;

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use discover::{Input, SourceError, discover};
pub use record::Fields;

use crate::article::{Article, Place};

/// What a reader goes by.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the fields of a JSON record are found.
    pub fields: Fields,
    /// The most characters of an article.
    pub max_article_chars: usize,
}

impl Options {
    /// The most bytes of a record that are held in memory: an article of the longest kind with every character escaped,
    /// and something for the other fields.
    const fn max_record_bytes(&self) -> usize {
        self.max_article_chars.saturating_mul(12).saturating_add(1 << 20)
    }
}

/// Why a piece of input is no article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The file cannot be opened or read.
    Unreadable,
    /// The file ends in the middle of its compressed data.
    Truncated,
    /// The compressed data is damaged.
    Corrupt,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// The record is not JSON, or not an object.
    InvalidJson,
    /// The record has no field for the body, or one that is no string.
    MissingText,
    /// The body holds nothing but white space.
    EmptyText,
    /// The body holds a NUL character, as binary files do.
    NulByte,
    /// The body has more characters than are allowed.
    TooLong,
    /// The record has more bytes than are held in memory.
    RecordTooLarge,
    /// The program failed on the article.
    Internal,
}

impl Reason {
    /// The name in the rejects file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidJson => "invalid_json",
            Self::MissingText => "missing_text",
            Self::EmptyText => "empty_text",
            Self::NulByte => "nul_byte",
            Self::TooLong => "too_long",
            Self::RecordTooLarge => "record_too_large",
            Self::Internal => "internal",
        }
    }
}

/// A piece of input that could not be annotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Where it stands.
    pub place: Place,
    /// The identifier, where it could be read.
    pub id: Option<String>,
    /// What kind of fault it is.
    pub reason: Reason,
    /// What happened, where, and what to do, for people.
    pub message: String,
}

impl Reject {
    /// A reject whose message begins with its place.
    fn new(place: Place, reason: Reason, what: &str) -> Self {
        let message = format!("{}, record {}: {what}", place.path, place.record);
        Self { place, id: None, reason, message }
    }

    /// The reject of a read that failed.
    fn read(place: Place, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        let (reason, what) = match cause.kind() {
            UnexpectedEof => {
                (Reason::Truncated, "the compressed data ends too early; what stands before is read, the rest is lost")
            }
            InvalidData | InvalidInput => (Reason::Corrupt, "the compressed data is damaged; the rest of the file is lost"),
            _ => (Reason::Unreadable, "the file cannot be read"),
        };
        Self::new(place, reason, &format!("{what} ({cause})"))
    }
}

/// The records of one file.
trait Reader: Send {
    /// The next record; `None` at the end of the file.
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>>;
}

/// A stream of decompressed bytes.
type Bytes = Box<dyn BufRead + Send>;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Lines,
    Json,
    /// Told from the first bytes.
    Sniff,
}

impl Format {
    /// The format that a file's name tells, compression left out; `None` where it tells nothing.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let bare = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        match bare.rsplit_once('.')?.1 {
            "txt" => Some(Self::Text),
            "jsonl" | "ndjson" => Some(Self::Lines),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The format that the first bytes tell.
    fn sniff(bytes: &[u8]) -> Self {
        let text = bytes.trim_ascii_start();
        match text.first() {
            Some(b'[') => Self::Json,
            Some(b'{') => {
                let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
                // An object that is spread over lines is one JSON text.
                let spread = line.len() < text.len() && !line.trim_ascii_end().ends_with(b"}");
                if spread { Self::Json } else { Self::Lines }
            }
            _ => Self::Text,
        }
    }
}

/// All records of some inputs, in order. Holds one record at a time.
pub struct Records {
    inputs: std::vec::IntoIter<Input>,
    options: Options,
    current: Option<Box<dyn Reader>>,
    consumed: Arc<AtomicU64>,
}

impl Records {
    /// The records of `inputs`.
    pub fn new(inputs: Vec<Input>, options: Options) -> Self {
        Self { inputs: inputs.into_iter(), options, current: None, consumed: Arc::default() }
    }

    /// A counter of the bytes read so far, before decompression; for a progress bar.
    pub fn consumed(&self) -> Consumed {
        Consumed(Arc::clone(&self.consumed))
    }

    fn open(&self, input: &Input) -> Result<Box<dyn Reader>, Reject> {
        let unreadable = |cause: &std::io::Error| Reject::read(Place { path: input.path.clone(), record: 0 }, cause);
        let mut bytes = decode::open(input, Arc::clone(&self.consumed)).map_err(|cause| unreadable(&cause))?;
        let format = match Format::of(Path::new(&input.path)) {
            Some(format) if !input.is_stdin() => format,
            _ => Format::Sniff,
        };
        let format = match format {
            Format::Sniff => Format::sniff(bytes.fill_buf().map_err(|cause| unreadable(&cause))?),
            known => known,
        };
        let path = input.path.clone();
        Ok(match format {
            Format::Lines => Box::new(lines::Lines::new(path, bytes)),
            Format::Json => Box::new(json::Json::new(path, bytes)),
            Format::Text | Format::Sniff => Box::new(text::Text::new(path, bytes)),
        })
    }
}

impl Iterator for Records {
    type Item = Result<Article, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(reader) = &mut self.current {
                if let Some(record) = reader.next(&self.options) {
                    return Some(record);
                }
                self.current = None;
            }
            let input = self.inputs.next()?;
            match self.open(&input) {
                Ok(reader) => self.current = Some(reader),
                Err(reject) => return Some(Err(reject)),
            }
        }
    }
}

/// How many bytes of input have been read.
#[derive(Clone)]
pub struct Consumed(Arc<AtomicU64>);

impl Consumed {
    /// The bytes so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The identifier of an article without one: the file's name without its extensions.
fn stem(path: &str) -> &str {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path);
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

#[cfg(test)]
mod tests;
