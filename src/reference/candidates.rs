//! Candidates: the things that a phrase may stand for, and what tells of each.

use super::facts::{Facts, Place};
use super::features::{Feature, Told};
use super::find::{Form, Phrase, Role};
use super::things::{Group, Sighting, Thing, Things};
use crate::mention::{EntityType, Mention};
use crate::quote::{AUXILIARIES, CLAUSE, DETERMINERS, Line, Saying, is_noun_like};

/// So many sightings are looked back at, in so many sentences, for so many things.
const SIGHTINGS: usize = 60;
const SENTENCES: usize = 8;
/// So many sentences ahead a speaker, or a name that a noun stands before, is looked for.
pub(super) const BEHIND: usize = 2;
/// A plural may stand for two things that were seen in so many sentences, if there is no third.
const PAIRED: usize = 3;
const THINGS: usize = 12;
/// So many things that a noun describes are looked at, the last ones first, however far back.
const DESCRIBED: usize = 4;
/// So many groups are looked back at.
const GROUPS: usize = 6;

/// What a phrase may stand for.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Mentions of the thing, or of each of several.
    pub(super) mentions: Vec<usize>,
    /// The first mention of the thing, or of the first of several.
    pub(super) first: usize,
    /// What tells of it.
    pub(super) told: Told,
}

/// Nouns that may be meant instead of a named thing, by sentence and word, in order.
#[derive(Default)]
pub(super) struct Rivals {
    persons: Vec<(usize, usize)>,
    plurals: Vec<(usize, usize)>,
    things: Vec<(usize, usize)>,
}

impl Rivals {
    /// Notes the word at `at` of a line, if it is one.
    pub(super) fn note(&mut self, line: &Line<'_>, at: usize, facts: &Facts) {
        let word = &line.words[at];
        if word.mention.is_some() {
            return;
        }
        let here = (line.number, at);
        let noun = facts.noun(&word.lower);
        let titled = line.words.get(at + 1).is_some_and(|next| next.mention.is_some());
        if noun.is_some_and(|noun| noun.fits(EntityType::Per) && !noun.plural) && !titled {
            self.persons.push(here);
        }
        let lower = &*word.lower;
        let plural = lower.len() > 3
            && lower.ends_with('s')
            && !lower.ends_with("ss")
            && !lower.ends_with("us")
            && is_noun_like(lower);
        if plural || lower == "people" || lower == "police" || noun.is_some_and(|noun| noun.plural) {
            self.plurals.push(here);
        }
        let determined = DETERMINERS.contains(&lower) && line.is_noun(at + 1) && line.words[at + 1].mention.is_none();
        if determined {
            self.things.push(here);
        }
    }

    /// How many there are between two places for a form.
    fn between(&self, form: Form, from: (usize, usize), to: (usize, usize)) -> usize {
        let of = |list: &[(usize, usize)]| {
            list.partition_point(|at| *at < to).saturating_sub(list.partition_point(|at| *at <= from))
        };
        match form {
            Form::He | Form::Person | Form::I => of(&self.persons),
            Form::They | Form::Plural | Form::We => of(&self.plurals),
            Form::It | Form::Thing | Form::Other => of(&self.things),
        }
    }
}

/// Where a phrase stands.
pub(super) struct Context<'a> {
    /// Its line.
    pub(super) line: &'a Line<'a>,
    /// Who says, in indirect speech, what it stands in.
    pub(super) said_by: Option<usize>,
    /// Who says, in direct speech, what it stands in.
    pub(super) spoken_by: Option<usize>,
    /// The body of who says, in direct speech, what it stands in.
    pub(super) spoken_for: Option<usize>,
    /// What it says itself.
    pub(super) says: Option<&'a Saying>,
    /// Who spoke last.
    pub(super) spoke: Option<usize>,
}

