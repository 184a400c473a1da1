//! Sources: files of articles -> articles, one at a time, in order. One file a format.
//!
//! | format | file | what it reads |
//! | --- | --- | --- |
//! | text | `text.rs` | `.txt`: one article a file |
//! | JSON Lines | `lines.rs` | `.jsonl`, `.ndjson`: one article a line |
//! | JSON | `json.rs` | `.json`: one object, an array of objects, or lines |
//! | table | `table.rs` | `.csv`, `.tsv`: one article a row |
//! | Parquet | `parquet.rs` | `.parquet`: one article a row |
//! | HTML | `html.rs`, `boilerplate.rs` | `.html`, `.htm`: one saved page a file |
//! | XML | `xml.rs` | `.xml`, `.nitf`, `.rss`, `.atom`: NITF, NewsML-G2, RSS, Atom |
//! | WARC | `warc.rs` | `.warc`: one page a response record |
//! | tar | `tar.rs` | `.tar`, `.tgz` and its kin: the members, read as files of a folder are (`archive.rs`) |
//! | zip | `zip.rs` | `.zip`: the same |
//!
//! Each may be compressed by gzip, zstd, bzip2 or xz, which is told from its first bytes (`decode.rs`), and texts, tables and pages may be
//! in any encoding (`charset.rs`). Standard input and files of another extension are told by their first bytes too (`open.rs`). To add a
//! format: a file here, a name in `Format::NAMES` and a line in `open::records`.
//!
//! Input that is no article becomes a [`Reject`]; reading goes on behind it. What is held of any input is bounded (`tests/hostile.rs`):
//!
//! | what | at most |
//! | --- | --- |
//! | a record: a line, row, page, document or text | 12 bytes for each character of the longest article, and 1 MiB |
//! | a JSON text that is no lines; a zip in a stream; Parquet in an archive or compressed | 256 MiB |
//! | a decoder | gzip 44 KiB, bzip2 4 MiB, zstd and xz 128 MiB; in an archive two, one inside the other |
//! | a page of Parquet | what its head claims, up to 2 GiB |

mod archive;
mod boilerplate;
mod charset;
mod decode;
pub mod dedup;
mod discover;
mod html;
mod json;
mod language;
mod lines;
mod open;
mod parquet;
mod parquet_contents;
mod parquet_pages;
mod reading;
mod record;
mod selection;
mod table;
mod tar;
mod text;
mod thrift;
mod thrift_shapes;
mod warc;
mod xml;
mod zip;

use std::io::BufRead;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use decode::Unpacking;
pub use discover::{Input, SourceError, discover, path_of, shown};
pub use reading::{Cursor, Read, Reading, Shrunk, What};
pub use record::Fields;
pub use selection::{Selection, SelectionError};

use decode::Refusal;

use crate::article::{Article, Place};

/// What a reader goes by.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the fields of a JSON record are found.
    pub fields: Fields,
    /// The most characters of an article.
    pub max_article_chars: usize,
    /// The format of all inputs; `None` where each tells its own.
    pub format: Option<Format>,
    /// The encoding of all inputs; `None` where each tells its own.
    pub encoding: Option<Charset>,
    /// Which languages are read.
    pub languages: Languages,
    /// How much compressed data may unpack to.
    pub unpacking: Unpacking,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fields: Fields::default(),
            max_article_chars: 1_000_000,
            format: None,
            encoding: None,
            languages: Languages::default(),
            unpacking: Unpacking::default(),
        }
    }
}

/// Which languages are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Languages {
    /// English, and what does not tell its language.
    #[default]
    English,
    /// All.
    Any,
}

/// An encoding of text, by its label (the Encoding standard of the web): `windows-1252`, `utf-16le`, `shift_jis` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset(&'static encoding_rs::Encoding);

