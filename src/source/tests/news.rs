//! News in XML, and ninjs.

use super::{outline, read};

const NITF: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf-3-4.dtd" [<!ENTITY big "word word word"><!ENTITY out SYSTEM "file:///etc/passwd">]>
<nitf><head><title>slug</title><docdata><doc-id id-string="nitf-7"/><date.issue norm="20260301T100000Z"/></docdata>
<pubdata name="The Daily Andes"/></head><body><body.head><hedline><hl1>Peru &amp; Chile
 agree</hl1></hedline><byline>By A. Quispe</byline></body.head>
<body.content><media><media-caption><p>A picture.</p></media-caption></media><p>Peru and <location>Chile</location>
 agreed on Monday.</p><p>&#8220;Good&#8221;, said Lima&nbsp;&mdash; &out;&big;.</p><table><tr><td>1</td></tr></table><hl2>Later</hl2><p>More.</p></body.content>
<body.end><tagline><p>Contact us</p></tagline></body.end></body></nitf>"#;

#[test]
fn nitf_gives_its_paragraphs() {
    for name in ["a.nitf", "a.xml", "a"] {
        let article = read(name, NITF.as_bytes()).remove(0).unwrap();
        assert_eq!((article.id.as_str(), article.title.as_deref()), ("nitf-7", Some("Peru & Chile agree")), "{name}");
        assert_eq!(
            (article.published.as_deref(), article.outlet.as_deref()),
            (Some("20260301T100000Z"), Some("The Daily Andes"))
        );
        assert_eq!(article.body, "Peru and Chile agreed on Monday.\n\n“Good”, said Lima — .\n\nLater\n\nMore.");
    }
}

#[test]
fn newsml_g2_gives_each_item() {
    let item = |guid: &str, content: &str| {
        format!(
            r#"<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}"><itemMeta><versionCreated>2026-03-01T10:00:00Z</versionCreated></itemMeta>
<contentMeta><infoSource literal="AFP"/><headline>Vote in Lima</headline></contentMeta><contentSet>{content}</contentSet></newsItem>"#
        )
    };
    let xhtml = r#"<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>
<body><p>Peru <b>won</b>.</p><p>Chile lost.</p></body></html></inlineXML>"#;
    let nitf = "<inlineXML><nitf><body><body.head><hedline><hl1>x</hl1></hedline></body.head><body.content><p>Peru won.</p></body.content></body></nitf></inlineXML>";
    let message = format!(
        "<newsMessage><itemSet>{}{}{}{}</itemSet></newsMessage>",
        item("urn:1", xhtml),
        item("urn:2", nitf),
        item("urn:3", "<inlineData>Peru won.</inlineData>"),
        item("urn:4", "<remoteContent href='x.jpg'/>")
    );
    let records = read("a.xml", message.as_bytes());
    assert_eq!(outline(&records), ["urn:1", "urn:2", "urn:3", "empty_text"]);
    let bodies: Vec<_> = records.iter().flatten().map(|article| article.body.as_str()).collect();
    assert_eq!(bodies, ["Peru won.\n\nChile lost.", "Peru won.", "Peru won."]);
    let first = records[0].as_ref().unwrap();
    assert_eq!(
        (first.title.as_deref(), first.outlet.as_deref(), first.place.record),
        (Some("Vote in Lima"), Some("AFP"), 0)
    );
}

#[test]
fn feeds_give_each_entry() {
    let rss = r#"<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Feed</title><link>https://f</link>
<item><title>One</title><link>https://f/1</link><guid>g1</guid><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>Peru won.</p><p>Chile &amp; Bolivia lost.</p>]]></content:encoded></item>
<item><title>Two</title><description>&lt;p&gt;Only a &lt;b&gt;summary&lt;/b&gt;.&lt;/p&gt;</description></item><item><title>Three</title></item></channel></rss>"#;
    let records = read("feed.xml", rss.as_bytes());
    assert_eq!(outline(&records), ["g1", "feed:1", "empty_text"]);
    let first = records[0].as_ref().unwrap();
    assert_eq!((first.body.as_str(), first.url.as_deref()), ("Peru won.\n\nChile & Bolivia lost.", Some("https://f/1")));
    assert_eq!(records[1].as_ref().unwrap().body, "Only a summary.");
    let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed</title><entry><title>One</title><id>urn:a</id><published>2026-03-01</published>
<link rel="self" href="https://f/self"/><link href="https://f/1"/><content type="html">&lt;p&gt;Peru won.&lt;/p&gt;</content></entry>
<entry><title>Two</title><id>urn:b</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Chile lost.</p></div></content></entry></feed>"#;
    let records = read("feed.atom", atom.as_bytes());
    assert_eq!(outline(&records), ["urn:a", "urn:b"]);
    let first = records[0].as_ref().unwrap();
    assert_eq!(
        (first.body.as_str(), first.url.as_deref(), first.published.as_deref()),
        ("Peru won.", Some("https://f/1"), Some("2026-03-01"))
    );
    assert_eq!(records[1].as_ref().unwrap().body, "Chile lost.");
}

#[test]
fn a_document_in_another_encoding_says_so() {
    let text = NITF.replace("UTF-8", "iso-8859-2").replace("Lima", "Łódź");
    let bytes = encoding_rs::ISO_8859_2.encode(&text).0;
    assert!(read("a.xml", &bytes).remove(0).unwrap().body.contains("said Łódź"));
}

#[test]
fn hostile_documents_cost_themselves_alone() {
    let bomb = format!(
        "<!DOCTYPE nitf [<!ENTITY a \"{}\">{}]><nitf><body><body.content><p>Peru won. &z;</p></body.content></body></nitf>",
        "x".repeat(1000),
        (b'b'..=b'z')
            .map(|c| format!("<!ENTITY {} \"{}\">", char::from(c), format!("&{};", char::from(c - 1)).repeat(10)))
            .collect::<Vec<_>>()
            .concat()
    );
    assert_eq!(read("a.xml", bomb.as_bytes()).remove(0).unwrap().body, "Peru won.");
    let nested = format!("<nitf>{}", "<a>".repeat(100_000));
    let long = format!("<nitf><body><body.content><p>{}", "word ".repeat(1 << 20));
    let tag = format!("<nitf><p class=\"{}", "word ".repeat(1 << 20));
    let deep = format!("<rss><item><description><![CDATA[{}Peru.]]></description></item></rss>", "<div>".repeat(100_000));
    for (bytes, reason) in [
        (nested.as_bytes(), "invalid_xml"),
        (long.as_bytes(), "record_too_large"),
        (tag.as_bytes(), "record_too_large"),
        (deep.as_bytes(), "empty_text"),
        (b"<nitf><body>", "truncated"),
        (b"<nitf><body><", "invalid_xml"),
        (b"<html><p>Peru</p></html>", "no_article"),
        (b"", "no_article"),
    ] {
        assert_eq!(outline(&read("a.xml", bytes)), [reason]);
    }
}

#[test]
fn ninjs_is_json() {
    let item = r#"{"uri":"urn:n","headline":"Vote","body_text":"Peru won.","versioncreated":"2026-03-01"}"#;
    let article = read("a.json", item.as_bytes()).remove(0).unwrap();
    assert_eq!((article.id.as_str(), article.title.as_deref(), article.body.as_str()), ("urn:n", Some("Vote"), "Peru won."));
}
