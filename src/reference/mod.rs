//! References: pronouns and nominals -> the named things that they stand for. It cannot fail.
//!
//! An article is read passage by passage, word by word, once. Names are gathered into `Things` with what the
//! text calls them (titles, appositions), so that "the minister" finds who was called one. For each pronoun and each noun phrase
//! with a definite determiner whose noun stands in `data/nouns.tsv`, the things seen lately that fit are candidates; a log-linear
//! model (`weights.tsv`, made by `models/train/references.py`) says how probable each is, and how probable it is that the
//! phrase stands for none of them. Only what is more probable than [`SURE`] is a reference. "I" in direct speech is its
//! speaker, "we" the body for which the speaker speaks.
//!
//! The linker stands below: things are told apart here by name alone, which only decides who competes with whom. What comes out
//! is the number of a mention, and the linker says later whose it is.

mod candidates;
mod facts;
mod find;
mod score;
#[cfg(test)]
mod tests;
mod things;

use std::collections::BTreeMap;

use crate::mention::{EntityType, Mention};
use crate::quote::{Line, Quote, Saying, Speaker, Speeches, lines};
use crate::segment::Sentence;
use crate::span::Span;
use candidates::{Candidate, Context, Rivals};
use facts::Facts;
use find::{Form, Phrase, phrases};
use score::Weights;
use things::{Sighting, Things};

/// A phrase is a reference where it is so probable at least that it stands for the thing.
pub const SURE: f32 = 0.65;
/// How probable it is that "I" is the speaker of the quotation around it, and that "we" is the speaker's body.
const FIRST: [f32; 2] = [0.95, 0.8];

/// A pronoun or nominal that stands for a named thing. One that stands for several makes several, at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Where it stands in the body.
    pub span: Span,
    /// The number of its sentence in the article.
    pub sentence: usize,
    /// The number of its antecedent in the article's list of mentions.
    pub mention: usize,
    /// The probability that it stands for that.
    pub score: f32,
}

/// What finds references. One is shared by all threads.
pub struct Resolver {
    facts: Facts,
    weights: Weights,
}

impl Default for Resolver {
    fn default() -> Self {
        Self::new()
    }
}

impl Resolver {
    /// A resolver with the tables.
    pub fn new() -> Self {
        Self { facts: Facts::new(), weights: Weights::new() }
    }

    /// Begins an article.
    pub fn begin<'a>(&'a self, body: &'a str, sentences: &[Sentence]) -> Resolving<'a> {
        Resolving {
            resolver: self,
            body,
            speeches: Speeches::new(body, sentences),
            things: Things::default(),
            rivals: Rivals::default(),
            phrases: BTreeMap::new(),
            spoke: None,
            #[cfg(test)]
            asked: None,
        }
    }
}

/// An article that is being read.
pub struct Resolving<'a> {
    resolver: &'a Resolver,
    body: &'a str,
    speeches: Speeches,
    things: Things,
    rivals: Rivals,
    /// The resolved phrases by their first byte and one past the last: mention and probability.
    phrases: BTreeMap<Span, (usize, f32)>,
    /// The thing that spoke last.
    spoke: Option<usize>,
    /// What was asked of the model, where training wants to know.
    #[cfg(test)]
    asked: Option<Vec<Asked>>,
}

/// What was asked of the model for one phrase.
#[cfg(test)]
struct Asked {
    phrase: Phrase,
    candidates: Vec<(Vec<usize>, score::Told)>,
}

