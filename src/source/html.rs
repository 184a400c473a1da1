//! Saved pages: HTML -> the article on it, by `dom_smoothie`, which follows the reader view of Firefox (Readability.js).
//!
//! What stands around the text goes before (`boilerplate.rs`), and the title is the headline on the page. Date, outlet and address
//! come from the page's own statements (JSON-LD, Open Graph, Dublin Core). Paragraphs are parted by empty lines.

use dom_query::{Document, NodeRef};
use dom_smoothie::{Article as Found, Config, Readability, TextMode};
use encoding_rs::Encoding;

use super::{Bytes, Options, Reader, Reason, Reject, boilerplate, charset, record, stem};
use crate::article::{Article, Place};

/// The most elements of a page: no article has so many, and a page that is made to be slow has more.
const ELEMENTS: usize = 50_000;
/// The most elements one inside the other. The extractor walks the page by recursion, and a parser takes the longer for each tag
/// the deeper it stands.
const DEPTH: usize = 512;
/// Characters from which a text is an article and the extractor stops to look for more: a news item is short.
const ENOUGH: usize = 140;
/// Where a page has to say its encoding (HTML standard, "prescan a byte stream").
const PRESCAN: usize = 1024;
/// The longest text or attribute that is left in one piece, in bytes.
const LONG: usize = 8192;

/// A reader of one page.
pub(super) struct Html {
    path: String,
    bytes: Option<Bytes>,
}

impl Html {
    pub(super) const fn new(path: String, bytes: Bytes) -> Self {
        Self { path, bytes: Some(bytes) }
    }
}

impl Reader for Html {
    fn next(&mut self, options: &Options) -> Option<Result<Article, Reject>> {
        let bytes = self.bytes.take()?;
        let place = Place { path: self.path.clone(), record: 0, offset: None };
        Some(record::whole(bytes, &place, "page", options).and_then(|page| {
            article(&page, Page { place, id: stem(&self.path).to_owned(), url: None, charset: None }, options)
        }))
    }
}

/// What is known of a page besides its bytes.
pub(super) struct Page {
    pub(super) place: Place,
    pub(super) id: String,
    pub(super) url: Option<String>,
    /// What the server said of its encoding.
    pub(super) charset: Option<&'static Encoding>,
}

/// The article on a page.
pub(super) fn article(bytes: &[u8], page: Page, options: &Options) -> Result<Article, Reject> {
    let Page { place, id, url, charset } = page;
    let reject = |place, reason, what: &str| Err(record::named(Reject::new(place, reason, what), id.clone()));
    let Some(html) = charset::text(bytes, charset.or_else(|| declared(bytes))) else {
        return reject(place, Reason::InvalidUtf8, "the page's encoding cannot be told; name it with --encoding");
    };
    let found = match extracted(&html) {
        Ok(found) => found,
        Err(what) => return reject(place, Reason::NoArticle, &what),
    };
    let said = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let url = url.or_else(|| found.url.and_then(said));
    let outlet = found.site_name.and_then(said).or_else(|| url.as_deref().and_then(host).map(str::to_owned));
    let article = Article {
        id,
        title: said(found.title),
        body: found.text_content.to_string(),
        published: found.published_time.and_then(said),
        outlet,
        url,
        place,
    };
    record::checked(article, options)
}

/// What the extractor finds on a page without its boilerplate, or on the page as it is where that leaves too little.
fn extracted(html: &str) -> Result<Found, String> {
    let found = |clean: bool| {
        let document =
            parsed(html, |html| Document::from(html)).ok_or("the page has too many elements one inside the other")?;
        cut_long(&document);
        let headline = if clean { boilerplate::clean(&document) } else { None };
        let config = Config {
            text_mode: TextMode::Formatted,
            max_elements_to_parse: ELEMENTS,
            char_threshold: ENOUGH,
            ..Config::default()
        };
        // An address that is none would be an error; it only serves to complete links.
        let found = Readability::with_document(document, None, Some(config)).and_then(|mut page| page.parse());
        let mut found = found.map_err(|cause| format!("no article was found on the page ({cause})"))?;
        if clean {
            found.title = headline.unwrap_or(found.title);
            found.text_content = boilerplate::tidy(&found.text_content).into();
        }
        Ok(found)
    };
    found(true)
        .ok()
        .filter(|found: &Found| found.text_content.chars().nth(ENOUGH).is_some())
        .map_or_else(|| found(false), Ok)
}

