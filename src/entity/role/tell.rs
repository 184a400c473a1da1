//! The office of a person as the words around a mention tell it: a title before the name, or an apposition beside it.

use super::lexicon::{is_called, is_end, is_head, is_honorific, is_modifier, is_passed, is_rank, is_weak, singular};
use super::phrase::{Front, Tail, Telling, can_hold, front, joined, tail, title};
use super::text::Item;
use crate::mention::{EntityType, Mention};

/// What stands before a name and is none of its business: honorifics, and the comma of an apposition.
struct Lead {
    /// How many items it takes.
    skip: usize,
    /// Whether a comma stands between title and name.
    comma: bool,
    /// Whether an honorific does.
    polite: bool,
}

fn lead(before: &[Item<'_>]) -> Lead {
    let honorifics = |from: usize| before[from..].iter().take_while(|item| is_honorific(&item.word())).count();
    let mut skip = honorifics(0);
    let polite = skip > 0;
    let comma = before.get(skip).is_some_and(|item| item.text == ",");
    if comma {
        skip += 1 + honorifics(skip + 1);
    }
    // "Governor of the Central Bank (CBK) Patrick Njoroge"
    if let [close, _, open, ..] = &before[skip..]
        && (close.text, open.text) == (")", "(")
    {
        skip += 3;
    }
    Lead { skip, comma, polite }
}

/// The offices told beside a name; both lists from the nearest item on.
pub(super) fn beside(before: &[Item<'_>], after: &[Item<'_>], mentions: &[Mention]) -> impl Iterator<Item = Telling> {
    let behind = self::after(after, mentions);
    // In a list each name may have its apposition behind it: what stands before the comma is then another's.
    let set_off = lead(before).comma && behind.is_some();
    let ahead = if set_off { None } else { self::before(before, after, mentions) };
    [ahead, behind].into_iter().flatten()
}

/// The office that stands before a name.
fn before(before: &[Item<'_>], after: &[Item<'_>], mentions: &[Mention]) -> Option<Telling> {
    if let Some(telling) = shared(before, mentions) {
        return Some(telling);
    }
    let Lead { skip, comma, polite } = lead(before);
    let items = &before[skip..];
    // "police spokesperson, Brigadier Kinana"
    if let [rank, comma, office, ..] = items
        && is_rank(&rank.word())
        && comma.text == ","
        && is_head(&office.word())
    {
        return titled(&items[2..], (0, 0), mentions).map(|told| told.0);
    }
    let (at, end) = noun(items, mentions)?;
    let (telling, beyond, determined) = titled(items, (at, end), mentions)?;
    // "The minister, Ruto said" has no apposition; "the minister, William Ruto, said" has one.
    let closed = |item: &Item<'_>| {
        matches!(item.text, "," | "." | ";" | ")" | "—" | "–" | "”" | "\"" | ":")
            || (polite && at > 0 && item.word() == "and")
    };
    let apposed = after.first().is_none_or(closed) && determined && !is_anothers(beyond, mentions);
    let alone = beyond.first().is_none_or(|item| item.mention.is_none());
    let styled = !comma && alone && items[at].is_capitalised();
    (!comma || apposed).then_some(Telling { styled, ..telling })
}

/// The office whose noun stands at a place before a name, with what stands before all of it, and whether it is more than a noun.
fn titled<'a, 'b>(
    items: &'b [Item<'a>],
    (at, end): (usize, usize),
    mentions: &[Mention],
) -> Option<(Telling, &'b [Item<'a>], bool)> {
    let head = items[at];
    let Front { words, of, read } = front(&items[at + 1..], head, mentions);
    let beyond = &items[at + 1 + read..];
    let told: Vec<Item<'_>> = items[..end].iter().rev().copied().collect();
    let Tail { words: field, of: behind, .. } = tail(&told, &head.word(), mentions);
    let first = beyond.first().map(|item| item.word()).unwrap_or_default();
    let determined = is_determiner(&first) || of.is_some() || at > 0 || !words.is_empty();
    let words = title(words, head.word(), field);
    let of = of.or(behind);
    let strong = !is_weak(&words) || of.is_some() || head.is_capitalised();
    let its = of.is_none() && is_its(&first);
    strong.then(|| (Telling { title: joined(&words), of, styled: false, its }, beyond, determined))
}

