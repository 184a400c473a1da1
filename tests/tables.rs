//! Annotations on their way to other programs, through the program. What needs other programs to test is in tests/outlets/.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::json;

use crate::support::demarche;

/// A line of annotations with one position.
fn line(number: usize) -> String {
    let text = "Fiji thanked Australia.";
    let model = json!({"name": "n", "sha256": "0".repeat(64)});
    let thing = |id: usize, name: &str, key: &str| json!({"id": id, "name": name, "type": "LOC", "country": null, "key": key, "mentions": [id]});
    let mention = |entity: usize, start: usize, end: usize| json!({"start": start, "end": end, "text": text[start..end], "type": "LOC", "score": 0.9, "entity": entity});
    let evidence = json!([{"sentence": 0, "actor_mention": 0, "target_mention": 1, "stance": "support", "score": 0.9}]);
    let record = json!({
        "schema": "demarche.annotation/1", "id": number.to_string(), "source": {"path": "a", "record": number}, "title": null,
        "published": null, "outlet": null, "url": null, "chars": 23, "sha256": "0".repeat(64), "text": text,
        "sentences": [{"start": 0, "end": 23}], "mentions": [mention(0, 0, 4), mention(1, 13, 22)],
        "entities": [thing(0, "Fiji", "FJI"), thing(1, "Australia", "AUS")],
        "positions": [{"actor": "Fiji", "actor_id": 0, "target": "Australia", "target_id": 1, "stance": "support", "score": 0.9,
            "evidence": evidence}],
        "models": {"ner": model, "stance": model}, "tool": "t"});
    record.to_string() + "\n"
}

#[test]
fn a_reader_who_has_seen_enough_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.jsonl"), (0..20_000).map(line).collect::<String>()).unwrap();
    for arguments in [&["query", "a.jsonl"][..], &["query", "a.jsonl", "--json"]] {
        let mut command = demarche(folder.path());
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn the_same_annotations_give_the_same_bytes_and_the_limit_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    std::fs::write(&path, (0..500).map(line).collect::<String>()).unwrap();
    for output in ["one", "two"] {
        let done = demarche(folder.path()).args(["export", "parquet", "a.jsonl", "-o", output]).status().unwrap();
        assert!(done.success());
    }
    let mut files = 0;
    for file in std::fs::read_dir(folder.path().join("one")).unwrap() {
        let file = file.unwrap();
        let other = folder.path().join("two").join(file.file_name());
        assert!(std::fs::read(file.path()).unwrap() == std::fs::read(other).unwrap(), "{:?}", file.file_name());
        files += 1;
    }
    assert_eq!(files, 14);
    let found = demarche(folder.path()).args(["query", "a.jsonl", "--json", "-n", "7"]).output().unwrap();
    assert_eq!(String::from_utf8(found.stdout).unwrap().lines().count(), 7);
}