impl Resolving<'_> {
    /// The references of a passage, in the order of the text. `first` is the number of its first sentence; `mentions` are all
    /// that are known so far, of which those from `from` on stand in the passage. Passages come in order.
    pub fn passage(
        &mut self,
        (sentences, first): (&[Sentence], usize),
        (mentions, from): (&[Mention], usize),
    ) -> Vec<Reference> {
        let lines = lines(self.body, (sentences, first), (mentions, from), self.speeches.spans());
        let sayings = self.speeches.attribute(&lines, mentions);
        for line in &lines {
            self.things.name(line, self.body, mentions, &self.resolver.facts);
        }
        let mut found = Vec::new();
        let mut spoken = Vec::new();
        let mut told = sayings.as_slice();
        for line in &lines {
            let here = told.partition_point(|saying| saying.sentence <= line.number);
            let (own, later) = told.split_at(here);
            told = later;
            self.line(line, own, mentions, &mut found, &mut spoken);
        }
        // Who speaks may stand behind what is said, by a pronoun that is resolved only there.
        for (line, phrase) in spoken {
            found.extend(self.first_person(line, &phrase, mentions));
        }
        found.sort_by_key(|reference| (reference.span.start, std::cmp::Reverse(reference.span.end), reference.mention));
        found
    }

    /// The direct speech whose speaker is a mention or a resolved phrase.
    pub fn quotes(&self) -> Vec<Quote> {
        self.speeches
            .spoken()
            .filter_map(|(span, speaker)| Some(Quote { span, speaker: self.speaking(speaker)?.0 }))
            .collect()
    }

    /// Whether two mentions name one thing, as far as names tell.
    pub fn alike(&self, one: usize, other: usize) -> bool {
        self.things.of.get(one).is_some_and(|thing| Some(thing) == self.things.of.get(other))
    }

    /// The mention behind a speaker, and how probable that is.
    fn speaking(&self, speaker: Speaker) -> Option<(usize, f32)> {
        match speaker {
            Speaker::Mention(number) => Some((number, 1.0)),
            Speaker::Phrase(span) => self.phrases.get(&span).copied(),
        }
    }

    fn line(
        &mut self,
        line: &Line<'_>,
        sayings: &[Saying],
        mentions: &[Mention],
        found: &mut Vec<Reference>,
        spoken: &mut Vec<(usize, Phrase)>,
    ) {
        let mut phrases = phrases(line, &self.resolver.facts, mentions).into_iter().peekable();
        let mut resolved_to = 0;
        for at in 0..line.words.len() {
            if let Some(number) = line.words[at].mention
                && (at == 0 || line.words[at - 1].mention != Some(number))
            {
                let end =
                    (at..line.words.len()).find(|at| line.words[*at].mention != Some(number)).unwrap_or(line.words.len());
                self.things.see(line, number, &(at..end));
            }
            while let Some(phrase) = phrases.next_if(|phrase| phrase.words.start <= at) {
                if matches!(phrase.form, Form::I | Form::We) {
                    spoken.push((line.number, phrase));
                } else if self.resolve(line, sayings, &phrase, mentions, found) {
                    resolved_to = phrase.words.end;
                }
            }
            if at >= resolved_to {
                self.rivals.note(line, at, &self.resolver.facts);
            }
        }
        let spoke = sayings.iter().rev().find_map(|saying| self.speaking(saying.speaker));
        self.spoke = spoke.map(|(mention, _)| self.things.of[mention]).or(self.spoke);
    }

    /// Resolves a phrase; whether it stands for something.
    fn resolve(
        &mut self,
        line: &Line<'_>,
        sayings: &[Saying],
        phrase: &Phrase,
        mentions: &[Mention],
        found: &mut Vec<Reference>,
    ) -> bool {
        let speaker = |speaker: Speaker| self.speaking(speaker).map(|(mention, _)| self.things.of[mention]);
        let said_by =
            sayings.iter().rev().find(|saying| saying.said.iter().flatten().any(|said| said.contains(phrase.span)));
        let before = sayings.iter().take_while(|saying| saying.cue.end <= phrase.words.start);
        let before = before.collect::<Vec<_>>().into_iter();
        let context = Context {
            line,
            said_by: said_by.and_then(|saying| speaker(saying.speaker)),
            spoken_by: self.speeches.speaker_at(phrase.span.start).and_then(speaker),
            says: sayings.iter().find(|saying| saying.speaker == Speaker::Phrase(phrase.span)),
            spoke: before.rev().find_map(|saying| speaker(saying.speaker)).or(self.spoke),
        };
        let candidates =
            candidates::candidates(phrase, &context, &self.things, &self.rivals, &self.resolver.facts, mentions);
        if candidates.is_empty() {
            return false;
        }
        let told: Vec<_> = candidates
            .iter()
            .map(|candidate| candidate.told.clone())
            .chain([context.none(phrase, candidates.len(), &self.resolver.facts)])
            .collect();
        let probable = self.resolver.weights.probabilities(phrase.form, &told);
        #[cfg(test)]
        if let Some(asked) = &mut self.asked {
            let candidates = candidates.iter().map(|it| it.mentions.clone()).chain([Vec::new()]).zip(told.clone()).collect();
            asked.push(Asked { phrase: phrase.clone(), candidates });
        }
        let best = (0..candidates.len()).fold(0, |best, at| if probable[at] > probable[best] { at } else { best });
        let score = probable[best];
        if score < SURE {
            return false;
        }
        self.take(line, phrase, &candidates[best], score, found);
        true
    }

    fn take(&mut self, line: &Line<'_>, phrase: &Phrase, candidate: &Candidate, score: f32, found: &mut Vec<Reference>) {
        for mention in &candidate.mentions {
            found.push(Reference { span: phrase.span, sentence: line.number, mention: *mention, score });
        }
        let [mention] = candidate.mentions[..] else { return };
        self.phrases.insert(phrase.span, (mention, score));
        let thing = self.things.of[mention];
        let role = phrase.role;
        self.things.sightings.push(Sighting { thing, line: line.number, word: phrase.words.start, role, referred: true });
        let held = &mut self.things.list[thing];
        held.seen += 1;
        held.gender = held.gender.or(phrase.gender.filter(|_| held.kind == EntityType::Per));
    }

    /// "I" is the speaker of the speech around it; "we" the body that speaks, or for which the speaker speaks.
    fn first_person(&self, line: usize, phrase: &Phrase, mentions: &[Mention]) -> Option<Reference> {
        let (speaker, sure) = self.speaking(self.speeches.speaker_at(phrase.span.start)?)?;
        let person = mentions[speaker].kind == EntityType::Per;
        let (mention, score) = match (phrase.form, person) {
            (Form::I, true) => (speaker, FIRST[0]),
            (Form::We, false) => (speaker, FIRST[1]),
            (Form::We, true) => (self.things.list[self.things.of[speaker]].body?, FIRST[1]),
            _ => return None,
        };
        let score = score * sure;
        (score >= SURE).then_some(Reference { span: phrase.span, sentence: line, mention, score })
    }
}
