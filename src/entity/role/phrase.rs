//! Noun phrases that tell an office: what stands before its noun, and what follows it.

use super::lexicon::{
    has_field, is_body, is_head, is_honorific, is_modifier, is_passed, is_rank, is_sent, is_trade, is_vague,
};
use super::text::Item;
use crate::entity::{Entity, EntityType};
use crate::mention::Mention;

/// An office as one place of the text tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Telling {
    /// The title in small letters.
    pub(super) title: String,
    /// The number of the mention whose office it is.
    pub(super) of: Option<usize>,
    /// Whether it is a title with a capital right before the name.
    pub(super) styled: bool,
    /// Whether a pronoun stands for whose office it is: "its president".
    pub(super) its: bool,
}

/// What stands before a noun.
#[derive(Default)]
pub(super) struct Front {
    /// The words of the title, in order.
    pub(super) words: Vec<String>,
    /// Whose office it is.
    pub(super) of: Option<usize>,
    /// How many items were read.
    pub(super) read: usize,
}

/// Whether an office can be that of such a mention.
pub(super) fn can_hold(mentions: &[Mention], at: usize) -> bool {
    !matches!(mentions[at].kind, EntityType::Per | EntityType::Misc)
}

/// Words that may stand before whatever holds the office: "former US president".
const TIMES: &[&str] = &["former", "ex", "late", "then", "acting", "deputy", "interim", "shadow"];

