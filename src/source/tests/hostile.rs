//! Hostile input: each costs itself, one reject or nothing, and neither its neighbours nor the run; and none costs much time. What a
//! single format makes of its own damage stands with the format (`formats.rs`, `news.rs`, `archives.rs`).

use std::io::{Read as _, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::archives::{tar_of, zip_of};
use super::formats::{parquet_of, response, warc};
use super::{GOOD, gzip, options, outline, pieces};
use crate::source::*;

/// The most time of a case, of unoptimised code on a busy machine.
const TIME: Duration = Duration::from_secs(20);

/// What reading a folder gives, its first and last file left out, which are good.
fn folder(options: Options, fill: impl FnOnce(&Path)) -> Vec<Result<Article, Reject>> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["!first.txt", "~last.txt"] {
        std::fs::write(folder.path().join(name), "Kenya won.").unwrap();
    }
    fill(folder.path());
    let began = Instant::now();
    let inputs = discover(&[folder.path()], &[]).unwrap();
    let mut records: Vec<_> = Records::new(inputs, options).collect();
    assert!(began.elapsed() < TIME, "{:?}", began.elapsed());
    let (last, first) = (records.pop().unwrap(), records.remove(0));
    assert_eq!(outline(&[first, last]), ["!first", "~last"]);
    records
}

/// What one file gives.
fn file(name: &str, bytes: &[u8]) -> Vec<Result<Article, Reject>> {
    folder(options(), |folder| std::fs::write(folder.join(name), bytes).unwrap())
}

fn outlined(name: &str, bytes: &[u8]) -> Vec<String> {
    outline(&file(name, bytes)).into_iter().map(str::to_owned).collect()
}

// Compression.

#[test]
fn a_bomb_of_any_compression_is_given_up() {
    let zeros = || std::io::repeat(b'a').take(4 << 20);
    let line = [GOOD.as_bytes(), b"\n", &vec![b'a'; 4 << 20]].concat();
    let mut gzip = flate2::read::GzEncoder::new(zeros(), flate2::Compression::best());
    let mut bzip2 = bzip2::read::BzEncoder::new(zeros(), bzip2::Compression::best());
    let mut xz = liblzma::read::XzEncoder::new(zeros(), 6);
    let packed = |reader: &mut dyn std::io::Read| {
        let mut packed = Vec::new();
        reader.read_to_end(&mut packed).unwrap();
        packed
    };
    let packed = [
        ("a.txt.gz", packed(&mut gzip)),
        ("a.txt.bz2", packed(&mut bzip2)),
        ("a.txt.xz", packed(&mut xz)),
        ("a.txt.zst", zstd::encode_all(zeros(), 3).unwrap()),
        ("a.zip", zip_of(&[("a.txt", packed(&mut zeros()))], ::zip::CompressionMethod::Deflated)),
        ("a.tar.zst", zstd::encode_all(tar_of(&[("a.txt", packed(&mut zeros()))]).as_slice(), 3).unwrap()),
    ];
    let options =
        Options { unpacking: Unpacking { free: 1 << 20, ..Unpacking::default() }, max_article_chars: 1 << 20, ..options() };
    for (name, stored) in packed {
        let records = folder(options.clone(), |folder| std::fs::write(folder.join(name), &stored).unwrap());
        assert_eq!(outline(&records), ["bomb"], "{name}");
        let message = &records[0].as_ref().unwrap_err().message;
        assert!(message.contains(" : 1;"), "{message}");
    }
    // What stands before is read.
    let stored = zstd::encode_all(line.as_slice(), 3).unwrap();
    let records = folder(options, |folder| std::fs::write(folder.join("a.jsonl.zst"), stored).unwrap());
    assert_eq!(outline(&records), ["good", "bomb"]);
}

