//! What speaks for a cue: where it stands beside actor and target, and in what words.
//!
//! A feature is a name; its weight is in `models/acts.tsv`. Names are told piece by piece to a receiver, so that the finder need not
//! put them together and the training script can read them.

use std::ops::Range;

use super::inflect::Form;
use super::lexicon::Class;
use super::sentence::{Cue, DETERMINERS, PREPOSITIONS, Told};
use crate::position::ActKind;

/// Who acts on whom in a sentence: the tokens of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// The actor's tokens.
    pub(super) actor: Range<usize>,
    /// The target's tokens.
    pub(super) target: Range<usize>,
}

/// Receives the pieces of a feature's name.
pub(super) type Tell<'a> = dyn FnMut(&[&str]) + 'a;

/// A cue beside a pair.
pub(super) struct View<'a> {
    told: &'a Told<'a>,
    pair: &'a Pair,
    cue: &'a Cue,
    /// Other cues of the stance's kinds: before this one after the actor, and between this one and the target.
    rivals: [usize; 2],
    /// The first kind of the nearest cue before this one, not before the actor.
    earlier: Option<ActKind>,
    passive: bool,
    by: bool,
    negated: bool,
}

/// The counts of cues up to each token, for [`View::new`].
pub(super) fn counts(tokens: usize, cues: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut sums = vec![0; tokens + 1];
    for first in cues {
        sums[first + 1] += 1;
    }
    for at in 0..tokens {
        sums[at + 1] += sums[at];
    }
    sums
}

impl<'a> View<'a> {
    pub(super) fn new(told: &'a Told<'a>, pair: &'a Pair, cue: &'a Cue, sums: &[usize]) -> Self {
        let within = |range: Range<usize>| if range.start < range.end { sums[range.end] - sums[range.start] } else { 0 };
        let (first, last) = (cue.first(), cue.last());
        let to = |who: &Range<usize>| {
            if who.end <= first { within(who.end..first) } else { within(last + 1..who.start) }
        };
        let rivals = [to(&pair.actor), to(&pair.target)];
        let from = if pair.actor.end <= first { pair.actor.end } else { 0 };
        let mut view = Self {
            told,
            pair,
            cue,
            rivals,
            earlier: told.kind_before(from, first),
            passive: false,
            by: false,
            negated: false,
        };
        let negated = view.before(3).any(|word| NEGATIONS.contains(&word) || word.ends_with("n't"));
        let passive = cue.class == Class::Verb && cue.form == Form::Past && view.before(3).any(|word| BE.contains(&word));
        (view.negated, view.passive) = (negated, passive);
        let after = last + 1..pair.actor.start;
        view.by = after.start < after.end && after.rev().take(4).any(|at| told.words[at] == "by");
        view
    }

    /// Whether the cue is denied: "does not support".
    pub(super) const fn negated(&self) -> bool {
        self.negated
    }

    /// Whether the actor is what it is done to: "A was expelled over B".
    pub(super) fn suffered(&self) -> bool {
        self.passive && self.order() == "AcT"
    }

    /// The words before the cue, the nearest first, without the actor's.
    fn before(&self, count: usize) -> impl Iterator<Item = &str> {
        let first = self.cue.first();
        let stop = if self.pair.actor.end <= first { self.pair.actor.end } else { 0 };
        (stop.max(first.saturating_sub(count))..first).rev().map(|at| self.told.words[at].as_str())
    }

