//! Formats on one article in which units differ: emoji, curly quotes, combining marks, CRLF, a tab.

use serde_json::{Value, json};

use super::select::{How, Sampler, Seen, Split};
use super::*;
use crate::annotation::Annotation;
use crate::engine::store::sha256;

const BODY: &str = "🐢 \u{201c}Ru\u{308}ssia\u{201d} rejects\r\nthe U.N. bases.\r\n\r\nThe Big\tPond  praised Pro-Kabul 👩‍👩‍👧 men; it backs Oslo.";

/// The place of the first `text` in the body.
fn place(body: &str, text: &str) -> (usize, usize) {
    let start = body[..body.find(text).unwrap()].chars().count();
    (start, start + text.chars().count())
}

/// An annotation with these mentions (text, type, score, entity), and positions (actor mention, target mention, stance, score).
fn record(id: &str, body: &str, mentions: &[(&str, &str, f64, usize)], positions: &[(usize, usize, &str, f64)]) -> Value {
    let points = crate::span::CodePoints::new(body);
    let sentences: Vec<Value> = crate::segment::segment(body)
        .iter()
        .map(|sentence| json!({"start": points.at(sentence.span.start), "end": points.at(sentence.span.end)}))
        .collect();
    let entities = mentions.iter().map(|(.., entity)| entity + 1).max().unwrap_or(0);
    let numbers = |entity: usize| (0..mentions.len()).filter(|at| mentions[*at].3 == entity).collect::<Vec<_>>();
    json!({
        "schema": crate::annotation::VERSION, "id": id, "source": {"path": "a.txt", "record": 0}, "title": "T", "published": null,
        "outlet": "Wire", "url": null, "chars": body.chars().count(), "sha256": sha256(body.as_bytes()), "sentences": sentences,
        "mentions": mentions.iter().map(|(text, kind, score, entity)| {
            let (start, end) = place(body, text);
            json!({"start": start, "end": end, "text": text, "type": kind, "score": score, "entity": entity})
        }).collect::<Vec<_>>(),
        "entities": (0..entities).map(|id| {
            let first = mentions[numbers(id)[0]];
            json!({"id": id, "name": first.0, "type": first.1, "country": null, "key": format!("k{id}"), "mentions": numbers(id)})
        }).collect::<Vec<_>>(),
        "positions": positions.iter().map(|(actor, target, stance, score)| {
            let (at, _) = place(body, mentions[*actor].0);
            let sentence = sentences.iter().position(|sentence| sentence["end"].as_u64().unwrap() as usize > at).unwrap();
            json!({"actor": "A", "actor_id": mentions[*actor].3, "target": "B", "target_id": mentions[*target].3, "stance": stance,
                "score": score, "evidence": [{"sentence": sentence, "actor_mention": actor, "target_mention": target,
                    "stance": stance, "score": score}]})
        }).collect::<Vec<_>>(),
        "models": {"ner": {"name": "n", "sha256": "0"}, "stance": {"name": "s", "sha256": "1"}}, "tool": "demarche 0.1.0"})
}

fn hard() -> Annotation<'static> {
    let mentions = [
        ("Ru\u{308}ssia", "LOC", 0.95, 0),
        ("U.N.", "ORG", 0.9, 1),
        ("Big\tPond", "ORG", 0.8, 2),
        ("Ka", "LOC", 0.4, 3),
        ("Oslo", "LOC", 0.9, 4),
    ];
    let record = record("hard one/é", BODY, &mentions, &[(0, 1, "oppose", 0.9), (2, 3, "support", 0.6)]);
    serde_json::from_value(record).unwrap()
}