#[test]
fn a_bomb_is_given_up_at_the_limits_that_go_for_all() {
    let stored = zstd::encode_all(std::io::repeat(b'a').take(80 << 20), 3).unwrap();
    assert!(stored.len() < 10_000);
    assert_eq!(outlined("a.jsonl.zst", &stored), ["bomb"]);
    // What unpacks to that much with a ratio of 100 is no bomb.
    let mut state = 1_u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{state:x} ")
    };
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    for _ in 0..1100 {
        let piece: String = (0..20).map(|_| word()).collect();
        encoder.write_all(piece.as_bytes()).unwrap();
        encoder.write_all(&vec![b'a'; 1 << 16]).unwrap();
    }
    let stored = encoder.finish().unwrap();
    assert_eq!(outlined("a.jsonl.zst", &stored), ["record_too_large"]);
    // The other limit is one of bytes.
    let unpacking = Unpacking { bytes: 1000, ..Unpacking::default() };
    let text = pieces(2000, |number| format!("{number} "));
    let records = folder(Options { unpacking, ..options() }, |folder| {
        std::fs::write(folder.join("a.txt.gz"), gzip(text.as_bytes())).unwrap();
        std::fs::write(folder.join("b.txt"), "Peru won. ".repeat(90)).unwrap();
    });
    assert_eq!(outline(&records), ["bomb", "b"]);
}

#[test]
fn a_decoder_that_wants_much_memory_gets_none() {
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    zstd.window_log(30).unwrap();
    // Of one piece the size would be told, and the window be no larger.
    zstd.write_all(b"Peru ").unwrap();
    zstd.flush().unwrap();
    zstd.write_all(b"won.").unwrap();
    let mut options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    // Making it takes as much; so the dictionary is small, and the head is made to say that it is not.
    options.dict_size(1 << 16);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options);
    let stream = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc32).unwrap();
    let mut xz = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    xz.write_all(b"Peru won.").unwrap();
    let mut xz = xz.finish().unwrap();
    // The head of the block stands behind 12 bytes: size, flags, filter, size of its field, dictionary, padding, sum.
    assert_eq!(xz[14..16], [0x21, 1]);
    xz[16] = 36;
    let mut sum = flate2::Crc::new();
    sum.update(&xz[12..20]);
    xz[20..24].copy_from_slice(&sum.sum().to_le_bytes());
    for (name, stored) in [("a.txt.zst", zstd.finish().unwrap()), ("a.txt.xz", xz)] {
        let records = file(name, &stored);
        assert_eq!(outline(&records), ["unreadable"], "{name}: {records:?}");
        assert!(records[0].as_ref().unwrap_err().message.contains("128 MiB"), "{records:?}");
    }
}

#[test]
fn what_is_compressed_twice_is_unpacked_once_and_empty_members_not_at_all() {
    let records = file("a.txt.gz", &gzip(&gzip(b"Peru won.")));
    assert!(records.len() == 1 && records[0].as_ref().is_err_and(|reject| reject.message.contains("compressed twice")));
    let stored = [gzip(b"").repeat(10_000), gzip(GOOD.as_bytes()), gzip(b"").repeat(10_000)].concat();
    assert_eq!(outlined("a.jsonl.gz", &stored), ["good"]);
}

// Archives.

#[test]
fn members_that_share_their_bytes_are_a_bomb() {
    let text = pieces(200, |number| format!("{number} "));
    let stored = zip_of(&[("a.txt", text.into())], ::zip::CompressionMethod::Deflated);
    let central = stored.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let end = stored.windows(4).position(|window| window == b"PK\x05\x06").unwrap();
    let entries = stored[central..end].repeat(1000);
    let mut tail = stored[end..].to_vec();
    tail[12..16].copy_from_slice(&(entries.len() as u32).to_le_bytes());
    let bomb = [&stored[..central], &entries, &tail].concat();
    let records = file("a.zip", &bomb);
    let good = records.iter().flatten().count();
    assert!(records.len() == 1000 && good > 0 && good <= bomb.len() / (central - 40), "{good}");
    assert!(records.iter().skip(good).all(|record| record.as_ref().is_err_and(|reject| reject.reason == Reason::Bomb)));
}

#[test]
fn sizes_that_a_zip_claims_are_not_believed() {
    let stored =
        zip_of(&[("a.txt", b"Peru won.".to_vec()), ("b.txt", b"Peru won.".to_vec())], ::zip::CompressionMethod::Deflated);
    let central = stored.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let end = stored.windows(4).position(|window| window == b"PK\x05\x06").unwrap();
    let claims: [(usize, &[u8], &[&str]); 7] = [
        (central + 24, &[0xfe, 0xff, 0xff, 0xff], &["corrupt", "b"]),
        (central + 20, &[0xfe, 0xff, 0xff, 0xff], &["a", "bomb"]),
        (central + 42, &[0xfe, 0xff, 0xff, 0xff], &["truncated", "b"]),
        // What is no directory is not searched for.
        (central, b"XXXX", &["corrupt"]),
        // A directory beyond the end: the members are found without it.
        (end + 16, &[0xfe, 0xff, 0xff, 0xff], &["a", "b", "truncated"]),
        (end + 12, &[0xfe, 0xff, 0xff, 0xff], &["a", "b", "truncated"]),
        (end + 8, &[0xff, 0xff, 0xff, 0xff], &["a", "b"]),
    ];
    for (at, claim, expected) in claims {
        let mut lying = stored.clone();
        lying[at..at + claim.len()].copy_from_slice(claim);
        assert_eq!(outlined("a.zip", &lying), expected, "byte {at}");
    }
}

