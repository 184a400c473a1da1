use super::*;

/// An annotation of one article with everything in it, made by hand; `body` needs five words or more.
pub(crate) fn annotation(id: &str, body: &str) -> serde_json::Value {
    let chars = body.chars().count();
    let hash = crate::engine::store::sha256(body.as_bytes());
    serde_json::json!({
        "schema": VERSION, "id": id, "source": {"path": "news/a.jsonl", "record": 0, "offset": 7}, "title": "A \u{201c}title\u{201d}",
        "published": "2026-01-05T10:00:00+02:00", "outlet": "Wire", "url": null, "chars": chars, "sha256": hash,
        "sentences": [{"start": 0, "end": chars}],
        "mentions": [
            {"start": 0, "end": 6, "text": "Russia", "type": "LOC", "score": 0.9783, "entity": 0},
            {"start": 15, "end": 19, "text": "U.S.", "type": "LOC", "score": 0.9, "entity": 1}],
        "entities": [
            {"id": 0, "name": "Russia", "type": "LOC", "subtype": "COUNTRY", "country": "RU", "key": "RUS", "mentions": [0]},
            {"id": 1, "name": "United States", "type": "LOC", "subtype": "COUNTRY", "country": "US", "key": "USA", "mentions": [1]}],
        "references": [{"start": 7, "end": 9, "text": "it", "entity": 0, "score": 0.8}],
        "quotes": [{"start": 7, "end": 14, "speaker": 0}],
        "positions": [{"actor": "Russia", "actor_id": 0, "target": "United States", "target_id": 1, "stance": "oppose", "score": 0.9985,
            "changed": true,
            "evidence": [{"sentence": 0, "actor_mention": 0, "target_mention": 1, "actor_reference": 0, "stance": "oppose", "score": 0.9957,
                "quote": true, "quote_span": {"start": 7, "end": 14}, "kind": "reject", "cue": {"start": 7, "end": 14}}]}],
        "roll_up": [{"actor": "RUS", "target": "USA", "stance": "oppose", "score": 0.99, "positions": [0]}],
        "watch": [{"target": "America", "mentions": [1], "positions": [0], "claim": {"text": "It should.", "stances": [
            {"actor": "Russia", "actor_id": 0, "stance": "oppose", "score": 0.7,
             "evidence": [{"sentences": [0, 0], "actor_mention": 0, "stance": "oppose", "score": 0.7}]}]}}],
        "models": {"ner": {"name": "n", "sha256": "0"}, "stance": {"name": "s", "sha256": "1"}}, "tool": "demarche 0.1.0"})
}

/// A body that fits [`annotation`].
pub(crate) const BODY: &str = "Russia rejects U.S. bases \u{1f422} e\u{301}.";

fn read(files: Vec<PathBuf>) -> Vec<Result<String, String>> {
    let name = |line: Result<Annotation<'_>, BadLine>| {
        line.map(|annotation| annotation.id.into_owned()).map_err(|error| crate::chain(&error))
    };
    Annotations::new(files).map(name).collect()
}

#[test]
fn what_is_no_annotation_is_told_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one.jsonl", "two.jsonl"].map(|name| folder.path().join(name));
    let mut other = annotation("v2", BODY);
    other["schema"] = "demarche.annotation/2".into();
    let lines = [
        annotation("a", BODY).to_string().into_bytes(),
        b"{\"id\":1}".to_vec(),
        b"\xff\xfe".to_vec(),
        other.to_string().into_bytes(),
        annotation("b", BODY).to_string().into_bytes(),
    ];
    std::fs::write(&one, lines.join(&b"\n"[..])).unwrap();
    std::fs::write(&two, annotation("c", BODY).to_string()).unwrap();
    let got = read(vec![one, folder.path().join("none.jsonl"), two]);
    let told = ["one.jsonl, line 2: this is no", "one.jsonl, line 3", "line 4: the annotation is of version", "none.jsonl"];
    for (got, told) in got.iter().filter_map(|got| got.as_ref().err()).zip(told) {
        assert!(got.contains(told), "{got}");
    }
    assert_eq!(got.iter().filter_map(|got| got.as_ref().ok()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(got.len(), 7);
}

#[test]
fn numbers_and_places_that_nothing_has_are_told() {
    let check = |value: &serde_json::Value| sound(&serde_json::from_value(value.clone()).unwrap());
    let good = annotation("a", BODY);
    assert_eq!(check(&good), Ok(()));
    let broken = [
        "/mentions/0/entity",
        "/references/0/entity",
        "/quotes/0/speaker",
        "/quotes/0/end",
        "/entities/1/id",
        "/entities/1/mentions/0",
        "/sentences/0/end",
        "/positions/0/actor_id",
        "/positions/0/target_id",
        "/positions/0/evidence/0/sentence",
        "/positions/0/evidence/0/actor_mention",
        "/positions/0/evidence/0/target_mention",
        "/positions/0/evidence/0/actor_reference",
        "/positions/0/evidence/0/cue/end",
        "/positions/0/evidence/0/quote_span/start",
        "/roll_up/0/positions/0",
        "/watch/0/mentions/0",
        "/watch/0/positions/0",
        "/watch/0/claim/stances/0/actor_id",
        "/watch/0/claim/stances/0/evidence/0/actor_mention",
        "/watch/0/claim/stances/0/evidence/0/sentences/1",
    ];
    for pointer in broken {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = 4000.into();
        assert!(check(&bad).is_err(), "{pointer}");
    }
    let mut twice = good;
    twice["watch"][0]["positions"] = serde_json::json!([0, 0]);
    assert_eq!(check(&twice), Err(Unsound::Twice { what: "position", number: 0 }));
}