/// Cuts long texts into several, and takes out long attributes, of which an article has none: the extractor writes the page out as HTML too, and
/// html5ever (0.40) looks behind every `&` of a text, and every character from U+0080 to U+00BF, for a `<` up to the end of it, so that a
/// long one would take time with its square.
fn cut_long(document: &Document) {
    let long = |text: &str| text.len() > LONG;
    let nodes: Vec<NodeRef> = document.root().descendants_it().collect();
    for node in nodes {
        for attribute in node.attrs() {
            if long(&attribute.value) {
                node.remove_attr(&attribute.name.local);
            }
        }
        let raw = || node.parent().is_some_and(|parent| parent.has_name("script") || parent.has_name("style"));
        let text = if node.is_text() { node.text() } else { continue };
        if !long(&text) || raw() {
            continue;
        }
        let mut rest = &*text;
        while rest.len() > LONG {
            let (piece, behind) = rest.split_at(rest.floor_char_boundary(LONG));
            node.insert_before(&node.tree.new_text(piece));
            rest = behind;
        }
        node.set_text(rest);
    }
}

/// The encoding that the page says it has.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(PRESCAN)].to_ascii_lowercase();
    let at = head.windows(8).position(|window| window == b"charset=")? + 8;
    let label = head[at..].trim_ascii_start();
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let end = label.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte)).unwrap_or(label.len());
    Encoding::for_label(&label[..end])
}

/// The host of an address.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?.split(':').next()?;
    Some(host.strip_prefix("www.").unwrap_or(host)).filter(|host| !host.is_empty())
}

/// A page or piece of one; `None` where its elements stand too deep one inside the other.
pub(super) fn parsed(html: &str, parse: impl FnOnce(&str) -> Document) -> Option<Document> {
    // The tags are counted before, since deep pages take long to parse, and the tree behind, since a parser moves elements.
    let document = (tags_deep(html) <= DEPTH).then(|| parse(html))?;
    let mut open = vec![document.root().children_it(false)];
    while let Some(level) = open.last_mut() {
        match level.next() {
            Some(_) if open.len() > 2 * DEPTH => return None,
            Some(node) => open.push(node.children_it(false)),
            None => drop(open.pop()),
        }
    }
    drop(open);
    Some(document)
}

/// How deep tags stand one inside the other, by their names: a closing tag closes down to the last that it names, or nothing.
fn tags_deep(html: &str) -> usize {
    /// Elements without content, and those that their followers close.
    const ALONE: [&str; 20] = [
        "area", "base", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p", "source", "td",
        "th", "tr", "track", "wbr",
    ];
    let (mut open, mut most): (Vec<&str>, usize) = (Vec::new(), 0);
    for (at, _) in html.match_indices('<') {
        let tag = &html[at + 1..];
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = &tag[..end];
        if name.is_empty() || ALONE.iter().any(|alone| alone.eq_ignore_ascii_case(name)) {
            continue;
        }
        if !closes {
            open.push(name);
            most = most.max(open.len());
        } else if let Some(last) = open.iter().rposition(|held| held.eq_ignore_ascii_case(name)) {
            open.truncate(last);
        }
        if most > DEPTH {
            break;
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_declared_in_many_ways() {
        for head in [
            "<meta charset=\"windows-1252\">",
            "<META CHARSET='windows-1252'/>",
            "<meta http-equiv=Content-Type content=\"text/html; charset=windows-1252\">",
        ] {
            assert_eq!(declared(head.as_bytes()), Some(encoding_rs::WINDOWS_1252), "{head}");
        }
        assert_eq!(declared(b"<html>"), None);
    }

    #[test]
    fn a_long_text_is_cut_and_reads_as_before() {
        let sentence = "Norway & Sweden met in Oslo’s “old” town, where R&D & trade were spoken of. ";
        let text = sentence.repeat(3 * LONG / sentence.len());
        let page =
            format!("<html><body><h1>Talks in Oslo on trade go on</h1><p>{text}</p><script>1 && 2</script></body></html>");
        let document = Document::from(page.as_str());
        let before = document.text();
        cut_long(&document);
        assert_eq!(document.text(), before);
        assert!(document.root().descendants_it().all(|node| !node.is_text() || node.text().len() <= LONG));
        let found = extracted(&page).expect("an article");
        assert_eq!(found.text_content.trim(), text.trim());
        let address = format!("<p><a href=\"x?{}\">{sentence}</a></p>", "a&".repeat(LONG));
        let document = Document::from(address.as_str());
        cut_long(&document);
        assert!(!document.html().contains("href"));
    }

    #[test]
    fn hosts() {
        for (url, expected) in
            [("https://www.example.org/a?b", Some("example.org")), ("http://u@h:80", Some("h")), ("x", None)]
        {
            assert_eq!(host(url), expected);
        }
    }
}