#[test]
fn a_name_in_an_archive_is_a_label_and_no_place() {
    let names: [(&[u8], &str); 6] = [
        (b"../../etc/passwd.txt", "../../etc/passwd.txt"),
        (b"/etc/passwd.txt", "/etc/passwd.txt"),
        (b"C:\\a.txt", "C:\\a.txt"),
        (b"a\x1b[2J\n.txt", "a\\x1B[2J\\x0A.txt"),
        (b"caf\xe9.txt", "caf\\xE9.txt"),
        (b"\xc2\x9b.txt", "\\u{9B}.txt"),
    ];
    for (name, label) in names {
        let mut head = ::tar::Header::new_gnu();
        head.as_mut_bytes()[..name.len()].copy_from_slice(name);
        head.set_size(9);
        head.set_cksum();
        let mut tar = ::tar::Builder::new(Vec::new());
        tar.append(&head, &b"Peru won."[..]).unwrap();
        // A name of as many bytes is put in place of another.
        let stand_in = "n".repeat(name.len() - 4) + ".txt";
        let mut zip = zip_of(&[(&stand_in, b"Peru won.".to_vec())], ::zip::CompressionMethod::Stored);
        while let Some(at) = zip.windows(name.len()).position(|window| window == stand_in.as_bytes()) {
            zip[at..at + name.len()].copy_from_slice(name);
        }
        for (archive, stored) in [("a.tar", tar.into_inner().unwrap()), ("a.zip", zip)] {
            let article = file(archive, &stored).remove(0).unwrap();
            assert!(article.place.path.ends_with(&format!("/{archive}!/{label}")), "{}", article.place.path);
            assert_eq!(article.body, "Peru won.");
        }
    }
}

#[test]
fn sizes_that_a_tar_claims_are_not_believed() {
    let good = tar_of(&[("a.txt", b"Peru won.".to_vec())]);
    let sizes: [(&[u8], &str); 6] = [
        (b"37777777777\0", "truncated"),
        // In base 256: the most, a negative one, and one that fits.
        (b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "corrupt"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "corrupt"),
        (b"\x80\0\0\0\x3f\xff\xff\xff\xff\xff\xff\xff", "truncated"),
        (b"-1\0\0\0\0\0\0\0\0\0\0", "corrupt"),
        (b"nine\0\0\0\0\0\0\0\0", "corrupt"),
    ];
    for kind in [b'0', b'L', b'x', b'K', b'g', b'S', b'V', 0] {
        for (size, reason) in sizes {
            let mut head = ::tar::Header::new_gnu();
            head.set_path("b.txt").unwrap();
            head.as_mut_bytes()[124..136].copy_from_slice(size);
            head.as_mut_bytes()[156] = kind;
            head.set_cksum();
            let stored = [&good[..1024], head.as_bytes()].concat();
            let mut expected = vec!["a"];
            // Of one with holes it is told that it is not read, besides.
            expected.extend((kind == b'S' && reason != "corrupt").then_some("unreadable"));
            expected.push(reason);
            assert_eq!(outlined("a.tar", &stored), expected, "{kind} {size:?}");
        }
    }
}

// Folders.

