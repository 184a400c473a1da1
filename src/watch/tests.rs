use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::position::{Position, Stance};
use crate::segment::segment;

fn watch(file: &str) -> Watch {
    Watch::parse(file, Path::new("targets.toml")).unwrap()
}

const BAGRAM: &str =
    "[[target]]\nname = \"Bagram Air Base\"\naliases = [\"Bagram\", \"the base at Bagram\"]\ntype = \"FAC\"";

/// Marks a text whose mentions by the model are given by their words; gives all mentions and the sightings.
fn marked(watch: &Watch, body: &str, model: &[(&str, EntityType)]) -> (Vec<(String, EntityType)>, Vec<Sighting>) {
    let sentences = segment(body);
    let mut from = 0;
    let mut mentions: Vec<Mention> = Vec::new();
    for (name, kind) in model {
        let start = from + body[from..].find(name).unwrap();
        from = start + name.len();
        let sentence = sentences.partition_point(|sentence| sentence.span.end <= start);
        mentions.push(Mention { span: Span::new(start, from), kind: *kind, score: 0.5, sentence });
    }
    let sightings = watch.mark(body, (&sentences, 0), &mut mentions);
    (mentions.iter().map(|mention| (mention.span.slice(body).to_owned(), mention.kind)).collect(), sightings)
}

#[test]
fn what_the_model_missed_becomes_a_mention() {
    let (mentions, sightings) = marked(&watch(BAGRAM), "Iran spoke. Nobody holds Bagram now.", &[("Iran", EntityType::Loc)]);
    assert_eq!(mentions, [("Iran".to_owned(), EntityType::Loc), ("Bagram".to_owned(), EntityType::Fac)]);
    assert_eq!(sightings, [(1, 0)]);
}

#[test]
fn the_models_mention_is_kept_and_a_part_of_a_name_grows() {
    let body = "The base at Bagram, Bagram and Bagram Air Base.";
    let model = [("Bagram", EntityType::Loc), ("Bagram", EntityType::Loc), ("Base", EntityType::Org)];
    let (mentions, sightings) = marked(&watch(BAGRAM), body, &model);
    let names: Vec<_> = mentions.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    let fac = EntityType::Fac;
    assert_eq!(names, [("The base at Bagram", fac), ("Bagram", fac), ("Bagram Air Base", fac)]);
    assert_eq!(sightings.len(), 3);
    let untyped = watch("[[target]]\nname = \"Bagram\"");
    assert_eq!(marked(&untyped, body, &[("Bagram", EntityType::Loc)]).0[0].1, EntityType::Loc);
    assert_eq!(marked(&untyped, body, &[]).0[0].1, EntityType::Misc);
}