/// The candidates of a phrase, the nearest first.
pub(super) fn candidates(
    phrase: &Phrase,
    context: &Context<'_>,
    things: &Things,
    rivals: &Rivals,
    facts: &Facts,
    mentions: &[Mention],
) -> Vec<Candidate> {
    let mut seen: Vec<Sighting> = Vec::new();
    let line = context.line.number;
    // "I" and "we" are asked about when the passage has been read: who speaks may be named behind what is said.
    let until = things.sightings.partition_point(|it| it.line <= line + BEHIND);
    for sighting in things.sightings[..until].iter().rev().take(SIGHTINGS).take_while(|it| it.line + SENTENCES >= line) {
        if seen.len() == THINGS {
            break;
        }
        if !seen.iter().any(|known| known.thing == sighting.thing) && fits(phrase, &things.list[sighting.thing]) {
            seen.push(*sighting);
        }
    }
    if let Some(noun) = phrase.noun {
        let described = things.by_noun.get(&noun.number).into_iter().flatten().rev().take(DESCRIBED);
        for thing in described.filter(|thing| fits(phrase, &things.list[**thing])) {
            if !seen.iter().any(|known| known.thing == *thing) {
                let line = mentions[things.list[*thing].mention].sentence;
                seen.push(Sighting { thing: *thing, line, word: usize::MAX, role: Role::Object, referred: false });
            }
        }
        // A thing that only the rest of this line has named is not there yet.
        seen.retain(|sighting| things.list[sighting.thing].seen > 0);
    }
    let ahead = ahead(phrase, context, things).or_else(|| soon(phrase, context, (things, &seen, facts), mentions));
    let most = seen.iter().map(|sighting| things.list[sighting.thing].seen).max().unwrap_or(0);
    let groups = groups(phrase, context, things);
    let only = seen.len() + groups.len() + usize::from(ahead.is_some()) == 1;
    let mut out = Vec::new();
    for (rank, sighting) in seen.iter().enumerate() {
        let thing = &things.list[sighting.thing];
        let mut told = Told::default();
        place(&mut told, phrase, context, sighting, rank, rivals);
        told.value(Feature::Seen, (thing.seen as f32).ln_1p());
        told.when(thing.seen == most && seen.len() > 1, Feature::Most);
        told.when(only, Feature::Only);
        told.when(sighting.thing == 0, Feature::Lead);
        told.when(context.said_by == Some(sighting.thing), Feature::SaidBy);
        told.when(context.spoken_by == Some(sighting.thing), Feature::SpokenBy);
        told.when(context.spoken_for.is_some() && context.spoken_for == Some(sighting.thing), Feature::SpokenFor);
        told.when(context.says.is_some() && context.spoke == Some(sighting.thing), Feature::Spoke);
        told.when(context.says.is_some_and(|saying| context.stands_in(saying, sighting)), Feature::InSaid);
        kinds(&mut told, phrase, thing, facts);
        out.push(Candidate { mentions: vec![thing.mention], first: thing.first.unwrap_or(thing.mention), told });
    }
    // The only one that the text calls so.
    let called = |candidate: &Candidate| {
        candidate.told.0.iter().any(|(feature, _)| [Feature::InName as usize, Feature::Described as usize].contains(feature))
    };
    if out.iter().filter(|it| called(it)).count() == 1
        && let Some(candidate) = out.iter_mut().find(|it| called(it))
    {
        candidate.told.when(true, Feature::Alone);
    }
    if let Some((mention, thing)) = ahead {
        let mut told = Told::default();
        told.when(true, Feature::Ahead);
        told.when(only, Feature::Only);
        kinds(&mut told, phrase, &things.list[thing], facts);
        out.push(Candidate { mentions: vec![mention], first: mention, told });
    }
    for (rank, (group, named)) in groups.into_iter().enumerate() {
        let mut told = Told::default();
        place(&mut told, phrase, context, &group, rank, rivals);
        told.when(true, Feature::Group);
        told.when(only, Feature::Only);
        kinds(&mut told, phrase, &things.list[group.thing], facts);
        let first = things.list[group.thing].first.unwrap_or(named[0]);
        out.push(Candidate { mentions: named, first, told });
    }
    out
}