    fn word(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.told.words.get(at)).map_or("", String::as_str)
    }

    /// Where the cue (c) stands beside actor (A) and target (T), in the order of the text.
    fn order(&self) -> &'static str {
        let (actor, target, cue) = (self.pair.actor.start, self.pair.target.start, self.cue.first());
        match (actor < target, cue < actor, cue < target) {
            (true, true, _) => "cAT",
            (true, false, true) => "AcT",
            (true, false, false) => "ATc",
            (false, _, true) => "cTA",
            (false, true, false) => "TcA",
            (false, false, false) => "TAc",
        }
    }

    /// Words that part clauses between the cue and one of the pair.
    fn breaks(&self, who: &Range<usize>) -> usize {
        let between = if who.end <= self.cue.first() { who.end..self.cue.first() } else { self.cue.last() + 1..who.start };
        between.take(60).filter(|at| BREAKS.contains(&self.told.words[*at].as_str())).count()
    }

    /// Names between the cue and one of the pair, neither being the other's.
    fn names(&self, who: &Range<usize>, other: &Range<usize>) -> usize {
        let between = if who.end <= self.cue.first() { who.end..self.cue.first() } else { self.cue.last() + 1..who.start };
        between.take(60).filter(|at| self.told.named[*at] && !other.contains(at)).count()
    }

    fn distance(&self, who: &Range<usize>) -> usize {
        let (first, last) = (self.cue.first(), self.cue.last());
        if who.end <= first { first - who.end } else { who.start.saturating_sub(last + 1) }
    }

    /// The preposition that joins the cue and the target, or marks that there is none.
    fn joins(&self) -> &str {
        let next = self.word(Some(self.cue.last() + 1));
        if PREPOSITIONS.contains(&next) { next } else { "-" }
    }

    /// What the word after the cue is.
    fn tail(&self) -> &'static str {
        let next = self.cue.last() + 1;
        match self.told.words.get(next).map(String::as_str) {
            None => "end",
            _ if self.pair.actor.contains(&next) => "actor",
            _ if self.pair.target.contains(&next) => "target",
            Some(word) if PREPOSITIONS.contains(&word) => "preposition",
            Some(word) if DETERMINERS.contains(&word) => "determiner",
            Some(word) if !word.contains(char::is_alphanumeric) => "mark",
            Some(_) if self.told.named[next] => "name",
            Some(_) => "word",
        }
    }

    /// The preposition before the target.
    fn governs(&self) -> &str {
        let start = self.pair.target.start;
        let mut near = (start.saturating_sub(3)..start).rev().map(|at| self.told.words[at].as_str());
        near.find(|word| PREPOSITIONS.contains(word)).unwrap_or("-")
    }

    /// Tells the features that hold for the cue whatever its kind.
    pub(super) fn shape(&self, tell: &mut Tell<'_>) {
        let order = self.order();
        let class = self.cue.class.name();
        let (actor, target) = (&self.pair.actor, &self.pair.target);
        let voice = match (self.passive, self.by) {
            (true, true) => "passive-by",
            (true, false) => "passive",
            (false, true) => "by",
            (false, false) => "plain",
        };
        tell(&["order=", order]);
        tell(&["class=", class]);
        tell(&["order=", order, " class=", class]);
        tell(&["order=", order, " class=", class, " form=", self.cue.form.name()]);
        tell(&["order=", order, " voice=", voice]);
        let far = [self.distance(actor), self.distance(target)].map(bucket);
        tell(&["order=", order, " from actor=", far[0]]);
        tell(&["order=", order, " from target=", far[1]]);
        tell(&["from target=", far[1], " class=", class]);
        let rivals = self.rivals.map(few);
        tell(&["rivals to actor=", rivals[0]]);
        tell(&["rivals to target=", rivals[1]]);
        tell(&["order=", order, " rivals to actor=", rivals[0]]);
        tell(&["order=", order, " rivals to target=", rivals[1]]);
        tell(&["order=", order, " rivals=", rivals[0], rivals[1]]);
        tell(&["breaks to actor=", few(self.breaks(actor))]);
        tell(&["breaks to target=", few(self.breaks(target))]);
        tell(&["names to actor=", few(self.names(actor, target))]);
        tell(&["names to target=", few(self.names(target, actor))]);
        tell(&["words=", few(self.cue.tokens.len())]);
        tell(&["class=", class, " joins=", self.joins()]);
        tell(&["class=", class, " order=", order, " governs=", self.governs()]);
        tell(&["class=", class, " path from actor=", &self.path(actor)]);
        tell(&["class=", class, " path to target=", &self.path(target)]);
        self.near(tell);
    }

    /// The kinds of words between the cue and one of the pair, plain ones left out, repeated ones once: `P` a preposition, `C` a
    /// word that opens a clause, `V` an auxiliary, `T` "to", `N` a name, `S` a possessive, `M` a mark; `<` where the cue comes first.
    fn path(&self, who: &Range<usize>) -> String {
        let ahead = who.end > self.cue.first();
        let between = if ahead { self.cue.last() + 1..who.start } else { who.end..self.cue.first() };
        let mut path = String::from(if ahead { "<" } else { ">" });
        for at in between.take(40) {
            let word = self.told.words[at].as_str();
            let step = match word {
                "'s" | "'" => 'S',
                "to" => 'T',
                "and" | "or" => 'A',
                _ if OPENERS.contains(&word) => 'C',
                _ if PREPOSITIONS.contains(&word) => 'P',
                _ if BE.contains(&word) || MODALS.contains(&word) || AUXILIARIES.contains(&word) => 'V',
                _ if !word.contains(char::is_alphanumeric) => 'M',
                _ if word.ends_with("ed") && word.len() > 4 => 'D',
                _ if self.told.named[at] => 'N',
                _ => continue,
            };
            if !path.ends_with(step) {
                path.push(step);
            }
            if path.len() > 6 {
                break;
            }
        }
        path
    }

    /// Tells the features of the words around the cue.
    fn near(&self, tell: &mut Tell<'_>) {
        let class = self.cue.class.name();
        let first = self.cue.first();
        let before = self.word(first.checked_sub(1));
        tell(&["class=", class, " tail=", self.tail()]);
        let earlier = self.earlier.map_or("none", ActKind::name);
        tell(&["after=", earlier, if before == "to" { " infinitive" } else { "" }]);
        if before == "to" {
            tell(&["infinitive"]);
        }
        if MODALS.contains(&before) {
            tell(&["modal"]);
        }
        if matches!(before, "who" | "which" | "that") {
            tell(&["relative ", self.order()]);
        }
        if self.negated {
            tell(&["negated"]);
        }
        if self.told.named[first] {
            tell(&["named class=", class]);
        }
        let possessive = self.pair.actor.end;
        if matches!(self.word(Some(possessive)), "'s" | "'") && first > possessive && first <= possessive + 4 {
            tell(&["actor's class=", class]);
        }
        let possessive = self.pair.target.end;
        if matches!(self.word(Some(possessive)), "'s" | "'") && first > possessive && first <= possessive + 4 {
            tell(&["target's class=", class]);
        }
        if first == self.pair.actor.end {
            tell(&["next to actor class=", class, " form=", self.cue.form.name()]);
        }
        if self.cue.last() + 1 == self.pair.target.start {
            tell(&["next to target class=", class]);
        }
    }

    /// Tells the features of the cue as one of a kind, the `rank`th of its entry.
    pub(super) fn kind(&self, kind: ActKind, rank: usize, tell: &mut Tell<'_>) {
        let name = kind.name();
        let class = self.cue.class.name();
        tell(&["kind=", name]);
        tell(&["rank=", few(rank)]);
        tell(&["rank=", few(rank), " kind=", name]);
        tell(&["entry=", self.cue.entry, " kind=", name]);
        tell(&["class=", class, " kind=", name]);
        tell(&["order=", self.order(), " kind=", name]);
        tell(&["form=", self.cue.form.name(), " kind=", name]);
        tell(&["words=", few(self.cue.tokens.len()), " kind=", name]);
        tell(&["joins=", self.joins(), " kind=", name]);
        if self.negated {
            tell(&["negated kind=", name]);
        }
        let before = self.word(self.cue.first().checked_sub(1));
        if before == "to" {
            tell(&["infinitive kind=", name]);
        }
        if MODALS.contains(&before) {
            tell(&["modal kind=", name]);
        }
    }
}

