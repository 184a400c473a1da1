//! References: pronouns and nominals -> the named things that they stand for. It cannot fail.
//!
//! An article is read passage by passage, word by word, once. Names are gathered into `Things` with what the
//! text calls them (titles, appositions), so that "the minister" finds who was called one. For each pronoun and each noun phrase
//! with a definite determiner, the things seen lately that may fit are candidates; a net (`net.rs`) says, by features of the text and by the
//! states of the tagger, how probable each is, and how probable it is that the phrase stands for none of them. Only what is more probable
//! than [`SURE`] is a reference. What "I" and "we" are is asked when the passage has been read, as a speaker may be named behind what he says.
//!
//! The linker stands below: things are told apart here by name alone, which only decides who competes with whom. What comes out
//! is the number of a mention, and the linker says later whose it is.

mod candidates;
mod facts;
mod features;
mod find;
mod net;
mod states;
#[cfg(test)]
mod tests;
mod things;

use std::collections::BTreeMap;

use crate::mention::{EntityType, Mention, Read};
use crate::quote::{Line, Quote, Saying, Speaker, Speeches, lines};
use crate::segment::Sentence;
use crate::span::Span;
use candidates::{Candidate, Context, Rivals};
use facts::Facts;
use find::{Form, Phrase, phrases};
pub use net::Net;
use net::{BROUGHT, Likeness, Vector, risen};
use states::States;
use things::{Sighting, Things};

/// A phrase is a reference where it is so probable at least that it stands for the thing.
pub const SURE: f32 = 0.6;

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
    net: Net,
}