/// The office that several names share: "Presidents Joe Biden and Xi Jinping".
fn shared(before: &[Item<'_>], mentions: &[Mention]) -> Option<Telling> {
    let person = |item: &&Item<'_>| item.mention.is_some_and(|at| mentions[at].kind == EntityType::Per);
    let others = before
        .iter()
        .take_while(|item| person(item) || item.text == "," || item.word() == "and" || is_honorific(&item.word()))
        .count();
    let items = &before[others..];
    let head = items.first()?;
    let noun = singular(&head.word()).filter(|_| others == 0 || before[..others].iter().any(|item| person(&item)))?;
    let Front { words, of, .. } = front(&items[1..], *head, mentions);
    let words = title(words, noun, Vec::new());
    (!is_weak(&words)).then(|| Telling { title: joined(&words), of, styled: head.is_capitalised(), its: false })
}

/// The office inside a name as it was found: "King Abdullah".
pub(super) fn inside(name: &str) -> Option<Telling> {
    let (first, rest) = name.split_once(' ')?;
    let word = first.to_lowercase();
    (is_called(&word) && !rest.trim().is_empty()).then_some(Telling { title: word, of: None, styled: true, its: false })
}

fn is_its(word: &str) -> bool {
    matches!(word, "its" | "their")
}

fn is_determiner(word: &str) -> bool {
    matches!(word, "the" | "a" | "an" | "its" | "his" | "her" | "their" | "our" | "one" | "another")
}

/// Where the noun of an office stands before a name, and how many of the items before it are what follows it: 0 for
/// "President Ruto", all of "of the World Bank" for "President of the World Bank Ajay Banga".
fn noun(items: &[Item<'_>], mentions: &[Mention]) -> Option<(usize, usize)> {
    if items.first().is_some_and(|item| is_head(&item.word())) {
        return Some((0, 0));
    }
    let mut at = 0;
    let mut found = None;
    while let Some(item) = items.get(at).filter(|_| at < 12) {
        let word = item.word();
        let holder = item.mention.is_some_and(|mention| can_hold(mentions, mention));
        let linked = at > 0 && matches!(items[at - 1].word().as_str(), "of" | "for" | "to" | "at");
        if linked && is_head(&word) {
            found = Some((at, at));
            // "Secretary of State for Foreign Affairs" has its noun further out; only what is linked again is.
            if !items.get(at + 1).is_some_and(|item| matches!(item.word().as_str(), "of" | "for")) {
                break;
            }
        }
        let part = holder
            || item.is_possessive()
            || item.is_capitalised()
            || is_modifier(&word)
            || matches!(word.as_str(), "of" | "for" | "to" | "at" | "the" | "and" | "&");
        if !part && !is_head(&word) {
            break;
        }
        at += 1;
    }
    found
}

/// Whether a phrase before a name belongs to a name before it: "Kato, head of Malawi's journalists, Mkula".
fn is_anothers(beyond: &[Item<'_>], mentions: &[Mention]) -> bool {
    let rest = beyond
        .iter()
        .skip_while(|item| matches!(item.word().as_str(), "the" | "a" | "an" | "its" | "his" | "her" | "their"));
    let mut rest = rest.skip_while(|item| item.text == "," || item.text.chars().all(|c| c.is_ascii_digit()));
    let set_off = beyond.iter().take(2).any(|item| item.text == ",");
    let person = |item: &Item<'_>| item.mention.is_some_and(|at| mentions[at].kind == EntityType::Per);
    set_off && rest.next().is_some_and(person)
}

/// The office in an apposition behind a name; the list from the nearest item on.
fn after(items: &[Item<'_>], mentions: &[Mention]) -> Option<Telling> {
    let items = &items[opening(items)?..];
    let phrase = phrase(items, mentions)?;
    let Phrase { head, from, end, of } = phrase;
    let noun = items[head].word();
    let words: Vec<String> =
        items[from..head].iter().map(|item| item.word()).filter(|word| is_modifier(word) || !is_passed(word)).collect();
    let Tail { words: field, of: behind, read } = tail(&items[head + 1..], &noun, mentions);
    let rest = &items[(head + 1 + read).min(items.len())..];
    // "Mr. Wood, the Rector of the college, Mrs. Choony": a list in which titles stand first.
    let listed = items.first().is_some_and(|item| item.word() == "the")
        && rest.first().is_some_and(|item| item.text == ",")
        && rest.get(1).is_some_and(|item| is_honorific(&item.word()))
        && !ends(&rest[1..], mentions);
    if listed || !ends(rest, mentions) {
        return None;
    }
    let of = of.or(behind);
    let bare = end == 0 && of.is_none() && field.is_empty() && read == 0;
    let words = title(words, noun, field);
    let listed = bare && !rest.first().is_none_or(|item| matches!(item.text, "," | "." | ";" | ")" | "and" | "who"));
    let its = of.is_none() && items.first().is_some_and(|item| is_its(&item.word()));
    let vague = bare && is_weak(&words);
    (!listed && !vague).then(|| Telling { title: joined(&words), of, styled: false, its })
}

/// How many items open an apposition; `None` where there is none.
fn opening(items: &[Item<'_>]) -> Option<usize> {
    let mut at = 0;
    // A name in other letters, a party and a state stand in brackets first.
    if items.first().is_some_and(|item| item.text == "(") {
        let close = items.iter().take(7).position(|item| item.text == ")");
        let told = close.is_some_and(|close| items[1..close].iter().any(|item| is_head(&item.word())));
        at = if told { 0 } else { close? + 1 };
    }
    if !matches!(items.get(at)?.text, "," | "(" | "—" | "–" | "-") {
        return None;
    }
    at += 1;
    let number = |item: &Item<'_>| item.text.len() <= 3 && item.text.bytes().all(|byte| byte.is_ascii_digit());
    if items.get(at).is_some_and(number) && items.get(at + 1).is_some_and(|item| item.text == ",") {
        at += 2;
    }
    let word = |at: usize| items.get(at).map(|item| item.word()).unwrap_or_default();
    if word(at) == "who" {
        let is = matches!(word(at + 1).as_str(), "is" | "'s");
        let serves = word(at + 1) == "serves" && word(at + 2) == "as";
        at = if is {
            at + 2
        } else if serves {
            at + 3
        } else {
            return None;
        };
        at += usize::from(matches!(word(at).as_str(), "also" | "currently" | "now"));
    }
    Some(at)
}

/// The noun phrase of an apposition.
struct Phrase {
    /// The place of its noun.
    head: usize,
    /// Where the words of the title begin.
    from: usize,
    /// How many items of a determiner or holder it begins with.
    end: usize,
    /// Whose office it is, as told before the noun.
    of: Option<usize>,
}

fn phrase(items: &[Item<'_>], mentions: &[Mention]) -> Option<Phrase> {
    let mut phrase = Phrase { head: usize::MAX, from: 0, end: 0, of: None };
    let indefinite = items.first().is_some_and(|item| matches!(item.word().as_str(), "a" | "an"));
    for (at, item) in items.iter().enumerate().take(14) {
        let word = item.word();
        if phrase.head != usize::MAX && !is_head(&word) {
            // "chief executive officer" goes on; "leader of" does not.
            let goes_on = is_modifier(&word) && items.get(at + 1).is_some_and(|next| is_head(&next.word()));
            if !goes_on {
                break;
            }
        } else if is_head(&word) {
            phrase.head = at;
        } else if let Some(mention) = item.mention {
            let possessive = items.get(at + 1).is_some_and(|next| next.is_possessive());
            if !can_hold(mentions, mention) && !possessive && mentions[mention].kind == EntityType::Per {
                return None;
            }
            if can_hold(mentions, mention) {
                phrase.of = Some(mention);
            }
            (phrase.from, phrase.end) = (at + 1, at + 1);
        } else if item.is_possessive() {
            (phrase.from, phrase.end) = (at + 1, at + 1);
        } else if is_determiner(&word) && at == 0 {
            (phrase.from, phrase.end) = (1, 1);
        } else if is_modifier(&word) || is_passed(&word) || (item.is_capitalised() && !is_end(&word)) {
        } else if indefinite && word == "and" && at > 1 {
            phrase.from = at + 1;
        } else if phrase.end > 0
            && item.text.starts_with(char::is_alphanumeric)
            && !is_end(&word)
            && (indefinite || !ends_in_s(&word))
        {
            // An adjective that is no part of a title, or a noun that is.
            phrase.from = at + 1;
        } else if item.text == "(" && phrase.of.is_some() {
            // "National Prosecuting Authority (NPA) spokesperson"
        } else if item.text == ")" && phrase.of.is_some() {
            phrase.from = at + 1;
        } else {
            return None;
        }
    }
    (phrase.head != usize::MAX && phrase.head >= phrase.from).then_some(phrase)
}

/// Words that are verbs more often than adjectives: "the minister's office denies".
fn ends_in_s(word: &str) -> bool {
    word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("ous")
}

/// Whether an apposition can end before these items: a name behind it would have it as its own title.
fn ends(rest: &[Item<'_>], mentions: &[Mention]) -> bool {
    let next = rest.iter().find(|item| !is_honorific(&item.word()));
    next.and_then(|item| item.mention).is_none_or(|at| mentions[at].kind != EntityType::Per)
}
