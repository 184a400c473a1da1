//! Phrases: the pronouns and nominals of a line that may stand for a named thing.

use std::ops::Range;

use super::facts::{Facts, Gender, Noun};
use crate::mention::{EntityType, Mention};
use crate::quote::{DETERMINERS, Line, PREPOSITIONS, PRONOUNS};
use crate::span::Span;

/// What kind of phrase it is: each has weights of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// He, she and their forms.
    He,
    /// It.
    It,
    /// They.
    They,
    /// A noun for one person: "the minister".
    Person,
    /// A noun for one other thing: "the company".
    Thing,
    /// A noun for several: "the two countries".
    Plural,
    /// A noun that the table does not hold: "the scheme".
    Other,
    /// I: the speaker.
    I,
    /// We: those for whom the speaker speaks.
    We,
}

impl Form {
    /// The forms that are scored, in the order of the net's.
    pub(super) const SCORED: [Self; 9] =
        [Self::He, Self::It, Self::They, Self::Person, Self::Thing, Self::Plural, Self::Other, Self::I, Self::We];

    /// Its name where it is trained on.
    #[cfg(test)]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::He => "he",
            Self::It => "it",
            Self::They => "they",
            Self::Person => "person",
            Self::Thing => "thing",
            Self::Plural => "plural",
            Self::Other => "other",
            Self::I => "i",
            Self::We => "we",
        }
    }
}

/// What part a phrase or a name has in its sentence, as its neighbours tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A verb follows.
    Subject,
    /// Before a noun that is its own: "his party", "Kenya's party".
    Owner,
    /// Before a noun that it describes: "Kenya officials".
    Modifier,
    /// After a preposition.
    Oblique,
    /// Anything else.
    Object,
}

/// A pronoun or nominal.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    /// Its words in the line.
    pub(super) words: Range<usize>,
    /// Where it stands in the body.
    pub(super) span: Span,
    /// What it is.
    pub(super) form: Form,
    /// Its noun, if it has one.
    pub(super) noun: Option<Noun>,
    /// Its gender, if it tells it.
    pub(super) gender: Option<Gender>,
    /// Its part in the sentence.
    pub(super) role: Role,
    /// Whether it says that there are two: "the two countries", "both sides".
    pub(super) two: bool,
    /// How many words stand between determiner and noun.
    pub(super) modifiers: usize,
    /// Whether it begins with a possessive: "his party".
    pub(super) owned: bool,
    /// Whether it is a reflexive.
    pub(super) reflexive: bool,
}

/// The phrases of a line, in the order of their first words.
pub(super) fn phrases(line: &Line<'_>, facts: &Facts, mentions: &[Mention]) -> Vec<Phrase> {
    let mut out = Vec::new();
    for at in 0..line.words.len() {
        if line.words[at].mention.is_none() {
            out.extend(pronoun(line, at));
            out.extend(nominal(line, at, facts, mentions));
        }
    }
    out
}

fn pronoun(line: &Line<'_>, at: usize) -> Option<Phrase> {
    let lower = line.lower(at);
    let (form, gender, possessive) = match lower {
        "he" | "him" | "himself" => (Form::He, Some(Gender::Male), false),
        "his" => (Form::He, Some(Gender::Male), true),
        "she" | "herself" => (Form::He, Some(Gender::Female), false),
        "her" => (Form::He, Some(Gender::Female), line.is_noun(at + 1) || describes(line.lower(at + 1))),
        "it" | "itself" => (Form::It, None, false),
        "its" => (Form::It, None, true),
        "they" | "them" | "themselves" => (Form::They, None, false),
        "their" | "theirs" => (Form::They, None, true),
        "i" | "me" | "myself" => (Form::I, None, false),
        "my" | "mine" => (Form::I, None, true),
        "we" | "us" | "ourselves" => (Form::We, None, false),
        "our" | "ours" => (Form::We, None, true),
        _ => return None,
    };
    let first = matches!(form, Form::I | Form::We);
    // "US" is a country, "IT" a trade.
    let shouted = line.words[at].text.len() > 1 && line.words[at].text.chars().all(char::is_uppercase);
    if (shouted && !(first && lower == "i")) || (form == Form::It && is_empty(line, at)) {
        return None;
    }
    let role = if possessive { Role::Owner } else { role(line, &(at..at + 1)) };
    Some(Phrase {
        words: at..at + 1,
        span: line.words[at].span,
        form,
        noun: None,
        gender,
        role,
        two: false,
        modifiers: 0,
        owned: false,
        reflexive: lower.contains("sel"),
    })
}