#[cfg(unix)]
#[test]
fn a_folder_of_links_pipes_and_strange_names() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("outside.txt"), "Peru won.").unwrap();
    let records = folder(options(), |folder| {
        let at = |name: &[u8]| folder.join(std::ffi::OsStr::from_bytes(name));
        std::fs::create_dir(at(b"a")).unwrap();
        symlink(folder, at(b"a/loop")).unwrap();
        symlink(at(b"a/self"), at(b"a/self")).unwrap();
        symlink(outside.path().join("outside.txt"), at(b"b.txt")).unwrap();
        symlink("nowhere", at(b"c.txt")).unwrap();
        symlink("/dev/zero", at(b"d.txt")).unwrap();
        std::os::unix::net::UnixListener::bind(at(b"e.txt")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at(b"f.txt")).status().unwrap().success());
        std::fs::write(at(b"g\xe9.txt"), "Peru won.").unwrap();
        std::fs::write(at(b"h\n.txt"), "Peru won.").unwrap();
        std::fs::create_dir(at(b"i.txt")).unwrap();
    });
    assert_eq!(outline(&records), ["b", "unreadable", "g\\xE9", "h\\x0A"], "{records:?}");
}

#[test]
fn a_file_may_go_or_shrink_under_the_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = |number: usize| pieces(40_000, |word| format!("{} ", word ^ number));
    let members: Vec<(String, Vec<u8>)> = (0..9).map(|number| (format!("{number}.txt"), text(number).into())).collect();
    let members: Vec<(&str, Vec<u8>)> = members.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    std::fs::write(path("a.tar"), tar_of(&members)).unwrap();
    std::fs::write(path("b.zip"), zip_of(&members, ::zip::CompressionMethod::Stored)).unwrap();
    std::fs::write(path("c.jsonl"), format!("{GOOD}\n").repeat(10_000)).unwrap();
    for name in ["d.txt", "e.parquet", "f.zip", "g.txt"] {
        std::fs::write(path(name), "Kenya won.").unwrap();
    }
    let options = Options { max_article_chars: 1_000_000, ..options() };
    let mut records = Records::new(discover(&[folder.path()], &[]).unwrap(), options);
    let mut outlined = Vec::new();
    // Each is opened and read from before it shrinks.
    for name in ["a.tar", "b.zip", "c.jsonl"] {
        let at_hand = |record: &Result<Article, Reject>| match record {
            Ok(article) => article.place.path.contains(name),
            Err(reject) => reject.place.path.contains(name),
        };
        while !outlined.last().is_some_and(at_hand) {
            outlined.push(records.next().unwrap());
        }
        assert!(outlined.last().unwrap().is_ok());
        std::fs::OpenOptions::new().write(true).open(path(name)).unwrap().set_len(1000).unwrap();
    }
    for name in ["d.txt", "e.parquet", "f.zip"] {
        std::fs::remove_file(path(name)).unwrap();
    }
    outlined.extend(records);
    let mut reasons = outline(&outlined);
    assert_eq!(reasons.pop(), Some("g"));
    reasons.retain(|reason| *reason != "good" && *reason != "0" && *reason != "1");
    assert_eq!(reasons[reasons.len() - 3..], ["unreadable"; 3]);
    assert!(reasons.contains(&"truncated"), "{reasons:?}");
}

#[test]
fn a_thousand_files_come_in_the_same_order() {
    let records = folder(options(), |folder| {
        for number in (0..1000).map(|number| number * 7919 % 1000) {
            std::fs::write(folder.join(format!("{number:03}.txt")), "Peru won.").unwrap();
        }
    });
    let expected: Vec<String> = (0..1000).map(|number| format!("{number:03}")).collect();
    assert_eq!(outline(&records), expected);
}

#[test]
fn a_file_of_no_bytes_costs_nothing() {
    for (_, name, extensions) in Format::NAMES {
        for extension in extensions {
            let records = file(&format!("a.{extension}"), b"");
            assert!(records.len() <= 1 && records.iter().all(Result::is_err), "{name}: {records:?}");
        }
    }
}

// Text.

#[test]
fn charset_tricks_give_no_text_that_is_not_there() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases: [(&str, &[u8], &str); 6] = [
        // Without a mark UTF-16 is not told; NULs are what is seen of it.
        ("a.txt", &wide("Peru won."), "nul_byte"),
        ("a.jsonl", &wide(GOOD), "invalid_json"),
        // A slash of two bytes and of three.
        ("a.jsonl", b"{\"text\":\"\xc0\xaf\"}", "invalid_utf8"),
        ("a.jsonl", b"{\"text\":\"\xe0\x80\xaf\"}", "invalid_utf8"),
        // Half of a surrogate pair.
        ("a.jsonl", b"{\"text\":\"\xed\xa0\x80\"}", "invalid_utf8"),
        ("a.csv", b"text\nPeru\0won\n", "nul_byte"),
    ];
    for (name, bytes, reason) in cases {
        assert_eq!(outlined(name, bytes), [reason], "{bytes:?}");
    }
    for bytes in [&b"Peru \xc0\xaf won."[..], b"Peru \xe0\x80\xaf won."] {
        assert!(file("a.txt", bytes).into_iter().flatten().all(|article| !article.body.contains('/')));
    }
    // UTF-7 is plain ASCII to all others, and stays what it is.
    let article = file("a.txt", b"Peru +ADw-script+AD4- won.").remove(0).unwrap();
    assert_eq!(article.body, "Peru +ADw-script+AD4- won.");
}

