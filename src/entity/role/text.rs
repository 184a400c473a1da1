//! The words around a mention, with the mentions among them as single items.

use super::lexicon::{is_honorific, is_short};
use crate::mention::Mention;
use crate::segment::Sentence;
use crate::span::Span;

/// How many tokens are looked at on each side of a mention.
const REACH: usize = 32;

/// A word, a mark or a whole mention.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    /// Its text; words joined by hyphens are one item.
    pub(super) text: &'a str,
    /// The number of the mention that it is.
    pub(super) mention: Option<usize>,
    /// Whether it opens its sentence.
    pub(super) opens: bool,
}

impl Item<'_> {
    /// The word in small letters, without the full stop of an abbreviation; empty for a mention.
    pub(super) fn word(self) -> String {
        if self.mention.is_some() {
            return String::new();
        }
        let lower = self.text.replace('’', "'").to_lowercase();
        lower.strip_suffix('.').filter(|stem| !stem.is_empty()).unwrap_or(&lower).to_owned()
    }

    /// Whether it is a word, no mention, that begins with a capital.
    pub(super) fn is_capitalised(self) -> bool {
        self.mention.is_none() && self.text.starts_with(char::is_uppercase)
    }

    /// Whether it is the mark of a possessive.
    pub(super) fn is_possessive(self) -> bool {
        self.mention.is_none() && matches!(self.text, "'s" | "’s" | "'" | "’")
    }
}

/// An article's words.
pub(super) struct Text<'a> {
    pub(super) body: &'a str,
    pub(super) sentences: &'a [Sentence],
    pub(super) mentions: &'a [Mention],
}

impl<'a> Text<'a> {
    /// What stands before and after a mention in its sentence, both from the nearest item on.
    pub(super) fn around(&self, mention: usize) -> [Vec<Item<'a>>; 2] {
        let Mention { span, sentence, .. } = &self.mentions[mention];
        let Some(tokens) = self.sentences.get(*sentence).map(|sentence| sentence.tokens.as_slice()) else {
            return [Vec::new(), Vec::new()];
        };
        let from = tokens.partition_point(|token| token.end <= span.start);
        let to = tokens.partition_point(|token| token.start < span.end);
        let first = from.saturating_sub(REACH);
        let mut before = self.items(&tokens[first..from], first == 0);
        before.reverse();
        [before, self.items(&tokens[to..tokens.len().min(to + REACH)], false)]
    }

    /// The tokens as items, in order.
    fn items(&self, tokens: &[Span], opens: bool) -> Vec<Item<'a>> {
        let mut items: Vec<(Span, Item<'a>)> = Vec::new();
        for token in tokens {
            let at = self.mentions.partition_point(|mention| mention.span.end <= token.start);
            let mention = self.mentions.get(at).filter(|mention| mention.span.overlaps(*token)).map(|_| at);
            match items.last_mut() {
                Some((_, last)) if mention.is_some() && last.mention == mention => {}
                Some((span, last)) if mention.is_none() && self.continues(*span, *last, *token) => {
                    span.end = token.end;
                    last.text = span.slice(self.body);
                }
                _ => {
                    let span = mention.map_or(*token, |at| self.mentions[at].span);
                    items.push((span, Item { text: span.slice(self.body), mention, opens: opens && items.is_empty() }));
                }
            }
        }
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// Whether a token goes on a word that is joined by hyphens.
    fn continues(&self, span: Span, last: Item<'_>, token: Span) -> bool {
        let letters = |text: &str, end: bool| {
            let edge = if end { text.chars().next_back() } else { text.chars().next() };
            edge.is_some_and(char::is_alphanumeric)
        };
        let text = token.slice(self.body);
        let joins = (text == "-" && letters(last.text, true))
            || (last.text.len() > 1 && last.text.ends_with('-') && letters(text, false));
        let shortened = text == "." && (is_honorific(&last.word()) || is_short(&last.word()));
        // "Taliban-led" begins with a mention, which stays an item of its own.
        last.mention.is_none() && span.end == token.start && (joins || shortened)
    }
}