fn with(least: f32, check: impl Fn(&Marked<'_>)) {
    check(&Marked::new(&hard(), BODY, least).unwrap());
}

/// The text between two code points.
fn slice(body: &str, start: &Value, end: &Value) -> String {
    let [start, end] = [start, end].map(|at| at.as_u64().unwrap() as usize);
    body.chars().skip(start).take(end - start).collect()
}

#[test]
fn another_text_is_refused() {
    let annotation = hard();
    assert!(Marked::new(&annotation, &BODY.replace('R', "P"), 0.0).is_err());
    assert!(Marked::new(&annotation, &BODY[..BODY.len() - 1], 0.0).is_err());
}

#[test]
fn what_scores_too_low_is_left_out_with_the_stances_that_need_it() {
    with(0.5, |article| {
        let names: Vec<&str> = article.names.iter().map(|name| name.place.span.slice(BODY)).collect();
        assert_eq!(names, ["Ru\u{308}ssia", "U.N.", "Big\tPond", "Oslo"]);
        assert_eq!(article.stances.len(), 1);
    });
    with(0.0, |article| assert_eq!((article.names.len(), article.stances.len()), (5, 2)));
    with(0.91, |article| assert_eq!((article.names.len(), article.stances.len()), (1, 0)));
}

#[test]
fn columns_tell_places_and_tags() {
    with(0.0, |article| {
        let text = lines::conll(article);
        let mut rest: Vec<(String, usize, &str)> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("-DOCSTART-")) {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let (id, start) = columns[2].rsplit_once(':').unwrap();
            assert_eq!(lines::unescaped(id).unwrap(), "hard one/é");
            let start: usize = start.parse().unwrap();
            let there: String = BODY.chars().skip(start).take(columns[0].chars().count()).collect();
            assert_eq!(there, columns[0]);
            rest.push((columns[0].to_owned(), start, columns[3]));
        }
        let tags: Vec<_> =
            rest.iter().filter(|(.., tag)| *tag != "O").map(|(token, _, tag)| (token.as_str(), *tag)).collect();
        assert_eq!(
            tags,
            [
                ("Ru\u{308}ssia", "B-LOC"),
                ("U.N.", "B-ORG"),
                ("Big", "B-ORG"),
                ("Pond", "I-ORG"),
                ("Ka", "B-LOC"),
                ("Oslo", "B-LOC")
            ]
        );
    });
}

#[test]
fn identifiers_survive_columns() {
    for id in ["a b:c%d", "\t", "https://x.org/é?a=1\u{a0}", "", "-DOCSTART-"] {
        let escaped = lines::escaped(id);
        assert!(!escaped.contains(text::is_blank) && !escaped.contains(':'), "{escaped}");
        assert_eq!(lines::unescaped(&escaped).as_deref(), Some(id));
    }
    assert_eq!(lines::unescaped("%zz"), None);
    assert_eq!(lines::unescaped("%4"), None);
}

#[test]
fn spacy_gets_tokens_that_give_the_text() {
    with(0.0, |article| {
        let value = lines::spacy(article);
        let tokens: Vec<&Value> = value["paragraphs"][0]["sentences"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|sentence| sentence["tokens"].as_array().unwrap())
            .collect();
        let text: String =
            tokens.iter().flat_map(|token| ["orth", "space"].map(|part| token[part].as_str().unwrap())).collect();
        assert_eq!(text, BODY);
        let tags: Vec<&str> = tokens.iter().map(|token| token["ner"].as_str().unwrap()).filter(|tag| *tag != "O").collect();
        // White space that is no single space is a token there: the tab inside a name.
        assert_eq!(tags, ["U-LOC", "U-ORG", "B-ORG", "I-ORG", "L-ORG", "U-LOC", "U-LOC"]);
        for name in value["ents"].as_array().unwrap() {
            let starts = value["tokens"].as_array().unwrap().iter().any(|token| token["start"] == name["start"]);
            let ends = value["tokens"].as_array().unwrap().iter().any(|token| token["end"] == name["end"]);
            assert!(starts && ends, "{name}");
        }
        assert_eq!(value["paragraphs"][0]["sentences"].as_array().unwrap().len(), article.cut.sentences.len());
    });
}

