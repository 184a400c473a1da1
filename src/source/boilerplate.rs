//! A page -> the same page without what is not its article, and the headline.
//!
//! The extractor finds where the text stands; within it, it leaves bylines, captions, offers and related links. What these are is
//! told here by what HTML and ARIA say of an element, by the words that class names are made of everywhere, by the share of links,
//! and by where an element stands: the text comes behind the headline.

use std::collections::BTreeSet;

use dom_query::{Document, NodeId, NodeRef};

use super::record::folded;

/// Elements that hold no text of an article.
#[rustfmt::skip]
const TAGS: [&str; 17] = [
    "aside", "button", "dialog", "figcaption", "footer", "form", "iframe", "label", "marquee", "nav", "noscript", "object",
    "select", "svg", "template", "textarea", "video",
];
/// Roles of ARIA of which the same is true.
#[rustfmt::skip]
const ROLES: [&str; 13] = [
    "alert", "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation", "search",
    "tablist", "toolbar", "tooltip",
];
/// Words in the names of blocks that stand beside the text, however long they are.
#[rustfmt::skip]
const BLOCKS: [&str; 48] = [
    "ad", "ads", "adsbygoogle", "advert", "advertisement", "advertising", "barrier", "breadcrumb", "breadcrumbs", "cmp",
    "comments", "commentlist", "consent", "cookie", "cookies", "disqus", "donate", "donation", "factbox", "foot", "footer",
    "gdpr", "guestbook", "infobox", "menu", "modal", "mostread", "nav", "navbar", "navigation", "newsletter", "offer", "offers",
    "outbrain", "overlay", "pagination", "paywall", "popular", "promo", "recirc", "recommended", "related", "respond", "sidebar",
    "signup", "sponsor", "taboola", "trending",
];
/// Words in the names of short pieces above, below and inside the text.
#[rustfmt::skip]
const PIECES: [&str; 38] = [
    "about", "author", "authors", "bio", "biography", "by", "byline", "caption", "captions", "copyright", "correction",
    "corrections", "credit", "credits", "cutline", "deck", "dek", "disclaimer", "editsection", "kicker", "meta", "metadata",
    "poll", "profile", "pullquote", "reactions", "readmore", "share", "sharing", "signature", "social", "standfirst",
    "subheadline", "subscribe", "subscription", "subtitle", "tags", "timestamp",
];
/// Words that make a name the state of a whole page: "has-sidebar", "no-comments".
const STATES: [&str; 8] = ["has", "is", "js", "no", "not", "single", "use", "with"];
/// What headings say above what is not the article any more.
#[rustfmt::skip]
const ENDS: [&str; 26] = [
    "about the author", "comments", "continue reading", "editor's picks", "follow us", "keep reading", "latest from",
    "latest news", "more from", "more in ", "more on", "most popular", "most read", "newsletter", "notes to editors", "read more",
    "read next", "recommended", "related", "see also", "share this", "sign up", "sources", "subscribe", "up next",
    "you may also like",
];
/// Elements that may be lists of links.
#[rustfmt::skip]
const PARTS: [&str; 20] = [
    "article", "blockquote", "center", "div", "dl", "h2", "h3", "h4", "h5", "h6", "header", "li", "ol", "p", "section", "table", "tbody",
    "td", "tr", "ul",
];
/// The most characters of a short piece.
const PIECE: usize = 600;
/// The most characters of an image's frame that is all caption.
const CAPTION: usize = 160;
/// The fewest characters of a paragraph that is surely of the text.
const PARAGRAPH: usize = 80;
/// The most pieces of text that are looked at above the article and below it.
const EDGE: usize = 100;
/// The most characters of a headline.
const HEADLINE: usize = 300;

