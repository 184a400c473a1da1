//! JSON Lines: one article a line. Empty lines are passed over, but counted.

use super::decode::{Line, Offsets, read_line};
use super::{Bytes, Options, Reader, Reason, Reject, record, stem};
use crate::article::{Article, Place};

/// A reader of lines.
pub(super) struct Lines {
    path: String,
    /// `None` once reading has failed.
    bytes: Option<Bytes>,
    number: u64,
    /// Where the next line begins.
    at: u64,
    offsets: Offsets,
    line: Vec<u8>,
}

impl Lines {
    pub(super) const fn new(path: String, bytes: Bytes, offsets: Offsets) -> Self {
        Self { path, bytes: Some(bytes), number: 0, at: 0, offsets, line: Vec::new() }
    }
}

impl Reader for Lines {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        loop {
            let bytes = self.bytes.as_mut()?;
            let place = Place { path: self.path.clone(), record: self.number, offset: self.offsets.of(self.at) };
            let most = options.max_record_bytes();
            match read_line(bytes, &mut self.line, most) {
                Ok(Line::End) => return None,
                Ok(Line::TooLong(length)) => {
                    self.number += 1;
                    self.at += length;
                    let what =
                        format!("a line of {length} bytes, more than {most}, was passed over; raise --max-article-chars");
                    return Some(Err(Reject::new(place, Reason::RecordTooLarge, &what)));
                }
                Ok(Line::Whole) => {
                    self.number += 1;
                    self.at += self.line.len() as u64;
                    if !self.line.trim_ascii().is_empty() {
                        let fallback = || format!("{}:{}", stem(&self.path), place.record);
                        let json = self.line.trim_ascii_end(); // so that an error does not speak of a second line
                        return Some(record::article(json, place.clone(), fallback, options));
                    }
                }
                Err(cause) => {
                    self.bytes = None;
                    return Some(Err(Reject::read(place, &cause)));
                }
            }
        }
    }
}
