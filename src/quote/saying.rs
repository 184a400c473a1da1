//! Sayings: who says, and where what is said stands, clause by clause.

use super::line::Line;
use super::words::{ADVERBS, AUXILIARIES, CLAUSE, DETERMINERS, PREPOSITIONS, PRONOUNS, REPORTING, speaks_for_a_body};
use crate::mention::{EntityType, Mention};
use crate::span::Span;

/// Who says something, as the sentence has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// A mention, by its number in the article's list.
    Mention(usize),
    /// A pronoun or nominal.
    Phrase(Span),
}

/// Somebody says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// The number of the sentence.
    pub sentence: usize,
    /// Who.
    pub speaker: Speaker,
    /// The words that name the speaker and the verb, in the line.
    pub cue: std::ops::Range<usize>,
    /// What is said, as far as it stands in this sentence: before the cue, behind it, or both.
    pub said: [Option<Span>; 2],
}

/// The sayings of a line, outside direct speech, in order.
pub(super) fn sayings(line: &Line<'_>, mentions: &[Mention]) -> Vec<Saying> {
    let mut out = Vec::new();
    for at in 0..line.words.len() {
        if line.words[at].quoted || line.words[at].mention.is_some() {
            continue;
        }
        let told = if REPORTING.binary_search(&line.lower(at)).is_ok() {
            told(line, at, mentions)
        } else if line.lower(at) == "according" && line.lower(at + 1) == "to" {
            named_after(line, at + 2, mentions).map(|(speaker, end)| (speaker, at..end))
        } else {
            None
        };
        if let Some((speaker, cue)) = told {
            let said = said(line, &cue);
            out.push(Saying { sentence: line.number, speaker, cue, said });
        }
    }
    out
}

/// The speaker of a verb, and the words from the first to the last of both.
fn told(line: &Line<'_>, verb: usize, mentions: &[Mention]) -> Option<(Speaker, std::ops::Range<usize>)> {
    let before = verb.checked_sub(1);
    // "…," said X. "…," added the minister.
    let closed = before.is_none_or(|at| line.words[at].quoted);
    let comma = before.is_some_and(|at| line.lower(at) == ",");
    if (closed || comma)
        && let Some((speaker, end)) = named_after(line, verb + 1, mentions)
    {
        // "The talks failed, said X." is one; "X, the minister, said the talks failed" is not.
        let person = matches!(speaker, Speaker::Mention(it) if mentions[it].kind == EntityType::Per);
        if closed || (person && line.words.get(end).is_none_or(|word| matches!(word.text, "," | "." | ";"))) {
            return Some((speaker, verb..end));
        }
    }
    named_before(line, verb, mentions).map(|(speaker, start)| (speaker, start..verb + 1))
}

/// How many words a subject may have, appositions and all.
const LONG_SUBJECT: usize = 30;
/// How many words a noun phrase may have.
const LONG_PHRASE: usize = 14;

/// The subject of a verb that stands before it, and its first word.
pub(super) fn named_before(line: &Line<'_>, verb: usize, mentions: &[Mention]) -> Option<(Speaker, usize)> {
    let mut at = verb;
    // Adverbs and helping verbs: "has also said", "later told".
    while at > 0 && !line.words[at - 1].quoted && {
        let lower = line.lower(at - 1);
        ADVERBS.contains(&lower)
            || AUXILIARIES.binary_search(&lower).is_ok()
            || (lower.ends_with("ly") && line.words[at - 1].mention.is_none())
    } {
        at -= 1;
    }
    let last = at.checked_sub(1)?;
    if PRONOUNS.contains(&line.lower(last)) && line.words[last].mention.is_none() {
        let speaks = ["he", "she", "it", "they", "we", "i"].contains(&line.lower(last));
        return speaks.then_some((Speaker::Phrase(line.words[last].span), last));
    }
    // "X, the minister of Y, said": what stands between the commas is left out.
    let end = if line.lower(last) == "," { before_apposition(line, last)? } else { at };
    let start = (0..end).rev().take(LONG_PHRASE).take_while(|at| !ends_phrase(line, *at)).last()?;
    phrase(line, start..end, mentions).map(|speaker| (speaker, start))
}