#[test]
fn prodigy_gets_spans_by_tokens_and_characters() {
    with(0.0, |article| {
        let value = lines::prodigy(article);
        let tokens = value["tokens"].as_array().unwrap();
        for span in value["spans"].as_array().unwrap() {
            let [first, last] = ["token_start", "token_end"].map(|field| &tokens[span[field].as_u64().unwrap() as usize]);
            assert_eq!((&first["start"], &last["end"]), (&span["start"], &span["end"]));
        }
        let relation = &value["relations"][1];
        assert_eq!(
            (&relation["head"], &relation["child"]),
            (&relation["head_span"]["token_end"], &relation["child_span"]["token_end"])
        );
        assert_eq!(slice(BODY, &relation["head_span"]["start"], &relation["head_span"]["end"]), "Big\tPond");
        assert_eq!(relation["label"], "support");
    });
}

#[test]
fn label_studio_gets_regions_in_code_points() {
    with(0.0, |article| {
        let value = lines::label_studio(article);
        let prediction = &value["predictions"][0];
        let result = prediction["result"].as_array().unwrap();
        for region in result.iter().filter(|region| region["type"] == "labels") {
            let value = &region["value"];
            assert_eq!(slice(BODY, &value["start"], &value["end"]), value["text"].as_str().unwrap());
        }
        assert_eq!(prediction["score"], 0.4);
        assert_eq!(
            (&result[5]["from_id"], &result[5]["to_id"], &result[5]["labels"][0]),
            (&"m0".into(), &"m1".into(), &"oppose".into())
        );
    });
}

#[test]
fn brat_gets_no_line_ends_inside_a_name() {
    with(0.0, |article| {
        let text = brat::annotations(article);
        let (start, end) = place(BODY, "Big\tPond");
        let expected = format!("T3\tORG {start} {};{} {end}\tBig Pond", start + 3, start + 4);
        assert!(text.lines().any(|line| line == expected), "{text}");
        assert!(text.contains("R1\toppose Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes R1\t0.9\n"));
    });
}

#[test]
fn pairs_are_of_one_sentence_and_told_both_ways() {
    with(0.0, |article| {
        let rows = pairs::pairs(article);
        let short: Vec<(String, String, &str, &str)> = rows
            .iter()
            .map(|row| {
                let text = row["text"].as_str().unwrap();
                let of = |field: &str| slice(text, &row[field][0], &row[field][1]);
                (of("a"), of("b"), row["a_to_b"].as_str().unwrap(), row["b_to_a"].as_str().unwrap())
            })
            .collect();
        let row = |a: &str, b: &str, stance| (a.to_owned(), b.to_owned(), stance, "none");
        assert_eq!(
            short,
            [
                row("Ru\u{308}ssia", "U.N.", "oppose"),
                row("Big\tPond", "Ka", "support"),
                row("Big\tPond", "Oslo", "none"),
                row("Ka", "Oslo", "none")
            ]
        );
    });
    // A stance of too low a score is neither a stance nor none.
    let mut record =
        record("a", "Peru praised Oslo.", &[("Peru", "LOC", 0.9, 0), ("Oslo", "LOC", 0.9, 1)], &[(0, 1, "support", 0.4)]);
    record["mentions"][0]["score"] = 0.99.into();
    let annotation: Annotation<'_> = serde_json::from_value(record).unwrap();
    assert_eq!(pairs::pairs(&Marked::new(&annotation, "Peru praised Oslo.", 0.5).unwrap()), Vec::<Value>::new());
    assert_eq!(pairs::pairs(&Marked::new(&annotation, "Peru praised Oslo.", 0.3).unwrap())[0]["a_to_b"], "support");
}