impl Charset {
    /// The encoding of a label.
    pub fn of(label: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Self)
    }

    /// The name that the Encoding standard gives it.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
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
    /// The compressed data unpacks to far more than it should.
    Bomb,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// The record is not JSON, or not an object.
    InvalidJson,
    /// The file is not well-formed XML.
    InvalidXml,
    /// The record has no field for the body, or one that is no string.
    MissingText,
    /// The body holds nothing but white space.
    EmptyText,
    /// The body holds a NUL character, as binary files do.
    NulByte,
    /// The page or document holds no article.
    NoArticle,
    /// The body is not in English.
    Language,
    /// The body has more characters than are allowed.
    TooLong,
    /// The record has more bytes than are held in memory.
    RecordTooLarge,
    /// The program failed on the article.
    Internal,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 15] = [
        Self::Unreadable,
        Self::Truncated,
        Self::Corrupt,
        Self::Bomb,
        Self::InvalidUtf8,
        Self::InvalidJson,
        Self::InvalidXml,
        Self::MissingText,
        Self::EmptyText,
        Self::NulByte,
        Self::NoArticle,
        Self::Language,
        Self::TooLong,
        Self::RecordTooLarge,
        Self::Internal,
    ];

    /// The name in the rejects file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::Bomb => "bomb",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidJson => "invalid_json",
            Self::InvalidXml => "invalid_xml",
            Self::MissingText => "missing_text",
            Self::EmptyText => "empty_text",
            Self::NulByte => "nul_byte",
            Self::NoArticle => "no_article",
            Self::Language => "language",
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
    /// Whether nothing was read of the file behind it.
    pub last: bool,
}

impl Reject {
    /// A reject whose message begins with its place.
    fn new(place: Place, reason: Reason, what: &str) -> Self {
        let message = format!("{}, record {}: {what}", place.path, place.record);
        Self { place, id: None, reason, message, last: false }
    }

    /// The reject of a read that failed.
    fn read(place: Place, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        let refusal = cause.get_ref().and_then(|inner| inner.downcast_ref());
        let (reason, what) = match (cause.kind(), refusal) {
            (_, Some(Refusal::Bomb { .. })) => (Reason::Bomb, "this is a decompression bomb; the rest of the file is lost"),
            (UnexpectedEof, _) => {
                (Reason::Truncated, "the data ends too early; what stands before is read, the rest is lost")
            }
            (InvalidData | InvalidInput, _) => {
                (Reason::Corrupt, "the compressed data is damaged; the rest of the file is lost")
            }
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

/// What stands between the path of an archive and the name of a file in it.
const MEMBER: &str = "!/";

/// A stream of decompressed bytes.
type Bytes = Box<dyn BufRead + Send>;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One article a file.
    Text,
    /// JSON Lines.
    Lines,
    /// One JSON text, or lines after all.
    Json,
    /// CSV, TSV and their kin.
    Table,
    /// Parquet.
    Parquet,
    /// One page a file.
    Html,
    /// A web archive.
    Warc,
    /// News in XML.
    Xml,
    /// An archive of files, streamed.
    Tar,
    /// An archive of files with a directory at its end.
    Zip,
}

/// Extensions of compressed files.
const COMPRESSED: [&str; 4] = [".gz", ".zst", ".bz2", ".xz"];

impl Format {
    /// Every format with its name and its extensions.
    pub const NAMES: [(Self, &str, &[&str]); 10] = [
        (Self::Text, "text", &["txt"]),
        (Self::Lines, "jsonl", &["jsonl", "ndjson"]),
        (Self::Json, "json", &["json"]),
        (Self::Table, "csv", &["csv", "tsv", "tab"]),
        (Self::Parquet, "parquet", &["parquet", "pq"]),
        (Self::Html, "html", &["html", "htm", "xhtml"]),
        (Self::Warc, "warc", &["warc"]),
        (Self::Xml, "xml", &["xml", "nitf", "rss", "atom"]),
        (Self::Tar, "tar", &["tar", "tgz", "tzst", "tbz", "tbz2", "txz"]),
        (Self::Zip, "zip", &["zip"]),
    ];

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known, _)| *known == name).map(|(format, ..)| *format)
    }

    /// The format that a file's name tells, compression left out; `None` where it tells nothing.
    fn of(path: &Path) -> Option<Self> {
        // A name need not be text for its extension to tell.
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let extension = uncompressed(&name).rsplit_once('.')?.1;
        Self::NAMES.iter().find(|(.., known)| known.contains(&extension)).map(|(format, ..)| *format)
    }

    /// Whether it holds files.
    const fn is_archive(self) -> bool {
        matches!(self, Self::Tar | Self::Zip)
    }

    /// Whether its bytes are text of one encoding.
    const fn is_text(self) -> bool {
        !self.is_archive() && !matches!(self, Self::Warc | Self::Parquet)
    }

    /// The archive that the first bytes tell; `None` where they are none. Nothing else begins so.
    fn archive(bytes: &[u8]) -> Option<Self> {
        if tar::begins(bytes) { Some(Self::Tar) } else { zip::begins(bytes).then_some(Self::Zip) }
    }

    /// The format of articles that the first bytes tell.
    fn sniff(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        match text.first() {
            Some(b'[') => Self::Json,
            Some(b'{') => {
                let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
                // An object that is spread over lines is one JSON text.
                let spread = line.len() < text.len() && !line.trim_ascii_end().ends_with(b"}");
                if spread { Self::Json } else { Self::Lines }
            }
            _ if text.starts_with(b"WARC/") => Self::Warc,
            _ if bytes.starts_with(b"PAR1") => Self::Parquet,
            _ if looks_like_html(text) => Self::Html,
            _ if [&b"<?xml"[..], b"<nitf", b"<rss", b"<feed", b"<newsItem"].iter().any(|tag| text.starts_with(tag)) => {
                Self::Xml
            }
            _ => Self::Text,
        }
    }
}

