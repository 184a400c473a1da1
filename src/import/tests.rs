use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::gold::Gold;
use super::*;
use crate::annotation::Annotation;
use crate::export::training::text::is_blank;
use crate::export::training::{Marked, brat as write_brat, lines};

const TEXT: &str = "🐢 Peru met Oslo.\r\nThe e\u{301}lan of Lima praised Peru.";

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

/// The code points of a text's n-th occurrence.
fn place(text: &str, nth: usize) -> [usize; 2] {
    let (at, _) = TEXT.match_indices(text).nth(nth).unwrap();
    let start = TEXT[..at].chars().count();
    [start, start + text.chars().count()]
}

/// Mentions as (text, type, entity), and positions.
fn short(gold: &Gold) -> (Vec<(String, String, u64)>, Vec<Value>) {
    let line = gold.line();
    let mention = |mention: &Value| {
        let [start, end] = ["start", "end"].map(|field| mention[field].as_u64().unwrap() as usize);
        let there: String = TEXT.chars().skip(start).take(end - start).collect();
        assert_eq!(there, mention["text"].as_str().unwrap());
        (there, mention["type"].as_str().unwrap().to_owned(), mention["entity"].as_u64().unwrap())
    };
    (line["mentions"].as_array().unwrap().iter().map(mention).collect(), line["positions"].as_array().unwrap().clone())
}

fn mention(text: &str, kind: &str, entity: u64) -> (String, String, u64) {
    (text.to_owned(), kind.to_owned(), entity)
}

fn region(id: &str, [start, end]: [usize; 2], kind: &str, text: &str, meta: Option<&str>) -> Value {
    let mut region = json!({"id": id, "from_name": "mention", "to_name": "text", "type": "labels",
        "value": {"start": start, "end": end, "text": text, "labels": [kind]}});
    if let Some(meta) = meta {
        region["meta"] = json!({"text": [meta]});
    }
    region
}

fn relation(from: &str, to: &str, label: &str, direction: &str) -> Value {
    json!({"type": "relation", "from_id": from, "to_id": to, "direction": direction, "labels": [label]})
}

fn tasks(results: &[Value]) -> String {
    json!([
        {"id": 7, "data": {"text": TEXT, "id": "a"}, "annotations": results},
        {"id": 8, "data": {"text": TEXT, "id": "b"}, "annotations": [], "predictions": [{"result": []}]},
    ])
    .to_string()
}

#[test]
fn label_studio_gives_entities_by_meta_text_relation_and_surface() {
    let folder = tempfile::tempdir().unwrap();
    let result = json!([
        region("m1", place("Peru", 0), "LOC", "Peru", Some("entity 4: Republic of Peru")),
        region("m2", place("Oslo", 0), "LOC", "Oslo", None),
        region("m3", place("Lima", 0), "ORG", "Lima", None),
        region("m4", place("Peru", 1), "LOC", "Peru", None),
        relation("m3", "m1", "same", "right"),
        relation("m4", "m2", "oppose", "left"),
        relation("m1", "m2", "support", "right"),
    ]);
    let path = write(folder.path(), "a.json", &tasks(&[json!({"result": result})]));
    let (mut articles, bare) = label_studio::label_studio(&path).unwrap();
    assert_eq!((articles.len(), bare), (1, 1));
    let gold = Gold::new(articles.remove(0), None);
    let (mentions, positions) = short(&gold);
    assert_eq!(
        mentions,
        [mention("Peru", "LOC", 0), mention("Oslo", "LOC", 1), mention("Lima", "ORG", 0), mention("Peru", "LOC", 0)]
    );
    // Oslo opposes Peru over two sentences; Peru supports Oslo in one.
    assert_eq!(
        positions,
        [
            json!({"actor": 0, "target": 1, "stance": "support"}),
            json!({"actor": 1, "target": 0, "stance": "oppose", "by": "reference"})
        ]
    );
    assert_eq!(gold.line()["entities"][0]["name"], "Republic of Peru");
    assert!(gold.notes().is_empty(), "{:?}", gold.notes());
}

