use std::io::Write;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

mod archives;
mod formats;
mod hostile;
mod news;
mod pages;
mod parquet;

const GOOD: &str = r#"{"id":"good","text":"Kenya won."}"#;

pub(super) fn options() -> Options {
    Options { max_article_chars: 1000, ..Options::default() }
}

/// What reading a file of that name and content gives.
fn read(name: &str, bytes: &[u8]) -> Vec<Result<Article, Reject>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    Records::new(discover(&[path], &[]).unwrap(), options()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A text of so many pieces.
fn pieces(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

/// Letters for good records, the reason's name for rejects.
fn outline(records: &[Result<Article, Reject>]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record.as_ref().map_or_else(|reject| reject.reason.name(), |article| article.id.as_str()))
        .collect()
}

#[test]
fn each_bad_line_is_one_reject_and_the_good_ones_all_come() {
    let long = format!(r#"{{"id":"l","text":"{}"}}"#, "a ".repeat(501));
    let huge = format!(r#"{{"text":"{}"}}"#, "a".repeat(3 << 20));
    let cases: [(&[u8], &str, &str); 11] = [
        (b"{\"text\":\"caf\xe9\"}", "invalid_utf8", "byte 12"),
        (br#"{"text":"cut off"#, "invalid_json", "line 1 column"),
        (br"[1,2]", "invalid_json", "JSON object"),
        (br#"{"id":7,"headline":"x"}"#, "missing_text", "--text-field"),
        (br#"{"text":5}"#, "missing_text", "not a string"),
        (br#"{"text":null}"#, "missing_text", "null"),
        (br#"{"text":"\ud800"}"#, "invalid_json", "cannot be read"),
        (br#"{"text":" \n\u00a0"}"#, "empty_text", "empty"),
        (br#"{"text":"a\u0000b"}"#, "nul_byte", "byte 1"),
        (long.as_bytes(), "too_long", "1002 characters"),
        (huge.as_bytes(), "record_too_large", "--max-article-chars"),
    ];
    for (bad, reason, says) in cases {
        let file = [GOOD.as_bytes(), b"\n", bad, b"\r\n\n", GOOD.as_bytes()].concat();
        let records = read("wire.jsonl", &file);
        assert_eq!(outline(&records), ["good", reason, "good"], "{says}");
        let reject = records[1].as_ref().unwrap_err();
        assert!(reject.message.contains("wire.jsonl, record 1:") && reject.message.contains(says), "{}", reject.message);
        assert_eq!(records[2].as_ref().unwrap().place.record, 3, "empty lines are counted");
    }
}

#[test]
fn a_truncated_archive_gives_what_stands_before_the_cut() {
    let line = |number: usize| format!("{{\"id\":\"{number}\",\"text\":\"{}\"}}\n", "Kenya won. ".repeat(number % 7 + 1));
    let all: String = (0..20_000).map(line).collect();
    let zstd = zstd::encode_all(all.as_bytes(), 1).unwrap();
    for (name, stored) in [("wire.jsonl.gz", gzip(all.as_bytes())), ("wire.jsonl.zst", zstd)] {
        assert_eq!(read(name, &stored).len(), 20_000);
        let records = read(name, &stored[..stored.len() - 40]);
        let (last, good) = records.split_last().unwrap();
        assert!(good.len() > 1000 && good.iter().all(Result::is_ok), "{name}: {}", good.len());
        assert_eq!(last.as_ref().unwrap_err().reason, Reason::Truncated, "{name}");
    }
    let mut damaged = gzip(all.as_bytes());
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    assert!(matches!(read("wire.jsonl.gz", &damaged).last(), Some(Err(reject)) if reject.reason == Reason::Corrupt));
}

#[test]
fn a_gz_of_several_members_is_read_to_its_end() {
    let stored = [gzip(GOOD.as_bytes()), gzip(b"\n"), gzip(GOOD.as_bytes())].concat();
    assert_eq!(outline(&read("wire.jsonl.gz", &stored)), ["good", "good"]);
}

#[test]
fn json_is_an_object_an_array_or_lines() {
    let pretty = "{\n  \"id\": \"good\",\n  \"text\": \"Kenya won.\"\n}\n";
    for (text, expected) in [
        (GOOD.to_owned(), vec!["good"]),
        (pretty.to_owned(), vec!["good"]),
        (format!("[{GOOD}, {{\"id\": 1}}, {GOOD}]"), vec!["good", "missing_text", "good"]),
        (format!("{GOOD}\nnot json\n{GOOD}\n"), vec!["good", "invalid_json", "good"]),
        ("[1, 2".to_owned(), vec!["invalid_json"]),
        ("[]".to_owned(), vec![]),
    ] {
        assert_eq!(outline(&read("a.json", text.as_bytes())), expected, "{text}");
    }
    // Without an extension that is known, the first bytes tell.
    assert_eq!(outline(&read("dump", pretty.as_bytes())), ["good"]);
    assert_eq!(outline(&read("dump", format!("{GOOD}\n{GOOD}").as_bytes())), ["good", "good"]);
    assert_eq!(outline(&read("dump", b"Kenya won.")), ["dump"]);
}

#[test]
fn fields_have_several_names_and_kinds() {
    let record = r#"{"source":"AP","date":20250926,"content":"Kenya won.","title":null,"url":["x"]}"#;
    let article = read("wire.jsonl", record.as_bytes()).remove(0).unwrap();
    assert_eq!((article.id.as_str(), article.body.as_str()), ("wire:0", "Kenya won."));
    assert_eq!((article.outlet.as_deref(), article.published.as_deref()), (Some("AP"), Some("20250926")));
    assert_eq!((article.title, article.url), (None, None));
}

#[test]
fn the_title_of_a_text_is_a_line_of_its_own() {
    let long = "t".repeat(201);
    for (text, title, body) in [
        ("Title\n\nBody one.\r\nTwo.\n", Some("Title"), "Body one.\r\nTwo.\n"),
        ("Title\r\n\r\nBody.", Some("Title"), "Body."),
        ("No title.\nBody.", None, "No title.\nBody."),
        ("\nTitle\n\nBody.", None, "\nTitle\n\nBody."),
        ("Only a line\n\n", None, "Only a line\n\n"),
        (&format!("{long}\n\nBody."), None, &format!("{long}\n\nBody.")),
    ] {
        assert_eq!(text::split_title(text), (title, body));
    }
    let article = read("a.b.txt", "\u{feff}Title\n\nBody.".as_bytes()).remove(0).unwrap();
    assert_eq!((article.id.as_str(), article.title.as_deref()), ("a.b", Some("Title")));
    assert_eq!(read("a.txt", b"caf\xe9").remove(0).unwrap().body, "café");
    assert_eq!(outline(&read("a.txt", b"")), ["empty_text"]);
}

#[test]
fn folders_and_globs_come_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("b")).unwrap();
    for name in ["c.txt", "a.jsonl", "b/d.json.gz", "notes.md", ".hidden.txt", "out.jsonl"] {
        std::fs::write(path(name), GOOD).unwrap();
    }
    let names = |inputs: Vec<Input>| -> Vec<String> {
        let root = format!("{}/", folder.path().display());
        inputs.into_iter().map(|input| input.path.replace(&root, "")).collect()
    };
    let whole = [folder.path().display().to_string()];
    let found = discover(&whole, &[path("out.jsonl"), PathBuf::from("not there")]).unwrap();
    assert_eq!(names(found), ["a.jsonl", "b/d.json.gz", "c.txt"]);
    let glob = [format!("{}/**/*.j*", folder.path().display())];
    assert_eq!(names(discover(&glob, &[]).unwrap()), ["a.jsonl", "b/d.json.gz", "out.jsonl"]);
    let one_level = [format!("{}/*.txt", folder.path().display())];
    assert_eq!(names(discover(&one_level, &[]).unwrap()), ["c.txt"]);
    for missing in ["nowhere.txt", "nowhere/*.txt"] {
        let error = discover(&[path(missing).display().to_string()], &[]).unwrap_err();
        assert!(error.to_string().contains(missing), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_a_reject() {
    let inputs = vec![Input::file("gone.txt".into())];
    let records: Vec<_> = Records::new(inputs, options()).collect();
    assert_eq!(outline(&records), ["unreadable"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), name in r"(a\.txt|a\.json|a\.jsonl|a\.jsonl\.gz|a\.csv|a\.html|a\.warc|a\.xml|a\.parquet|a)") {
        for article in read(&name, &bytes).into_iter().flatten() {
            prop_assert!(!article.body.trim().is_empty());
        }
    }

    #[test]
    fn a_body_arrives_byte_for_byte(body in "[^\0]{1,200}") {
        prop_assume!(!body.trim().is_empty());
        let line = serde_json::json!({ "text": body }).to_string();
        let records = read("a.jsonl", line.as_bytes());
        prop_assert_eq!(&records[0].as_ref().unwrap().body, &body);
    }
}