/// Whether a word behind "her" is an adjective that no list tells: a participle.
fn describes(lower: &str) -> bool {
    lower.len() > 4 && (lower.ends_with("ed") || lower.ends_with("ing"))
}

/// What follows an "it" that stands for a clause: "it is clear that", "it seems".
const OPINIONS: &[&str] = &[
    "clear",
    "unclear",
    "likely",
    "unlikely",
    "possible",
    "impossible",
    "important",
    "necessary",
    "hard",
    "difficult",
    "easy",
    "easier",
    "harder",
    "true",
    "time",
    "vital",
    "crucial",
    "essential",
    "better",
    "best",
    "worth",
    "too",
    "not",
    "also",
    "still",
    "thought",
    "believed",
    "understood",
    "expected",
    "hoped",
    "feared",
    "reported",
    "said",
    "known",
    "certain",
    "obvious",
    "evident",
    "illegal",
    "wrong",
    "right",
    "wise",
    "good",
    "bad",
    "safe",
    "unusual",
    "common",
    "rare",
    "normal",
    "ironic",
    "tragic",
    "sad",
    "great",
    "nice",
    "surprising",
    "noteworthy",
    "imperative",
    "because",
    "when",
    "only",
    "about",
    "like",
    "raining",
    "snowing",
    "estimated",
    "rumoured",
    "rumored",
    "alleged",
    "claimed",
    "agreed",
    "decided",
    "suggested",
    "announced",
    "no",
    "far",
    "up",
    "a",
    "an",
    "the",
    "for",
    "in",
];

fn is_empty(line: &Line<'_>, at: usize) -> bool {
    let next = line.lower(at + 1);
    if ["seems", "seemed", "appears", "appeared", "turns", "turned", "emerged", "rained", "snowed", "transpired", "follows"]
        .contains(&next)
    {
        return true;
    }
    if ["make", "makes", "made", "making", "find", "found", "consider", "think"].contains(&line.lower(at.wrapping_sub(1)))
        && OPINIONS[..20].contains(&next)
    {
        return true;
    }
    let mut verb = at + 1;
    while ["will", "would", "may", "might", "can", "could", "should", "must", "has", "had", "not", "also"]
        .contains(&line.lower(verb))
    {
        verb += 1;
    }
    if !["is", "was", "be", "been", "’s", "'s", "becomes", "became"].contains(&line.lower(verb)) {
        return false;
    }
    let opinion = OPINIONS.contains(&line.lower(verb + 1));
    opinion && (verb + 2..verb + 9).any(|at| ["that", "to", "who", "whether", "if", "how", "why"].contains(&line.lower(at)))
}

/// The part that the words of a range have in their line.
pub(super) fn role(line: &Line<'_>, range: &Range<usize>) -> Role {
    if line.is_possessive(range.end) {
        return Role::Owner;
    }
    if line.is_verb(range.end) {
        // "the man she saw": the words before do not matter then.
        return Role::Subject;
    }
    let mut before = range.start;
    while before > 0 && {
        let word = &line.words[before - 1];
        ["the", "a", "an", "and", "-"].contains(&&*word.lower) || (word.text.starts_with(char::is_uppercase) && before > 1)
    } {
        before -= 1;
    }
    if before > 0 && PREPOSITIONS.contains(&line.lower(before - 1)) {
        return Role::Oblique;
    }
    if line.is_noun(range.end) { Role::Modifier } else { Role::Object }
}

/// The most words between a determiner and its noun.
const MODIFIERS: usize = 4;

