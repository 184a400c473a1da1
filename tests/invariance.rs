//! An annotation depends on its article alone.

use crate::support::{annotate, articles, rows};

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |threads: &str| {
        let out = folder.path().join(format!("{threads}.jsonl"));
        assert_eq!(annotate(&articles(), &out, &["--threads", threads]).0, Some(0));
        std::fs::read(out).unwrap()
    };
    let one = bytes("1");
    assert!(one.len() > 10_000);
    assert_eq!(one, bytes("2"));
    assert_eq!(one, bytes("8"));
}

#[test]
fn an_article_alone_says_what_it_says_among_others() {
    let folder = tempfile::tempdir().unwrap();
    let (all, alone) = (folder.path().join("all.jsonl"), folder.path().join("alone.jsonl"));
    annotate(&articles(), &all, &[]);
    annotate(&articles().join("kenya-finance-bill.txt"), &alone, &[]);
    let alone = rows(&alone).remove(0);
    assert!(rows(&all).contains(&alone));
}

#[test]
fn compressed_input_and_output_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = (folder.path().join("plain.jsonl"), folder.path().join("packed.jsonl.zst"));
    let wire = articles().join("wire.jsonl");
    let input = folder.path().join("wire.jsonl.zst");
    std::fs::write(&input, zstd::encode_all(&std::fs::read(&wire).unwrap()[..], 3).unwrap()).unwrap();
    annotate(&wire, &plain, &[]);
    annotate(&input, &packed, &[]);
    let unpacked = String::from_utf8(zstd::decode_all(std::fs::File::open(&packed).unwrap()).unwrap()).unwrap();
    let plain = std::fs::read_to_string(&plain).unwrap();
    assert_eq!(unpacked.replace(&input.display().to_string(), &wire.display().to_string()), plain);
}
