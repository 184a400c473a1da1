//! Archives of files: tar and zip, made by the libraries of these names, and spoilt by hand.

use std::io::{Cursor, Write};

use ::zip::CompressionMethod;
use ::zip::write::{SimpleFileOptions, ZipWriter};

use super::formats::parquet_of;
use super::{GOOD, gzip, options, outline, pieces, read};
use crate::source::*;

/// Members of all kinds, as name and content.
fn members() -> Vec<(&'static str, Vec<u8>)> {
    let rows = [vec![Some("row"), Some("Kenya won.")]];
    vec![
        ("z/wire.jsonl", format!("{GOOD}\n{GOOD}\n").into_bytes()),
        ("a/story.txt", b"Peru won.".to_vec()),
        ("a/table.csv.gz", gzip(b"id,text\nt,Chile won.\n")),
        ("picture.png", b"\x89PNG".to_vec()),
        (".hidden.txt", b"Peru won.".to_vec()),
        ("__MACOSX/._story.txt", b"Peru won.".to_vec()),
        ("./b/dump.parquet", parquet_of(&["id", "text"], &rows, 1)),
        ("inner.zip", zip_of(&[("a.txt", b"Peru won.".to_vec())], CompressionMethod::Stored)),
        ("last.txt", b"Peru won.".to_vec()),
    ]
}

const READ: [&str; 7] = ["good", "good", "story", "t", "row", "unreadable", "last"];