#[test]
fn a_longer_name_that_holds_the_targets_is_another_thing() {
    let china = watch("[[target]]\nname = \"China\"");
    let (mentions, sightings) = marked(&china, "Bank of China lent to China.", &[("Bank of China", EntityType::Org)]);
    assert_eq!(mentions.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Bank of China", "China"]);
    assert_eq!(sightings, [(1, 0)]);
}

#[test]
fn one_name_may_be_two_targets_and_names_over_sentences_are_none() {
    let two = watch(
        "[[target]]\nname = \"A\"\naliases = [\"Bagram Base\"]\n[[target]]\nname = \"B\"\naliases = [\"Bagram Base\", \"Base\"]",
    );
    assert_eq!(marked(&two, "Bagram Base here.", &[]).1, [(0, 0), (0, 1)]);
    assert_eq!(marked(&two, "They left Bagram. Base pay rose.", &[]).1, [(0, 1)]);
}

#[test]
fn entities_of_one_target_are_joined_and_their_positions_found() {
    let entity = |mentions: &[usize]| Entity {
        name: format!("{mentions:?}"),
        kind: EntityType::Loc,
        subtype: None,
        country: None,
        key: String::new(),
        role: None,
        of: None,
        speaks_for: None,
        mentions: mentions.to_vec(),
    };
    let mut entities = vec![entity(&[0, 4]), entity(&[1]), entity(&[2, 5]), entity(&[3])];
    let watch = watch(BAGRAM);
    let sightings = [(1, 0), (3, 0)];
    watch.join(&mut entities, &sightings);
    assert_eq!(
        entities.iter().map(|entity| entity.mentions.clone()).collect::<Vec<_>>(),
        [vec![0, 4], vec![1, 3], vec![2, 5]]
    );
    let position =
        |actor, target| Position { actor, target, stance: Stance::Oppose, score: 0.5, changed: false, evidence: Vec::new() };
    let positions = [position(0, 1), position(0, 2), position(2, 1)];
    assert_eq!(
        watch.watched(&entities, &sightings, &positions),
        [Watched { target: 0, entity: 1, positions: vec![0, 2], claim: Vec::new() }]
    );
    assert!(watch.watched(&entities, &[], &positions).is_empty());
}

#[test]
fn a_claim_is_put_to_the_sentences_of_its_target_and_those_behind_them() {
    // Target: entity 1, in sentences 0 and 3. Entity 0 is a law, which takes no side.
    let mention = |sentence, kind| Mention { span: Span::new(0, 1), kind, score: 1.0, sentence };
    let (org, misc) = (EntityType::Org, EntityType::Misc);
    let mentions = [(0, misc), (0, org), (0, org), (0, org), (1, org), (2, org), (3, org), (4, org)]
        .map(|(sentence, kind)| mention(sentence, kind));
    let entity_of = [0, 1, 2, 2, 3, 4, 1, 2];
    let entity = |mentions: &[usize]| Entity {
        name: String::new(),
        kind: org,
        subtype: None,
        country: None,
        key: String::new(),
        role: None,
        of: None,
        speaks_for: None,
        mentions: mentions.to_vec(),
    };
    let entities = [entity(&[0]), entity(&[1, 6]), entity(&[2, 3, 7]), entity(&[4]), entity(&[5])];
    let body = "A a. B b. C c. D d. E e.";
    let sentences = segment(body);
    let known = Known { body, sentences: &sentences, mentions: &mentions, entities: &entities, entity_of: &entity_of };
    let found: Vec<_> = claim::readings(&known, 1)
        .into_iter()
        .map(|reading| (reading.sentences, reading.span.slice(body), reading.actors))
        .collect();
    assert_eq!(found, [([0, 0], "A a.", vec![2]), ([0, 1], "A a. B b.", vec![4]), ([3, 4], "D d. E e.", vec![7])]);
}

#[test]
fn a_bad_file_says_what_is_wrong() {
    let cases = [
        ("[[target]]\nname = \"A\"\nkind = \"ORG\"", "not valid"),
        ("[[target]]\nname = \"A\"\ntype = \"CITY\"", "PER, ORG"),
        ("[[target]]\nname = \"A\"\nregex = \"(\"", "regex"),
        ("[[target]]\nname = \"A\"\n[[target]]\nname = \"A\"", "two of this name"),
        ("[[target]]\nname = \"?\"", "no name"),
        ("[[target]]\naliases = [\"A\"]", "not valid"),
    ];
    for (file, word) in cases {
        let error = Watch::parse(file, Path::new("t.toml")).unwrap_err().to_string();
        assert!(error.contains("t.toml") && error.contains(word), "{file}: {error}");
    }
}

proptest! {
    #[test]
    fn mentions_stay_in_order_and_apart(body in "([Aa]b|[Cc]d|e|’s|[ .\n-]){0,40}", cuts in prop::collection::vec((0_usize..30, 1_usize..4), 0..8)) {
        let sentences = segment(&body);
        let tokens: Vec<(Span, usize)> = sentences.iter().enumerate().flat_map(|(number, sentence)| sentence.tokens.iter().map(move |token| (*token, number))).collect();
        let mut mentions: Vec<Mention> = Vec::new();
        let mut from = 0;
        for (skip, length) in cuts {
            let (start, end) = (from + skip % 5, from + skip % 5 + length);
            let Some(taken) = tokens.get(start..end.min(tokens.len())).filter(|taken| !taken.is_empty() && taken[0].1 == taken[taken.len() - 1].1) else { continue };
            mentions.push(Mention { span: Span::new(taken[0].0.start, taken[taken.len() - 1].0.end), kind: EntityType::Org, score: 0.5, sentence: taken[0].1 });
            from = end;
        }
        let watch = watch("[[target]]\nname = \"ab\"\naliases = [\"ab cd\", \"cd e\"]\nregex = \"d\"\n[[target]]\nname = \"e\"");
        let sightings = watch.mark(&body, (&sentences, 0), &mut mentions);
        for pair in mentions.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start);
        }
        for mention in &mentions {
            prop_assert!(sentences[mention.sentence].span.contains(mention.span));
            prop_assert!(tokens.iter().any(|(token, _)| token.start == mention.span.start));
            prop_assert!(tokens.iter().any(|(token, _)| token.end == mention.span.end));
        }
        prop_assert!(sightings.iter().all(|(mention, target)| *mention < mentions.len() && *target < 2));
    }
}