/// Whether a thing may be meant, whatever its place: by gender, and a person by what stands for persons alone. All else is for the
/// model to weigh, since a name's type is not always right.
fn fits(phrase: &Phrase, thing: &Thing) -> bool {
    let person = thing.kind == EntityType::Per;
    let gender = match (phrase.gender, thing.gender) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    match phrase.form {
        Form::He | Form::I => person && gender,
        Form::It | Form::They | Form::We => !person,
        Form::Other => true,
        Form::Person | Form::Thing | Form::Plural => {
            let Some(noun) = phrase.noun else { return false };
            let alone = phrase.form != Form::Plural || !matches!(thing.kind, EntityType::Per | EntityType::Loc);
            gender
                && person == (phrase.form == Form::Person || (person && noun.fits(EntityType::Per)))
                && alone
                && !phrase.two
        }
    }
}

/// Whether the noun of a phrase, or "it", is one for things of this type and kind of place.
fn suits(phrase: &Phrase, thing: &Thing, facts: &Facts) -> bool {
    let country = matches!(thing.place, Some(Place::Country(_)));
    let Some(noun) = phrase.noun else { return thing.kind != EntityType::Norp || country };
    let of = |class| noun.classes & facts.class(class) != 0;
    let placed = thing.kind != EntityType::Loc
        || (country && (of("country") || of("government") || of("team") || of("ministry")))
        || (!country && !of("government") && !of("ministry"));
    noun.fits(thing.kind) && placed
}

/// What the place of a candidate's last sighting tells.
fn place(told: &mut Told, phrase: &Phrase, context: &Context<'_>, sighting: &Sighting, rank: usize, rivals: &Rivals) {
    let here = context.line.number;
    let distance = here.abs_diff(sighting.line);
    let known = sighting.word != usize::MAX;
    told.when(known && (sighting.line, sighting.word) > (here, phrase.words.start), Feature::Ahead);
    told.when(
        true,
        match distance {
            0 => Feature::Same,
            1 => Feature::Previous,
            2 => Feature::Two,
            3..=5 => Feature::Few,
            _ => Feature::Far,
        },
    );
    told.when(rank == 0, Feature::Nearest);
    told.when(rank == 1, Feature::Second);
    told.value(Feature::Rank, (rank as f32).ln_1p());
    let between =
        if known { rivals.between(phrase.form, (sighting.line, sighting.word), (here, phrase.words.start)) } else { 0 };
    told.value(Feature::Between, (between as f32).ln_1p());
    if !known {
        return;
    }
    let subject = sighting.role == Role::Subject;
    told.when(subject, Feature::Subject);
    told.when(sighting.role == Role::Owner, Feature::Owner);
    told.when(sighting.role == Role::Modifier, Feature::Modifier);
    told.when(sighting.role == Role::Oblique, Feature::Oblique);
    told.when(sighting.referred, Feature::Referred);
    told.when(sighting.word < 3, Feature::Opens);
    told.when(subject && phrase.role == Role::Subject, Feature::Parallel);
    told.when(subject && distance == 0 && phrase.role == Role::Owner, Feature::OwnSubject);
    let object = matches!(phrase.role, Role::Object | Role::Oblique);
    let clause = distance == 0
        && sighting.word < phrase.words.start
        && !(sighting.word..phrase.words.start).any(|at| {
            let lower = context.line.lower(at);
            CLAUSE.contains(&lower) || [";", "\"", "”", "“", "to"].contains(&lower)
        });
    told.when(clause && object && !phrase.reflexive, Feature::Bound);
}