#[test]
fn label_studio_of_old_counts_utf16() {
    let folder = tempfile::tempdir().unwrap();
    let at = |text: &str, nth: usize| {
        let (at, _) = TEXT.match_indices(text).nth(nth).unwrap();
        let start = TEXT[..at].encode_utf16().count();
        [start, start + text.encode_utf16().count()]
    };
    let result = json!([region("x", at("Peru", 0), "LOC", "Peru", None), region("y", at("Lima", 0), "LOC", "Lima", None)]);
    let path = write(folder.path(), "a.json", &tasks(&[json!({"result": result})]));
    let gold = Gold::new(label_studio::label_studio(&path).unwrap().0.remove(0), None);
    assert_eq!(short(&gold).0, [mention("Peru", "LOC", 0), mention("Lima", "LOC", 1)]);
}

#[test]
fn of_several_works_the_newest_that_was_not_given_up_counts() {
    let folder = tempfile::tempdir().unwrap();
    let work = |text: &str, time: &str, more: Value| {
        let mut work = json!({"result": [region("m", place(text, 0), "LOC", text, None)], "updated_at": time});
        more.as_object().unwrap().iter().for_each(|(field, value)| work[field] = value.clone());
        work
    };
    let first = |works: &[Value]| {
        let path = write(folder.path(), "a.json", &tasks(works));
        short(&Gold::new(label_studio::label_studio(&path).unwrap().0.remove(0), None)).0[0].0.clone()
    };
    let old = work("Oslo", "2026-01-01T00:00:00Z", json!({}));
    let new = work("Lima", "2026-01-02T00:00:00Z", json!({}));
    let given_up = work("Peru", "2026-01-03T00:00:00Z", json!({"was_cancelled": true}));
    let truth = work("Peru", "2025-01-01T00:00:00Z", json!({"ground_truth": true}));
    assert_eq!(first(&[new.clone(), old.clone(), given_up.clone()]), "Lima");
    assert_eq!(first(&[truth, new, old, given_up]), "Peru");
}

#[test]
fn what_cannot_be_used_is_noted_and_the_rest_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let [start, end] = place("Oslo", 0);
    let result = json!([
        region("far", [900, 905], "LOC", "", None),
        region("backwards", [9, 3], "LOC", "", None),
        region("other", place("Lima", 0), "LOC", "Rome", None),
        region("type", place("Lima", 0), "PLANET", "Lima", None),
        region("wide", [start - 1, end], "LOC", "", None),
        region("long", place("met Oslo", 0), "LOC", "met Oslo", None),
        relation("far", "wide", "oppose", "right"),
        relation("long", "wide", "", "right"),
        {"type": "labels", "value": {"labels": ["LOC"]}},
        {"type": "textarea", "value": {"text": ["a remark"]}},
    ]);
    let path = write(folder.path(), "a.json", &tasks(&[json!({"result": result})]));
    let gold = Gold::new(label_studio::label_studio(&path).unwrap().0.remove(0), None);
    assert_eq!(short(&gold).0, [mention("met Oslo", "LOC", 0)]);
    assert_eq!(gold.notes().len(), 8, "{:#?}", gold.notes());
    for bad in ["{}", "[1]", "[{\"annotations\":[]}]", "no"] {
        assert!(
            matches!(label_studio::label_studio(&write(folder.path(), "b.json", bad)), Err(ImportError::Json { .. })),
            "{bad}"
        );
    }
}

