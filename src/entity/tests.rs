use proptest::prelude::*;

use super::*;
use crate::span::Span;

/// Links a text whose mentions are marked as `[text|TYPE]`. Gives each entity and the texts of its mentions.
fn linked(marked: &str) -> Vec<(Entity, Vec<String>)> {
    let (mut body, mut mentions) = (String::new(), Vec::new());
    for piece in marked.split('[') {
        let Some((mark, rest)) = piece.split_once(']') else {
            body.push_str(piece);
            continue;
        };
        let (text, kind) = mark.split_once('|').unwrap();
        let span = Span::new(body.len(), body.len() + text.len());
        mentions.push(Mention { span, kind: EntityType::from_name(kind).unwrap(), score: 0.9, sentence: 0 });
        body.push_str(text);
        body.push_str(rest);
    }
    let text = |at: &usize| mentions[*at].span.slice(&body).to_owned();
    let texts = |entity: Entity| (entity.mentions.iter().map(text).collect(), entity);
    Linker::new().link(&body, &mentions).into_iter().map(texts).map(|(texts, entity)| (entity, texts)).collect()
}

/// The groups as one line: names of mentions parted by commas, entities by bars.
fn groups(marked: &str) -> String {
    linked(marked).into_iter().map(|(_, texts)| texts.join(",")).collect::<Vec<_>>().join("|")
}

#[test]
fn countries_by_all_their_names() {
    assert_eq!(
        groups(
            "[U.S.|LOC] [United States|LOC] [US|LOC] [American|NORP] [Americans|NORP] [Kenyan|NORP] [Kenya|LOC] [UK|LOC] [British|NORP]"
        ),
        "U.S.,United States,US,American,Americans|Kenyan,Kenya|UK,British"
    );
    assert_eq!(linked("[Kenyan|NORP] police")[0].0.name, "Kenya");
    assert_eq!(
        groups("[South Korea|LOC] [North Korea|LOC] [South Korean|NORP] [Korea|LOC]"),
        "South Korea,South Korean,Korea|North Korea"
    );
}

#[test]
fn a_capital_is_its_country_when_it_acts_and_a_place_when_it_is_one() {
    assert_eq!(groups("[Russia|LOC] said. [Moscow|LOC] rejected it. Crowds in [Moscow|LOC]"), "Russia,Moscow|Moscow");
    assert_eq!(groups("[Moscow|LOC] rejected it."), "Moscow");
    assert_eq!(groups("[Moscow|LOC], [Russia|LOC]"), "Moscow|Russia");
    assert_eq!(groups("[MOSCOW|LOC] (News) — [Russia|LOC] said"), "MOSCOW|Russia");
}

/// The key of the first entity.
fn first_key(marked: &str) -> String {
    linked(marked).swap_remove(0).0.key
}

#[test]
fn keys_of_countries_are_alpha_3() {
    for name in ["Kenya|LOC", "Kenyans|NORP", "Republic of Kenya|ORG", "Government of Kenya|ORG", "Kenyan government|ORG"] {
        assert_eq!(first_key(&format!("[{name}] said")), "KEN", "{name}");
    }
    assert_eq!(first_key("[Kosovo|LOC]"), "XKX");
    assert_eq!(first_key("[Nigerien|NORP] troops"), "NER");
    assert_eq!(first_key("[Moscow|LOC] rejected what [Russia|LOC] said"), "RUS");
    assert_eq!(first_key("In [Moscow|LOC] [Russia|LOC] said"), "loc:moscow");
}

#[test]
fn houses_of_government_stand_for_it_unless_one_is_in_them() {
    assert_eq!(first_key("The [Kremlin|FAC] denied it."), "RUS");
    assert_eq!(first_key("The [White House|ORG] denied it."), "USA");
    assert_eq!(first_key("He slept in the [White House|FAC]."), "fac:white house");
    assert_eq!(first_key("The [Pentagon|FAC] denied it."), "org:united states department of defense");
}

