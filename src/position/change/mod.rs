//! Changes of position: where a sentence says that the actor stood otherwise towards the target before.
//!
//! Three kinds of telling are known, and each needs actor and target in their places, so that what changed is this position
//! and no other thing:
//!
//! - **an end** of a stance that is named: "dropped its opposition to", "no longer backs", "withdrew her endorsement of";
//! - **a turn** towards the target: "reversed course on", "has turned on", "swung behind", "went from critic to friend of";
//! - **a past** that differs from the stance of now: "once an ally of", "after years of resisting", "whom they had cheered".
//!
//! What is denied, wished or supposed tells nothing. All else is left out: a change that only two facts make plain is not told.

mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{Evidence, Position, Stance, balance};
use crate::mention::Mention;
use crate::segment::Sentence;
use crate::span::Span;
use words::{
    AFTER_LONG, ENDING, FORMERLY, GOING, PRONOUNS, STOPPING, Side, TO_BACK, TURNS, UNREAL, VAGUE, is_filler, noun, person,
    verb,
};

/// Sentences of more tokens than this are not read.
const LONGEST: usize = 150;

/// What a sentence says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The actor stands so now.
    Now(Stance),
    /// The actor stood so before.
    Before(Stance),
    /// The actor turned, and the sentence does not say in its own words which way.
    Turned,
}

/// Marks the positions of which a sentence of their evidence says that they changed. Their stance is the newest one that is told,
/// and their score is made of its sentences alone; the others stay in the evidence.
///
/// A sentence that ends a stance names it, which misleads the judge ("dropped its opposition to"): it speaks for the stance that
/// the phrase leads to, with the score that the judge gave it.
pub fn mark_changes(body: &str, sentences: &[Sentence], mentions: &[Mention], positions: &mut [Position]) {
    // A sentence of a list is evidence of hundreds of positions; it is read once.
    let mut read: BTreeMap<usize, Vec<Plain>> = BTreeMap::new();
    for position in positions.iter_mut().filter(|position| position.stance != Stance::None) {
        let mut told_by = |told: &Evidence| {
            let sentence = sentences.get(told.sentence)?;
            let span = |at: usize| mentions.get(at).map(|mention| mention.span);
            let (actor, target) = (span(told.actor_mention)?, span(told.target_mention)?);
            tell(read.entry(told.sentence).or_insert_with(|| plain(body, sentence)), actor, target)
        };
        let told: Vec<(usize, Change)> =
            position.evidence.iter().enumerate().filter_map(|(at, told)| Some((at, told_by(told)?))).collect();
        for (at, told) in &told {
            if let Change::Now(now) = told {
                position.evidence[*at].stance = *now;
            }
        }
        let newest = told.iter().rev().find_map(|(at, told)| {
            let now = match told {
                Change::Now(now) => *now,
                Change::Before(before) => other(*before),
                Change::Turned => position.evidence[*at].stance,
            };
            let own = position.evidence.iter().filter(|told| told.stance == now);
            balance(own.map(|told| (told.stance, told.score)))
        });
        if let Some((stance, score)) = newest {
            (position.stance, position.score, position.changed) = (stance, score, true);
        }
    }
}

const fn other(stance: Stance) -> Stance {
    match stance {
        Stance::Support => Stance::Oppose,
        Stance::Oppose => Stance::Support,
        Stance::None => Stance::None,
    }
}

/// A token of a sentence as it is compared.
struct Plain {
    span: Span,
    /// In small letters.
    text: String,
    /// Whether a phrase that is looked for at every place may begin with it; hardly any word does.
    opens: bool,
}

/// A word of the sentence, or one of the two mentions.
#[derive(Clone, Copy)]
enum Word<'a> {
    Actor,
    Target,
    Plain(&'a Plain),
}

impl<'a> Word<'a> {
    const fn text(self) -> &'a str {
        match self {
            Self::Plain(plain) => plain.text.as_str(),
            Self::Actor | Self::Target => "",
        }
    }
}

/// What a sentence says of a change of the actor's position towards the target. Both spans have to lie in the sentence.
pub fn change(body: &str, sentence: &Sentence, actor: Span, target: Span) -> Option<Change> {
    tell(&plain(body, sentence), actor, target)
}

/// The tokens of a sentence as they are compared; none of a sentence that is not read.
fn plain(body: &str, sentence: &Sentence) -> Vec<Plain> {
    // Lists, and text without full stops.
    if sentence.tokens.len() > LONGEST {
        return Vec::new();
    }
    let plain = |span: &Span| {
        let text = span.slice(body).replace('’', "'").to_lowercase();
        Plain { span: *span, opens: words::opens(&text), text }
    };
    sentence.tokens.iter().map(plain).collect()
}

