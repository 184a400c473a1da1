//! Records: the fields of a JSON object -> an article, and the checks that every article passes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::decode::read_all;
use super::{Bytes, Languages, Options, Reason, Reject, language};
use crate::article::{Article, Place};

/// The names under which a JSON record holds the parts of an article. The first name that the record has counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Names of the identifier.
    pub id: Vec<String>,
    /// Names of the headline.
    pub title: Vec<String>,
    /// Names of the body.
    pub text: Vec<String>,
    /// Names of the date.
    pub published: Vec<String>,
    /// Names of the paper.
    pub outlet: Vec<String>,
    /// Names of the address.
    pub url: Vec<String>,
}

impl Fields {
    /// All names of all fields.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        [&self.id, &self.title, &self.text, &self.published, &self.outlet, &self.url].into_iter().flatten()
    }
}

impl Default for Fields {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            // The last of each are those of ninjs.
            id: names(&["id", "uri"]),
            title: names(&["title", "headline"]),
            text: names(&["text", "body", "content", "body_text"]),
            published: names(&["published", "date", "versioncreated"]),
            outlet: names(&["outlet", "source"]),
            url: names(&["url"]),
        }
    }
}

/// The fields of a record, not yet read.
type Raw<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// An article from one JSON object. `fallback` is its identifier where it has none.
pub(super) fn article(
    json: &[u8],
    place: Place,
    fallback: impl FnOnce() -> String,
    options: &Options,
) -> Result<Article, Reject> {
    let json = utf8(json, &place)?;
    let raw: Raw<'_> = match serde_json::from_str(json) {
        Ok(raw) => raw,
        Err(cause) => return Err(Reject::new(place, Reason::InvalidJson, &format!("this is not a JSON object ({cause})"))),
    };
    let fields = &options.fields;
    let id = word(&raw, &fields.id).unwrap_or_else(fallback);
    let body = match field(&raw, &fields.text) {
        None => {
            let what = format!("it has no field {}; name yours with --text-field", fields.text.join(", "));
            return Err(named(Reject::new(place, Reason::MissingText, &what), id));
        }
        Some(value) => match serde_json::from_str::<String>(value.get()) {
            Ok(body) => body,
            Err(_) if value.get() == "null" => {
                return Err(named(Reject::new(place, Reason::MissingText, "its text is null"), id));
            }
            // A string that cannot be read has a broken escape; all else is another kind of value.
            Err(cause) if value.get().starts_with('"') => {
                return Err(named(
                    Reject::new(place, Reason::InvalidJson, &format!("its text cannot be read ({cause})")),
                    id,
                ));
            }
            Err(_) => return Err(named(Reject::new(place, Reason::MissingText, "its text is not a string"), id)),
        },
    };
    let article = Article {
        id,
        title: word(&raw, &fields.title),
        body,
        published: word(&raw, &fields.published),
        outlet: word(&raw, &fields.outlet),
        url: word(&raw, &fields.url),
        place,
    };
    checked(article, options)
}

/// An article from a row of named texts. `fallback` is its identifier where it has none. An empty text counts as absent, but for the
/// body.
pub(super) fn named_fields(
    text: impl Fn(&str) -> Option<String>,
    place: Place,
    fallback: String,
    options: &Options,
) -> Result<Article, Reject> {
    let fields = &options.fields;
    let word = |names: &[String]| names.iter().find_map(|name| text(name)).filter(|word| !word.is_empty());
    let id = word(&fields.id).unwrap_or(fallback);
    let Some(body) = fields.text.iter().find_map(|name| text(name)) else {
        let what = format!("it has no text in a column {}; name yours with --text-field", fields.text.join(", "));
        return Err(named(Reject::new(place, Reason::MissingText, &what), id));
    };
    let article = Article {
        id,
        title: word(&fields.title),
        body,
        published: word(&fields.published),
        outlet: word(&fields.outlet),
        url: word(&fields.url),
        place,
    };
    checked(article, options)
}

fn field<'a>(raw: &Raw<'a>, names: &[String]) -> Option<&'a RawValue> {
    names.iter().find_map(|name| raw.get(name.as_str()).copied())
}

/// A field that is a string, or a number written as one; anything else counts as absent.
fn word(raw: &Raw<'_>, names: &[String]) -> Option<String> {
    let value = field(raw, names)?.get();
    if value.starts_with('"') {
        return serde_json::from_str(value).ok();
    }
    value.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then(|| value.to_owned())
}

/// The reject of an article whose identifier is known.
pub(super) fn named(mut reject: Reject, id: String) -> Reject {
    reject.id = Some(id);
    reject
}

/// A text with every run of white space as one space, and none at its ends.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// All bytes of a file that is one record; `kind` is what messages call it.
pub(super) fn whole(mut bytes: Bytes, place: &Place, kind: &str, options: &Options) -> Result<Vec<u8>, Reject> {
    let most = options.max_record_bytes();
    match read_all(&mut bytes, most) {
        Ok(Some(all)) => Ok(all),
        Ok(None) => {
            let what = format!("the {kind} has more than {most} bytes; raise --max-article-chars");
            Err(Reject::new(place.clone(), Reason::RecordTooLarge, &what))
        }
        Err(cause) => Err(Reject::read(place.clone(), &cause)),
    }
}

/// Bytes as text, the mark that some editors put before it left out.
pub(super) fn utf8<'a>(bytes: &'a [u8], place: &Place) -> Result<&'a str, Reject> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(cause) => {
            let what = format!("byte {} is not valid UTF-8; convert the file (iconv -t UTF-8)", cause.valid_up_to());
            Err(Reject::new(place.clone(), Reason::InvalidUtf8, &what))
        }
    }
}

/// The article, if its body is one: some text, not too much of it, no binary, and in a language that is read.
pub(super) fn checked(article: Article, options: &Options) -> Result<Article, Reject> {
    let body = &article.body;
    let (reason, what) = if body.trim().is_empty() {
        (Reason::EmptyText, "its text is empty".to_owned())
    } else if let Some(at) = body.find('\0') {
        (Reason::NulByte, format!("its text has a NUL character at byte {at}, as binary files do"))
    } else if body.len() > options.max_article_chars && body.chars().count() > options.max_article_chars {
        let what = format!(
            "its text has {} characters, more than {}; raise --max-article-chars",
            body.chars().count(),
            options.max_article_chars
        );
        (Reason::TooLong, what)
    } else if options.languages == Languages::English
        && let Some(language) = language::foreign(body)
    {
        (Reason::Language, format!("its text is in {language}, not in English; --any-language annotates it all the same"))
    } else {
        return Ok(article);
    };
    Err(named(Reject::new(article.place, reason, &what), article.id))
}
