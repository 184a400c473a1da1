use proptest::prelude::*;

use super::*;
use crate::article::Place;
use crate::engine::{Engine, table::TableEngine};
use crate::entity::Subtype;
use crate::mention::EntityType;
use crate::position::Stance;
use crate::roll_up::Rolled;

fn article(body: &str) -> Article {
    let place = Place { path: "news/a.txt".to_owned(), record: 0, offset: None };
    Article { id: "a".to_owned(), title: None, body: body.to_owned(), published: None, outlet: None, url: None, place }
}

fn record(article: &Article, spans: &[Span], include: IncludeText) -> serde_json::Value {
    let mention = |span: &Span| Mention { span: *span, kind: EntityType::Loc, score: 0.998_04, sentence: 0 };
    let mentions: Vec<_> = spans.iter().map(mention).collect();
    let entity = |number: usize| Entity {
        name: format!("e{number}"),
        kind: EntityType::Loc,
        subtype: Some(Subtype::Country),
        country: Some("RU"),
        key: "RUS".to_owned(),
        role: Some(crate::entity::Role { title: "president".to_owned(), of: Some(0) }),
        of: None,
        speaks_for: None,
        mentions: vec![number],
    };
    let entities: Vec<_> = (0..spans.len()).map(entity).collect();
    let evidence = vec![Evidence {
        sentence: 0,
        actor_mention: 0,
        target_mention: 1,
        references: [None; 2],
        stance: Stance::Oppose,
        score: 0.75,
        quote: None,
        act: None,
    }];
    let positions = [Position { actor: 0, target: 1, stance: Stance::Oppose, score: 0.75, changed: false, evidence }];
    let positions = if spans.len() > 1 { &positions[..] } else { &[] };
    let rolled = [Rolled {
        actor: "AFG".to_owned(),
        target: "USA".to_owned(),
        stance: Stance::Oppose,
        score: 0.75,
        positions: vec![0],
    }];
    let engine = TableEngine::new([], Default::default());
    let sentences = crate::segment::segment(&article.body);
    let parts = Parts {
        article,
        sentences: &sentences,
        mentions: &mentions,
        entities: &entities,
        references: &[],
        quotes: &[],
        positions,
        roll_up: Some(&rolled),
        models: engine.models(),
        resolver: None,
        claims: None,
        include,
        duplicate_of: None,
        watch: None,
    };
    serde_json::to_value(Annotation::new(&parts)).unwrap()
}

#[test]
fn a_record_fits_the_schema_and_a_broken_one_does_not() {
    let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let good = record(&article("Żółw and Kabul."), &[Span::new(0, 7), Span::new(12, 17)], IncludeText::Yes);
    assert!(schema.is_valid(&good), "{:?}", schema.iter_errors(&good).map(|e| e.to_string()).collect::<Vec<_>>());
    assert_eq!(good["mentions"][1]["start"], 9);
    assert_eq!(good["mentions"][0]["score"], 0.998);
    assert_eq!((&good["entities"][1]["role"], &good["entities"][1]["of"]), (&"president".into(), &0.into()));
    assert_eq!(good["roll_up"][0]["actor"], "AFG");
    let broken: [(&str, serde_json::Value); 5] = [
        ("/roll_up/0/target", "US".into()),
        ("/positions/0/stance", "hates".into()),
        ("/mentions/0/end", 1.5.into()),
        ("/schema", "demarche.annotation/2".into()),
        ("/mentions/0/type", "GPE".into()),
    ];
    for (pointer, value) in broken {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&bad), "{pointer}");
    }
    let mut short = good;
    short.as_object_mut().unwrap().remove("sha256");
    assert!(!schema.is_valid(&short));
}

#[test]
fn a_record_is_read_back_and_new_fields_do_not_disturb() {
    let mut value = record(&article("Kabul and Oslo."), &[Span::new(0, 5), Span::new(10, 14)], IncludeText::No);
    value["mentions"][0]["subtype"] = "CITY".into();
    let text = value.to_string();
    let annotation: Annotation<'_> = serde_json::from_str(&text).unwrap();
    assert_eq!((annotation.mentions[1].text.as_ref(), annotation.positions[0].target.as_ref()), ("Oslo", "e1"));
    assert!(annotation.text.is_none());
}

proptest! {
    #[test]
    fn places_are_code_points(body in "\\PC{0,80}") {
        let spans: Vec<_> = crate::segment::segment(&body).into_iter().flat_map(|sentence| sentence.tokens).collect();
        let value = record(&article(&body), &spans, IncludeText::No);
        for (span, mention) in spans.iter().zip(value["mentions"].as_array().unwrap()) {
            let place = |field: &str| usize::try_from(mention[field].as_u64().unwrap()).unwrap();
            let text: String = body.chars().skip(place("start")).take(place("end") - place("start")).collect();
            prop_assert_eq!(&text, span.slice(&body));
            prop_assert_eq!(mention["text"].as_str().unwrap(), text);
        }
    }
}