fn tell(tokens: &[Plain], actor: Span, target: Span) -> Option<Change> {
    let words = read(tokens, actor, target);
    let actor = words.iter().position(|word| matches!(word, Word::Actor))?;
    let target = words.iter().position(|word| matches!(word, Word::Target))?;
    ended(&words, actor, target).or_else(|| turned(&words, actor, target)).or_else(|| past(&words, actor, target))
}

fn read(tokens: &[Plain], actor: Span, target: Span) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let word = if actor.overlaps(token.span) {
            Word::Actor
        } else if target.overlaps(token.span) {
            Word::Target
        } else {
            Word::Plain(token)
        };
        // The words of a mention are one.
        match (word, words.last()) {
            (Word::Actor, Some(Word::Actor)) | (Word::Target, Some(Word::Target)) => {}
            _ => words.push(word),
        }
    }
    words
}

/// The places where a phrase that is looked for everywhere may begin.
fn openings(words: &[Word<'_>]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().filter(|(_, word)| matches!(word, Word::Plain(plain) if plain.opens)).map(|(at, _)| at)
}

/// Whether the words from one place on are those of a phrase, given by its words: how many they are.
fn phrase(words: &[Word<'_>], at: usize, phrase: &str) -> Option<usize> {
    let mut count = 0;
    for told in phrase.split(' ') {
        if words.get(at + count)?.text() != told {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// The longest of some phrases that begins at a place.
fn any(words: &[Word<'_>], at: usize, phrases: &[&str]) -> Option<usize> {
    phrases.iter().filter_map(|told| phrase(words, at, told)).max()
}

/// Whether only words that can stand before a noun part two places.
fn near(words: &[Word<'_>], from: usize, to: usize, most: usize) -> bool {
    from <= to && to - from <= most && words[from..to].iter().all(|word| is_filler(word.text()))
}

/// Whether the actor is the subject of the verb at a place, and what the verb says is told as a fact.
fn acts(words: &[Word<'_>], actor: usize, verb: usize) -> bool {
    if actor >= verb {
        return false;
    }
    let supposed = words[actor.saturating_sub(3)..actor]
        .iter()
        .any(|word| matches!(word.text(), "if" | "unless" | "whether" | "until"));
    let between = outside_commas(&words[actor + 1..verb]);
    let mut rest = between.as_slice();
    // "X said it would drop", "X, its leader said, has dropped"
    if let [said, then @ ..] = rest
        && matches!(*said, "said" | "says" | "announced" | "admitted" | "confirmed" | "declared" | "conceded")
    {
        let that = usize::from(then.first() == Some(&"that"));
        if !then.get(that).is_some_and(|word| PRONOUNS.contains(word)) {
            return false;
        }
        rest = &then[that + 1..];
    }
    let unreal = rest.iter().enumerate().any(|(at, word)| {
        let willed = *word == "to" && at > 0 && words::WILLING.contains(&rest[at - 1]);
        let longer = *word == "no" && (rest.get(at + 1) == Some(&"longer"));
        (UNREAL.contains(word) && !willed && !longer) || word.ends_with("n't")
    });
    // "A minister of Lesotho has joined": the minister has, not Lesotho.
    let the = usize::from(actor > 0 && words[actor - 1].text() == "the");
    let governed = actor > the && words::GOVERNING.contains(&words[actor - the - 1].text());
    !supposed && !unreal && !governed && rest.len() <= 6
}

/// The words that do not stand between two commas.
fn outside_commas<'a>(words: &[Word<'a>]) -> Vec<&'a str> {
    let texts: Vec<&str> = words.iter().map(|word| word.text()).collect();
    let commas: Vec<usize> = (0..texts.len()).filter(|at| matches!(texts[*at], "," | "—" | "–")).collect();
    match commas.as_slice() {
        [first, .., last] => [&texts[..*first], &texts[last + 1..]].concat(),
        // "The Basque Nationalists, until now a pillar of it, announced": the first comma may stand right behind the name.
        [_] | [] => texts,
    }
}

/// The end of a stance that is named.
fn ended(words: &[Word<'_>], actor: usize, target: usize) -> Option<Change> {
    let here = |at: usize| {
        ended_thing(words, at, target).or_else(|| ended_doing(words, at, target)).filter(|_| acts(words, actor, at))
    };
    openings(words)
        .find_map(here)
        .or_else(|| lost(words, actor, target))
        .or_else(|| between(words, actor, target))
        .or_else(|| gone(words, actor, target))
}

const fn over(side: Side) -> Change {
    Change::Now(other(side.stance()))
}

/// The first word of a few from a place on that has a side.
fn first(words: &[Word<'_>], from: usize, most: usize, side: fn(&str) -> Option<Side>) -> Option<(usize, Side)> {
    (from..(from + most).min(words.len())).find_map(|at| Some((at, side(words[at].text())?)))
}

/// "dropped its opposition to T", "ended its neutrality towards T".
fn ended_thing(words: &[Word<'_>], at: usize, target: usize) -> Option<Change> {
    let from = at + any(words, at, ENDING)?;
    if let Some((place, side)) = first(words, from, 5, noun)
        && near(words, from, place, 4)
        && near(words, place + 1, target, 5)
    {
        return Some(over(side));
    }
    let neutral = (from..(from + 3).min(words.len())).find(|place| words[*place].text() == "neutrality");
    let turned = neutral.filter(|place| near(words, place + 1, target, 4)).map(|_| Change::Turned);
    part(words, from, target).map(over).or(turned)
}

/// "no longer backs T", "has stopped defending T", "is no longer an ally of T".
fn ended_doing(words: &[Word<'_>], at: usize, target: usize) -> Option<Change> {
    let from = at + any(words, at, STOPPING)?;
    if let Some(side) = words.get(from).and_then(|word| verb(word.text()))
        && near(words, from + 1, target, 4)
    {
        return Some(over(side));
    }
    let article = from + any(words, from, &["a", "an", "the", "among the", "its", "one of the"])?;
    let (place, side) = first(words, article, 3, person)?;
    near(words, place + 1, target, 3).then_some(over(side))
}

/// "Gone are the days when A sued T".
fn gone(words: &[Word<'_>], actor: usize, target: usize) -> Option<Change> {
    let days = ["gone are the days when", "gone is the time when", "over are the days when"];
    let from = any(words, 0, &days)?;
    let (place, side) = first(words, actor + 1, 3, verb)?;
    (near(words, from, actor, 2) && near(words, place + 1, target, 4)).then_some(over(side))
}

/// Who gives up a part that is named: "left the camp of those who defend T", "gave up its role as a defender of T".
fn part(words: &[Word<'_>], from: usize, target: usize) -> Option<Side> {
    let stop = (from + 6).min(words.len());
    let place = (from..stop).find(|at| any(words, *at, &["those who", "role as", "seat as", "place among"]).is_some())?;
    let who = words[place].text() == "those";
    let told = (place + 2..(place + 6).min(words.len()))
        .find_map(|at| Some((at, if who { verb(words[at].text()) } else { person(words[at].text()) }?)));
    let (at, side) = told?;
    (near(words, from, place, 5) && near(words, place + 2, at, 4) && near(words, at + 1, target, 4)).then_some(side)
}

/// "Eleven years of enmity between A and T ended", "the floods reconciled A with T".
fn between(words: &[Word<'_>], actor: usize, target: usize) -> Option<Change> {
    let (first, second) = (actor.min(target), actor.max(target));
    let linked = near(words, first + 1, second, 6) || words[first + 1..second].iter().any(|word| word.text() == "and");
    let lead = first.checked_sub(1 + usize::from(first > 0 && words[first - 1].text() == "the"))?;
    let ends =
        any(words, second + 1, &["ended", "has ended", "have ended", "is over", "was over", "came to an end"]).is_some();
    let reconciled =
        words[lead].text() == "reconciled" || (words[lead].text() == "reconcile" && any(words, 0, &["it took"]).is_some());
    let side = (words[lead].text() == "between" && lead > 0).then(|| noun(words[lead - 1].text())).flatten();
    match side {
        Some(side) if ends && linked && second - first <= 4 => Some(Change::Now(other(side.stance()))),
        _ if reconciled
            && first == actor
            && words[first + 1..second].iter().any(|word| word.text() == "with")
            && second - first <= 4 =>
        {
            Some(Change::Now(Stance::Support))
        }
        _ => None,
    }
}

/// "T lost the support of A".
fn lost(words: &[Word<'_>], actor: usize, target: usize) -> Option<Change> {
    let at = target + 1;
    let has = at + usize::from(matches!(words.get(at)?.text(), "has" | "have" | "had"));
    let lost = any(words, has, &["lost the", "lost"])?;
    let side = noun(words.get(has + lost)?.text()).filter(|side| *side == Side::For)?;
    near(words, has + lost + 1, actor, 3).then_some(Change::Now(other(side.stance())))
}

/// A turn towards the target.
fn turned(words: &[Word<'_>], actor: usize, target: usize) -> Option<Change> {
    for at in openings(words) {
        for (phrases, change) in TURNS {
            if let Some(length) = any(words, at, phrases)
                && near(words, at + length, target, 4)
                && acts(words, actor, at)
            {
                return Some(*change);
            }
        }
        if let Some(change) = from_to(words, at, target).filter(|_| acts(words, actor, at)) {
            return Some(change);
        }
    }
    None
}

/// "went from fierce critic to paying member of T".
fn from_to(words: &[Word<'_>], at: usize, target: usize) -> Option<Change> {
    let goes = any(words, at, GOING)?;
    let start = at + goes;
    let to = (start..(start + 7).min(words.len())).find(|place| words[*place].text() == "to")?;
    let side =
        |from: usize, end: usize| words[from..end].iter().find_map(|word| person(word.text()).or_else(|| noun(word.text())));
    let (was, is) = (side(start, to), side(to + 1, target.max(to + 1)));
    let differ = was.is_some() && was != is;
    let now = Change::Now(other(was?.stance()));
    (differ && target > to && target - to <= 7 && words[to..target].iter().all(|word| word.text() != ",")).then_some(now)
}

/// A past that the sentence tells, of which only the stance of now makes a change.
fn past(words: &[Word<'_>], actor: usize, target: usize) -> Option<Change> {
    let here = |at: usize| was(words, at, actor, target).or_else(|| did(words, at, actor, target));
    let side = openings(words).find_map(here).or_else(|| had(words, actor, target));
    side.map(|side| Change::Before(side.stance()))
}

/// "once a critic of T", "until now a pillar of T", "a former ally of T".
fn was(words: &[Word<'_>], at: usize, actor: usize, target: usize) -> Option<Side> {
    let from = at + any(words, at, FORMERLY)?;
    let (place, side) = first(words, from, 5, person)?;
    (near(words, from, place, 4) && near(words, place + 1, target, 3) && beside(words, actor, at)).then_some(side)
}

/// "after years of resisting T".
fn did(words: &[Word<'_>], at: usize, actor: usize, target: usize) -> Option<Side> {
    let from = at + any(words, at, AFTER_LONG)?;
    let side = words.get(from).and_then(|word| verb(word.text()).or_else(|| noun(word.text())))?;
    let object = target > at && near(words, from + 1, target, 4);
    let alone = words.get(from + 1).is_some_and(|word| word.text() == ",") && target > at && actor < from + 5;
    let apart = at > actor && words[actor..at].iter().all(|word| !VAGUE.contains(&word.text()));
    let opens = at < actor && at <= 1;
    ((object || alone) && (apart || opens)).then_some(side)
}

/// "A, which had long opposed T," and "T, whom they had cheered".
fn had(words: &[Word<'_>], actor: usize, target: usize) -> Option<Side> {
    let side = |at: usize| words.get(at).and_then(|word| verb(word.text()));
    let own = who_had(words, actor + 1).filter(|at| near(words, at + 1, target, 4));
    own.and_then(side).or_else(|| whom_they_had(words, target + 1).and_then(side))
}

/// Whether an apposition at a place is the actor's: right behind it, or at the head of the sentence.
fn beside(words: &[Word<'_>], actor: usize, at: usize) -> bool {
    let behind = at > actor
        && words[actor + 1..at]
            .iter()
            .all(|word| matches!(word.text(), "," | "—" | "–" | "(" | "was" | "had" | "been" | "who" | "which"));
    let ahead = at < actor
        && at <= 1
        && words[at..actor].iter().filter(|word| word.text() == ",").count() == 1
        && words[actor - 1].text() == ",";
    behind || ahead
}

/// ", which had long": where the verb stands.
fn who_had(words: &[Word<'_>], at: usize) -> Option<usize> {
    let comma = at + usize::from(words.get(at)?.text() == ",");
    let who = matches!(words.get(comma)?.text(), "who" | "which" | "that");
    long_ago(words, comma + 1).filter(|_| who)
}

/// ", which it had once": where the verb stands.
fn whom_they_had(words: &[Word<'_>], at: usize) -> Option<usize> {
    let comma = at + usize::from(words.get(at)?.text() == ",");
    let whom = matches!(words.get(comma)?.text(), "who" | "whom" | "which" | "that");
    let first = comma + usize::from(whom);
    let they = words.get(first).is_some_and(|word| matches!(word, Word::Actor) || PRONOUNS.contains(&word.text()));
    long_ago(words, first + 1).filter(|_| they && (whom || comma == at))
}

/// Words that put a verb into the past: "had once", "used to", "once", "had for years".
fn long_ago(words: &[Word<'_>], at: usize) -> Option<usize> {
    any(words, at, TO_BACK).map(|length| at + length)
}
