//! News in XML: NITF 3, NewsML-G2, RSS 2.0 and Atom 1.0 -> one article a document, item or entry.
//!
//! The elements are told by their local names; namespaces and prefixes do not count. Entities that a document defines for itself are
//! not resolved, so none can grow or reach out of the file. Of an article in XHTML or NITF its paragraphs are taken, captions and tables
//! left out; of one that a feed holds as escaped HTML, its text. A feed's item without content is taken by its summary.

use std::io::{BufRead, BufReader};

use dom_query::Document;
use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader as Xml;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};

use super::decode::{Bounded, Leash};
use super::html::parsed;
use super::{Bytes, Options, Reader, Reason, Reject, charset, record, stem};
use crate::article::{Article, Place};

/// Bytes that the parser takes in advance, and where an encoding has to be declared.
const AHEAD: usize = 1 << 14;
/// The most open elements one inside the other.
const DEPTH: usize = 256;

/// The elements that are articles.
const ARTICLES: [&str; 4] = ["nitf", "newsItem", "item", "entry"];
/// The elements that hold an article's paragraphs.
const BODIES: [&str; 3] = ["body.content", "inlineXML", "body"];
/// What begins a paragraph, and what of a body is none of its text.
const BLOCKS: [&str; 12] = ["p", "hl2", "h1", "h2", "h3", "h4", "h5", "h6", "li", "pre", "blockquote", "div"];
const SKIPPED: [&str; 8] = ["media", "figure", "table", "script", "style", "head", "body.head", "body.end"];

/// A reader of one file.
pub(super) struct News {
    path: String,
    /// `None` at the end, and once reading has failed.
    xml: Option<Box<Xml<BufReader<Bounded>>>>,
    left: Leash,
    number: u64,
}

/// An article under way.
#[derive(Default)]
struct Parts {
    id: Option<String>,
    title: String,
    published: String,
    url: String,
    outlet: Option<String>,
    /// Paragraphs of XML.
    paragraphs: String,
    /// Content as escaped HTML, and a summary of it.
    content: String,
    summary: String,
}

impl News {
    /// Opens a file. Fails where it cannot be read.
    pub(super) fn open(path: String, bytes: Bytes) -> Result<Self, Reject> {
        let mut news = Self { path, xml: None, left: Leash::default(), number: 0 };
        let unreadable = |cause: &std::io::Error| Reject::read(news.place(), cause);
        let mut stream = BufReader::with_capacity(AHEAD, bytes);
        let head = stream.fill_buf().map_err(|cause| unreadable(&cause))?;
        let bytes = match declared(head).filter(|encoding| *encoding != UTF_8 && Encoding::for_bom(head).is_none()) {
            Some(encoding) => charset::named(Box::new(stream), encoding),
            None => charset::detected(Box::new(stream)).map_err(|cause| unreadable(&cause))?,
        };
        let mut xml = Xml::from_reader(BufReader::with_capacity(AHEAD, Bounded::new(bytes, &news.left)));
        xml.config_mut().check_end_names = false;
        news.xml = Some(Box::new(xml));
        Ok(news)
    }

    fn place(&self) -> Place {
        Place { path: self.path.clone(), record: self.number, offset: None }
    }

    /// Ends the file.
    fn give_up(&mut self, reason: Reason, what: &str) -> Reject {
        self.xml = None;
        Reject::new(self.place(), reason, &format!("{what}; the rest of the file is lost"))
    }