/// Takes out of the page what is not its article; returns the headline.
pub(super) fn clean(document: &Document) -> Option<String> {
    let body = document.body()?;
    let headline = headline(document, &body);
    let said = headline.map(|node| folded(&node.text()));
    if let Some(headline) = headline.filter(|headline| is_above(headline, &body)) {
        drop_before(&headline, &body);
    }
    narrow(document, &body);
    let above: BTreeSet<NodeId> = headline.iter().flat_map(|node| node.ancestors_it(None)).map(|node| node.id).collect();
    sweep(&body, &above);
    drop_between(&body, headline.as_ref());
    drop_after(&body);
    if let Some(headline) = headline {
        let head = headline.ancestors_it(None).find(|node| node.has_name("header") || node.has_name("hgroup"));
        head.filter(|head| is_short(head, 2 * PIECE)).unwrap_or(headline).remove_from_parent();
    }
    said
}

/// The element that holds the headline: the longest piece of the title that the page states, or the only `h1`.
fn headline<'a>(document: &'a Document, body: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    let stated = document.select("title, meta[property='og:title']");
    let stated: Vec<String> =
        stated.nodes().iter().map(|node| words(&node.attr("content").unwrap_or_else(|| node.text()))).collect();
    let mut best: Option<((bool, bool, usize), NodeRef)> = None;
    let mut firsts = Vec::new();
    for node in body.descendants_it() {
        let first = node.has_name("h1");
        if first {
            firsts.push(node);
        }
        let (text, node) = match node.parent() {
            Some(parent) if node.is_text() && !is_any(&parent, &["a", "li", "script", "style"]) => (node.text(), parent),
            _ if is_heading(&node) => (node.text(), node),
            _ => continue,
        };
        if text.len() > HEADLINE {
            continue;
        }
        let text = words(&text);
        // A small part of the title is the outlet's name.
        let part = |title: &String| title.contains(&text) && 5 * text.len() > 2 * title.len();
        let rank = (node.has_name("h1"), is_heading(&node), text.len());
        if text.contains(' ') && stated.iter().any(part) && best.is_none_or(|(other, _)| rank > other) {
            best = Some((rank, node));
        }
    }
    let alone = firsts.first().filter(|first| firsts.len() == 1 && words(&first.text()).split(' ').count() > 3);
    best.map(|(_, node)| node).or_else(|| alone.copied())
}

/// Whether the text stands below the headline: notes above it may be long, but not four times as long.
fn is_above(headline: &NodeRef, body: &NodeRef) -> bool {
    let (mut before, mut behind, mut passed) = (0, 0, false);
    for node in body.descendants_it() {
        passed |= node.id == headline.id;
        if node.is_text() {
            let chars = node.normalized_char_count();
            *(if passed { &mut behind } else { &mut before }) += if chars < PARAGRAPH { 0 } else { chars };
        }
    }
    before <= 4 * behind
}

/// Drops all that stands before the headline.
fn drop_before(headline: &NodeRef, body: &NodeRef) {
    let mut node = *headline;
    while node.id != body.id {
        while let Some(before) = node.prev_sibling() {
            before.remove_from_parent();
        }
        let Some(parent) = node.parent() else { return };
        node = parent;
    }
}

/// Where the page says which element is the body of its article, only that one stays, and of several articles the first.
fn narrow(document: &Document, body: &NodeRef) {
    let stated = document.select("[itemprop='articleBody']");
    if let [only] = stated.nodes()
        && !is_short(only, 2 * PARAGRAPH)
    {
        only.remove_from_parent();
        body.remove_children();
        body.append_child(only);
    }
    let articles = document.select("article");
    let mut own = articles.nodes().iter().filter(|article| article.descendants_it().any(|node| node.has_name("h1")));
    if own.next().is_some() {
        own.for_each(NodeRef::remove_from_parent);
    }
    // The parts of a live blog are one text.
    let parts = articles.nodes().iter().filter(|article| article.parent().is_some());
    let parts: Vec<_> = parts.filter(|article| !is_short(article, PARAGRAPH)).collect();
    if parts.len() > 1 {
        for article in parts {
            article.rename("div");
        }
    }
}

/// What is known of an element once all below it has been seen.
#[derive(Default)]
struct Seen {
    /// Characters, and those of them in links.
    chars: usize,
    linked: usize,
    images: usize,
    /// Whether a heading or a paragraph stands inside.
    parted: bool,
    /// Children, and those of them that are links with something beside.
    children: usize,
    cards: usize,
    /// Whether a line of links was dropped inside.
    lost: bool,
}