#[test]
fn a_name_in_doubt_is_what_the_article_speaks_for() {
    assert_eq!(first_key("[Georgia|LOC] and [Armenia|LOC] met."), "GEO");
    assert_eq!(first_key("[Georgia|LOC]'s president [Mikheil Kavelashvili|PER] signed it."), "GEO");
    assert_eq!(first_key("[Georgia|LOC] voters in [Atlanta|LOC] chose a governor."), "loc:georgia");
    assert_eq!(first_key("[Congo|LOC] fights rebels near [Goma|LOC]."), "COD");
    assert_eq!(first_key("[Congo|LOC] held a vote in [Brazzaville|LOC]."), "COG");
    assert_eq!(first_key("[Dominican|NORP] police in [Roseau|LOC], [Dominica|LOC]"), "DMA");
    assert_eq!(first_key("[Dominican|NORP] police"), "DOM");
    assert_eq!(
        first_key("[Brussels|LOC] rejected what the [European Commission|ORG] and the [EU|ORG] said"),
        "org:european union"
    );
}

#[test]
fn a_part_of_a_longer_name_is_what_that_is() {
    assert_eq!(first_key("South [Korea|LOC] and the world"), "KOR");
    assert_eq!(first_key("North [Korea|LOC] and the world"), "PRK");
    assert_eq!(first_key("New [Mexico|LOC] and the world"), "loc:mexico");
    assert_eq!(first_key("Latin [American|NORP] nations"), "norp:american");
    assert_eq!(first_key("They said it in [Chinese|NORP]."), "norp:chinese");
    assert_eq!(first_key("They sail in [Chinese|NORP] waters."), "CHN");
}

#[test]
fn bodies_have_one_key_in_every_article() {
    for name in ["UN", "U.N.", "United Nations"] {
        assert_eq!(first_key(&format!("the [{name}|ORG] said")), "org:united nations");
    }
    assert_eq!(first_key("the [AU|ORG] said"), first_key("the [African Union|ORG] said"));
    // An article that spells an acronym out is believed.
    assert_eq!(first_key("[Acting Union|ORG] ([AU|ORG]) said"), "org:acting union");
    assert_eq!(
        groups("[United Nations|ORG] and [UN|ORG] and [United Nations Children's Fund|ORG]"),
        "United Nations,UN|United Nations Children's Fund"
    );
}

#[test]
fn subtypes_are_told_where_the_tables_know_them() {
    let told = linked(
        "[Russia|LOC] said. [Moscow|LOC] rejected it. In [Moscow|LOC] and [Sochi|LOC], [Kenyan|NORP] [Paris|PER] and [Oslo|LOC]",
    );
    let subtypes: Vec<_> = told.iter().map(|(entity, texts)| (texts[0].as_str(), entity.subtype)).collect();
    let (country, city) = (Some(Subtype::Country), Some(Subtype::City));
    assert_eq!(
        subtypes,
        [("Russia", country), ("Moscow", city), ("Sochi", None), ("Kenyan", country), ("Paris", None), ("Oslo", city)]
    );
}

#[test]
fn a_person_is_never_a_country() {
    assert_eq!(groups("[Jordan|LOC] met [Michael Jordan|PER]. [Jordan|PER] smiled."), "Jordan|Michael Jordan,Jordan");
    assert_eq!(groups("[Chad|PER] and [Chad|LOC]"), "Chad|Chad");
}