#[test]
fn a_pronoun_stands_in_a_row_where_it_tells_the_position() {
    let body = "Peru met Oslo. It praised Lima and Rome.";
    let mentions = [("Peru", "LOC", 0.9, 0), ("Oslo", "LOC", 0.9, 1), ("Lima", "LOC", 0.9, 2), ("Rome", "LOC", 0.9, 3)];
    let mut record = record("a", body, &mentions, &[(0, 2, "support", 0.8)]);
    record["references"] = json!([{"start": 15, "end": 17, "text": "It", "entity": 0, "score": 0.9}]);
    record["positions"][0]["evidence"][0]["actor_reference"] = 0.into();
    let annotation: Annotation<'_> = serde_json::from_value(record).unwrap();
    let article = Marked::new(&annotation, body, 0.0).unwrap();
    let rows: Vec<(String, String, String)> = pairs::pairs(&article)
        .iter()
        .map(|row| {
            let of = |field: &str| slice(row["text"].as_str().unwrap(), &row[field][0], &row[field][1]);
            (of("a"), of("b"), row["a_to_b"].as_str().unwrap().to_owned())
        })
        .collect();
    let row = |a: &str, b: &str, stance: &str| (a.to_owned(), b.to_owned(), stance.to_owned());
    assert_eq!(rows, [row("Peru", "Oslo", "none"), row("It", "Lima", "support"), row("Lima", "Rome", "none")]);
}

fn many(count: usize) -> Vec<Annotation<'static>> {
    let article = |number: usize| {
        let score = (number % 50) as f64 / 50.0;
        let body = format!("Peru praised Oslo in report {number}.");
        let mut record = record(
            &format!("a{number}"),
            &body,
            &[("Peru", "LOC", score, 0), ("Oslo", "LOC", 1.0, 1)],
            &[(0, 1, "support", 1.0)],
        );
        record["outlet"] = if number < count - 3 { "Big".into() } else { format!("Small {number}").into() };
        serde_json::from_value(record).unwrap()
    };
    (0..count).map(article).collect()
}

#[test]
fn parts_depend_on_the_text_alone_and_have_their_shares() {
    let split: Split = "train:0.8,dev:0.1,test:0.1".parse().unwrap();
    let other: Split = "train:8, dev:1 ,test:1".parse().unwrap();
    let mut counts = [0; 3];
    for annotation in many(1000) {
        let part = split.part(&annotation);
        assert_eq!(part, other.part(&annotation));
        counts[part] += 1;
        let renamed = Annotation { id: "x".into(), ..annotation };
        assert_eq!(part, split.part(&renamed));
    }
    assert!((760..840).contains(&counts[0]) && (70..130).contains(&counts[1]), "{counts:?}");
    for bad in ["", "train", "train:0", "train:x", "a:1,a:2", "a/b:1", "train:-1", "train:nan", "train:inf"] {
        assert!(bad.parse::<Split>().is_err(), "{bad}");
    }
}