/// Drops elements from the inside out. `above` are those that hold the headline, which stay.
fn sweep(body: &NodeRef, above: &BTreeSet<NodeId>) {
    let mut open = vec![(*body, Seen::default(), body.first_child())];
    while let Some((node, seen, next)) = open.last_mut() {
        if let Some(child) = *next {
            *next = child.next_sibling();
            if child.is_text() {
                seen.chars += child.normalized_char_count();
            } else if child.is_element() {
                if above.contains(&child.id) || !is_beside(&child) {
                    // Of a dateline in a paragraph the extractor would make a byline.
                    if child.has_name("span") && node.has_name("p") {
                        child.remove_attr("class");
                    }
                    let first = child.first_child();
                    open.push((child, Seen::default(), first));
                } else {
                    child.remove_from_parent();
                }
            }
            continue;
        }
        let (node, mut seen) = (*node, std::mem::take(seen));
        open.pop();
        let Some((_, around, next)) = open.last_mut() else { return };
        let stays = above.contains(&node.id);
        let links = is_links(&node, &seen);
        if !stays && (links || is_caption(&node, &seen) || is_end(&node, around.chars)) {
            *next = node.next_sibling();
            node.remove_from_parent();
            around.lost |= links;
            continue;
        }
        if node.has_name("a") && node.attr("href").is_none_or(|href| !href.starts_with('#')) {
            seen.linked = seen.chars;
        }
        around.chars += seen.chars;
        around.linked += seen.linked;
        around.images += seen.images + usize::from(node.has_name("img") || node.has_name("amp-img"));
        around.parted |= seen.parted || is_heading(&node) || node.has_name("p");
        around.children += 1;
        around.cards +=
            usize::from(!node.has_name("p") && (4 * seen.linked > seen.chars || (seen.lost && seen.chars < PIECE / 2)));
        if node.has_name("dl") {
            node.rename("div");
        } else if node.has_name("dt") || node.has_name("dd") {
            node.rename("p");
        }
    }
}

/// Whether an element stands beside the text by what it says of itself.
fn is_beside(node: &NodeRef) -> bool {
    let Some(name) = node.node_name() else { return false };
    let attribute = |name: &str| node.attr(name).unwrap_or_default().to_ascii_lowercase();
    let alone = || node.parent().is_some_and(|parent| !parent.has_name("p"));
    if TAGS.contains(&&*name) || (&*name == "time" && alone()) || ROLES.contains(&attribute("role").trim()) {
        return true;
    }
    let style: String = attribute("style").split_whitespace().collect();
    let hidden = node.has_attr("hidden") || attribute("aria-hidden") == "true" || style.contains("display:none");
    if hidden || style.contains("visibility:hidden") {
        return true;
    }
    // A word inside a paragraph is part of it, whatever its style.
    let word = matches!(&*name, "a" | "abbr" | "b" | "em" | "i" | "span" | "strong")
        && node.parent().is_some_and(|parent| parent.has_name("p") && !is_short(&parent, PARAGRAPH));
    !word
        && !matches!(&*name, "main" | "article" | "h1")
        && [node.attr("class"), node.attr("id")]
            .iter()
            .flatten()
            .any(|names| names.split_whitespace().any(|name| is_named(node, name)))
}

fn is_named(node: &NodeRef, name: &str) -> bool {
    // What stands behind two hyphens is a state of the block that is named before.
    let words = name_words(name.split("--").next().unwrap_or(name));
    if words.first().is_some_and(|first| STATES.contains(&first.as_str())) {
        return false;
    }
    words.iter().any(|word| BLOCKS.contains(&word.as_str()))
        || (words.iter().any(|word| PIECES.contains(&word.as_str())) && is_short(node, PIECE))
}

