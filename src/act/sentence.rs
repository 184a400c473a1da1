//! A sentence in the eyes of the finder: its tokens in lower case, and the cues that stand in it.

use super::inflect::Form;
use super::lexicon::{Class, Lexicon, Match, Readings};
use crate::position::ActKind;
use crate::span::Span;

/// The tokens of a sentence and the cues among them, whoever acts.
pub(super) struct Told<'a> {
    /// The tokens, in the body.
    pub(super) tokens: &'a [Span],
    /// The tokens in lower case; dashes and quotation marks of one kind.
    pub(super) words: Vec<String>,
    /// Whether a token begins with a capital and is not the first.
    pub(super) named: Vec<bool>,
    /// The cues, by first token.
    pub(super) cues: Vec<Cue>,
}

/// A cue in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    /// The numbers of its tokens, ascending, never empty. Other words may stand between them.
    pub(super) tokens: Vec<usize>,
    /// The row of the table, as written there.
    pub(super) entry: &'static str,
    /// As what the word is read here.
    pub(super) class: Class,
    /// The form of its first word.
    pub(super) form: Form,
    /// Its kinds, the likeliest first.
    pub(super) kinds: Vec<ActKind>,
}

impl Cue {
    /// The first token.
    pub(super) fn first(&self) -> usize {
        self.tokens.first().copied().unwrap_or_default()
    }

    /// The last token.
    pub(super) fn last(&self) -> usize {
        self.tokens.last().copied().unwrap_or_default()
    }

    /// The tokens from the first up to the first gap: the run that surely belongs to it.
    pub(super) fn head_end(&self) -> usize {
        let run = self.tokens.windows(2).take_while(|pair| pair[1] == pair[0] + 1).count();
        self.first() + run
    }
}

impl<'a> Told<'a> {
    /// Reads a sentence.
    pub(super) fn new(lexicon: &Lexicon, body: &str, tokens: &'a [Span]) -> Self {
        let words: Vec<String> = tokens.iter().map(|token| plain(token.slice(body))).collect();
        let named = tokens
            .iter()
            .enumerate()
            .map(|(at, token)| at > 0 && token.slice(body).starts_with(char::is_uppercase))
            .collect();
        let mut told = Self { tokens, words, named, cues: Vec::new() };
        told.cues = told.find(lexicon);
        told
    }

    /// The first kind of the last cue that begins in `from..to`.
    pub(super) fn kind_before(&self, from: usize, to: usize) -> Option<ActKind> {
        let before = self.cues.partition_point(|cue| cue.first() < to);
        let cue = self.cues[..before].last().filter(|cue| cue.first() >= from)?;
        cue.kinds.first().copied()
    }

    fn find(&self, lexicon: &Lexicon) -> Vec<Cue> {
        let readings: Vec<&Readings> = self.words.iter().map(|word| lexicon.readings(word)).collect();
        let open = |at: usize| self.words.get(at).is_some_and(|word| !closes(word));
        let mut found: Vec<Match<'_>> =
            (0..self.words.len()).flat_map(|first| lexicon.matches(&readings, first, &open)).collect();
        // The longest match that covers a token holds it; a match of which others hold all tokens is part of them.
        found.sort_by_key(|found| (found.tokens[0], std::cmp::Reverse(found.tokens.len())));
        let mut longest = vec![0; self.words.len()];
        for token in found.iter().flat_map(|found| found.tokens.iter().map(|token| (*token, found.tokens.len()))) {
            longest[token.0] = longest[token.0].max(token.1);
        }
        found.retain(|found| found.tokens.iter().any(|token| longest[*token] == found.tokens.len()));
        found.sort_by(|one, other| one.tokens.cmp(&other.tokens));
        let names = self.named.iter().filter(|named| **named).count() * 5 < self.named.len() * 3;
        found
            .chunk_by(|one, other| one.tokens == other.tokens)
            .filter_map(|same| self.cue(same))
            // A word with a capital is part of a name ("March", "the Relief Fund"), unless all words have one, as in a headline.
            .filter(|cue| !(names && cue.tokens.iter().all(|token| self.named[*token])))
            .collect()
    }

