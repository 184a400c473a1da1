//! Countries: which mention is which, by the tables and by what else the article names.
//!
//! A name that may be several things is one of them throughout an article: the one that most speaks for, by other names of the same
//! country, hints (cities, regions, heads of state), neighbours, and words beside it ("governor", "prime minister").

use std::collections::{BTreeMap, BTreeSet};

use super::gazetteer::{Gazetteer, How, Sense};
use super::names::key;
use super::place::{Around, is_city, is_house};
use crate::mention::{EntityType, Mention};

/// What a mention is to the countries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The alpha-2 code of the country that it is.
    pub(super) country: Option<&'static str>,
    /// Whether it is a capital that stands for itself.
    pub(super) city: bool,
    /// Whether it is Brussels and stands for the European Union.
    pub(super) union: bool,
}

/// What the article says for each thing that a name may be.
#[derive(Default)]
struct Evidence {
    /// The countries that are named beyond doubt, and how often.
    named: BTreeMap<&'static str, usize>,
    /// How many different hints there are for each.
    hints: BTreeMap<&'static str, usize>,
}

/// The country behind each mention of an article.
pub(super) fn countries(gazetteer: &Gazetteer, body: &str, mentions: &[Mention]) -> Vec<Told> {
    let arounds: Vec<Around<'_>> = mentions.iter().map(|mention| Around::of(body, mention.span)).collect();
    let senses: Vec<Option<Sense>> =
        mentions.iter().zip(&arounds).map(|(mention, around)| sense(gazetteer, body, mention, around)).collect();
    let evidence = Evidence::of(gazetteer, body, mentions, &senses);
    let choices = choices(gazetteer, &senses, &arounds, &evidence);
    let chosen = |sense: Sense| sense.only().or_else(|| choices.get(sense.codes).copied());
    let mut named: BTreeSet<&str> = evidence.named.keys().copied().collect();
    named.extend(senses.iter().flatten().filter(|sense| sense.how != How::Capital).filter_map(|sense| chosen(*sense)));
    let mut told: Vec<Told> = Vec::with_capacity(mentions.len());
    for (at, sense) in senses.iter().enumerate() {
        let Some((sense, code)) = sense.and_then(|sense| Some((sense, chosen(sense)?))) else {
            told.push(Told::default());
            continue;
        };
        let country = gazetteer.country(code).map(|_| code);
        told.push(match sense.how {
            How::Name | How::Demonym => Told { country, ..Told::default() },
            How::Seat => Told { country: country.filter(|_| !is_house(&arounds[at])), ..Told::default() },
            How::Capital => {
                let city = key(mentions[at].span.slice(body)).ends_with(" dc")
                    || is_city(&arounds[at])
                    || in_a_row(gazetteer, body, mentions, &senses, &told, at);
                let acts = !city && (named.contains(code) || country.is_none());
                Told { country: country.filter(|_| acts), city: !acts, union: acts && code == "EU" }
            }
        });
    }
    told
}

/// What a mention may mean by its text, type and neighbours in the text.
fn sense(gazetteer: &Gazetteer, body: &str, mention: &Mention, around: &Around<'_>) -> Option<Sense> {
    let text = mention.span.slice(body);
    // "us" is a pronoun.
    if !text.contains(char::is_uppercase) {
        return None;
    }
    let own = key(text);
    let government = own
        .strip_suffix(" government")
        .or_else(|| own.strip_prefix("government of "))
        .map(|rest| rest.trim_start_matches("the "))
        .filter(|_| mention.kind == EntityType::Org);
    let sense = match government {
        Some(of) => gazetteer.sense(of).filter(|sense| sense.how != How::Seat),
        None => meant(gazetteer, &own, around),
    }?;
    // Events and works bear countries' names; only the adjective is the country there.
    let fits = match mention.kind {
        EntityType::Per => false,
        EntityType::Loc | EntityType::Norp => true,
        EntityType::Org => sense.how != How::Capital || government.is_some(),
        EntityType::Misc => sense.how == How::Demonym,
        EntityType::Fac => matches!(sense.how, How::Demonym | How::Seat),
    };
    let sense = if government.is_some() { Sense { how: How::Name, ..sense } } else { sense };
    (fits && !(sense.how == How::Demonym && is_language(around))).then_some(sense)
}