#[test]
fn surnames_go_to_the_nearest_full_name() {
    assert_eq!(
        groups("[William Ruto|PER] and [Raila Odinga|PER]. [Ruto|PER] said [Odinga|PER] lost."),
        "William Ruto,Ruto|Raila Odinga,Odinga"
    );
    assert_eq!(groups("[Ruto|PER] spoke. [William Ruto|PER] left."), "Ruto,William Ruto");
    assert_eq!(
        groups("[Bill Clinton|PER] and [Hillary Clinton|PER]. [Clinton|PER] spoke."),
        "Bill Clinton|Hillary Clinton,Clinton"
    );
    assert_eq!(
        groups("[Donald J. Trump|PER] [Donald Trump|PER] [Mr. Trump|PER] [Donald Trump Jr.|PER]").split('|').count(),
        1
    );
    assert_eq!(
        groups("[Ursula von der Leyen|PER] [von der Leyen|PER] [Leyen|PER]"),
        "Ursula von der Leyen,von der Leyen,Leyen"
    );
    assert_eq!(groups("[Lula|PER] [LULA|PER] [Lula|PER]'s [Silva|PER]"), "Lula,LULA,Lula|Silva");
}

#[test]
fn acronyms_find_their_names() {
    assert_eq!(groups("the [African Union|ORG] ([AU|ORG]) and the [AU|ORG]"), "African Union,AU,AU");
    assert_eq!(groups("[Food and Drug Administration|ORG] and the [FDA|ORG]"), "Food and Drug Administration,FDA");
    assert_eq!(groups("[WHO|ORG] and the [World Health Organization|ORG]"), "WHO,World Health Organization");
    assert_eq!(groups("[Bharatiya Janata Party|ORG] [BJP|ORG] [Congress|ORG]"), "Bharatiya Janata Party,BJP|Congress");
}

#[test]
fn a_part_of_a_name_goes_to_the_only_name_that_has_it() {
    assert_eq!(groups("[Supreme Court of Kenya|ORG] [Supreme Court|ORG]"), "Supreme Court of Kenya,Supreme Court");
    assert_eq!(
        groups("[Ministry of Health|ORG] [Ministry of Defence|ORG] [Ministry|ORG]"),
        "Ministry of Health|Ministry of Defence|Ministry"
    );
    assert_eq!(
        groups("[Boeing Co.|ORG] [Boeing|ORG] [Bagram Air Base|FAC] [Bagram|FAC]"),
        "Boeing Co.,Boeing|Bagram Air Base,Bagram"
    );
    assert_eq!(groups("[New York|LOC] [York|LOC] [Democrats|NORP] [Democrat|NORP]"), "New York|York|Democrats,Democrat");
}

#[test]
fn ten_thousand_mentions_are_linked_at_once() {
    let mark = |n: usize| format!("[Name{} Surname{}|{}]", n % 977, n % 1013, ["PER", "ORG", "LOC"][n % 3]);
    let marked = (0..10_000).map(mark).collect::<Vec<_>>().join(" ");
    let began = std::time::Instant::now();
    assert!(linked(&marked).len() > 1000);
    assert!(began.elapsed().as_secs() < 20, "in a debug build: {:?}", began.elapsed());
}

proptest! {
    #[test]
    fn every_mention_has_one_entity(
        body in "([A-Za-z’é.]{1,6}[ (,-]){0,40}",
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..4, 0_usize..6), 0..30),
    ) {
        let tokens = crate::segment::tokenize(&body, Span::new(0, body.len()));
        prop_assume!(!tokens.is_empty());
        let mut mentions: Vec<Mention> = picks.into_iter().map(|(start, length, kind)| {
            let from = start.index(tokens.len());
            let span = Span::new(tokens[from].start, tokens[(from + length).min(tokens.len()) - 1].end);
            Mention { span, kind: EntityType::ALL[kind], score: 0.5, sentence: 0 }
        }).collect();
        mentions.sort_by_key(|mention| mention.span);
        let entities = Linker::new().link(&body, &mentions);
        let mut all: Vec<usize> = entities.iter().flat_map(|entity| entity.mentions.clone()).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..mentions.len()).collect::<Vec<_>>());
        let firsts: Vec<usize> = entities.iter().map(|entity| entity.mentions[0]).collect();
        prop_assert!(firsts.is_sorted());
    }
}