/// Where the name before an apposition ends, whose closing comma is given.
fn before_apposition(line: &Line<'_>, comma: usize) -> Option<usize> {
    let mut commas = (0..comma).rev().take(LONG_SUBJECT).take_while(|at| !line.words[*at].quoted && line.lower(*at) != ";");
    commas.find(|at| line.lower(*at) == "," && *at > 0).filter(|at| {
        let last = &line.words[at - 1];
        last.mention.is_some() || !PREPOSITIONS.contains(&&*last.lower)
    })
}

/// Whether a word stands outside the noun phrase behind it.
fn ends_phrase(line: &Line<'_>, at: usize) -> bool {
    let word = &line.words[at];
    if word.quoted {
        return true;
    }
    if word.mention.is_some() {
        return false;
    }
    let lower = &*word.lower;
    let joins = ["and", "of", "for", "to", "at", "in", "as", "that", "'s", "’s", "'", "’", "-", "."].contains(&lower);
    let clause = CLAUSE.contains(&lower) && lower != "and";
    !joins
        && (clause
            || AUXILIARIES.binary_search(&lower).is_ok()
            || REPORTING.binary_search(&lower).is_ok()
            || (PREPOSITIONS.contains(&lower) && !["with", "from"].contains(&lower))
            || !lower.starts_with(char::is_alphanumeric))
}

/// The noun phrase that begins at `from`, and one past its last word.
fn named_after(line: &Line<'_>, from: usize, mentions: &[Mention]) -> Option<(Speaker, usize)> {
    let pronoun = ["he", "she", "it", "they"].contains(&line.lower(from));
    if pronoun && line.words[from].mention.is_none() {
        return Some((Speaker::Phrase(line.words[from].span), from + 1));
    }
    let length = (from..line.words.len()).take(LONG_PHRASE).take_while(|at| !ends_phrase(line, *at)).count();
    let begins = line.words.get(from).filter(|word| {
        word.mention.is_some() || DETERMINERS.contains(&&*word.lower) || word.lower.starts_with(char::is_alphabetic)
    });
    begins?;
    phrase(line, from..from + length, mentions).map(|speaker| (speaker, from + length))
}

/// Who a noun phrase is: the person named in it, as the last; else the body named in it, where it is the phrase's head or speaks by
/// a spokesman or a statement; else the phrase itself, where it begins with "the" or the like.
fn phrase(line: &Line<'_>, range: std::ops::Range<usize>, mentions: &[Mention]) -> Option<Speaker> {
    let words = &line.words[range.clone()];
    let kind = |mention: usize| mentions.get(mention).map(|mention| mention.kind);
    let head = words
        .iter()
        .position(|word| word.mention.is_none() && ["of", "for", "at", "in", "to", "from", "with"].contains(&&*word.lower));
    let heads = &words[..head.unwrap_or(words.len())];
    if let Some(person) = heads.iter().rev().find_map(|word| word.mention.filter(|it| kind(*it) == Some(EntityType::Per))) {
        return Some(Speaker::Mention(person));
    }
    let named = |words: &[super::Word<'_>]| {
        words.iter().rev().find_map(|word| word.mention.filter(|it| kind(*it) != Some(EntityType::Misc)))
    };
    if heads.iter().any(|word| speaks_for_a_body(&word.lower)) {
        // "a spokesman for X", "X's spokesman".
        return named(words).map(Speaker::Mention);
    }
    let last = heads.iter().rposition(|word| word.lower.starts_with(char::is_alphanumeric) && word.lower != "s")?;
    if let Some(mention) = heads[last].mention {
        return (kind(mention) != Some(EntityType::Misc)).then_some(Speaker::Mention(mention));
    }
    let first = heads.first()?;
    let definite = ["the", "this", "these", "his", "her", "its", "their", "both"].contains(&&*first.lower);
    let plain = definite && heads.iter().all(|word| word.mention.is_none());
    plain.then(|| Speaker::Phrase(Span::new(first.span.start, heads[last].span.end)))
}

/// What is said around a cue, as far as it stands in the line.
fn said(line: &Line<'_>, cue: &std::ops::Range<usize>) -> [Option<Span>; 2] {
    let span = |range: std::ops::Range<usize>| {
        let (first, last) = (line.words.get(range.start)?, line.words.get(range.end.checked_sub(1)?)?);
        (range.start < range.end).then(|| Span::new(first.span.start, last.span.end))
    };
    let after_comma = cue.start > 0 && matches!(line.lower(cue.start - 1), "," | "”" | "\"" | "’");
    let before = if after_comma { span(0..cue.start - 1) } else { None };
    [before, span(cue.end..line.words.len())]
}
