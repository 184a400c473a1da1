//! The formats of archives: tables, pages, web archives, Parquet; encodings and compressions.

use std::io::Write;
use std::sync::Arc;

use super::{GOOD, gzip, options, outline, read};
use crate::source::*;

#[test]
fn every_compression_is_told_by_its_first_bytes() {
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(GOOD.as_bytes()).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(GOOD.as_bytes()).unwrap();
    let (bzip2, xz) = (bzip2.finish().unwrap(), xz.finish().unwrap());
    for (name, stored) in [("wire.jsonl.bz2", &bzip2), ("wire.jsonl.xz", &xz), ("wire.jsonl", &xz)] {
        assert_eq!(outline(&read(name, stored)), ["good"], "{name}");
        let cut = read(name, &stored[..stored.len() - 12]);
        assert!(cut.last().unwrap().as_ref().is_err_and(|reject| reject.reason == Reason::Truncated), "{name}: {cut:?}");
    }
    // Two archives one behind the other are one.
    for (name, stored) in [("a.txt.bz2", bzip2), ("a.txt.xz", xz)] {
        let twice = read(name, &[stored.clone(), stored].concat()).remove(0).unwrap();
        assert_eq!(twice.body, GOOD.repeat(2), "{name}");
    }
    assert_eq!(read("a.txt", b"BZhou is a river.").remove(0).unwrap().body, "BZhou is a river.");
}

#[test]
fn tables_are_read_by_the_names_of_their_columns() {
    let comma =
        "id,Title,text\n1,First,\"Kenya, she said,\nwon.\"\n2,,Peru won.\n3,Short\n4,T,\"a \"\"quoted\"\" word\",more\n";
    let records = read("a.csv", comma.as_bytes());
    assert_eq!(outline(&records), ["1", "2", "missing_text", "4"]);
    let first = records[0].as_ref().unwrap();
    assert_eq!((first.title.as_deref(), first.body.as_str()), (Some("First"), "Kenya, she said,\nwon."));
    assert_eq!(
        (records[1].as_ref().unwrap().title.clone(), records[3].as_ref().unwrap().body.as_str()),
        (None, "a \"quoted\" word")
    );
    for (name, table) in [
        ("a.tsv", "text\turl\nKenya won.\thttp://a\n".as_bytes()),
        ("a.csv", b"\xef\xbb\xbf\"text\";\"a, b, c\"\r\nKenya won.;x\r\n"),
        ("a.csv", b"text|outlet\nKenya won.|AP"),
    ] {
        assert_eq!(read(name, table).remove(0).unwrap().body, "Kenya won.", "{name}");
    }
    let latin = read("a.csv", b"text,outlet\nCaf\xe9 owners won in Bogot\xe1.,El Pa\xeds\n").remove(0).unwrap();
    assert_eq!((latin.body.as_str(), latin.outlet.as_deref()), ("Café owners won in Bogotá.", Some("El País")));
    assert_eq!(outline(&read("a.csv", b"headline\nx\n")), ["missing_text"]);
    assert!(read("a.csv", b"").is_empty() && read("a.csv", b"text\n").is_empty());
    // A quote that is never closed is no reason to hold the whole file.
    let open = format!("id,text\n1,Kenya won.\n2,\"{}", "word ".repeat(1 << 20));
    assert_eq!(outline(&read("a.csv", open.as_bytes())), ["1", "record_too_large"]);
}

const PAGE: &str = r#"<!DOCTYPE html><html lang="en"><head><title>Peru wins the vote - The Daily Andes</title>
<meta property="og:site_name" content="The Daily Andes"><meta property="article:published_time" content="2026-03-01T10:00:00Z">
<link rel="canonical" href="https://andes.example/peru"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<div id="cookie-banner">We use cookies to make this site better. Accept all cookies.</div>
<article><h1>Peru wins the vote</h1><p>Peru won the vote on Monday after a long debate in Lima, in which ministers spoke
for hours about the treaty with Chile and the border in the north of the country.</p>
<p>Chile said that it would respect the outcome, although its foreign minister had warned for weeks that the treaty was
&ldquo;a mistake&rdquo; that both countries would come to regret, as he put it to reporters in Santiago.</p>
<p>Observers from Brazil praised the calm of the debate, and called the outcome a good day for the region as a whole.</p></article>
<aside><h3>Related</h3><a href="/a">Ten things to do in Cusco</a></aside><footer>Copyright</footer></body></html>"#;