/// What the thing itself tells.
fn kinds(told: &mut Told, phrase: &Phrase, thing: &Thing, facts: &Facts) {
    told.when(
        true,
        match thing.kind {
            EntityType::Per => Feature::Per,
            EntityType::Org => Feature::Org,
            EntityType::Loc => Feature::Loc,
            EntityType::Norp => Feature::Norp,
            EntityType::Fac => Feature::Fac,
            EntityType::Misc => Feature::Misc,
        },
    );
    told.when(suits(phrase, thing, facts), Feature::Suits);
    told.when(matches!(thing.place, Some(Place::Country(_))), Feature::Country);
    told.when(thing.gender.is_some() && thing.gender == phrase.gender, Feature::Gender);
    told.when(thing.plural, Feature::PluralName);
    let Some(noun) = phrase.noun else { return };
    let named = thing.named.contains(&noun.number);
    let described = thing.described.contains(&noun.number);
    told.when(named, Feature::InName);
    told.when(described, Feature::Described);
    told.when(thing.named_classes & noun.classes != 0 && !named, Feature::NameClass);
    told.when(thing.described_classes & noun.classes != 0 && !described, Feature::DescribedClass);
    let known = thing.named_classes | thing.described_classes;
    let person = facts.class("person");
    let any = noun.classes & person != 0;
    told.when(known != 0 && known & noun.classes == 0 && !any, Feature::OtherClass);
    told.when(known == 0, Feature::Unknown);
    told.when(!noun.is_known() && noun.plural, Feature::PluralNoun);
}

/// The name that follows in the same line where the phrase stands in a clause before it: "In his speech, Lee said".
fn ahead(phrase: &Phrase, context: &Context<'_>, things: &Things) -> Option<(usize, usize)> {
    let line = context.line;
    let opened = line.words.first()?.lower.as_ref();
    let fronted = CLAUSE.contains(&opened) || crate::quote::PREPOSITIONS.contains(&opened) || opened.ends_with("ing");
    let early = phrase.words.start < 14 && phrase.noun.is_none() && !phrase.reflexive;
    if !fronted || !early || context.line.words[..phrase.words.start].iter().any(|word| word.lower == ",") {
        return None;
    }
    let comma = (phrase.words.end..line.words.len()).find(|at| line.lower(*at) == ",")?;
    let number = (comma + 1..line.words.len().min(comma + 8)).find_map(|at| line.words[at].mention)?;
    let plain = (phrase.words.end..comma).all(|at| line.words[at].mention.is_none());
    let thing = things.of[number];
    (plain && fits(phrase, &things.list[thing])).then_some((number, thing))
}

/// The thing that a noun fits and that is named next, in this sentence or the two behind, where it was not seen before.
fn soon(
    phrase: &Phrase,
    context: &Context<'_>,
    (things, seen, facts): (&Things, &[Sighting], &Facts),
    mentions: &[Mention],
) -> Option<(usize, usize)> {
    phrase.noun?;
    let from = mentions.partition_point(|mention| mention.span.start < phrase.span.end);
    let near = mentions[from..].iter().take(SIGHTINGS);
    let near = near.take_while(|mention| mention.sentence <= context.line.number + BEHIND);
    let things_of = (from..).zip(near).filter_map(|(number, _)| Some((number, *things.of.get(number)?)));
    let mut fitting =
        things_of.filter(|(_, thing)| fits(phrase, &things.list[*thing]) && suits(phrase, &things.list[*thing], facts));
    fitting.find(|(_, thing)| !seen.iter().any(|known| known.thing == *thing))
}

