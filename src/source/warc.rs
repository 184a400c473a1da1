//! Web archives: WARC 1.0 and 1.1 (ISO 28500) -> the articles on their pages. CC-NEWS comes in this form.
//!
//! A record of type `response` that holds a page (status 200, HTML) is an article or a reject; all other records (requests, metadata,
//! redirects, pictures) are passed over. A record's number counts all records of the file. Nothing is believed of the lengths that a
//! record claims: what is held in memory is bounded, and a claim of more is passed over in a stream. The crate `warc` holds any claimed
//! length in memory, which is why the few lines are written here.

use std::io::Read;

use encoding_rs::Encoding;
use flate2::read::{GzDecoder, ZlibDecoder};

use super::decode::{Line, Offsets, read_line};
use super::html::{Page, article};
use super::{Bytes, Options, Reader, Reason, Reject, record};
use crate::article::{Article, Place};

/// The most bytes of one line of a record's head, and the most lines.
const LINE: usize = 64 << 10;
const LINES: usize = 256;
/// The most lines of the head of a response.
const HEADERS: usize = 128;

/// A reader of records.
pub(super) struct Warc {
    path: String,
    /// `None` once reading has failed.
    bytes: Option<Bytes>,
    number: u64,
    /// How much of the stream has been read, and where in the file the record at hand begins.
    at: u64,
    offset: Option<u64>,
    offsets: Offsets,
    line: Vec<u8>,
}

/// What of a record's head is used.
#[derive(Default)]
struct Head {
    kind: String,
    id: Option<String>,
    url: Option<String>,
    length: Option<u64>,
}

impl Warc {
    pub(super) const fn new(path: String, bytes: Bytes, offsets: Offsets) -> Self {
        Self { path, bytes: Some(bytes), number: 0, at: 0, offset: None, offsets, line: Vec::new() }
    }

    fn place(&self) -> Place {
        Place { path: self.path.clone(), record: self.number, offset: self.offset }
    }

    /// Gives up the file, since nothing tells where the next record begins.
    fn lost(&mut self, what: &str) -> Reject {
        self.bytes = None;
        Reject::new(self.place(), Reason::Corrupt, &format!("{what}; the rest of the file is lost"))
    }

    /// The head of the next record; `None` at the end.
    fn head(&mut self) -> Result<Option<Head>, Reject> {
        let mut head = Head::default();
        let mut lines = 0;
        loop {
            let Some(bytes) = self.bytes.as_mut() else { return Ok(None) };
            match read_line(bytes, &mut self.line, LINE) {
                Ok(Line::Whole) => {}
                Ok(Line::TooLong(_)) => return Err(self.lost("a line of a record's head is too long")),
                Ok(Line::End) if lines == 0 => {
                    self.bytes = None;
                    return Ok(None);
                }
                Ok(Line::End) => return Err(self.lost("the file ends in a record's head")),
                Err(cause) => {
                    let reject = Reject::read(self.place(), &cause);
                    self.bytes = None;
                    return Err(reject);
                }
            }
            let begins = self.at;
            self.at += self.line.len() as u64;
            let line = self.line.trim_ascii();
            if lines == 0 && !line.is_empty() {
                self.offset = self.offsets.of(begins);
            }
            match (lines, line.is_empty()) {
                // Two empty lines part records.
                (0, true) => continue,
                (0, false) if !line.starts_with(b"WARC/") => return Err(self.lost("this is not the head of a WARC record")),
                (_, true) => return Ok(Some(head)),
                _ => {}
            }
            lines += 1;
            if lines > LINES {
                return Err(self.lost("a record's head has too many lines"));
            }
            let line = String::from_utf8_lossy(line);
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "warc-type" => value.clone_into(&mut head.kind),
                "warc-record-id" => head.id = Some(value.trim_matches(['<', '>']).to_owned()),
                "warc-target-uri" => head.url = Some(value.trim_matches(['<', '>']).to_owned()),
                "content-length" => head.length = value.parse().ok(),
                _ => {}
            }
        }
    }

    /// The next article or reject; `None` where the record is neither.
    fn record(&mut self, head: Head, options: &Options) -> Result<Option<Article>, Reject> {
        let Some(length) = head.length else { return Err(self.lost("a record does not say its length")) };
        let Some(bytes) = self.bytes.as_mut() else { return Ok(None) };
        let wanted = head.kind.eq_ignore_ascii_case("response");
        let most = options.max_record_bytes() as u64;
        let mut block = Vec::new();
        let mut content = bytes.take(length);
        let read = if wanted { (&mut content).take(most).read_to_end(&mut block).map(|read| read as u64) } else { Ok(0) };
        let passed = read.and_then(|read| Ok((read, std::io::copy(&mut content, &mut std::io::sink())?)));
        // A claim beyond the end ends the file.
        self.at = self.at.saturating_add(length);
        match passed {
            Ok((read, passed)) if read + passed < length => {
                self.bytes = None;
                let what = "the file ends in the middle of a record";
                Err(Reject::new(self.place(), Reason::Truncated, what))
            }
            Ok((_, passed)) if wanted && passed > 0 => {
                let what = format!("a page of {length} bytes, more than {most}, was passed over; raise --max-article-chars");
                Err(Reject::new(self.place(), Reason::RecordTooLarge, &what))
            }
            Ok(_) if wanted => page(&block, head, self.place(), options).transpose(),
            Ok(_) => Ok(None),
            Err(cause) => {
                let reject = Reject::read(self.place(), &cause);
                self.bytes = None;
                Err(reject)
            }
        }
    }
}

