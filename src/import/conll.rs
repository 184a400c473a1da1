//! Columns of tokens and tags.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Corrected, ImportError, read};
use crate::export::training::lines::unescaped;

/// One line: a token, where it stands, and its tag.
struct Token<'a> {
    text: &'a str,
    tag: &'a str,
    start: usize,
}

/// The articles of a file. The token is the first column, the tag the last, in BIO, BILUO or BIOES; the third of four tells article and place, as the export
/// writes it. Where it does not, the articles are numbered, and their text is their tokens with a space between two. Text between tokens is not known: it
/// counts as spaces.
pub fn conll(path: &Path) -> Result<Vec<Corrected>, ImportError> {
    let text = read(path)?;
    let bad = |line: usize, what: &str| ImportError::Line { path: path.to_owned(), line: line + 1, what: what.to_owned() };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut articles: BTreeMap<String, (usize, Vec<Token<'_>>)> = BTreeMap::new();
    let (mut number, mut end) = (0, 0);
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with("-DOCSTART-") {
            (number, end) = if line.starts_with('-') { (number + 1, 0) } else { (number, end) };
            continue;
        }
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [token, .., tag] = columns.as_slice() else { return Err(bad(at, "a token needs a tag in the last column")) };
        if *tag != "O" && !tag.contains('-') {
            return Err(bad(at, "the last column is no tag such as O, B-PER or I-PER"));
        }
        let (id, start) = match columns.as_slice() {
            [_, _, place, _] => {
                let told = place
                    .rsplit_once(':')
                    .and_then(|(id, start)| Some((unescaped(id)?, start.parse::<u32>().ok()? as usize)));
                told.unwrap_or_else(|| (format!("{stem}-{}", number.max(1)), end))
            }
            _ => (format!("{stem}-{}", number.max(1)), end),
        };
        end = start + token.chars().count() + 1;
        let order = articles.len();
        articles.entry(id).or_insert_with(|| (order, Vec::new())).1.push(Token { text: token, tag, start });
    }
    if articles.is_empty() {
        return Err(ImportError::Empty { path: path.to_owned(), what: "there is no token in this file" });
    }
    let mut articles: Vec<_> = articles.into_iter().collect();
    articles.sort_by_key(|(_, (order, _))| *order);
    Ok(articles.into_iter().map(|(id, (_, tokens))| corrected(id, &tokens)).collect())
}

fn corrected(id: String, tokens: &[Token<'_>]) -> Corrected {
    let mut chars: Vec<char> = Vec::new();
    for token in tokens {
        let end = token.start + token.text.chars().count();
        // A place far behind all tokens would take all memory.
        if end > chars.len() + FARTHEST {
            continue;
        }
        chars.resize(chars.len().max(end), ' ');
        chars[token.start..end].iter_mut().zip(token.text.chars()).for_each(|(to, c)| *to = c);
    }
    let mut corrected = Corrected { id, text: chars.iter().collect(), ..Corrected::default() };
    let mut open: Option<([usize; 2], &str)> = None;
    for token in tokens {
        let (place, kind) = token.tag.split_once('-').unwrap_or((token.tag, ""));
        let here = [token.start, token.start + token.text.chars().count()];
        let goes_on = matches!(place, "I" | "L" | "E") && open.as_ref().is_some_and(|(_, before)| *before == kind);
        if !goes_on && let Some((place, kind)) = open.take() {
            corrected.name(&chars, place, kind, None);
        }
        if place != "O" {
            let start = open.map_or(here[0], |(before, _)| before[0]);
            open = Some(([start, here[1]], kind));
        }
    }
    if let Some((place, kind)) = open {
        corrected.name(&chars, place, kind, None);
    }
    corrected
}

/// The widest gap between two tokens, in code points.
const FARTHEST: usize = 1 << 20;
