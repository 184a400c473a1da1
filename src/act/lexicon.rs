//! The lexicon of cues, `data/acts.tsv`: words and turns of phrase, and the kinds of act they tell.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::inflect::{Form, noun, spellings, verb};
use crate::position::ActKind;

const TABLE: &str = include_str!("../../data/acts.tsv");

/// At most so many tokens stand in a gap: "lift [its decades old trade] embargo".
const GAP: usize = 5;

/// The part of speech of a cue's carrying word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// A verb, inflected at its first word.
    Verb,
    /// A noun.
    Noun,
    /// An adjective or a fixed phrase.
    Other,
}

impl Class {
    /// The class's name in the table and in features.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Verb => "v",
            Self::Noun => "n",
            Self::Other => "a",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Verb, Self::Noun, Self::Other].into_iter().find(|class| class.name() == name)
    }
}

/// One word of a cue.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    /// The number of its base form.
    lemma: u32,
    /// How many tokens may stand before it.
    gap: RangeInclusive<usize>,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Entry {
    /// The cue as it is written in the table.
    pub(super) cue: &'static str,
    /// The class of its carrying word.
    pub(super) class: Class,
    /// Its kinds, the likeliest first; never empty.
    pub(super) kinds: Vec<ActKind>,
    words: Vec<Word>,
}

/// A form's readings: base forms by number, and the form of each.
pub(super) type Readings = [(u32, Form)];

/// The number of each base form, and whether its forms as a verb are known.
type Numbers = BTreeMap<&'static str, (u32, bool)>;

/// The table, ready for look-up.
pub(super) struct Lexicon {
    entries: Vec<Entry>,
    /// Surface form in lower case -> its readings.
    forms: BTreeMap<String, Vec<(u32, Form)>>,
    /// The entries that begin with a base form, by its number.
    starts: Vec<Vec<u32>>,
}

/// An entry found in a sentence.
#[derive(Debug)]
pub(super) struct Match<'a> {
    /// The entry.
    pub(super) entry: &'a Entry,
    /// The numbers of the tokens that match its words, ascending.
    pub(super) tokens: Vec<usize>,
    /// The form of the first word.
    pub(super) form: Form,
}

impl Lexicon {
    /// Reads the table. A row that is no row is passed over; a test holds that there is none.
    pub(super) fn new() -> Self {
        let mut numbers = Numbers::new();
        let mut all = Self { entries: Vec::new(), forms: BTreeMap::new(), starts: Vec::new() };
        for row in TABLE.lines() {
            if let Some(entry) = all.entry(row, &mut numbers) {
                let number = all.entries.len() as u32;
                if let Some(first) = entry.words.first() {
                    all.starts[first.lemma as usize].push(number);
                }
                all.entries.push(entry);
            }
        }
        all
    }

    fn entry(&mut self, row: &'static str, numbers: &mut Numbers) -> Option<Entry> {
        let mut columns = row.split('\t');
        let (cue, class, kinds) = (columns.next()?, Class::from_name(columns.next()?)?, columns.next()?);
        let kinds: Vec<ActKind> = kinds.split('|').map(ActKind::from_name).collect::<Option<_>>()?;
        let mut words: Vec<Word> = Vec::new();
        let mut gap = 0..=0;
        for word in cue.split(' ').flat_map(hyphens) {
            if let ".." | "..." = word {
                gap = usize::from(word == "...")..=GAP;
                continue;
            }
            let as_verb = class == Class::Verb && words.is_empty();
            let lemma = self.lemma(word, as_verb, numbers);
            words.push(Word { lemma, gap: std::mem::replace(&mut gap, 0..=0) });
        }
        Some(Entry { cue, class, kinds, words })
    }

    /// The number of a base form. Its forms are entered when it is new, and once more when it is first a verb.
    fn lemma(&mut self, word: &'static str, as_verb: bool, numbers: &mut Numbers) -> u32 {
        let known = numbers.get(word).copied();
        let lemma = known.map_or_else(
            || {
                self.starts.push(Vec::new());
                (self.starts.len() - 1) as u32
            },
            |(lemma, _)| lemma,
        );
        if known.is_none_or(|(_, verb)| as_verb && !verb) {
            self.inflect(word, lemma, as_verb);
            numbers.insert(word, (lemma, as_verb));
        }
        lemma
    }

    /// Enters the forms of a word. Words of two letters (`to`, `of`) have one, unless they are verbs.
    fn inflect(&mut self, word: &str, lemma: u32, as_verb: bool) {
        for spelling in spellings(word) {
            let forms = match () {
                () if as_verb => verb(&spelling),
                () if spelling.len() > 2 => noun(&spelling),
                () => vec![(spelling, Form::Base)],
            };
            for (form, kind) in forms {
                let readings = self.forms.entry(form).or_default();
                if !readings.contains(&(lemma, kind)) {
                    readings.push((lemma, kind));
                }
            }
        }
    }

    /// The readings of a word in lower case; empty where no cue has it.
    pub(super) fn readings(&self, word: &str) -> &Readings {
        self.forms.get(word).map_or(&[], Vec::as_slice)
    }

    /// The entries that begin at the token `first`. `sentence[i]` are the readings of the token `i`, and `open(i)` says whether
    /// the token `i` may stand in a gap.
    pub(super) fn matches<'a>(
        &'a self,
        sentence: &[&Readings],
        first: usize,
        open: &impl Fn(usize) -> bool,
    ) -> impl Iterator<Item = Match<'a>> {
        let readings = sentence.get(first).copied().unwrap_or_default();
        let starts =
            readings.iter().flat_map(|(lemma, form)| self.starts[*lemma as usize].iter().map(|entry| (*entry, *form)));
        let found = starts.filter_map(|(number, form)| {
            let entry = &self.entries[number as usize];
            let fits = entry.class == Class::Verb || matches!(form, Form::Base | Form::S);
            let tokens = if fits { entry.at(sentence, first, open)? } else { return None };
            Some(Match { entry, tokens, form })
        });
        found.collect::<Vec<_>>().into_iter()
    }

    /// How many entries the table has.
    #[cfg(test)]
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl Entry {
    /// The tokens of its words, if it stands at `first`; each word at the first place that has it.
    fn at(&self, sentence: &[&Readings], first: usize, open: &impl Fn(usize) -> bool) -> Option<Vec<usize>> {
        let mut tokens = vec![first];
        let mut next = first + 1;
        for word in &self.words[1..] {
            let here = |at: &usize| sentence.get(*at).is_some_and(|told| told.iter().any(|(lemma, _)| *lemma == word.lemma));
            if (next..next + word.gap.start()).any(|at| !open(at)) {
                return None;
            }
            let place = (next + word.gap.start()..=next + word.gap.end()).find(|at| here(at) || !open(*at)).filter(here)?;
            tokens.push(place);
            next = place + 1;
        }
        Some(tokens)
    }
}

/// The tokens of a word of the table: hyphens stand by themselves, as in a sentence.
fn hyphens(word: &'static str) -> impl Iterator<Item = &'static str> {
    word.split_inclusive('-')
        .flat_map(|part| match part.strip_suffix('-') {
            Some("") => ["-", ""],
            Some(bare) => [bare, "-"],
            None => [part, ""],
        })
        .filter(|part| !part.is_empty())
}