#[test]
fn a_saved_page_gives_its_article() {
    for name in ["peru.html", "peru.htm.gz", "peru"] {
        let stored = if name.ends_with("gz") { gzip(PAGE.as_bytes()) } else { PAGE.as_bytes().to_vec() };
        let article = read(name, &stored).remove(0).unwrap();
        assert_eq!((article.id.as_str(), article.outlet.as_deref()), ("peru", Some("The Daily Andes")));
        assert_eq!(article.published.as_deref(), Some("2026-03-01T10:00:00Z"));
        assert!(article.title.unwrap().starts_with("Peru wins the vote"));
        assert!(
            article.body.starts_with("Peru won the vote on Monday") && article.body.contains("“a mistake”"),
            "{}",
            article.body
        );
        assert!(
            ["cookies", "Cusco", "Sport", "Copyright"].iter().all(|menu| !article.body.contains(menu)),
            "{}",
            article.body
        );
        assert!(article.body.contains("country.\n\nChile said"), "paragraphs are parted: {}", article.body);
    }
    let latin = PAGE.replace("<html", "<meta charset=iso-8859-1><html").replace("Brazil", "Perú");
    let bytes = encoding_rs::WINDOWS_1252.encode(&latin).0.into_owned();
    assert!(read("a.html", &bytes).remove(0).unwrap().body.contains("Perú"));
    assert_eq!(outline(&read("a.html", b"<html><body></body></html>")), ["no_article"]);
    let deep = format!("<html><body>{}Kenya won.", "<div>".repeat(200_000));
    assert_eq!(outline(&read("a.html", deep.as_bytes())), ["no_article"]);
}

/// One record of a web archive.
pub(super) fn warc(kind: &str, url: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{url}>\r\nWARC-Target-URI: https://{url}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

pub(super) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\n{headers}\r\n").as_bytes(), body].concat()
}