/// What a name means, together with the word beside it where the two are a name: "South" and "Korea", "New" and "Mexico".
fn meant(gazetteer: &Gazetteer, own: &str, around: &Around<'_>) -> Option<Sense> {
    let before = around.touching_before().filter(|word| word.starts_with(char::is_uppercase));
    let after = around.touching_after().filter(|word| word.starts_with(char::is_uppercase));
    let names = [before.map(|word| format!("{} {own}", key(word))), after.map(|word| format!("{own} {}", key(word)))];
    for name in names.into_iter().flatten() {
        let sense = gazetteer.sense(&name);
        if sense.is_some() || gazetteer.is_other(&name) {
            return sense;
        }
    }
    gazetteer.sense(own)
}

/// Whether an adjective is the name of a language: "in Chinese.", "a Spanish-speaking town".
fn is_language(around: &Around<'_>) -> bool {
    let after = around.words_after();
    let before = around.words_before();
    let first = |words: &[String], list: &[&str]| words.first().is_some_and(|word| list.contains(&word.as_str()));
    let ends = after.first().is_none_or(|word| !word.starts_with(char::is_alphanumeric) && word != "'" && word != "-");
    let joined = after.first().is_some_and(|word| word == "-")
        && after.get(1).is_some_and(|word| ["language", "speaking", "speaker", "speakers"].contains(&word.as_str()));
    first(&after, &["language", "languages", "speaker", "speakers", "dictionary", "alphabet", "translation", "subtitles"])
        || joined
        || first(
            &before,
            &["speak", "speaks", "speaking", "spoke", "spoken", "fluent", "learn", "learning", "learned", "taught"],
        )
        || ends && first(&before, &["in", "into", "from"])
}

/// Whether a capital stands in a row of places, as the second in "in Paris and London", or before the name of its country.
fn in_a_row(
    gazetteer: &Gazetteer,
    body: &str,
    mentions: &[Mention],
    senses: &[Option<Sense>],
    told: &[Told],
    at: usize,
) -> bool {
    let between = |one: usize, other: usize| {
        let gap =
            mentions.get(one).zip(mentions.get(other)).and_then(|(one, other)| body.get(one.span.end..other.span.start));
        gap.map(|gap| if gap.len() > 8 { "" } else { gap.trim() })
    };
    let place = |at: usize| mentions[at].kind == EntityType::Loc;
    let city = |at: usize| senses[at].is_some_and(|sense| sense.how == How::Capital);
    // "the National Library, Delhi, said": an address.
    let behind = body.get(mentions[at].span.end..).unwrap_or_default();
    let house = |at: usize| matches!(mentions[at].kind, EntityType::Org | EntityType::Fac);
    if at > 0 && house(at - 1) && between(at - 1, at) == Some(",") && behind.starts_with([',', '.', ';', ')']) {
        return true;
    }
    let row = |gap: Option<&str>| matches!(gap, Some("," | "and" | ", and" | "or" | "&"));
    // Of a capital before it the row has been told; another place that is no country is one.
    if at > 0 && place(at - 1) && row(between(at - 1, at)) {
        let region = || REGIONS.contains(&key(mentions[at - 1].span.slice(body)).as_str());
        return if city(at - 1) { told[at - 1].city } else { senses[at - 1].is_none() && !region() };
    }
    let next = at + 1;
    if next >= mentions.len() || !place(next) || city(next) {
        return false;
    }
    let gap = between(at, next);
    let own = senses[next].and_then(Sense::only).filter(|code| gazetteer.country(code).is_some());
    let mine = senses[at].is_some_and(|sense| sense.codes.split('|').any(|code| Some(code) == own));
    gap == Some(",") && (mine || senses[next].is_none()) || senses[next].is_none() && matches!(gap, Some("and" | "or" | "&"))
}