/// A file's name without the extension of its compression.
fn uncompressed(name: &str) -> &str {
    COMPRESSED.iter().find_map(|extension| name.strip_suffix(extension)).unwrap_or(name)
}

/// Whether bytes begin as a page does.
fn looks_like_html(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    let start = start[..start.len().min(64)].to_ascii_lowercase();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body"].iter().any(|tag| start.starts_with(tag))
}

/// All records of some inputs, in order. Holds one record at a time.
pub struct Records {
    inputs: std::vec::IntoIter<Input>,
    options: Options,
    current: Option<Guarded>,
    /// The path of the file at hand.
    path: String,
    /// How many inputs have been opened.
    opened: u64,
    consumed: Arc<AtomicU64>,
}

impl Records {
    /// The records of `inputs`.
    pub fn new(inputs: Vec<Input>, options: Options) -> Self {
        let inputs = inputs.into_iter();
        Self { inputs, options, current: None, path: String::new(), opened: 0, consumed: Arc::default() }
    }

    /// Passes over whole inputs, without opening them.
    fn pass(&mut self, inputs: u64) {
        for input in self.inputs.by_ref().take(usize::try_from(inputs).unwrap_or(usize::MAX)) {
            self.consumed.fetch_add(input.bytes.unwrap_or(0), Ordering::Relaxed);
            self.opened += 1;
        }
    }

    /// A counter of the bytes read so far, before decompression; for a progress bar.
    pub fn consumed(&self) -> Consumed {
        Consumed(Arc::clone(&self.consumed))
    }

    /// The next record of the file at hand.
    fn read(&mut self) -> Option<Result<Article, Reject>> {
        Guarded::next(&mut self.current, &self.path, &self.options)
    }
}

/// A reader whose panics, on damage that its library does not foresee, lose the rest of its file and not the run.
struct Guarded {
    reader: Box<dyn Reader>,
    /// The number of its next record.
    number: u64,
}

impl Guarded {
    fn new(reader: Box<dyn Reader>) -> Self {
        Self { reader, number: 0 }
    }

    /// The next record of a reader, which goes at its end.
    fn next(current: &mut Option<Self>, path: &str, options: &Options) -> Option<Result<Article, Reject>> {
        let Self { reader, number } = current.as_mut()?;
        let record = catch_unwind(AssertUnwindSafe(|| reader.next(options)));
        let gone = !matches!(record, Ok(Some(_)));
        let record = record.unwrap_or_else(|_| Some(Err(failed(path, *number))));
        if let Some(Ok(Article { place, .. }) | Err(Reject { place, .. })) = &record {
            *number = place.record + 1;
        }
        if gone {
            *current = None;
        }
        record
    }
}

/// The reject of a file whose reader panicked.
fn failed(path: &str, record: u64) -> Reject {
    let place = Place { path: path.to_owned(), record, offset: None };
    Reject::new(place, Reason::Internal, "its reader failed; the rest of the file is lost")
}

impl Iterator for Records {
    type Item = Result<Article, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.read() {
                return Some(record);
            }
            let input = self.inputs.next()?;
            self.path.clone_from(&input.path);
            self.opened += 1;
            match open::input(&input, &self.options, &self.consumed) {
                Ok(reader) => self.current = Some(Guarded::new(reader)),
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
    let name = uncompressed(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

#[cfg(test)]
mod tests;