/// The words of a name: `postMeta`, `post-meta` and `post__meta` are two.
fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether an element is a list of links, or of links with a line on each.
fn is_links(node: &NodeRef, seen: &Seen) -> bool {
    let block = node.node_name().is_some_and(|name| PARTS.contains(&&*name));
    let links = 5 * seen.linked > 3 * seen.chars;
    let cards = seen.cards > 2 && 5 * seen.cards > 3 * seen.children;
    // A paragraph that is one long link, or many, is a paragraph.
    let prose = || {
        is_any(node, &["p", "li", "blockquote"])
            && (seen.chars.saturating_sub(seen.linked) > PARAGRAPH / 2
                || (seen.chars >= PARAGRAPH && ends_a_sentence(&node.text())))
    };
    block && seen.chars > 0 && (links || cards) && !prose()
}

/// Whether an element is an image and a few words on it.
fn is_caption(node: &NodeRef, seen: &Seen) -> bool {
    let frame = is_any(node, &["div", "figure", "span", "table", "center", "td"]);
    frame && seen.images > 0 && seen.chars > 0 && seen.chars < CAPTION && !seen.parted
}

/// Whether an element is the heading of what is not the article any more; what follows beside it goes first.
fn is_end(node: &NodeRef, before: usize) -> bool {
    if !is_heading(node) || !is_short(node, PARAGRAPH) {
        return false;
    }
    let text = node.text().trim().to_lowercase().replace('’', "'");
    if !ENDS.iter().any(|end| text.starts_with(end)) {
        return false;
    }
    // In the middle of a text, it goes on behind the links; where nothing stands before, all of the element is of this kind.
    while let Some(next) = node.next_sibling() {
        if before > PIECE && is_paragraph(&next) {
            break;
        }
        next.remove_from_parent();
    }
    true
}

/// Whether an element has fewer characters, and parts, than `limit`; a long one costs no more to tell than a short one.
fn is_short(node: &NodeRef, limit: usize) -> bool {
    let (mut chars, mut parts) = (0, 0);
    node.descendants_it().all(|part| {
        parts += 1;
        chars += if part.is_text() { part.normalized_char_count() } else { 0 };
        chars < limit && parts < limit
    })
}

fn is_any(node: &NodeRef, names: &[&str]) -> bool {
    names.iter().any(|name| node.has_name(name))
}

fn is_heading(node: &NodeRef) -> bool {
    is_any(node, &["h1", "h2", "h3", "h4", "h5", "h6"])
}

fn is_paragraph(node: &NodeRef) -> bool {
    node.has_name("p") && node.normalized_char_count() >= PARAGRAPH && ends_a_sentence(&node.text())
}

/// Drops the lines behind the last sentence but for lists.
fn drop_after(body: &NodeRef) {
    let texts: Vec<NodeRef> = body.descendants_it().filter(NodeRef::is_nonempty_text).collect();
    for line in lines_of(texts.into_iter().rev().take(EDGE)) {
        if ends_a_sentence(&line.text()) || line.ancestors_it(None).chain([line]).any(|node| is_item(&node)) {
            break;
        }
        line.remove_from_parent();
    }
}

fn is_item(node: &NodeRef) -> bool {
    is_any(node, &["li", "td", "th", "blockquote", "pre"])
}

/// Drops lines of names, dates and the like between the headline and the text.
fn drop_between(body: &NodeRef, headline: Option<&NodeRef>) {
    let mut lines = Vec::new();
    let behind = |node: &NodeRef| headline.is_some_and(|headline| headline.id != node.id);
    for line in lines_of(body.descendants_it().skip_while(behind).filter(NodeRef::is_nonempty_text).take(EDGE)) {
        let text = line.text();
        let length = line.normalized_char_count();
        if length >= PARAGRAPH && ends_a_sentence(&text) && !(length < 2 * PARAGRAPH && has_year(&text)) {
            break;
        }
        let kept =
            line.ancestors_it(None).chain([line]).any(|node| is_heading(&node) || is_item(&node) && !node.has_name("td"));
        if !kept && (!ends_a_sentence(&text) || (has_year(&text) && length < PARAGRAPH)) {
            lines.push(line);
        }
    }
    lines.iter().for_each(NodeRef::remove_from_parent);
}

