//! Plain text: one article a file.
//!
//! The first line is the title if it is not empty, has at most 200 characters, and an empty line follows it with more text
//! behind. The body is then all that follows that empty line, byte for byte. Otherwise there is no title and the whole file
//! is the body. A byte-order mark is passed over. The encoding is told from the bytes (`charset.rs`).

use super::{Bytes, Options, Reader, Reason, Reject, charset, record, stem};
use crate::article::{Article, Place};

/// The most characters of a title.
const TITLE: usize = 200;

/// A reader of one text.
pub(super) struct Text {
    path: String,
    bytes: Option<Bytes>,
}

impl Text {
    pub(super) const fn new(path: String, bytes: Bytes) -> Self {
        Self { path, bytes: Some(bytes) }
    }
}

impl Reader for Text {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        let bytes = self.bytes.take()?;
        let place = Place { path: self.path.clone(), record: 0, offset: None };
        let all = match record::whole(bytes, &place, "file", options) {
            Ok(all) => all,
            Err(reject) => return Some(Err(reject)),
        };
        let Some(text) = charset::text(&all, None) else {
            let what = "its encoding cannot be told; name it with --encoding";
            return Some(Err(Reject::new(place, Reason::InvalidUtf8, what)));
        };
        let (title, body) = split_title(text.strip_prefix('\u{feff}').unwrap_or(&text));
        let article = Article {
            id: stem(&self.path).to_owned(),
            title: title.map(str::to_owned),
            body: body.to_owned(),
            published: None,
            outlet: None,
            url: None,
            place,
        };
        Some(record::checked(article, options))
    }
}

/// The title, if there is one, and the body.
pub(super) fn split_title(text: &str) -> (Option<&str>, &str) {
    let Some((first, rest)) = text.split_once('\n') else { return (None, text) };
    let Some((empty, body)) = rest.split_once('\n') else { return (None, text) };
    let title = first.trim();
    let is_title = !title.is_empty() && title.chars().count() <= TITLE && empty.trim().is_empty() && !body.trim().is_empty();
    if is_title { (Some(title), body) } else { (None, text) }
}