/// The nominal that begins with a determiner at `at`.
fn nominal(line: &Line<'_>, at: usize, facts: &Facts, mentions: &[Mention]) -> Option<Phrase> {
    let determiner = line.lower(at);
    let owned = ["his", "her", "its", "their", "my", "our"].contains(&determiner);
    if !owned && !["the", "this", "that", "these", "those", "both"].contains(&determiner) {
        return None;
    }
    let mut end = at + 1;
    while end < line.words.len() && end <= at + 1 + MODIFIERS && line.words[end].mention.is_none() {
        let lower = line.lower(end);
        let compound = lower == "-" && line.words[end - 1].span.end == line.words[end].span.start;
        let inside = line.words[end].span.start == line.words[end - 1].span.end && line.lower(end - 1) == "-";
        let number = lower.chars().all(|c| c.is_ascii_digit());
        if !(compound || inside || number || line.is_noun(end) || describes(lower)) {
            break;
        }
        end += 1;
    }
    // What is behind the noun: "the minister insisted", "the country produces about".
    while end > at + 2
        && facts.noun(line.lower(end - 1)).is_none()
        && (describes(line.lower(end - 1)) || acts(line, end - 1))
    {
        end -= 1;
    }
    let head = end.checked_sub(1).filter(|head| *head > at)?;
    let noun = facts.any_noun(line.lower(head));
    if !noun.is_known() && (line.lower(head).len() < 4 || !line.lower(head).chars().all(char::is_alphabetic) || owned) {
        return None;
    }
    let (next, modifiers) = (head + 1, head - at - 1);
    let inner: Vec<&str> = (at + 1..head).map(|at| line.lower(at)).collect();
    let two = determiner == "both" || inner.first() == Some(&"two");
    let other = [
        "former", "late", "other", "first", "second", "new", "next", "then", "another", "future", "previous", "last",
        "whole", "entire",
    ];
    if inner.iter().any(|word| other.contains(word))
        || is_named_beside(line, at, next, noun, mentions)
        || predicates(line, at)
    {
        return None;
    }
    let person = noun.fits(EntityType::Per);
    let form = match (noun.plural || two, person) {
        _ if !noun.is_known() => Form::Other,
        (true, _) => Form::Plural,
        (false, true) => Form::Person,
        (false, false) => Form::Thing,
    };
    let words = at..next;
    Some(Phrase {
        span: Span::new(line.words[at].span.start, line.words[head].span.end),
        form,
        noun: Some(noun),
        gender: noun.gender,
        role: role(line, &words),
        two,
        modifiers,
        owned,
        reflexive: false,
        words,
    })
}

/// Whether a word that ends with s is a verb by what follows it.
fn acts(line: &Line<'_>, at: usize) -> bool {
    let after = line.words.get(at + 1);
    let object = after.is_some_and(|next| {
        next.mention.is_some()
            || [PREPOSITIONS, DETERMINERS, PRONOUNS].iter().any(|list| list.contains(&&*next.lower))
            || ["that", "it"].contains(&&*next.lower)
    });
    line.lower(at).ends_with('s') && !line.lower(at).ends_with("ss") && object
}

/// Whether the name of what a noun means stands beside it: "the singer Adele", "the company, Acme,", "Acme, the company",
/// "the president of Kenya", or a word that goes on after it with a hyphen.
fn is_named_beside(line: &Line<'_>, at: usize, next: usize, noun: Noun, mentions: &[Mention]) -> bool {
    let named = |at: usize| line.words.get(at).and_then(|word| word.mention);
    let fits = |at: usize| named(at).is_some_and(|mention| noun.fits(mentions[mention].kind));
    if named(next).is_some()
        || ["-", "–"].contains(&line.lower(next)) && line.words[next].span.start == line.words[next - 1].span.end
    {
        return true;
    }
    let apposed = [",", "-", "—", "(", ":"].contains(&line.lower(next)) && fits(next + 1) && {
        let end = (next + 1..line.words.len()).find(|at| named(*at).is_none()).unwrap_or(line.words.len());
        line.words.get(end).is_none_or(|word| !word.lower.starts_with(char::is_alphanumeric))
    };
    let apposition = at > 1 && [",", "(", "—"].contains(&line.lower(at - 1)) && fits(at - 2) && {
        let place = |at: usize| ["in", "on", "at", "from", "for", "to", "of"].contains(&line.lower(at));
        let first = (0..at - 1).rev().find(|at| named(*at).is_none());
        !first.is_some_and(place)
    };
    let of = ["of", "for", "at", "in"].contains(&line.lower(next)) && {
        let named_there = (next + 1..next + 6).find(|at| named(*at).is_some());
        let plain = |at: usize| line.is_noun(at) || ["the", "a", "and", "of", "'s", "’s"].contains(&line.lower(at));
        let strict = ["of", "for"].contains(&line.lower(next)) || noun.fits(EntityType::Per);
        let abstraction = ["justice", "affairs"].contains(&line.lower(next + 1));
        abstraction || (strict && named_there.is_some_and(|there| (next + 1..there).all(plain)))
    };
    apposed || apposition || of
}

/// Whether what begins at `at` is said of a subject: "is the president", "as the party", "called the bank".
fn predicates(line: &Line<'_>, at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |at| line.lower(at));
    [
        "is", "was", "are", "were", "be", "been", "being", "became", "become", "becoming", "as", "remains", "remain",
        "named", "called", "like",
    ]
    .contains(&before)
}