#[test]
fn brat_gives_pieces_sets_and_relations() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [place("Peru", 0), place("Lima", 0)];
    let ann = format!(
        "T1\tLOC {} {}\tPeru\nT5\tLOC {} {};{} {}\tLi ma\nT9\tNORP {} {}\té\n*\tEquiv T1 T5\nR1\toppose Arg1:T9 Arg2:T1\nR2\tpart-of Arg1:T1 Arg2:T9\n#1\tAnnotatorNotes R1\t0.9\nA1\tSure T1\n",
        a[0],
        a[1],
        b[0],
        b[0] + 1,
        b[0] + 2,
        b[1],
        place("e\u{301}lan", 0)[0],
        place("e\u{301}lan", 0)[1]
    );
    write(folder.path(), "train/x_1.txt", TEXT);
    write(folder.path(), "train/x_1.ann", &ann);
    write(folder.path(), "train/plain.txt", "Nothing.");
    write(folder.path(), "train/plain.ann", "");
    write(folder.path(), "documents.tsv", "train/x_1\tx%3A1\n");
    let articles = brat::brat(folder.path()).unwrap();
    assert_eq!(articles.iter().map(|article| article.id.as_str()).collect::<Vec<_>>(), ["plain", "x:1"]);
    let gold = Gold::new(articles[1].clone(), None);
    let (mentions, positions) = short(&gold);
    assert_eq!(mentions, [mention("Peru", "LOC", 0), mention("e\u{301}lan", "NORP", 1), mention("Lima", "LOC", 0)]);
    assert_eq!(positions, [json!({"actor": 1, "target": 0, "stance": "oppose", "by": "reference"})]);
    assert_eq!(gold.notes().len(), 1);
    for (bad, line) in
        [("T1\tLOC 0 x\ty\n", 1), ("\nT1 LOC 0 4 Peru\n", 2), ("R1\toppose Arg1:T1 Arg2:T2\n", 1), ("R1\toppose\n", 1)]
    {
        let error = brat::brat(&write(folder.path(), "train/x_1.ann", bad)).unwrap_err();
        assert!(matches!(error, ImportError::Line { line: at, .. } if at == line), "{bad}: {error}");
    }
    assert!(matches!(brat::brat(&folder.path().join("none.ann")), Err(ImportError::Read { .. })));
}

#[test]
fn columns_give_names_in_every_scheme() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| conll::conll(&write(folder.path(), "a.conll", text)).unwrap();
    for tags in
        [["B-PER", "I-PER", "B-LOC"], ["I-PER", "I-PER", "B-LOC"], ["B-PER", "L-PER", "U-LOC"], ["B-PER", "E-PER", "S-LOC"]]
    {
        let text = format!("Ana {}\nSilva {}\nPeru {}\nwon O\n", tags[0], tags[1], tags[2]);
        let articles = read(&text);
        assert_eq!((articles.len(), articles[0].id.as_str(), articles[0].text.as_str()), (1, "a-1", "Ana Silva Peru won"));
        let names: Vec<_> = articles[0].names.iter().map(|name| (name.start, name.end, name.kind)).collect();
        assert_eq!(names, [(0, 9, EntityType::Per), (10, 14, EntityType::Loc)], "{tags:?}");
    }
    let placed = read("-DOCSTART- -X- O O\n\nb -X- two:4 B-LOC\na -X- two:0 O\n\n-DOCSTART- -X- O O\nc -X- one:2 O\n");
    let texts: Vec<_> = placed.iter().map(|article| (article.id.as_str(), article.text.as_str())).collect();
    assert_eq!(texts, [("two", "a   b"), ("one", "  c")]);
    // No place can be so far away.
    assert_eq!(read(&format!("Ana -X- x:{} B-PER\n", usize::MAX))[0].text, "Ana");
    for bad in ["Ana\n", "Ana PER\n"] {
        assert!(matches!(conll::conll(&write(folder.path(), "b", bad)), Err(ImportError::Line { line: 1, .. })), "{bad}");
    }
    assert!(matches!(conll::conll(&write(folder.path(), "b", "\n\n")), Err(ImportError::Empty { .. })));
}

fn earlier() -> earlier::Earlier {
    let mentions = [(place("Peru", 0), 0), (place("Oslo", 0), 1), (place("Lima", 0), 0), (place("Peru", 1), 2)];
    earlier::Earlier {
        mentions: mentions.into_iter().collect(),
        names: ["Peru", "City of Oslo", "Another Peru"].map(str::to_owned).into(),
        positions: vec![(0, 1, crate::position::Stance::Support, true), (2, 0, crate::position::Stance::Oppose, false)],
        text: Some(TEXT.to_owned()),
    }
}