pub(super) fn tar_of(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut head = ::tar::Header::new_gnu();
        head.set_size(content.len() as u64);
        tar.append_data(&mut head, name, content.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

pub(super) fn zip_of(members: &[(&str, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The same zip as it is written to a pipe: sizes and sums stand behind the contents.
fn streamed_zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new_stream(Vec::new());
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn labels(records: &[Result<Article, Reject>]) -> Vec<&str> {
    let place = |record: &'_ Result<Article, Reject>| match record {
        Ok(article) => article.place.clone(),
        Err(reject) => reject.place.clone(),
    };
    records
        .iter()
        .map(|record| place(record).path.rsplit_once("!/").map_or("", |(_, name)| name.to_owned().leak()))
        .collect()
}

#[test]
fn an_archive_gives_the_articles_of_its_members() {
    let members = members();
    let tar = tar_of(&members);
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&tar).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(&tar).unwrap();
    let zstd = zstd::encode_all(tar.as_slice(), 1).unwrap();
    for (name, stored) in [
        ("a.tar", tar.clone()),
        ("a.tar.gz", gzip(&tar)),
        ("a.tgz", gzip(&tar)),
        ("a.tar.zst", zstd),
        ("a.tbz2", bzip2.finish().unwrap()),
        ("a.txz", xz.finish().unwrap()),
        ("a", tar),
        ("a.zip", zip_of(&members, CompressionMethod::Stored)),
        ("a.zip", zip_of(&members, CompressionMethod::Deflated)),
        ("a.zip", zip_of(&members, CompressionMethod::Bzip2)),
        ("a.zip", zip_of(&members, CompressionMethod::Zstd)),
        ("a.zip", streamed_zip(&members)),
        ("a.zip.gz", gzip(&zip_of(&members, CompressionMethod::Deflated))),
        ("a", [b"#!/bin/sh\n".as_slice(), &zip_of(&members, CompressionMethod::Deflated)].concat()),
    ] {
        // What stands before a zip leaves its name to tell what it is.
        let name = if stored.starts_with(b"#!") { "a.zip" } else { name };
        let records = read(name, &stored);
        assert_eq!(outline(&records), READ, "{name}: {records:?}");
        assert_eq!(
            labels(&records),
            ["z/wire.jsonl", "z/wire.jsonl", "a/story.txt", "a/table.csv.gz", "b/dump.parquet", "inner.zip", "last.txt"],
            "{name}"
        );
        let second = records[1].as_ref().unwrap();
        assert!(second.place.record == 1 && second.place.path.ends_with(&format!("/{name}!/z/wire.jsonl")), "{second:?}");
    }
}

#[test]
fn an_archive_without_articles_says_so() {
    for stored in [tar_of(&[]), tar_of(&[("a.png", vec![1])])] {
        assert_eq!(outline(&read("a.tar", &stored)), ["no_article"]);
    }
    for stored in [zip_of(&[], CompressionMethod::Stored), zip_of(&[("a.png", vec![1])], CompressionMethod::Stored)] {
        assert_eq!(outline(&read("a.zip", &stored)), ["no_article"]);
    }
    for name in ["a.tar", "a.zip"] {
        for bytes in [&b"Peru won."[..], &b"Peru won. ".repeat(100), b""] {
            let records = read(name, bytes);
            assert!(records.len() == 1 && records[0].is_err(), "{records:?}");
        }
    }
}

#[test]
fn the_format_that_the_user_names_is_that_of_the_members() {
    let members = [("a", GOOD.into()), ("b.txt", GOOD.into())];
    let (tar, zip) = (tar_of(&members), zip_of(&members, CompressionMethod::Deflated));
    for (stored, format) in [(&tar, "jsonl"), (&zip, "jsonl")] {
        let options = Options { format: Format::from_name(format), ..options() };
        let records: Vec<_> = Records::new(vec![Input::memory("dump", stored.clone())], options).collect();
        assert_eq!(outline(&records), ["good", "good"]);
    }
    // An archive that is named as one has members that tell their own.
    let options = Options { format: Format::from_name("tar"), ..options() };
    let records: Vec<_> = Records::new(vec![Input::memory("dump", tar)], options).collect();
    assert_eq!(outline(&records), ["b"]);
}

#[test]
fn a_cut_archive_gives_what_stands_before_the_cut() {
    let text = |number: usize| pieces(300, |word| format!("Peru {} ", word * number)).into_bytes();
    let members = [("a.txt", text(1)), ("b.txt", text(2)), ("c.txt", text(3))];
    let method = CompressionMethod::Deflated;
    for (name, stored) in
        [("a.tar", tar_of(&members)), ("a.zip", zip_of(&members, method)), ("a.zip", streamed_zip(&members))]
    {
        let options = Options { max_article_chars: 10_000, ..options() };
        let whole: Vec<_> = Records::new(vec![Input::memory(name, stored.clone())], options.clone()).collect();
        assert_eq!(outline(&whole), ["a", "b", "c"]);
        for cut in (1..stored.len() - 1).step_by(101) {
            // What follows the mark at the end of a tar archive is padding.
            let padding = name == "a.tar" && cut >= stored.len() - 512;
            let records: Vec<_> = Records::new(vec![Input::memory(name, stored[..cut].to_vec())], options.clone()).collect();
            let good = records.iter().take_while(|record| record.is_ok()).count();
            assert_eq!(records[..good], whole[..good], "{name} cut at {cut}");
            assert!(padding || records[good..].iter().all(Result::is_err) && records.len() > good, "{name} cut at {cut}");
            assert!(good > 0 || cut < stored.len() / 3 + 600, "{name} cut at {cut}: {records:?}");
        }
    }
}

#[test]
fn damage_costs_a_member_and_not_its_neighbours() {
    let members = [("a.txt", b"Peru won.".to_vec()), ("b.txt", b"Kenya won.".to_vec()), ("c.txt", b"Chile won.".to_vec())];
    let stored = zip_of(&members, CompressionMethod::Stored);
    let at = stored.windows(10).position(|window| window == b"Kenya won.").unwrap();
    let mut damaged = stored.clone();
    damaged[at] = b'k';
    assert_eq!(outline(&read("a.zip", &damaged)), ["a", "corrupt", "c"]);
    // Encryption is said in the directory alone here.
    let at = stored.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let mut locked = stored.clone();
    locked[at + 8] |= 1;
    let records = read("a.zip", &locked);
    assert_eq!(outline(&records), ["unreadable", "b", "c"]);
    assert!(records[0].as_ref().unwrap_err().message.contains("encrypted"), "{records:?}");
    let mut strange = stored;
    strange[at + 10] = 9;
    assert!(read("a.zip", &strange)[0].as_ref().is_err_and(|reject| reject.message.contains("method 9")));
}

#[test]
fn long_names_and_sizes_stand_in_heads_of_their_own() {
    let folder = "folder-of-a-long-name/".repeat(20);
    let name = format!("{folder}a.txt");
    let gnu = tar_of(&[(&name, b"Peru won.".to_vec()), ("b.txt", b"Peru won.".to_vec())]);
    let mut pax = ::tar::Builder::new(Vec::new());
    let mut head = ::tar::Header::new_ustar();
    head.set_entry_type(::tar::EntryType::XHeader);
    let fields = [("path", name.as_str()), ("size", "9"), ("comment", "a=b\nc")].map(|(key, value)| {
        let rest = key.len() + value.len() + 3;
        let length = (rest + 2..1000).find(|length| length.to_string().len() + rest == *length).unwrap();
        format!("{length} {key}={value}\n")
    });
    head.set_size(fields.concat().len() as u64);
    pax.append_data(&mut head, "pax", fields.concat().as_bytes()).unwrap();
    let mut head = ::tar::Header::new_ustar();
    head.set_size(9);
    pax.append_data(&mut head, "short.txt", &b"Peru won."[..]).unwrap();
    pax.append_data(&mut head, "b.txt", &b"Peru won."[..]).unwrap();
    for stored in [gnu, pax.into_inner().unwrap()] {
        let records = read("a.tar", &stored);
        assert_eq!(labels(&records), [name.as_str(), "b.txt"]);
        assert_eq!(outline(&records), ["a", "b"]);
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["a.txt", "a.txt"].iter().zip([1, 2]).map(|(name, number)| format!("{number}/{name}")) {
        zip.start_file(name, SimpleFileOptions::default().large_file(true)).unwrap();
        zip.write_all(b"Peru won.").unwrap();
    }
    assert_eq!(outline(&read("a.zip", &zip.finish().unwrap().into_inner())), ["a", "a"]);
}

#[test]
fn links_and_folders_in_a_tar_are_passed_over() {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (kind, name) in [
        (::tar::EntryType::Directory, "a.txt/"),
        (::tar::EntryType::Symlink, "link.txt"),
        (::tar::EntryType::Link, "hard.txt"),
        (::tar::EntryType::Fifo, "pipe.txt"),
        (::tar::EntryType::Char, "device.txt"),
    ] {
        let mut head = ::tar::Header::new_gnu();
        head.set_entry_type(kind);
        head.set_link_name("/etc/passwd").unwrap();
        // A size that a link has in vain.
        head.set_size(1 << 30);
        head.set_path(name).unwrap();
        head.set_cksum();
        tar.append(&head, std::io::empty()).unwrap();
    }
    let mut head = ::tar::Header::new_gnu();
    head.set_size(9);
    tar.append_data(&mut head, "good.txt", &b"Peru won."[..]).unwrap();
    assert_eq!(outline(&read("a.tar", &tar.into_inner().unwrap())), ["good"]);
}

#[test]
fn many_members_take_the_time_of_reading_them() {
    // What is not linear takes minutes.
    let names: Vec<String> = (0..100_000).map(|number| format!("{}/{number}.txt", number % 7)).collect();
    let members: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), b"Peru won.".to_vec())).collect();
    for stored in [tar_of(&members), zip_of(&members, CompressionMethod::Stored)] {
        let began = std::time::Instant::now();
        let records = Records::new(vec![Input::memory("a", stored)], options());
        assert_eq!(records.flatten().count(), 100_000);
        assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    }
}
