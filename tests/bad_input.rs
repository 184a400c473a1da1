//! One run over every kind of bad input: each is told with its place and reason, and the good articles are all there.

use std::io::Write;
use std::path::Path;

use crate::support::{annotate, rows};

/// Makes the inputs. Every file of lines has good articles before and behind the bad one.
fn make(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let good = |id: &str| format!("{{\"id\": \"{id}\", \"text\": \"Kenya praised Uganda in Nairobi.\"}}\n").into_bytes();
    let around = |name: &str, bad: &[u8]| {
        let stem = name.split('.').next().unwrap();
        write(
            name,
            &[good(&format!("{stem}-before")), bad.to_vec(), b"\n".to_vec(), good(&format!("{stem}-behind"))].concat(),
        );
    };
    write("good.txt", b"Title\n\nKenya praised Uganda.");
    write("no-encoding.txt", b"Kenya\xff\x81\x8d\x00");
    write("quote.csv", format!("id,text\nquote-before,Kenya praised Uganda.\nx,\"{}", "a".repeat(20 << 20)).as_bytes());
    write("page.html", b"<html><body></body></html>");
    write("cut.warc", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 900\r\n\r\nHTTP/1.1 200 OK\r\n");
    write("damaged.parquet", b"PAR1, and what is no table of contents, PAR1");
    write("nothing.txt", b" \n\n ");
    write("binary.txt", b"Kenya\0\x01\x02");
    around("utf8.jsonl", b"{\"text\": \"caf\xe9\"}");
    around("json.jsonl", b"{\"text\": ");
    around("missing.jsonl", b"{\"headline\": \"x\"}");
    around("empty.jsonl", b"{\"text\": \"\"}");
    around("nul.jsonl", b"{\"text\": \"a\\u0000b\"}");
    around("long.jsonl", format!("{{\"text\": \"{}\"}}", "word ".repeat(210_000)).as_bytes());
    around("huge.jsonl", format!("{{\"text\": \"{}\"}}", "a".repeat(100 << 20)).as_bytes());
    std::os::unix::fs::symlink(folder.join("gone"), folder.join("unreadable.txt")).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(&[good("cut-0"), good("cut-1"), good("cut-2")].concat()).unwrap();
    let stored = encoder.finish().unwrap();
    write("truncated.jsonl.gz", &stored[..stored.len() - 30]);
}

#[test]
fn each_is_reported_and_the_good_articles_are_all_there() {
    let (input, output) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(input.path());
    let out = output.path().join("out.jsonl");
    let (status, stderr) = annotate(input.path(), &out, &[]);
    assert_eq!(status, Some(2), "{stderr}");

    let mut ids: Vec<String> = rows(&out).iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    let mut expected: Vec<String> = ["empty", "huge", "json", "long", "missing", "nul", "utf8"]
        .iter()
        .flat_map(|stem| [format!("{stem}-before"), format!("{stem}-behind")])
        .chain(["cut-0", "cut-1", "good", "quote-before"].map(str::to_owned))
        .collect();
    expected.sort();
    assert_eq!(ids, expected);

    let mut rejects: Vec<(String, u64, String)> = rows(&output.path().join("out.jsonl.rejects.jsonl"))
        .iter()
        .map(|row| {
            let file = Path::new(row["path"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
            let record = row["record"].as_u64().unwrap();
            assert!(row["message"].as_str().unwrap().contains(&format!("{file}, record {record}: ")), "{row}");
            (file, record, row["reason"].as_str().unwrap().to_owned())
        })
        .collect();
    rejects.sort();
    let expected = [
        ("binary.txt", 0, "nul_byte"),
        ("cut.warc", 0, "truncated"),
        ("damaged.parquet", 0, "corrupt"),
        ("empty.jsonl", 1, "empty_text"),
        ("huge.jsonl", 1, "record_too_large"),
        ("json.jsonl", 1, "invalid_json"),
        ("long.jsonl", 1, "too_long"),
        ("missing.jsonl", 1, "missing_text"),
        ("no-encoding.txt", 0, "nul_byte"),
        ("nothing.txt", 0, "empty_text"),
        ("nul.jsonl", 1, "nul_byte"),
        ("page.html", 0, "no_article"),
        ("quote.csv", 1, "record_too_large"),
        ("truncated.jsonl.gz", 2, "truncated"),
        ("unreadable.txt", 0, "unreadable"),
        ("utf8.jsonl", 1, "invalid_utf8"),
    ];
    assert_eq!(rejects, expected.map(|(file, record, reason)| (file.to_owned(), record, reason.to_owned())));
    assert!(stderr.contains("rejected: 6 more"), "the count is told: {stderr}");
}