impl Reader for Warc {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        loop {
            let head = match self.head() {
                Ok(head) => head?,
                Err(reject) => return Some(Err(reject)),
            };
            let outcome = self.record(head, options).transpose();
            self.number += 1;
            if outcome.is_some() {
                return outcome;
            }
        }
    }
}

/// The article of a response, if it is a page.
fn page(block: &[u8], head: Head, place: Place, options: &Options) -> Option<Result<Article, Reject>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(start)) = response.parse(block) else {
        return Some(Err(Reject::new(place, Reason::Corrupt, "the record holds no HTTP response")));
    };
    let field = |name: &str| {
        let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(found.value).to_ascii_lowercase())
    };
    let kind = field("content-type").unwrap_or_default();
    let body = &block[start..];
    let is_page = kind.contains("html") || (kind.is_empty() && super::looks_like_html(body));
    if response.code != Some(200) || !is_page {
        return None;
    }
    let id = head.id.unwrap_or_else(|| format!("{}:{}", super::stem(&place.path), place.record));
    let body = match plain(body, field("transfer-encoding").as_deref(), field("content-encoding").as_deref(), options) {
        Ok(body) => body,
        Err((reason, what)) => return Some(Err(record::named(Reject::new(place, reason, &what), id))),
    };
    let charset = kind
        .split_once("charset=")
        .and_then(|(_, label)| Encoding::for_label(label.trim_matches(['"', '\'', ' ']).as_bytes()));
    Some(article(&body, Page { place, id, url: head.url, charset }, options))
}

/// The body as the page's maker wrote it. Crawlers mostly undo the transport's encodings and leave the headers that speak of them; so a
/// body that is not so encoded is taken as it is.
fn plain(
    body: &[u8],
    transfer: Option<&str>,
    content: Option<&str>,
    options: &Options,
) -> Result<Vec<u8>, (Reason, String)> {
    let chunked = transfer.is_some_and(|coding| coding.contains("chunked"));
    let body = if chunked { unchunked(body).unwrap_or_else(|| body.to_vec()) } else { body.to_vec() };
    match content {
        Some("gzip" | "x-gzip") if body.starts_with(&[0x1f, 0x8b]) => {
            unpacked(&mut GzDecoder::new(body.as_slice()), options)
        }
        Some("deflate") if body.first().is_some_and(|byte| byte & 0x0f == 8) => {
            unpacked(&mut ZlibDecoder::new(body.as_slice()), options)
        }
        Some(coding @ ("br" | "zstd")) if !super::looks_like_html(&body) => {
            Err((Reason::Corrupt, format!("the page is compressed by {coding}, which is not read")))
        }
        _ => Ok(body),
    }
}

/// A page unpacked, of which no more is held than of any record: no ratio can hurt.
fn unpacked(reader: &mut dyn Read, options: &Options) -> Result<Vec<u8>, (Reason, String)> {
    let most = options.max_record_bytes() as u64;
    let mut out = Vec::new();
    match reader.take(most + 1).read_to_end(&mut out) {
        Ok(_) if out.len() as u64 > most => {
            let what = format!("the page has more than {most} bytes unpacked; raise --max-article-chars");
            Err((Reason::RecordTooLarge, what))
        }
        Ok(_) => Ok(out),
        Err(cause) => Err((Reason::Corrupt, format!("the page's compressed data is damaged ({cause})"))),
    }
}

/// A body of chunks (RFC 9112, 7.1) put together; `None` where it is none.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let end = rest.windows(2).take(32).position(|pair| pair == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(out);
        }
        out.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}