#[test]
fn columns_take_entities_positions_and_text_from_the_annotation() {
    let name = |place: [usize; 2]| Name { start: place[0], end: place[1], kind: EntityType::Loc, entity: None };
    let all = [place("Peru", 0), place("Oslo", 0), place("Lima", 0), place("Peru", 1)];
    let bare: String = TEXT.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let corrected = Corrected { id: "a".to_owned(), text: bare, names: all.map(name).into(), ..Corrected::default() };
    let gold = Gold::new(corrected.clone(), Some(&earlier()));
    let (mentions, positions) = short(&gold);
    assert_eq!(mentions.iter().map(|mention| mention.2).collect::<Vec<_>>(), [0, 1, 0, 2]);
    assert_eq!(gold.line()["entities"][1]["name"], "City of Oslo");
    let by_reference = json!({"actor": 2, "target": 0, "stance": "oppose", "by": "reference"});
    assert_eq!(positions, [json!({"actor": 0, "target": 1, "stance": "support"}), by_reference.clone()]);
    assert!(gold.rows().iter().all(|row| row.get("stances").is_none()));
    // Without Oslo there is no position on it.
    let mut fewer = corrected.clone();
    fewer.names.remove(1);
    assert_eq!(
        short(&Gold::new(fewer, Some(&earlier()))).1,
        [json!({"actor": 1, "target": 0, "stance": "oppose", "by": "reference"})]
    );
    // Without the annotation the same text is the same thing.
    let (mentions, positions) = short(&Gold::new(corrected, None));
    assert_eq!(mentions.iter().map(|mention| mention.2).collect::<Vec<_>>(), [0, 1, 2, 0]);
    assert!(positions.is_empty());
}

#[test]
fn rows_count_in_their_sentence() {
    let name = |place: [usize; 2]| Name { start: place[0], end: place[1], kind: EntityType::Loc, entity: None };
    let all = [place("Oslo", 0), place("Lima", 0), place("Peru", 1)];
    let stances = vec![Stance { actor: 1, target: 2, stance: crate::position::Stance::Support }];
    let corrected = Corrected {
        id: "a".to_owned(),
        text: TEXT.to_owned(),
        names: all.map(name).into(),
        stances: Some(stances),
        ..Corrected::default()
    };
    let rows = Gold::new(corrected, None).rows();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["stances"], rows[0]["before"].as_str().unwrap()), (&json!([]), ""));
    let row = &rows[1];
    assert_eq!(row["stances"], json!([[1, 2, "support"]]));
    let text = row["text"].as_str().unwrap();
    for (mention, expected) in row["mentions"].as_array().unwrap().iter().zip(["Lima", "Peru"]) {
        let [start, end] = [0, 1].map(|at| mention[at].as_u64().unwrap() as usize);
        assert_eq!(text.chars().skip(start).take(end - start).collect::<String>(), expected);
    }
    let tags: Vec<_> = row["tags"].as_array().unwrap().iter().filter(|tag| *tag != "O").collect();
    assert_eq!(tags, ["B-LOC", "B-LOC"]);
    assert_eq!(format!("{}{text}", row["before"].as_str().unwrap()), TEXT);
}

#[test]
fn a_stance_towards_itself_is_left_out() {
    let name = |place: [usize; 2]| Name { start: place[0], end: place[1], kind: EntityType::Loc, entity: None };
    let stances = vec![Stance { actor: 0, target: 1, stance: crate::position::Stance::Oppose }];
    let names = [place("Peru", 0), place("Peru", 1)].map(name).into();
    let gold = Gold::new(
        Corrected { id: "a".to_owned(), text: TEXT.to_owned(), names, stances: Some(stances), ..Corrected::default() },
        None,
    );
    assert_eq!((gold.counts(), gold.notes().len()), ((2, 0), 1));
}

/// An annotation of a body with these names, each an entity of its own, each opposing the next.
fn annotation(body: &str, names: &[[usize; 2]]) -> Annotation<'static> {
    let chars: Vec<char> = body.chars().collect();
    let points = crate::span::CodePoints::new(body);
    let sentences: Vec<Value> = crate::segment::segment(body)
        .iter()
        .map(|sentence| json!({"start": points.at(sentence.span.start), "end": points.at(sentence.span.end)}))
        .collect();
    let mention = |(at, [start, end]): (usize, &[usize; 2])| {
        let text: String = chars[*start..*end].iter().collect();
        json!({"start": start, "end": end, "text": text, "type": EntityType::ALL[at % 6].name(), "score": 0.9, "entity": at})
    };
    let position = |at: usize| {
        json!({"actor": "a", "actor_id": at, "target": "b", "target_id": at + 1, "stance": "oppose", "score": 0.9,
            "evidence": [{"sentence": 0, "actor_mention": at, "target_mention": at + 1, "stance": "oppose", "score": 0.9}]})
    };
    let value = json!({
        "schema": crate::annotation::VERSION, "id": "a: %/\u{e9}\t", "source": {"path": "a.txt", "record": 0}, "title": null,
        "published": null, "outlet": null, "url": null, "chars": chars.len(), "sha256": "", "sentences": sentences,
        "mentions": names.iter().enumerate().map(mention).collect::<Vec<_>>(),
        "entities": (0..names.len()).map(|id| json!({"id": id, "name": format!("e{id}"), "type": "LOC", "country": null, "mentions": [id]})).collect::<Vec<_>>(),
        "positions": (0..names.len().saturating_sub(1)).map(position).collect::<Vec<_>>(),
        "models": {"ner": {"name": "n", "sha256": "0"}, "stance": {"name": "s", "sha256": "1"}}, "tool": "demarche 0.1.0"});
    serde_json::from_value(value).unwrap()
}