/// Reads what stands before a noun, given from the nearest item on.
pub(super) fn front(items: &[Item<'_>], head: Item<'_>, mentions: &[Mention]) -> Front {
    let mut front = Front::default();
    let mut at = 0;
    while let Some(item) = items.get(at) {
        let word = item.word();
        if let Some(mention) = item.mention {
            if can_hold(mentions, mention) {
                front.of = Some(mention);
                at += 1 + times(&items[at + 1..], &mut front.words);
            }
            break;
        }
        if item.is_possessive() {
            let holder = items.get(at + 1).and_then(|item| item.mention);
            front.of = holder.filter(|holder| can_hold(mentions, *holder));
            at += 1 + usize::from(holder.is_some());
            break;
        }
        // "International Labour Organisation (ILO) chief"
        if item.text == ")" && items.get(at + 2).is_some_and(|open| open.text == "(") {
            at += 3;
            continue;
        }
        let joined = matches!(word.as_str(), "and" | "&");
        if joined {
            let next = items.get(at + 1).filter(|next| fits(**next, head) && !is_head(&next.word()));
            if !(has_field(&head.word()) && !front.words.is_empty() && next.is_some()) {
                break;
            }
            front.words.insert(0, word);
        } else if is_passed(&word) && !is_modifier(&word) {
        } else if fits(*item, head) && front.words.len() < 6 {
            front.words.insert(0, word);
        } else {
            break;
        }
        at += 1;
    }
    front.read = at;
    front
}

/// Whether a word can belong to the title before its noun.
fn fits(item: Item<'_>, head: Item<'_>) -> bool {
    let word = item.word();
    // A capital at the start of a sentence says nothing; nor does one before a noun in small letters.
    let capital = item.is_capitalised() && head.is_capitalised() && !item.opens && !is_honorific(&word);
    is_modifier(&word) || is_head(&word) || (capital && !super::lexicon::is_end(&word) && !LITTLE.contains(&word.as_str()))
}

/// Words with a capital that begin a sentence within quotation marks or a heading, and no title.
const LITTLE: &[&str] =
    &["the", "a", "an", "our", "their", "its", "my", "your", "these", "those", "both", "meanwhile", "however", "today"];

/// Reads "former" and its like before whoever holds the office.
fn times(items: &[Item<'_>], words: &mut Vec<String>) -> usize {
    let mut read = 0;
    // "ex-France defender"
    let hyphen = items.first().is_some_and(|item| item.text == "-");
    let items = if hyphen { &items[1..] } else { items };
    while let Some(word) = items.get(read).map(|item| item.word()).filter(|word| TIMES.contains(&word.as_str())) {
        words.insert(0, if hyphen && read == 0 { format!("{word}-") } else { word });
        read += 1;
    }
    if read > 0 { read + usize::from(hyphen) } else { 0 }
}

/// What follows a noun.
#[derive(Default)]
pub(super) struct Tail {
    /// What belongs to the title: "of foreign affairs".
    pub(super) words: Vec<String>,
    /// Whose office it is.
    pub(super) of: Option<usize>,
    /// How many items were read.
    pub(super) read: usize,
}

/// Reads what follows a noun: "of foreign affairs of Kenya", "for the U.N.", "of physics at Oslo University".
pub(super) fn tail(items: &[Item<'_>], head: &str, mentions: &[Mention]) -> Tail {
    let mut tail = Tail::default();
    for _ in 0..3 {
        let link = items.get(tail.read).map(|item| item.word()).unwrap_or_default();
        if !LINKS.contains(&link.as_str()) || !tail.link(items, &link, head, mentions) {
            break;
        }
    }
    // "director, Oslo Hospital," and "Executive Director Oslo Hospital"
    let at = tail.read + usize::from(items.get(tail.read).is_some_and(|item| item.text == ","));
    let body = items.get(at).and_then(|item| item.mention).filter(|body| mentions[*body].kind == EntityType::Org);
    let ended = items.get(at + 1).is_none_or(|item| matches!(item.text, "," | "." | "(" | ")"));
    if tail.of.is_none() && body.is_some() && ended {
        (tail.of, tail.read) = (body, at + 1);
    }
    tail
}

impl Tail {
    /// Reads a preposition and what it links, and tells whether more may follow.
    fn link(&mut self, items: &[Item<'_>], link: &str, head: &str, mentions: &[Mention]) -> bool {
        let own = |item: &&Item<'_>| matches!(item.word().as_str(), "the" | "a" | "an" | "its" | "their" | "his" | "her");
        let from = self.read + 1;
        let next = from + items[from..].iter().take_while(own).count();
        let words: Vec<Item<'_>> = items[next..].iter().take(8).copied().take_while(|item| is_field(*item)).collect();
        let lower = words.iter().all(|item| !item.is_capitalised()) && words.len() < 3;
        let behind = if lower { next + words.len() } else { next };
        if let Some(mention) = items.get(behind).and_then(|item| item.mention) {
            // "ambassador to Kenya of the United States"
            let sent = is_sent(head) && matches!(link, "to" | "for" | "in" | "on" | "at") && self.of.is_none();
            self.read = behind + 1;
            if !sent {
                self.hold(&items[behind + 1..], mention, (link, head), mentions);
            }
            return sent;
        }
        let field = words.iter().all(|item| item.is_capitalised() || known(&item.word()));
        let told = field && !words.iter().all(|item| is_vague(&item.word()));
        if matches!(link, "of" | "for") && has_field(head) && told && self.words.is_empty() {
            self.words.extend(items[self.read..next + words.len()].iter().map(|item| item.word()));
        }
        self.read = next + words.len();
        !words.is_empty()
    }

    /// Takes a mention behind a preposition as whose office it is, if it can be that.
    fn hold(&mut self, after: &[Item<'_>], mention: usize, (link, head): (&str, &str), mentions: &[Mention]) {
        let kind = mentions[mention].kind;
        let place = kind == EntityType::Loc && matches!(link, "in" | "at" | "from" | "on" | "with");
        // "Minister for Indigenous Australians" tells a field.
        let field = matches!(kind, EntityType::Loc | EntityType::Norp) && link == "for" && is_ministerial(head);
        let adjective = kind == EntityType::Norp;
        let noun = after.first().filter(|item| !item.is_capitalised()).map(|item| item.word()).unwrap_or_default();
        let trade = adjective && is_trade(&noun);
        // "the Indian company Reliance"
        let named = after.get(1).and_then(|item| item.mention).filter(|at| trade && mentions[*at].kind == EntityType::Org);
        if named.is_some() {
            self.of = named;
            self.read += 2;
        } else if !(place || field || trade) && can_hold(mentions, mention) {
            self.of = Some(mention);
            if adjective && is_body(&noun) && !head.starts_with("spokes") {
                self.words.extend([link.to_owned(), "the".to_owned(), noun]);
                self.read += 1;
            }
        }
    }
}

fn is_ministerial(head: &str) -> bool {
    head.ends_with("minister") || head.ends_with("secretary")
}

const LINKS: &[&str] = &["of", "for", "at", "in", "from", "to", "with", "on"];

fn known(word: &str) -> bool {
    is_modifier(word)
        || is_head(word)
        || matches!(word, "and" | "&" | "state" | "mission" | "training" | "staff" | "affairs")
}

/// Whether a word can be part of what an office is about.
fn is_field(item: Item<'_>) -> bool {
    let word = item.word();
    let letters = item.text.starts_with(char::is_alphabetic) || item.text == "&";
    item.mention.is_none() && letters && (word == "and" || !super::lexicon::is_end(&word)) && !item.is_possessive()
}

/// The title of an office, given the words before its noun, the noun and the words after it. A rank that stands beside an office is left out:
/// "Director Professor".
pub(super) fn title(mut words: Vec<String>, head: String, tail: Vec<String>) -> Vec<String> {
    words.push(head);
    while let [.., before, last] = words.as_slice() {
        let compound = last == "general" && GENERALS.iter().any(|stem| before.ends_with(stem));
        let office = words[..words.len() - 1].iter().any(|word| is_head(word) && !is_rank(word) && word != "chief");
        if !is_rank(last) || compound || !office {
            break;
        }
        words.pop();
    }
    words.extend(tail);
    while words.first().is_some_and(|word| matches!(word.as_str(), "and" | "&" | "of")) {
        words.remove(0);
    }
    words
}

#[rustfmt::skip]
const GENERALS: &[&str] = &[
    "secretary", "attorney", "director", "president", "governor", "consul", "inspector", "major", "lieutenant",
    "brigadier", "solicitor", "comptroller", "auditor", "colonel", "prosecutor", "commissioner",
];

/// The title as it is written in the record.
pub(super) fn joined(words: &[String]) -> String {
    words.join(" ").replace("- ", "-")
}

/// Whether an entity is a country.
pub(super) fn is_country(entity: &Entity) -> bool {
    entity.country.is_some()
}