    /// The cue of the entries that match the same tokens, read as verb or noun by what stands around it.
    fn cue(&self, same: &[Match<'_>]) -> Option<Cue> {
        let first = same.first()?;
        let of = |class: Class| same.iter().find(move |found| found.entry.class == class);
        let other = same.iter().any(|found| found.entry.class != Class::Verb);
        let class = match of(Class::Verb) {
            Some(verb) if self.as_noun(&first.tokens, verb.form) => match verb.form {
                // "A free press", "its forces": no verb, and no noun of the table.
                Form::Base | Form::S if !other => return None,
                _ => Class::Noun,
            },
            Some(_) => Class::Verb,
            None => first.entry.class,
        };
        let told = of(class).unwrap_or(first);
        // A verb's -ing or base form that no noun of the table has ("meeting"), read as a noun, keeps the verb's kinds.
        let mut kinds = told.entry.kinds.clone();
        for kind in same.iter().flat_map(|found| &found.entry.kinds) {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        Some(Cue { tokens: told.tokens.clone(), entry: told.entry.cue, class, form: told.form, kinds })
    }

    /// Whether a word that can be both is a noun here.
    fn as_noun(&self, tokens: &[usize], form: Form) -> bool {
        let first = tokens[0];
        let before = first.checked_sub(1).map_or("", |at| self.words[at].as_str());
        let after = tokens.last().and_then(|last| self.words.get(last + 1)).map_or("", String::as_str);
        if VERB_AFTER.contains(&before) || before.ends_with("n't") || before.ends_with("n’t") {
            return false;
        }
        if NOUN_AFTER.contains(&before) {
            return true;
        }
        let opens = DETERMINERS.contains(&after) || after == "to" || after == "that";
        let named = self.named.get(first + tokens.len()).copied().unwrap_or_default();
        match form {
            Form::Past => false,
            Form::Ing => !(opens || named || tokens.len() > 1),
            Form::S | Form::Base => {
                let follows = first > 0 && (self.named[first - 1] || before.ends_with('s'));
                !(opens || (named && follows) || (follows && form == Form::S && !PREPOSITIONS.contains(&after)))
            }
        }
    }
}

/// Words after which a verb stands.
const VERB_AFTER: &[&str] = &[
    "to", "will", "would", "can", "could", "may", "might", "must", "should", "shall", "not", "did", "does", "do", "who",
    "they", "he", "she", "it", "we", "i", "you", "also", "never", "cannot", "'ll", "’ll", "let", "is", "are", "was", "were",
    "be", "been", "being", "has", "have", "had", "strongly", "further", "always",
];
/// Words after which a noun stands.
const NOUN_AFTER: &[&str] = &[
    "the",
    "a",
    "an",
    "his",
    "her",
    "their",
    "its",
    "our",
    "my",
    "your",
    "this",
    "these",
    "those",
    "'s",
    "’s",
    "'",
    "’",
    "of",
    "no",
    "any",
    "some",
    "new",
    "more",
    "military",
    "in",
    "on",
    "with",
    "from",
    "for",
    "under",
    "after",
    "against",
    "such",
    "recent",
    "full",
    "strong",
    "deadly",
    "public",
    "political",
    "air",
    "into",
    "over",
    "another",
    "every",
    "each",
    "between",
];
pub(super) const DETERMINERS: &[&str] = &[
    "the", "a", "an", "his", "her", "their", "its", "this", "these", "those", "all", "any", "him", "them", "us", "me", "it",
];
pub(super) const PREPOSITIONS: &[&str] = &[
    "of", "on", "against", "by", "in", "from", "with", "for", "to", "at", "over", "about", "between", "into", "towards",
    "toward", "after", "as", "under", "upon", "outside", "among", "near",
];

/// Whether a gap ends at this token.
fn closes(word: &str) -> bool {
    let mark = word.chars().all(|c| !c.is_alphanumeric());
    (mark && !matches!(word, "-" | "'" | "$" | "€" | "£" | "%"))
        || matches!(word, "who" | "which" | "that" | "because" | "while" | "but" | "after")
}

/// A token in lower case, its dash or apostrophe the plain one.
fn plain(token: &str) -> String {
    match token {
        "‐" | "‑" | "–" => "-".to_owned(),
        _ => token.to_lowercase().replace('’', "'"),
    }
}