impl Resolver {
    /// A resolver with the tables and a net.
    pub fn new(net: Net) -> Self {
        Self { facts: Facts::new(), net }
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
            names: Vec::new(),
            spoke: None,
            #[cfg(test)]
            asked: None,
            #[cfg(test)]
            gold: None,
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
    /// The sums of each mention.
    names: Vec<Vector>,
    /// The thing that spoke last.
    spoke: Option<usize>,
    /// What was asked of the model, where training wants to know.
    #[cfg(test)]
    asked: Option<Vec<Asked>>,
    /// What phrases stand for, in mentions, where training knows it; others stand for nothing then.
    #[cfg(test)]
    gold: Option<BTreeMap<Span, Vec<Vec<usize>>>>,
}

/// What was asked of the model for one phrase.
#[cfg(test)]
struct Asked {
    phrase: Phrase,
    /// The candidates, then none of them.
    candidates: Vec<(Option<Candidate>, features::Told)>,
}

impl Resolving<'_> {
    /// The references of a passage, in the order of the text. `first` is the number of its first sentence; `mentions` are all
    /// that are known so far, of which those from `from` on stand in the passage. Passages come in order. Without what an engine has read of
    /// the passage, features alone are weighed.
    pub fn passage(
        &mut self,
        (sentences, first): (&[Sentence], usize),
        (mentions, from): (&[Mention], usize),
        read: Option<&Read<'_>>,
    ) -> Vec<Reference> {
        let states = read.and_then(|read| States::new(read, self.resolver.net.width()));
        let sums = |mention: &Mention| {
            let seen = states.and_then(|states| states.of(mention.sentence, mention.span));
            seen.map_or([0.0; BROUGHT], |seen| self.resolver.net.name(&seen))
        };
        let names: Vec<_> = mentions[from..].iter().map(sums).collect();
        self.names.extend(names);
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
            spoken
                .extend(self.line((line, own), mentions, states, &mut found).into_iter().map(|phrase| (line, own, phrase)));
        }
        // Who speaks may stand behind what is said, by a pronoun that is resolved only there.
        for (line, own, phrase) in spoken {
            if let Some((candidate, score)) = self.resolve((line, own), &phrase, mentions, states) {
                let [mention] = candidate.mentions[..] else { continue };
                found.push(Reference { span: phrase.span, sentence: line.number, mention, score });
            }
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

    /// Reads a line; what "I" and "we" are in it stays open.
    fn line(
        &mut self,
        (line, sayings): (&Line<'_>, &[Saying]),
        mentions: &[Mention],
        states: Option<States<'_>>,
        found: &mut Vec<Reference>,
    ) -> Vec<Phrase> {
        let mut spoken = Vec::new();
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
                    spoken.push(phrase);
                } else if let Some((candidate, score)) = self.resolve((line, sayings), &phrase, mentions, states) {
                    self.take(line, &phrase, &candidate, score, found);
                    resolved_to = phrase.words.end;
                }
            }
            if at >= resolved_to {
                self.rivals.note(line, at, &self.resolver.facts);
            }
        }
        let spoke = sayings.iter().rev().find_map(|saying| self.speaking(saying.speaker));
        self.spoke = spoke.map(|(mention, _)| self.things.of[mention]).or(self.spoke);
        spoken
    }

    /// What a phrase stands for, and how probable that is; nothing where it is not probable enough.
    fn resolve(
        &mut self,
        (line, sayings): (&Line<'_>, &[Saying]),
        phrase: &Phrase,
        mentions: &[Mention],
        states: Option<States<'_>>,
    ) -> Option<(Candidate, f32)> {
        let speaker = |speaker: Speaker| self.speaking(speaker).map(|(mention, _)| self.things.of[mention]);
        let said_by =
            sayings.iter().rev().find(|saying| saying.said.iter().flatten().any(|said| said.contains(phrase.span)));
        let spoken_by = self.speeches.speaker_at(phrase.span.start).and_then(speaker);
        let before = sayings.iter().take_while(|saying| saying.cue.end <= phrase.words.start);
        let before = before.collect::<Vec<_>>().into_iter();
        let context = Context {
            line,
            said_by: said_by.and_then(|saying| speaker(saying.speaker)),
            spoken_by,
            spoken_for: spoken_by.and_then(|thing| self.things.list[thing].body).map(|mention| self.things.of[mention]),
            says: sayings.iter().find(|saying| saying.speaker == Speaker::Phrase(phrase.span)),
            spoke: before.rev().find_map(|saying| speaker(saying.speaker)).or(self.spoke),
        };
        let mut candidates =
            candidates::candidates(phrase, &context, &self.things, &self.rivals, &self.resolver.facts, mentions);
        if candidates.is_empty() {
            return None;
        }
        let told: Vec<_> = candidates
            .iter()
            .map(|candidate| candidate.told.clone())
            .chain([context.none(phrase, candidates.len(), &self.resolver.facts)])
            .collect();
        let likeness = states.and_then(|states| self.likeness(line, phrase, &candidates, states));
        let probable = self.resolver.net.probabilities(phrase.form, &told, likeness.as_ref());
        #[cfg(test)]
        if let Some(asked) = &mut self.asked {
            let each = candidates.iter().cloned().map(Some).chain([None]);
            asked.push(Asked { phrase: phrase.clone(), candidates: each.zip(told.clone()).collect() });
        }
        #[cfg(test)]
        if let Some(gold) = &self.gold {
            let stands = |mentions: &[usize]| {
                let things = gold.get(&phrase.span)?;
                let each = |thing: &Vec<usize>| mentions.iter().any(|mention| thing.contains(mention));
                (things.len() == mentions.len() && things.iter().all(each)).then_some(())
            };
            let right = candidates.iter().position(|it| stands(&it.mentions).is_some());
            return right.map(|at| (candidates.swap_remove(at), 1.0));
        }
        let best = (0..candidates.len()).fold(0, |best, at| if probable[at] > probable[best] { at } else { best });
        let score = probable[best];
        (score >= SURE).then(|| (candidates.swap_remove(best), score))
    }

    /// What the states say of a phrase and its candidates.
    fn likeness(&self, line: &Line<'_>, phrase: &Phrase, candidates: &[Candidate], states: States<'_>) -> Option<Likeness> {
        let seen = states.of(line.number, phrase.span)?;
        let mean = |mentions: &[usize]| {
            let count = mentions.len().max(1) as f32;
            std::array::from_fn(|at| mentions.iter().map(|mention| self.names[*mention][at]).sum::<f32>() / count)
        };
        let names = candidates.iter().map(|it| [risen(mean(&it.mentions)), risen(mean(&[it.first]))]);
        Some(Likeness { phrase: risen(self.resolver.net.phrase(&seen)), names: names.collect() })
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
}
