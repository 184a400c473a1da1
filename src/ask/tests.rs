use serde_json::json;

use super::*;
use crate::export::tests::{BODY, annotation};

fn parsed(value: &serde_json::Value) -> Annotation<'static> {
    serde_json::from_value(value.clone()).unwrap()
}

fn asking(target: &str, manner: Manner) -> Question {
    Question { targets: vec![Name::new(target, manner)], ..Question::default() }
}

#[test]
fn an_entity_is_meant_by_key_name_or_mention() {
    let one = parsed(&annotation("a", BODY));
    for meant in ["USA", "usa", "United States", "u.s.", "US", "UNITED states", "united", "Ünited"] {
        assert_eq!(asking(meant, Manner::Words).evidence(&one), [(0, 0)], "{meant}");
    }
    for other in ["Russia", "United S", "states united", "U", "", "...", "States of"] {
        assert!(asking(other, Manner::Words).evidence(&one).is_empty(), "{other}");
    }
    assert!(asking("united", Manner::Whole).evidence(&one).is_empty());
    for meant in ["usa", "united states", "U.S."] {
        assert_eq!(asking(meant, Manner::Whole).evidence(&one), [(0, 0)], "{meant}");
    }
}

#[test]
fn each_condition_lets_some_through_and_some_not() {
    let one = parsed(&annotation("a", BODY));
    let none = Question::default;
    let day = |text: &str| published(text).map(|published| published.day);
    let strings = |text: &str| vec![text.to_owned()];
    let names = |text: &str| vec![Name::new(text, Manner::Words)];
    let cases = [
        (none(), true),
        (Question { actors: names("russia"), ..none() }, true),
        (Question { actors: names("china"), ..none() }, false),
        (Question { stance: Some("oppose".to_owned()), ..none() }, true),
        (Question { stance: Some("support".to_owned()), ..none() }, false),
        (Question { kinds: strings("reject"), ..none() }, true),
        (Question { kinds: strings("aid"), ..none() }, false),
        (Question { outlets: names("WIRE"), ..none() }, true),
        (Question { outlets: names("wir"), ..none() }, false),
        // The article is of 2026-01-05.
        (Question { since: day("2026-01-05"), until: day("2026-01-05"), ..none() }, true),
        (Question { since: day("2026-01-06"), ..none() }, false),
        (Question { until: day("2026-01-04"), ..none() }, false),
        (Question { min_score: 0.9957, ..none() }, true),
        (Question { min_score: 0.9958, ..none() }, false),
    ];
    for (question, expected) in cases {
        assert_eq!(!question.evidence(&one).is_empty(), expected, "{question:?}");
    }
    let mut undated = one;
    undated.published = Some("some day".into());
    assert!(Question { since: day("1990-01-01"), ..none() }.evidence(&undated).is_empty());
    assert!(!none().evidence(&undated).is_empty());
}

#[test]
fn stance_none_has_to_be_asked_for() {
    let mut value = annotation("a", BODY);
    value["positions"][0]["stance"] = "none".into();
    value["positions"][0]["evidence"][0]["stance"] = "none".into();
    let one = parsed(&value);
    assert!(Question::default().evidence(&one).is_empty());
    assert_eq!(Question { stance: Some("none".to_owned()), ..Question::default() }.evidence(&one), [(0, 0)]);
}

#[test]
fn rows_are_those_of_the_table_with_the_article() {
    let one = parsed(&annotation("a", BODY));
    let rows = rows(&one, &[(0, 0)], Some(BODY)).unwrap();
    assert_eq!(rows.len(), 1);
    for (name, value) in [
        ("id", json!("a")),
        ("published_on", json!("2026-01-05")),
        ("url", json!(null)),
        ("score", json!(0.9957)),
        ("cue", json!("rejects")),
        ("text", json!(BODY)),
        ("target_reference", json!(null)),
    ] {
        assert_eq!(rows[0].get(name), Some(&value), "{name}");
    }
    assert!(Table::Evidence.columns().iter().all(|column| rows[0].get(column.name).is_some()));
    let line = serde_json::to_string(&rows[0]).unwrap();
    assert!(line.starts_with("{\"id\":\"a\",\"title\":") && line.contains(",\"position\":0,\"evidence\":0,"), "{line}");
    assert!(super::rows(&one, &[(0, 1)], None).unwrap().is_empty());
}

#[test]
fn a_summary_counts_by_key_and_names_by_the_most_common_name() {
    let mut summary = Summary::default();
    let mut other = annotation("b", BODY);
    other["entities"][1]["name"] = "America".into();
    other["positions"][0]["stance"] = "support".into();
    other["published"] = "2025-12-31".into();
    for value in [annotation("a", BODY), other, annotation("c", BODY)] {
        summary.add(&parsed(&value), &Question::default());
    }
    let told = summary.told(10);
    assert_eq!((told.articles, told.support, told.oppose), (3, 1, 2));
    assert_eq!((told.first_day.as_deref(), told.last_day.as_deref()), (Some("2025-12-31"), Some("2026-01-05")));
    let target = Side { name: "United States".to_owned(), key: "USA".to_owned(), support: 1, oppose: 2 };
    assert_eq!(told.targets, [target]);
    assert_eq!((told.actors.len(), told.actors[0].key.as_str(), told.pairs.len()), (1, "RUS", 1));
    assert_eq!((told.pairs[0].support, told.pairs[0].oppose), (1, 2));
    assert!(summary.told(0).pairs.is_empty());
}