/// The lines of some texts: the innermost block around a text, or the text itself where line breaks part the block. Texts of one block that
/// follow each other are one line, so that a block of many texts is looked through once.
fn lines_of<'a>(texts: impl Iterator<Item = NodeRef<'a>>) -> impl Iterator<Item = NodeRef<'a>> {
    let mut last: Option<(NodeId, bool)> = None;
    texts.filter_map(move |text| {
        let block = text.ancestors_it(None).find(|node| {
            !is_any(node, &["a", "abbr", "b", "cite", "em", "font", "i", "small", "span", "strong", "time", "u"])
        })?;
        let known = last.filter(|(id, _)| *id == block.id).map(|(_, parted)| parted);
        let parted = known.unwrap_or_else(|| block.descendants_it().any(|node| is_any(&node, &["br", "p", "div", "table"])));
        last = Some((block.id, parted));
        match (parted, known) {
            (true, _) => Some(text),
            (false, None) => Some(block),
            (false, Some(_)) => None,
        }
    })
}

fn ends_a_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', ':', '…', '"', '”', '’', ')', '»', '。', '！', '？', '」', '؟', '।', ']'])
}

fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|number| number.len() == 4 && (number.starts_with("19") || number.starts_with("20")))
}

/// Small letters and single spaces: what two writings of one headline share.
fn words(text: &str) -> String {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join(" ")
}

/// Lines that speak of the article or of the page, by how they begin.
#[rustfmt::skip]
const BEGIN: [&str; 26] = [
    "a version of this article", "advertisement", "all rights reserved", "also read", "an earlier version", "click here",
    "copyright", "correction:", "editing by", "editor's note", "follow us", "our standards", "photo:", "photograph:", "picture:",
    "read also", "read more", "reporting by", "see also", "share this", "sign up", "skip advertisement", "source: http",
    "subscribe", "this article was amended", "this story was updated",
];
/// What notes on the author hold.
#[rustfmt::skip]
const BIO: [&str; 12] = [
    " can be reached at", " is a columnist", " is a correspondent", " is a journalist", " is a reporter", " is a staff writer",
    " is the author of", " is the editor", " reported from", " writes about", "the author is ", "the writer is ",
];
/// The most lines in which repetitions are looked for, as that takes time with their square.
const LINES: usize = 400;

/// The text without its lines of the page, and without lines that repeat a part of another, as pull quotes do.
pub(super) fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| !line.trim().is_empty()).unwrap_or_default();
    let said: Vec<String> = if lines.len() > LINES { Vec::new() } else { lines.iter().map(|line| words(line)).collect() };
    let repeats = |at: usize| {
        let Some(line) = said.get(at).filter(|line| line.split(' ').count() > 4) else { return false };
        said.iter()
            .enumerate()
            .any(|(other, text)| (text.len() > line.len() || (text == line && other < at)) && text.contains(line.as_str()))
    };
    let mut kept = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        if is_sign_off(line) {
            break;
        }
        if !(is_of_the_page(line) || repeats(at) || (at + 2 >= last && is_bio(line))) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    while kept.contains("\n\n\n") {
        kept = kept.replace("\n\n\n", "\n\n");
    }
    kept.trim().to_owned()
}

/// Whether a line ends a press release.
fn is_sign_off(line: &str) -> bool {
    matches!(line.trim_matches(|c: char| !c.is_alphanumeric() && c != '#'), "ENDS" | "Ends" | "###")
}

fn is_bio(line: &str) -> bool {
    let line = line.to_lowercase();
    line.len() < PIECE && BIO.iter().any(|bio| line.contains(bio))
}

fn is_of_the_page(line: &str) -> bool {
    let line = line.trim().to_lowercase().replace('’', "'");
    let start = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    // "— Name (@name) 1 May 2025" below an embedded post.
    let poster = line.starts_with(['—', '-', '–']) && line.contains("(@");
    // Links with strokes between, and the time of an update.
    let menu = line.matches(" | ").count() > 1 && !ends_a_sentence(&line);
    let clock = line.len() < 16
        && line.starts_with(|c: char| c.is_ascii_digit())
        && (line.contains(':') || line.ends_with("pm") || line.ends_with("am"));
    line.len() < PIECE
        && (start.starts_with('©')
            || line.starts_with('©')
            || poster
            || menu
            || clock
            || BEGIN.iter().any(|begin| start.starts_with(begin)))
}