const NEGATIONS: &[&str] = &["not", "never", "no", "without", "neither", "nor", "cannot"];
const BE: &[&str] = &["be", "been", "being", "is", "are", "was", "were", "got"];
const MODALS: &[&str] = &["will", "would", "can", "could", "may", "might", "must", "should", "shall"];
const AUXILIARIES: &[&str] = &["has", "have", "had", "having", "do", "does", "did", "said", "says", "say", "saying", "told"];
const OPENERS: &[&str] = &[
    "who", "which", "that", "but", "while", "as", "after", "because", "if", "when", "where", "since", "before", "although",
    "though", "until", "whose",
];
const BREAKS: &[&str] = &[
    ",", ";", ":", "who", "which", "that", "but", "and", "while", "as", "after", "because", "if", "when", "where", "since",
    "before", "although", "though", "\"", "“", "”", "said", "says", "saying", "-", "—",
];

const fn bucket(distance: usize) -> &'static str {
    match distance {
        0 => "0",
        1 => "1",
        2 => "2",
        3..=4 => "3",
        5..=8 => "5",
        9..=15 => "9",
        _ => "16",
    }
}

const fn few(count: usize) -> &'static str {
    match count {
        0 => "0",
        1 => "1",
        2 => "2",
        _ => "3",
    }
}