#[test]
fn a_gigantic_line_is_not_held() {
    let unpacking = Unpacking { ratio: u64::MAX, ..Unpacking::default() };
    let line = std::io::repeat(b'a').take(200 << 20).chain(&b"\n"[..]).chain(GOOD.as_bytes());
    let stored = zstd::encode_all(line, 1).unwrap();
    let records = folder(Options { unpacking, ..options() }, |folder| {
        std::fs::write(folder.join("a.jsonl.zst"), stored).unwrap();
    });
    assert_eq!(outline(&records), ["record_too_large", "good"]);
}

// JSON, tables, XML, pages.

#[test]
fn deep_json_is_no_recursion() {
    let deep = |open: &str, close: &str| open.repeat(400_000) + &close.repeat(400_000);
    for deep in [deep("[", "]"), deep("{\"a\":", "}").replace(":}", ":0}"), "[".repeat(1_000_000)] {
        let closed = deep.ends_with(']') || deep.ends_with('}');
        let other = format!("{{\"id\":\"x\",\"text\":\"Peru won.\",\"other\":{deep}}}");
        let ours = format!("{{\"id\":\"x\",\"text\":{deep}}}");
        let expected = if closed { ["x", "missing_text"] } else { ["invalid_json", "invalid_json"] };
        let options = Options { max_article_chars: 1_000_000, ..options() };
        let records = folder(options, |folder| {
            std::fs::write(folder.join("a.jsonl"), format!("{other}\n{ours}\n{GOOD}\n")).unwrap();
            std::fs::write(folder.join("b.json"), format!("[{GOOD},{deep},{GOOD}]")).unwrap();
            std::fs::write(folder.join("c.json"), &deep).unwrap();
        });
        let outline = outline(&records);
        assert_eq!(outline[..2], expected);
        assert_eq!(outline[2], "good");
        // As a record and as a file, the deep value is no record but, in braces, an object without text.
        let what = if deep.starts_with('{') { "missing_text" } else { "invalid_json" };
        let rest = if closed { &["good", what, "good", what][..] } else { &["invalid_json"; 2] };
        assert_eq!(outline[3..], *rest);
    }
}

#[test]
fn an_array_of_very_many_records_takes_the_time_of_reading_it() {
    let all = format!("[{}{GOOD}]", "0,".repeat(100_000));
    let outlined = outlined("a.json", all.as_bytes());
    assert!(outlined.len() == 100_001 && outlined[100_000] == "good" && outlined[0] == "invalid_json");
}

#[test]
fn a_table_of_very_many_columns() {
    let names = pieces(100_000, |number| format!("c{number},"));
    let table = format!("{names}text\n{}Peru won.\n{}", ",".repeat(100_000), "x\n".repeat(20_000));
    let outlined = outlined("a.csv", table.as_bytes());
    assert!(outlined.len() == 20_001 && outlined[0] == "a:0" && outlined[1] == "missing_text", "{:?}", &outlined[..2]);
    assert!(file("a.csv", format!("{names}text").as_bytes()).is_empty());
    assert_eq!(self::outlined("a.csv", &b"\0".repeat(100_000)), [""; 0]);
}

#[test]
fn entities_do_not_grow_or_reach_out() {
    let laughs = pieces(9, |level| format!("<!ENTITY l{} \"{}\">", level + 1, format!("&l{level};").repeat(10)));
    let rss = |dtd: &str, text: &str| {
        format!(
            "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY l0 \"lol\">{dtd}]><rss><channel><item><title>{text}</title><description>Peru {text} won.</description></item></channel></rss>"
        )
    };
    for document in [
        rss(&laughs, "&l9;"),
        rss("<!ENTITY out SYSTEM \"file:///etc/passwd\">", "&out;"),
        rss("<!ENTITY % out SYSTEM \"file:///etc/passwd\">%out;", "&out;"),
        rss(&laughs, &"&l9;".repeat(10_000)),
    ] {
        let article = file("a.xml", document.as_bytes()).remove(0).unwrap();
        assert_eq!(article.body.split_whitespace().collect::<Vec<_>>(), ["Peru", "won."]);
        assert!(article.title.unwrap_or_default().trim().is_empty());
    }
}