/// Places between marks, without white space at their ends, none of them empty, each in one sentence, as our mentions are.
fn places(body: &str, marks: &[usize]) -> Vec<[usize; 2]> {
    let chars: Vec<char> = body.chars().collect();
    let mut marks: Vec<usize> = marks.iter().map(|mark| mark % (chars.len() + 1)).collect();
    marks.sort_unstable();
    marks.dedup();
    let trimmed = |pair: &[usize]| {
        let inside = || (pair[0]..pair[1]).filter(|at| !is_blank(chars[*at]));
        Some([inside().next()?, inside().next_back()? + 1])
    };
    let points = crate::span::CodePoints::new(body);
    let sentences = crate::segment::segment(body);
    let inside = |place: &[usize; 2]| {
        let span = points.span(*place).unwrap();
        sentences.iter().any(|sentence| sentence.span.contains(span))
    };
    marks.chunks_exact(2).filter_map(trimmed).filter(inside).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_out_comes_back(
        body in "([A-Z][a-z\u{301}]{0,5}|[a-z]{1,5}|[ ]{1,2}|\\. |\r\n|\n\n|\t|\u{1c}|\u{2028}|\u{a0}|👩‍👩‍👧|🇵🇰|“|’s|%|U\\.S\\.){0,30}",
        marks in proptest::collection::vec(0_usize..100, 0..8),
    ) {
        let names = places(&body, &marks);
        let annotation = annotation(&body, &names);
        let article = Marked::new(&annotation, &body, 0.0).unwrap();
        prop_assert_eq!(article.names.len(), names.len());
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a.txt", &body);
        let ann = write(folder.path(), "a.ann", &write_brat::annotations(&article));
        write(folder.path(), "documents.tsv", &format!("a\t{}\n", lines::escaped(&annotation.id)));
        let mut task = lines::label_studio(&article);
        task["annotations"] = task["predictions"].clone();
        let tasks = write(folder.path(), "a.json", &json!([task]).to_string());
        let columns = write(folder.path(), "a.conll", &lines::conll(&article));
        let mut earlier = earlier::Earlier::of(&annotation);
        earlier.text = Some(body.clone());
        let mut all = vec![brat::brat(&ann).unwrap().remove(0), label_studio::label_studio(&tasks).unwrap().0.remove(0)];
        all.extend(conll::conll(&columns).ok().map(|mut articles| articles.remove(0)));
        prop_assert_eq!(all.len(), if article.cut.tokens.is_empty() { 2 } else { 3 });
        for corrected in all {
            let gold = Gold::new(corrected, Some(&earlier));
            prop_assert_eq!(gold.notes(), &[] as &[String]);
            let line = gold.line();
            prop_assert_eq!(line["id"].as_str().unwrap(), annotation.id.as_ref());
            let found: Vec<[usize; 2]> =
                line["mentions"].as_array().unwrap().iter().map(|one| ["start", "end"].map(|field| one[field].as_u64().unwrap() as usize)).collect();
            prop_assert_eq!(&found, &names);
            for (at, mention) in line["mentions"].as_array().unwrap().iter().enumerate() {
                prop_assert_eq!(mention["type"].as_str().unwrap(), EntityType::ALL[at % 6].name());
                prop_assert_eq!(mention["entity"].as_u64().unwrap() as usize, at);
            }
            prop_assert_eq!(line["positions"].as_array().unwrap().len(), names.len().saturating_sub(1));
            for row in gold.rows() {
                prop_assert_eq!(row["tokens"].as_array().unwrap().len(), row["tags"].as_array().unwrap().len());
            }
        }
    }
}