/// The groups that a plural may stand for: names in a row, and for "the two …" the two things of its kind seen last. Each comes
/// with the place of its first thing and a mention of each.
fn groups(phrase: &Phrase, context: &Context<'_>, things: &Things) -> Vec<(Sighting, Vec<usize>)> {
    if !matches!(phrase.form, Form::They | Form::Plural) {
        return Vec::new();
    }
    let whole = |group: &&Group| {
        group.whole
            && group.mentions.len() > 1
            && group.first.line + SENTENCES >= context.line.number
            && (!phrase.two || group.mentions.len() == 2)
    };
    let member = Phrase { form: if phrase.noun.is_some() { Form::Thing } else { Form::They }, two: false, ..phrase.clone() };
    let all_fit = |group: &&Group| {
        let kind = things.list[things.of[group.mentions[0]]].kind;
        group.mentions.iter().all(|number| {
            let thing = &things.list[things.of[*number]];
            let people = thing.kind == EntityType::Per && phrase.noun.is_none();
            (people && kind == EntityType::Per)
                || (fits(&member, thing) && (kind == EntityType::Per) == (thing.kind == EntityType::Per))
        })
    };
    let mut out: Vec<_> = things
        .groups
        .iter()
        .rev()
        .take(GROUPS)
        .filter(whole)
        .filter(all_fit)
        .map(|group| (group.first, group.mentions.clone()))
        .collect();
    let single = |sighting: &Sighting| fits(&member, &things.list[sighting.thing]);
    if phrase.form == Form::They {
        let person = |sighting: &Sighting| things.list[sighting.thing].kind == EntityType::Per;
        for two in [pair(&person, context, things), pair(&single, context, things)].into_iter().flatten() {
            let known = |(_, mentions): &(Sighting, Vec<usize>)| {
                mentions.iter().map(|it| things.of[*it]).eq(two.1.iter().map(|it| things.of[*it]))
            };
            if !out.iter().any(known) {
                out.push(two);
            }
        }
    } else if phrase.two && out.is_empty() {
        out.extend(pair(&single, context, things));
    }
    out
}

/// The two things seen last that fit, if no third was seen as lately.
fn pair(fits: &dyn Fn(&Sighting) -> bool, context: &Context<'_>, things: &Things) -> Option<(Sighting, Vec<usize>)> {
    let mut last: Vec<Sighting> = Vec::new();
    let near = things.sightings.iter().rev().take(SIGHTINGS);
    for sighting in near.take_while(|it| it.line + PAIRED >= context.line.number).filter(|it| fits(it)) {
        if !last.iter().any(|known| known.thing == sighting.thing) {
            last.push(*sighting);
        }
    }
    let [second, first] = last[..] else { return None };
    Some((first, [first, second].map(|it| things.list[it.thing].mention).to_vec()))
}

impl Context<'_> {
    /// Whether a sighting stands in what is said.
    fn stands_in(&self, saying: &Saying, sighting: &Sighting) -> bool {
        let word = self.line.words.get(sighting.word).filter(|_| sighting.line == self.line.number);
        word.is_some_and(|word| saying.said.iter().flatten().any(|said| said.contains(word.span)))
    }

    /// What tells that a phrase stands for no candidate.
    pub(super) fn none(&self, phrase: &Phrase, candidates: usize, facts: &Facts) -> Told {
        let mut told = Told::default();
        told.when(true, Feature::None);
        let next = self.line.lower(phrase.words.end);
        told.when(
            phrase.form == Form::It && phrase.role == Role::Subject && AUXILIARIES.contains(&next),
            Feature::NoneSubject,
        );
        told.when(phrase.role == Role::Owner, Feature::NoneOwner);
        told.when(phrase.role == Role::Oblique, Feature::NoneOblique);
        told.value(Feature::NoneModifiers, phrase.modifiers as f32);
        told.when(phrase.owned, Feature::NoneOwned);
        told.value(Feature::NoneMany, (candidates as f32).ln());
        told.when(self.line.words[phrase.words.start].quoted, Feature::NoneQuoted);
        told.when(phrase.words.start == 0, Feature::NoneOpens);
        told.when(phrase.reflexive, Feature::NoneReflexive);
        told.when(["this", "these", "those"].contains(&self.line.lower(phrase.words.start)), Feature::NoneThis);
        if let Some(noun) = phrase.noun.filter(|noun| noun.is_known()) {
            let of = |class| noun.classes & facts.class(class) != 0;
            let government = of("government");
            told.when(government, Feature::NoneGovernment);
            told.when(of("country"), Feature::NoneCountry);
            told.when(noun.fits(EntityType::Loc) && !of("country") && !government, Feature::NonePlace);
            told.when(noun.fits(EntityType::Org) && !government, Feature::NoneGroup);
            told.when(noun.fits(EntityType::Misc), Feature::NoneEvent);
        }
        told
    }
}