#[test]
fn deep_xml_and_deep_pages() {
    for depth in [10_000, 200_000] {
        assert_eq!(outlined("a.xml", "<item>".repeat(depth).as_bytes()), ["invalid_xml"]);
        assert_eq!(outlined("a.html", ("<html>".to_owned() + &"<b>".repeat(depth)).as_bytes()), ["no_article"]);
    }
    let encoded = format!("<rss><item><description>{}</description></item></rss>", "&lt;b&gt;".repeat(100_000));
    assert_eq!(outlined("a.rss", encoded.as_bytes()), ["empty_text"]);
    let many = format!("<html><body>{}</body></html>", "<p>Peru won.</p>".repeat(60_000));
    assert_eq!(outlined("a.html", many.as_bytes()), ["no_article"]);
    let attributes = pieces(20_000, |number| format!(" a{number}=x"));
    let page = format!("<html><body{attributes}>");
    assert_eq!(outlined("a.html", page.as_bytes()).len(), 1);
}

// Web archives and Parquet.

#[test]
fn lengths_that_a_web_archive_claims_are_not_believed() {
    let good = warc("response", "a", &response("200 OK", "Content-Type: text/html\r\n", b"<html><p>Peru won."));
    for (length, reason) in [
        ("Content-Length: 18446744073709551615\r\n", "truncated"),
        ("Content-Length: 18446744073709551616\r\n", "corrupt"),
        ("Content-Length: -1\r\n", "corrupt"),
        ("Content-Length: 0x10\r\n", "corrupt"),
        ("", "corrupt"),
        ("Content-Length: 1000\r\n", "truncated"),
    ] {
        for kind in ["response", "warcinfo"] {
            let bad = format!("WARC/1.0\r\nWARC-Type: {kind}\r\n{length}\r\nHTTP/1.1 200 OK\r\n\r\n");
            let outlined = outlined("a.warc", &[&good, bad.as_bytes()].concat());
            assert_eq!(outlined.last().map(String::as_str), Some(reason), "{length}");
            assert_eq!(outlined.len(), 2);
        }
    }
    // A page that unpacks to more than is held.
    let page = gzip(&vec![b'a'; 8 << 20]);
    let coded = response("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", &page);
    let outlined = outlined("a.warc", &[warc("response", "b", &coded), good].concat());
    assert_eq!(outlined[0], "record_too_large");
    assert_eq!(outlined.len(), 2);
}

#[test]
fn a_parquet_footer_that_lies() {
    let rows = vec![vec![Some("a"), Some("Peru won.")]; 5000];
    let stored = parquet_of(&["id", "text"], &rows, 5000);
    let footer =
        stored.len() - 8 - u32::from_le_bytes(stored[stored.len() - 8..stored.len() - 4].try_into().unwrap()) as usize;
    // 5,000 as the file writes numbers, and the most that it can write.
    let (number, most) = ([0x90, 0x4e], [&[0xfe][..], &[0xff; 8], &[1]].concat());
    let places: Vec<usize> = (footer..stored.len() - 9).filter(|at| stored[*at..*at + 2] == number).collect();
    assert!(places.len() >= 3, "{places:?}");
    for at in places {
        let mut lying = [&stored[..at], &most, &stored[at + 2..stored.len() - 8]].concat();
        let length = (lying.len() - footer) as u32;
        lying.extend_from_slice(&length.to_le_bytes());
        lying.extend_from_slice(b"PAR1");
        assert!(file("a.parquet", &lying).len() <= 5001, "byte {at}");
    }
    for length in [0, 1, 1 << 20, u32::MAX] {
        let mut lying = stored.clone();
        let at = lying.len() - 8;
        lying[at..at + 4].copy_from_slice(&length.to_le_bytes());
        assert_eq!(outlined("a.parquet", &lying), ["corrupt"], "{length}");
    }
}