fn drawn(how: How, wanted: usize, of: &[(u64, &Annotation<'_>)]) -> Vec<String> {
    let mut sampler = Sampler::new(how, wanted);
    for (number, annotation) in of {
        sampler.see(*number, annotation);
    }
    let numbers = sampler.drawn();
    let mut ids: Vec<String> =
        of.iter().filter(|(number, _)| numbers.contains(number)).map(|(_, annotation)| annotation.id.to_string()).collect();
    ids.sort();
    ids
}

#[test]
fn samples_are_the_same_in_any_order() {
    let all = many(300);
    let forth: Vec<_> = (0..).zip(&all).collect();
    let back: Vec<_> = (0..).zip(all.iter().rev()).collect();
    for how in [How::Random, How::Uncertain, How::Diverse] {
        for wanted in [1, 7, 300, 400] {
            let ids = drawn(how, wanted, &forth);
            assert_eq!(ids.len(), wanted.min(300));
            assert_eq!(ids, drawn(how, wanted, &back), "{how:?} {wanted}");
        }
    }
}

#[test]
fn samples_are_what_they_are_called() {
    let all = many(300);
    let of: Vec<_> = (0..).zip(&all).collect();
    // Of 300 articles six have the score of 0.5.
    assert!(drawn(How::Uncertain, 6, &of).iter().all(|id| id[1..].parse::<usize>().unwrap() % 50 == 25));
    let small = ["a297", "a298", "a299"].map(str::to_owned);
    let has = |ids: &[String]| small.iter().filter(|id| ids.contains(id)).count();
    assert_eq!(has(&drawn(How::Diverse, 30, &of)), 3);
    assert!(has(&drawn(How::Random, 30, &of)) < 3);
    // A sample does not fall into one part.
    let split: Split = "train:1,dev:1".parse().unwrap();
    let ids = drawn(How::Random, 60, &of);
    let train =
        all.iter().filter(|annotation| ids.contains(&annotation.id.to_string()) && split.part(annotation) == 0).count();
    assert!((15..45).contains(&train), "{train}");
}

#[test]
fn a_text_is_first_once() {
    let all = many(20);
    let mut seen = Seen::default();
    assert!(all.iter().all(|annotation| seen.first(annotation)));
    assert!(all.iter().all(|annotation| !seen.first(annotation)));
}

#[test]
fn files_of_parts_keep_their_endings() {
    let name = |path: &str, part: &str| part_of(Path::new(path), part).display().to_string();
    assert_eq!(name("x/a.jsonl", "dev"), "x/a.dev.jsonl");
    assert_eq!(name("a.b.jsonl.gz", "dev"), "a.b.dev.jsonl.gz");
    assert_eq!(name("a", "dev"), "a.dev");
    assert_eq!(name("a.json", ""), "a.json");
}

#[test]
fn every_format_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let annotation = hard();
    let article = Marked::new(&annotation, BODY, 0.0).unwrap();
    for (format, name) in [
        (Format::Conll, "a.conll"),
        (Format::Spacy, "a.json"),
        (Format::Brat, "brat"),
        (Format::LabelStudio, "tasks"),
        (Format::Prodigy, "prodigy.jsonl"),
        (Format::Hf, "hf"),
        (Format::Pairs, "pairs.jsonl"),
    ] {
        let path = folder.path().join(name);
        let mut writer = Writer::create(format, &path, None).unwrap();
        writer.article(&article).unwrap();
        assert!(!path.exists(), "{name}");
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{name} leaves something");
        let mut writer = Writer::create(format, &path, None).unwrap();
        writer.article(&article).unwrap();
        writer.article(&article).unwrap();
        let counts = writer.finish().unwrap();
        assert_eq!((counts.len(), counts[0].articles, counts[0].stances), (1, 2, 4));
        if path.is_dir() {
            let error = Writer::create(format, &path, None).err().unwrap();
            assert!(crate::chain(&error).contains("somebody's work"), "{error}");
            std::fs::remove_dir_all(&path).unwrap();
        } else {
            std::fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn parts_are_files_and_lists_are_json_even_where_they_are_empty() {
    let folder = tempfile::tempdir().unwrap();
    let annotation = hard();
    let article = Marked::new(&annotation, BODY, 0.0).unwrap();
    let split: Split = "train:1,dev:1,test:1".parse().unwrap();
    for (format, name) in [(Format::Spacy, "a.json"), (Format::LabelStudio, "tasks")] {
        let mut writer = Writer::create(format, &folder.path().join(name), Some(split.clone())).unwrap();
        writer.article(&article).unwrap();
        writer.article(&article).unwrap();
        writer.finish().unwrap();
        let path = |part| {
            if name == "tasks" {
                folder.path().join(format!("tasks/{part}.json"))
            } else {
                folder.path().join(format!("a.{part}.json"))
            }
        };
        let read = |part| serde_json::from_str::<Vec<Value>>(&std::fs::read_to_string(path(part)).unwrap()).unwrap().len();
        let mut sizes = ["train", "dev", "test"].map(read);
        sizes.sort_unstable();
        assert_eq!(sizes, [0, 0, 2], "{name}");
    }
    assert!(matches!(Writer::create(Format::Pairs, Path::new("-"), Some(split)), Err(WriteError::Parts)));
}

#[test]
fn names_of_files_are_plain_and_each_once() {
    let mut names = Names::default();
    let made: Vec<String> = ["a/b", "a_b", "A_B", "é", "..", "a_b-2"].iter().map(|id| names.of(id)).collect();
    assert_eq!(made, ["a_b", "a_b-2", "A_B-3", "_", "article", "a_b-2-2"]);
    assert!(names.of(&"x".repeat(500)).len() <= LONGEST);
}