    /// Reads on to the end of the next article; `None` at the end of the file.
    fn article(&mut self, options: &Options) -> Result<Option<Parts>, Reject> {
        let allowed = options.max_record_bytes() + AHEAD;
        self.left.allow(allowed);
        let (mut way, mut buffer) = (Way::default(), Vec::new());
        loop {
            let Some(xml) = &mut self.xml else { return Ok(None) };
            buffer.clear();
            match xml.read_event_into(&mut buffer) {
                Ok(Event::Start(tag)) => {
                    if way.start(&tag) {
                        self.left.allow(allowed);
                    }
                    if way.open.len() > DEPTH {
                        return Err(self.give_up(Reason::InvalidXml, "too many elements stand one inside the other"));
                    }
                }
                Ok(Event::Empty(tag)) => {
                    way.start(&tag);
                    way.end();
                }
                Ok(Event::End(_)) => {
                    if let Some(parts) = way.end() {
                        return Ok(Some(parts));
                    }
                }
                Ok(Event::Text(text)) => way.text(&text.xml10_content()),
                Ok(Event::CData(text)) => way.text(&text.xml10_content()),
                Ok(Event::GeneralRef(name)) => {
                    let character = name.resolve_char_ref().ok().flatten().map(String::from);
                    let resolved = character.or_else(|| resolve_html5_entity(&name.into_inner()).map(str::to_owned));
                    way.text(resolved.as_deref().unwrap_or(" "));
                }
                Ok(Event::Eof) if way.parts.is_some() => {
                    return Err(self.give_up(Reason::Truncated, "the file ends inside of an article"));
                }
                Ok(Event::Eof) => {
                    self.xml = None;
                    return Ok(None);
                }
                Ok(_) => {}
                Err(cause) => return Err(self.fault(cause, options)),
            }
        }
    }

    fn fault(&mut self, cause: quick_xml::Error, options: &Options) -> Reject {
        match cause {
            quick_xml::Error::Io(cause) if cause.kind() == std::io::ErrorKind::FileTooLarge => {
                let what = format!("an article of more than {} bytes", options.max_record_bytes());
                self.give_up(Reason::RecordTooLarge, &what)
            }
            quick_xml::Error::Io(cause) => {
                self.xml = None;
                Reject::read(self.place(), &cause)
            }
            cause => self.give_up(Reason::InvalidXml, &format!("this is not XML ({cause})")),
        }
    }
}

/// The way from the root to where the parser stands, and the article that it leads into.
#[derive(Default)]
struct Way {
    /// The names of the open elements.
    open: Vec<String>,
    /// The article, and how many elements stand around it.
    parts: Option<(usize, Parts)>,
}

impl Way {
    /// An opening tag; whether an article begins with it.
    fn start(&mut self, tag: &BytesStart<'_>) -> bool {
        let name = tag.local_name().as_ref().to_owned();
        let begins = self.parts.is_none() && ARTICLES.contains(&name.as_str());
        if begins {
            self.parts = Some((self.open.len(), Parts::default()));
        }
        self.open.push(name);
        if let Some((around, parts)) = &mut self.parts {
            parts.tag(&self.open[*around..], tag);
        }
        begins
    }

    /// A closing tag; the article, if it ends with it.
    fn end(&mut self) -> Option<Parts> {
        if let Some((around, parts)) = &mut self.parts {
            parts.close(&self.open[*around..]);
        }
        self.open.pop();
        self.parts.take_if(|(around, _)| self.open.len() <= *around).map(|(_, parts)| parts)
    }

    fn text(&mut self, text: &str) {
        if let Some((around, parts)) = &mut self.parts {
            parts.text(&self.open[*around..], text);
        }
    }
}

impl Reader for News {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        let parts = match self.article(options) {
            Ok(Some(parts)) => parts,
            Ok(None) if self.number == 0 => {
                self.number = 1;
                let what = "no article was found: NITF, NewsML-G2, RSS and Atom are read";
                return Some(Err(Reject::new(
                    Place { path: self.path.clone(), record: 0, offset: None },
                    Reason::NoArticle,
                    what,
                )));
            }
            Ok(None) => return None,
            Err(reject) => {
                self.number += 1;
                return Some(Err(reject));
            }
        };
        let place = self.place();
        self.number += 1;
        Some(record::checked(parts.whole(place), options))
    }
}