#[test]
fn a_web_archive_gives_its_pages() {
    let html = "Content-Type: text/html; charset=utf-8\r\n";
    let (head, tail) = PAGE.as_bytes().split_at(1000);
    let chunked = [
        format!("{:x}\r\n", head.len()).as_bytes(),
        head,
        format!("\r\n{:X};x=y\r\n", tail.len()).as_bytes(),
        tail,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let records = [
        warc("warcinfo", "info", b"software: x"),
        warc("response", "a.example/1", &response("200 OK", html, PAGE.as_bytes())),
        warc("request", "a.example/1", b"GET / HTTP/1.1\r\n\r\n"),
        warc("response", "a.example/2", &response("404 Not Found", html, PAGE.as_bytes())),
        warc("response", "a.example/3", &response("200 OK", "Content-Type: image/png\r\n", b"\x89PNG")),
        warc(
            "response",
            "a.example/4",
            &response("200 OK", &format!("{html}Content-Encoding: gzip\r\n"), &gzip(PAGE.as_bytes())),
        ),
        warc("response", "a.example/5", &response("200 OK", &format!("{html}Transfer-Encoding: chunked\r\n"), &chunked)),
        // What a crawler has unpacked still has the headers of before.
        warc(
            "response",
            "a.example/6",
            &response("200 OK", &format!("{html}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), PAGE.as_bytes()),
        ),
        warc("response", "a.example/7", b"no http"),
        warc("response", "a.example/8", &response("200 OK", html, &vec![b'a'; 3 << 20])),
        warc("response", "a.example/9", &response("200 OK", html, PAGE.as_bytes())),
    ];
    let expected = ["1", "4", "5", "6"].map(|page| format!("urn:uuid:a.example/{page}"));
    let expected: Vec<&str> =
        expected.iter().map(String::as_str).chain(["corrupt", "record_too_large", "urn:uuid:a.example/9"]).collect();
    let packed: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    for (name, stored) in [("news.warc", records.concat()), ("news.warc.gz", packed), ("news", records.concat())] {
        let read = read(name, &stored);
        assert_eq!(outline(&read), expected, "{name}");
        let first = read[0].as_ref().unwrap();
        assert_eq!((first.place.record, first.url.as_deref()), (1, Some("https://a.example/1")));
        assert!(read.iter().flatten().all(|article| article.body.starts_with("Peru won")));
    }
}

#[test]
fn offsets_lead_back_to_the_record() {
    let html = "Content-Type: text/html\r\n";
    let page = |number: usize| response("200 OK", html, PAGE.replace("Lima", &"Lima ".repeat(number % 100)).as_bytes());
    let records: Vec<_> = (0..200)
        .flat_map(|number| [warc("metadata", "m", b"x"), warc("response", &number.to_string(), &page(number))])
        .collect();
    // Empty members begin no record.
    let packed: Vec<u8> = records.iter().flat_map(|record| [gzip(record), gzip(b"")].concat()).collect();
    let at_once = gzip(&records.concat());
    let options = || Options { max_article_chars: 10_000, ..options() };
    for (stored, packing) in [(&records.concat(), "none"), (&packed, "each"), (&at_once, "once")] {
        let articles: Vec<_> = Records::new(vec![Input::memory("a.warc", stored.clone())], options()).flatten().collect();
        assert_eq!(articles.len(), 200);
        for article in articles {
            let Some(offset) = article.place.offset else {
                assert_eq!(packing, "once");
                continue;
            };
            let from = &stored[offset as usize..];
            let mut unpacked = Vec::new();
            let head = if packing == "none" {
                from
            } else {
                std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(from), &mut unpacked).unwrap();
                &unpacked
            };
            let id = format!("WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <{}>", article.id);
            assert!(head.starts_with(id.as_bytes()), "{packing}: {}", article.id);
        }
    }
    let long = format!("{{\"text\":\"{}\"}}", "a".repeat(3 << 20));
    let lines = format!("\u{feff}{GOOD}\r\n\n{long}\n{{\n{GOOD}");
    for stored in [lines.clone().into_bytes(), gzip(lines.as_bytes())] {
        for name in ["a.jsonl", "a.json"] {
            let records = read(name, &stored);
            let places = records.iter().map(|record| match record {
                Ok(article) => &article.place,
                Err(reject) => &reject.place,
            });
            let offsets: Vec<u64> = places.filter_map(|place| place.offset).collect();
            let expected = [0, GOOD.len() + 6, GOOD.len() + 7 + long.len(), lines.len() - GOOD.len()];
            assert_eq!(offsets, expected.map(|offset| offset as u64), "{name}");
        }
    }
}

#[test]
fn a_web_archive_that_lies_is_given_up() {
    let good = warc("response", "a", &response("200 OK", "Content-Type: text/html\r\n", PAGE.as_bytes()));
    for (bad, reason) in [
        (b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999\r\n\r\nHTTP".to_vec(), "truncated"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n".to_vec(), "corrupt"),
        (b"WARC/1.0\r\nContent-Length: -4\r\n\r\n".to_vec(), "corrupt"),
        (b"something else\r\n".to_vec(), "corrupt"),
        ([b"WARC/1.0\r\nX: ".as_slice(), &vec![b'a'; 1 << 20]].concat(), "corrupt"),
        (b"WARC/1.0\r\n".repeat(1000), "corrupt"),
        (b"WARC/1.0\r\nWARC-Type: response".to_vec(), "corrupt"),
        (good[..good.len() / 2].to_vec(), "truncated"),
    ] {
        assert_eq!(outline(&read("a.warc", &[good.clone(), bad].concat())), ["urn:uuid:a", reason]);
    }
}

/// A Parquet file of text columns, some rows a group.
pub(super) fn parquet_of(columns: &[&str], rows: &[Vec<Option<&str>>], group: usize) -> Vec<u8> {
    use ::parquet::data_type::{ByteArray, ByteArrayType};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::writer::SerializedFileWriter;
    let fields: Vec<String> = columns.iter().map(|name| format!("optional binary {name} (UTF8);")).collect();
    let fields = fields.concat();
    let schema =
        ::parquet::schema::parser::parse_message_type(&format!("message m {{ {fields} required int64 count; }}")).unwrap();
    let properties = WriterProperties::builder().set_compression(::parquet::basic::Compression::SNAPPY).build();
    let mut out = Vec::new();
    let mut file = SerializedFileWriter::new(&mut out, Arc::new(schema), Arc::new(properties)).unwrap();
    for rows in rows.chunks(group) {
        let mut group = file.next_row_group().unwrap();
        for column in 0..columns.len() {
            let values: Vec<ByteArray> = rows.iter().filter_map(|row| row[column]).map(ByteArray::from).collect();
            let levels: Vec<i16> = rows.iter().map(|row| i16::from(row[column].is_some())).collect();
            let mut writer = group.next_column().unwrap().unwrap();
            writer.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
            writer.close().unwrap();
        }
        let mut writer = group.next_column().unwrap().unwrap();
        let counts: Vec<i64> = (0..).take(rows.len()).collect();
        writer.typed::<::parquet::data_type::Int64Type>().write_batch(&counts, None, None).unwrap();
        writer.close().unwrap();
        group.close().unwrap();
    }
    file.close().unwrap();
    out
}

#[test]
fn parquet_is_read_row_by_row() {
    let rows = [
        vec![Some("a"), Some("Kenya won."), Some("AP")],
        vec![None, Some("Peru won."), None],
        vec![Some("c"), None, Some("x")],
        vec![Some("d"), Some(" "), None],
    ];
    let stored = parquet_of(&["id", "content", "source"], &rows, 2);
    for name in ["a.parquet", "dump"] {
        let records = read(name, &stored);
        assert_eq!(outline(&records), ["a", &format!("{}:1", stem(name)), "missing_text", "empty_text"]);
        assert_eq!(records[0].as_ref().unwrap().outlet.as_deref(), Some("AP"));
    }
    assert_eq!(outline(&read("a.parquet.gz", &gzip(&stored))).len(), 4);
    let error = read("a.parquet", &parquet_of(&["story"], &[vec![Some("x")]], 1)).remove(0).unwrap_err();
    assert!(error.reason == Reason::MissingText && error.message.contains("it has story, count"), "{}", error.message);
    assert_eq!(outline(&read("a.parquet", b"PAR1 and no more")), ["corrupt"]);
    // Damage anywhere costs this file, and never the run.
    for at in (0..stored.len()).step_by(7) {
        let mut damaged = stored.clone();
        damaged[at] ^= 0x55;
        read("a.parquet", &damaged);
    }
    let stdin = vec![Input::stdin()];
    let options = Options { format: Some(Format::Parquet), ..options() };
    assert_eq!(outline(&Records::new(stdin, options).collect::<Vec<_>>()), ["unreadable"]);
}

#[test]
fn what_the_user_says_of_format_and_encoding_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.dat");
    std::fs::write(&path, encoding_rs::WINDOWS_1251.encode("id,text\n1,Перу\n").0).unwrap();
    let inputs = discover(&[path.display().to_string()], &[]).unwrap();
    let options = Options { format: Format::from_name("csv"), encoding: Charset::of("cp1251"), ..options() };
    let articles: Vec<_> = Records::new(inputs, options).map(Result::unwrap).collect();
    assert_eq!((articles[0].id.as_str(), articles[0].body.as_str()), ("1", "Перу"));
    assert_eq!((Charset::of("no such"), Format::from_name("docx")), (None, None));
}

#[test]
fn what_is_not_in_english_is_told_unless_it_is_wanted() {
    let text = "Los ministros de Perú y Chile se reunieron el lunes en Lima y acordaron que la frontera debe abrirse de nuevo antes de que termine este año, según dijo la agencia. "
        .repeat(3);
    let reject = read("a.txt", text.as_bytes()).remove(0).unwrap_err();
    assert!(reject.reason == Reason::Language && reject.message.contains("in Spanish"), "{}", reject.message);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, text).unwrap();
    let inputs = discover(&[path.display().to_string()], &[]).unwrap();
    let options = Options { languages: Languages::Any, ..options() };
    assert!(Records::new(inputs, options).all(|record| record.is_ok()));
}