/// What acts beside governments.
const REGIONS: &[&str] =
    &["europe", "west", "africa", "asia", "gulf", "gaza", "arab world", "global south", "latin america"];

impl Evidence {
    fn of(gazetteer: &Gazetteer, body: &str, mentions: &[Mention], senses: &[Option<Sense>]) -> Self {
        let mut evidence = Self::default();
        for sense in senses.iter().flatten().filter(|sense| sense.how != How::Capital) {
            if let Some(code) = sense.only() {
                *evidence.named.entry(code).or_default() += 1;
            }
        }
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for mention in mentions {
            let name = key(mention.span.slice(body));
            let last = name.rsplit(' ').next().filter(|last| last.len() < name.len() && mention.kind == EntityType::Per);
            for name in last.map(str::to_owned).into_iter().chain([name.clone()]) {
                let codes = gazetteer.hints(&name);
                if !codes.is_empty() && seen.insert(name) {
                    for code in codes {
                        *evidence.hints.entry(code).or_default() += 1;
                    }
                }
            }
        }
        evidence
    }

    /// How much the article speaks for one thing: three for a hint, up to four hints; four for another name of the country, one for
    /// each of its neighbours up to three; for a state or province, one if its country is named.
    fn weight(&self, gazetteer: &Gazetteer, code: &str) -> usize {
        let hints = 3 * self.hints.get(code).copied().unwrap_or(0).min(4);
        if let Some(country) = gazetteer.country(code) {
            let named = 4 * usize::from(self.named.contains_key(code));
            hints + named + country.neighbours().filter(|code| self.named.contains_key(code)).take(3).count()
        } else {
            let whole = code.split('-').next().unwrap_or_default();
            hints + usize::from(whole != code && self.named.contains_key(whole))
        }
    }
}

/// The most that words beside a name can add, so that one phrase said over and over does not outweigh all else.
const MOST_WORDS: usize = 6;

/// What each name in doubt is in this article, by its codes.
fn choices(
    gazetteer: &Gazetteer,
    senses: &[Option<Sense>],
    arounds: &[Around<'_>],
    evidence: &Evidence,
) -> BTreeMap<&'static str, &'static str> {
    let mut beside: BTreeMap<&'static str, [usize; 2]> = BTreeMap::new();
    for (sense, around) in senses.iter().zip(arounds) {
        let Some(sense) = sense.filter(|sense| sense.only().is_none()) else { continue };
        let words = beside.entry(sense.codes).or_default();
        let near = around.words_before().into_iter().take(3).chain(around.words_after().into_iter().take(4));
        for word in near {
            words[0] += 2 * usize::from(OF_COUNTRIES.contains(&word.as_str()));
            words[1] += 2 * usize::from(OF_STATES.contains(&word.as_str()));
        }
    }
    let choose = |(codes, [country, state]): (&'static str, [usize; 2])| {
        let mut best: Option<(usize, &'static str)> = None;
        for (at, code) in codes.split('|').enumerate() {
            let words = if code.contains('-') { state } else { country };
            let weight = evidence.weight(gazetteer, code) + words.min(MOST_WORDS) + 2 * usize::from(at == 0);
            if best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, code));
            }
        }
        best.map(|(_, code)| (codes, code))
    };
    beside.into_iter().filter_map(choose).collect()
}

const OF_COUNTRIES: &[&str] = &[
    "republic",
    "parliament",
    "embassy",
    "ambassador",
    "minister",
    "ministry",
    "nation",
    "country",
    "government",
    "president",
];
const OF_STATES: &[&str] = &[
    "state",
    "county",
    "governor",
    "gov",
    "senate",
    "senator",
    "sen",
    "runoff",
    "republican",
    "republicans",
    "democrat",
    "democrats",
    "statehouse",
    "ga",
    "university",
    "province",
    "provincial",
];