impl Parts {
    /// An opening tag; `open` are the elements around it from the article's on, its own the last.
    fn tag(&mut self, open: &[String], tag: &BytesStart<'_>) {
        let attribute = |name: &str| {
            let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
            Some(found.value.into_owned()).filter(|value| !value.is_empty())
        };
        let path: Vec<&str> = open.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["newsItem"] => self.id = attribute("guid"),
            ["nitf", .., "doc-id"] => self.id = attribute("id-string"),
            ["nitf", .., "date.issue"] => self.published = attribute("norm").unwrap_or_default(),
            ["nitf", .., "pubdata"] => {
                self.outlet = attribute("name");
                if self.published.is_empty() {
                    self.published = attribute("date.publication").unwrap_or_default();
                }
            }
            ["entry", "link"] if attribute("rel").is_none_or(|rel| rel == "alternate") => {
                self.url = attribute("href").unwrap_or_default();
            }
            [.., "infoSource" | "creditline"] => self.outlet = self.outlet.take().or_else(|| attribute("literal")),
            _ => {}
        }
        if in_body(open) && BLOCKS.iter().any(|block| open.last().is_some_and(|name| name == block)) {
            self.end_paragraph();
        }
    }

    fn close(&mut self, open: &[String]) {
        let last = open.last().map(String::as_str).unwrap_or_default();
        if in_body(open) && (BLOCKS.contains(&last) || BODIES.contains(&last)) {
            self.end_paragraph();
        } else if last == "br" && in_body(open) {
            self.paragraphs.push('\n');
        }
    }

    fn end_paragraph(&mut self) {
        let kept = self.paragraphs.trim_end().len();
        self.paragraphs.truncate(kept);
        if kept > 0 {
            self.paragraphs.push_str("\n\n");
        }
    }

    fn text(&mut self, open: &[String], text: &str) {
        let path: Vec<&str> = open.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["nitf", .., "hedline", "hl1"] | ["nitf", .., "hedline", "hl1", _] | ["newsItem", "contentMeta", "headline"] => {
                self.title.push_str(text);
            }
            ["item" | "entry", "title"] => self.title.push_str(text),
            ["newsItem", "itemMeta", "versionCreated"] if self.published.is_empty() => self.published.push_str(text.trim()),
            ["item", "pubDate" | "date"] | ["entry", "published"] => self.published.push_str(text.trim()),
            ["item", "link"] => self.url.push_str(text.trim()),
            ["item", "guid"] | ["entry", "id"] => self.id.get_or_insert_default().push_str(text.trim()),
            ["item", "encoded"] | ["entry", "content"] => self.content.push_str(text),
            ["newsItem", .., "inlineData"] => self.paragraphs.push_str(text),
            ["item", "description"] | ["entry", "summary"] => self.summary.push_str(text),
            ["entry", "content", ..] => spaced(&mut self.content, text),
            _ if in_body(open) => spaced(&mut self.paragraphs, text),
            _ => {}
        }
    }

    fn whole(self, place: Place) -> Article {
        let said = |text: String| Some(record::folded(&text)).filter(|text| !text.is_empty());
        let fed = if self.content.trim().is_empty() { self.summary } else { self.content };
        let fed = || parsed(&fed, |html| Document::fragment(html)).map(|piece| piece.formatted_text().to_string());
        let body = if self.paragraphs.trim().is_empty() { fed().unwrap_or_default() } else { self.paragraphs };
        Article {
            id: self.id.and_then(said).unwrap_or_else(|| format!("{}:{}", stem(&place.path), place.record)),
            title: said(self.title),
            body: body.trim().to_owned(),
            published: said(self.published),
            outlet: self.outlet,
            url: said(self.url),
            place,
        }
    }
}

/// Whether the text of an element is an article's.
fn in_body(open: &[String]) -> bool {
    let is = |list: &[&str]| open.iter().any(|name| list.contains(&name.as_str()));
    let inside = match open.first().map(String::as_str) {
        Some("nitf") => is(&["body.content"]),
        Some("newsItem") => is(&["inlineXML"]) && (is(&["body.content"]) || !is(&["nitf"])),
        _ => false,
    };
    inside && !is(&SKIPPED)
}

/// Text in which line ends and runs of spaces are the writer's layout.
fn spaced(to: &mut String, text: &str) {
    for (number, word) in text.split(char::is_whitespace).enumerate() {
        if number > 0 && !to.is_empty() && !to.ends_with(char::is_whitespace) {
            to.push(' ');
        }
        to.push_str(word);
    }
}

/// The encoding that a document declares for itself.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&head[..end]).ok()?;
    let label = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = label.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(label[1..].split(quote).next()?.as_bytes())
}
