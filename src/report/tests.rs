use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::gather::{Cell, Shown, Source, code, kinds};
use super::sentence::{Mark, Part};
use super::{Gather, Survey, encode, html};

/// A position of a made-up article: actor, target, stance, score, kind, changed.
type Held = (usize, usize, &'static str, f32, Option<&'static str>, bool);

const NAMES: [&str; 6] = ["Russia", "Bagram Air Base", "Żółw 🐢", "</script><b>", "o'Neill \"x\"", "U\u{2028}N"];

/// A line of annotations whose one sentence names all things.
fn line(published: Option<&str>, outlet: Option<&str>, positions: &[Held]) -> String {
    let mut text = "“Before” e\u{301} 🙂. ".to_owned();
    let start = text.chars().count();
    let mut mentions = vec![];
    for (id, name) in NAMES.iter().enumerate() {
        let at = text.chars().count();
        text += name;
        let end = text.chars().count();
        mentions.push(json!({"start":at,"end":end,"text":name,"type":"ORG","score":0.9,"entity":id}));
        text += " and ";
    }
    let end = text.chars().count();
    let entities: Vec<Value> = (0..NAMES.len())
        .map(|id| json!({"id":id,"name":NAMES[id],"type":"ORG","country":null,"key":format!("org:{id}"),"mentions":[id]}))
        .collect();
    let position = |(actor, target, stance, score, kind, changed): &Held| {
        let mut told = json!({"sentence":0,"actor_mention":actor,"target_mention":target,"stance":stance,"score":score});
        if let Some(kind) = kind {
            told["kind"] = (*kind).into();
        }
        json!({"actor":NAMES[*actor],"actor_id":actor,"target":NAMES[*target],"target_id":target,"stance":stance,"score":score,
            "changed":changed,"evidence":[told]})
    };
    json!({"schema":"demarche.annotation/1","id":"a","source":{"path":"a","record":0},"title":"T</script>","published":published,
        "outlet":outlet,"url":"https://example.org/","chars":end,"sha256":"0","text":text,"sentences":[{"start":start,"end":end}],
        "mentions":mentions,"entities":entities,"positions":positions.iter().map(position).collect::<Vec<_>>()})
    .to_string()
}

fn gathered(lines: &[String]) -> Gather {
    let mut survey = Survey::new();
    for line in lines {
        survey.see(line).unwrap();
    }
    let mut gather = survey.choose();
    for line in lines {
        gather.see(line, || None).unwrap();
    }
    gather
}

fn data(gather: &Gather) -> Value {
    serde_json::from_str(&encode::encode(gather, "t").unwrap()).unwrap()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Actor, target, stance, day, outlet, kind, changed, band -> positions.
type Counts = BTreeMap<(String, String, bool, i64, String, String, bool, i64), i64>;

/// The numbers of the coded cells, four a cell.
fn cells(data: &Value) -> Vec<i64> {
    let sign = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let coded: Vec<u8> = data["cells"].as_str().unwrap().bytes().filter(|c| *c != b'=').map(sign).collect();
    let bits = coded.iter().flat_map(|six| (0..6).rev().map(move |at| six >> at & 1)).collect::<Vec<u8>>();
    let bytes = bits.chunks_exact(8).map(|bits| bits.iter().fold(0_u8, |byte, bit| byte << 1 | bit));
    let (mut numbers, mut number, mut shift) = (vec![], 0, 0);
    for byte in bytes {
        number |= i64::from(byte & 127) << shift;
        shift += 7;
        if byte < 128 {
            numbers.push(number);
            (number, shift) = (0, 0);
        }
    }
    numbers
}

/// The cells of a page, read as the page reads them.
fn counts(data: &Value) -> Counts {
    let names = |which: &str, at: i64| data["things"][which][at as usize].as_str().unwrap().to_owned();
    let mut outlets = vec![String::new()];
    outlets.extend(data["outlets"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()));
    outlets.push("others".to_owned());
    let (mut counts, mut at, cells) = (Counts::new(), 0, cells(data));
    for pair in 0..data["pairs"]["actor"].as_array().unwrap().len() {
        let mut since = -1;
        for _ in 0..number(&data["pairs"]["cells"][pair]) {
            let [days, outlet, code, n] = cells[4 * at..4 * at + 4] else { panic!("a cell is cut") };
            since += days;
            let bands = number(&data["bands"]);
            let kind = data["kinds"][(code / bands / 4) as usize].as_str().unwrap().to_owned();
            let day = if since < 0 { -1 } else { since + number(&data["days"][0]) };
            let key = (
                names("key", number(&data["pairs"]["actor"][pair])),
                names("key", number(&data["pairs"]["target"][pair])),
                code / bands / 2 % 2 == 1,
                day,
                outlets[outlet as usize].clone(),
                kind,
                code / bands % 2 == 1,
                code % bands,
            );
            assert_eq!(counts.insert(key, n), None, "one cell stands twice");
            at += 1;
        }
    }
    assert_eq!(4 * at, cells.len());
    counts
}

fn held() -> impl Strategy<Value = Held> {
    let stance = prop::sample::select(vec!["support", "oppose", "none"]);
    let kind = prop::option::of(prop::sample::select(vec!["accuse", "agree", "assault"]));
    (0..6_usize, 0..6_usize, stance, 0_u32..=10_000, kind, prop::bool::weighted(0.2))
        .prop_map(|(actor, target, stance, score, kind, changed)| (actor, target, stance, score as f32 / 1e4, kind, changed))
}

fn article() -> impl Strategy<Value = (Option<i64>, Option<&'static str>, Vec<Held>)> {
    let outlet = prop::option::of(prop::sample::select(vec!["A", "B \"q\"", "C"]));
    (prop::option::of(18_000_i64..18_400), outlet, prop::collection::vec(held(), 0..5))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_page_counts_what_the_annotations_hold(articles in prop::collection::vec(article(), 1..20)) {
        let mut plain = Counts::new();
        let mut lines = vec![];
        for (day, outlet, positions) in &articles {
            let date = day.map(|day| (chrono::NaiveDate::default() + chrono::TimeDelta::days(day)).to_string());
            lines.push(line(date.as_deref(), *outlet, positions));
            for (actor, target, stance, score, kind, changed) in positions.iter().filter(|held| held.2 != "none") {
                // Four decimals exactly, by whole numbers.
                let band = (f64::from(*score) * 1e4).round() as i64 / 500;
                *plain.entry((format!("org:{actor}"), format!("org:{target}"), *stance == "oppose", day.unwrap_or(-1),
                    outlet.unwrap_or_default().to_owned(), kind.unwrap_or_default().to_owned(), *changed, band)).or_default() += 1;
            }
        }
        let gather = gathered(&lines);
        let data = data(&gather);
        prop_assert_eq!(counts(&data), plain.clone());
        let sides = |oppose: bool| plain.iter().filter(|(key, _)| key.2 == oppose).map(|(_, n)| n).sum::<i64>();
        prop_assert_eq!((number(&data["support"]), number(&data["oppose"])), (sides(false), sides(true)));
        prop_assert_eq!(number(&data["articles"]) as usize, articles.len());
    }

    #[test]
    fn numbers_that_lead_nowhere_do_no_harm(numbers in prop::collection::vec(0_usize..9, 8), text in "\\PC{0,12}") {
        let n = |at: usize| numbers[at];
        let line = json!({"schema":"demarche.annotation/1","id":"x","text":text,"sentences":[{"start":n(0),"end":n(1)}],
            "mentions":[{"start":n(2),"end":n(3),"text":"m"}],"entities":[{"name":"","type":"?"}, {"name":"b","type":"LOC"}],
            "positions":[{"actor_id":n(4) % 3,"target_id":n(5) % 3,"stance":"oppose","score":n(6) as f32 - 4.0,"evidence":[
                {"sentence":n(7) % 2,"actor_mention":n(4) % 2,"target_mention":n(5) % 2,"actor_reference":n(6),"stance":"oppose","score":-1.0,
                 "cue":{"start":n(1),"end":n(0)}}]}]}).to_string();
        gathered(&[line]).page("t").unwrap();
    }
}

#[test]
fn sentences_come_with_their_names_marked() {
    let lines = [line(None, None, &[(0, 2, "oppose", 0.9, None, false), (3, 5, "support", 0.8, None, true)])];
    let data = data(&gathered(&lines));
    let evidence = data["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), 2, "a changed position is shown once");
    for (row, actor, target) in [(&evidence[0], 0, 2), (&evidence[1], 3, 5)] {
        let parts = row[6].as_array().unwrap();
        let text = |mark: u64| -> Vec<&str> {
            parts.chunks(2).filter(|part| part[0].as_u64() == Some(mark)).map(|part| part[1].as_str().unwrap()).collect()
        };
        // White space of any kind is one space in the page.
        let shown = |name: &str| name.replace('\u{2028}', " ");
        assert_eq!(text(1), [shown(NAMES[actor])]);
        assert_eq!(text(2), [shown(NAMES[target])]);
        let whole: String = parts.iter().filter_map(Value::as_str).collect();
        assert!(whole.starts_with("Russia and Bagram Air Base and Żółw 🐢"), "{whole}");
    }
    assert_eq!((&evidence[0][1], &evidence[1][1]), (&json!(1), &json!(2)));
}

#[test]
fn without_text_the_names_stand_for_the_sentence() {
    let mut bare: Value = serde_json::from_str(&line(None, None, &[(2, 0, "oppose", 0.9, None, false)])).unwrap();
    bare.as_object_mut().unwrap().remove("text");
    let data = data(&gathered(&[bare.to_string()]));
    assert_eq!(data["evidence"][0][6], json!([2, "Russia", 0, " … ", 1, "Żółw 🐢"]));
    assert_eq!(data["sentences"], false);
}

#[test]
fn a_page_without_sentences_has_none() {
    let whole = line(None, None, &[(2, 0, "oppose", 0.9, None, false)]);
    let mut survey = Survey::new();
    survey.see(&whole).unwrap();
    let mut gather = survey.choose().without_sentences();
    gather.see(&whole, || panic!("nobody may ask")).unwrap();
    assert_eq!(data(&gather)["evidence"][0][6], json!([2, "Russia", 0, " … ", 1, "Żółw 🐢"]));
    assert!(!gather.page("t").unwrap().contains("and Bagram"));
}

#[test]
fn the_strongest_evidence_is_kept_and_equal_sentences_are_one() {
    let scores = [0.5, 0.9, 0.4, 0.95, 0.6, 0.3, 0.2];
    let mut text = String::new();
    let lines = scores.map(|score| {
        let mut bare: Value = serde_json::from_str(&line(None, None, &[(0, 1, "oppose", score, None, false)])).unwrap();
        text = bare.as_object_mut().unwrap().remove("text").unwrap().as_str().unwrap().to_owned();
        bare.to_string()
    });
    let mut survey = Survey::new();
    for line in &lines {
        survey.see(line).unwrap();
    }
    let mut gather = survey.choose();
    // The articles hold two sentences in turn, and the sixth a third.
    let words = ["Air", "Hot", "Air", "Hot", "Air", "Ice", "Oil"];
    let mut asked = vec![];
    for (at, line) in lines.iter().enumerate() {
        let body = || {
            asked.push(at);
            Some(text.replace("Air", words[at]))
        };
        gather.see(line, body).unwrap();
    }
    // The last is weaker than three others, so its article is left alone.
    assert_eq!(asked, [0, 1, 2, 3, 4, 5]);
    let data = data(&gather);
    let told: Vec<i64> = data["evidence"].as_array().unwrap().iter().map(|row| number(&row[3])).collect();
    assert_eq!(told, [950, 600, 300]);
}

#[test]
fn nothing_of_an_article_is_more_than_text() {
    let lines = [line(
        Some("2025-09-26"),
        Some("<img src=x onerror=alert(1)>"),
        &[(3, 4, "oppose", 0.9, None, false), (5, 3, "support", 0.9, None, false)],
    )];
    let page = gathered(&lines).page("</title><script>alert(1)</script>").unwrap();
    assert_eq!(page.matches("</script").count(), html::SCRIPTS.len() + 1);
    assert_eq!(page.matches("</title").count(), 1);
    assert!(!page.contains("<img") && !page.contains("<b>") && !page.contains('\u{2028}'));
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert!(data["things"]["name"].as_array().unwrap().contains(&json!("</script><b>")));
    assert_eq!(data["outlets"][0], "<img src=x onerror=alert(1)>");
}

#[test]
fn only_addresses_of_the_web_are_linked() {
    for (url, linked) in
        [("javascript:alert(1)", false), ("data:text/html,x", false), ("https://example.org/a?b", true), ("HTTP//x", false)]
    {
        let line = line(None, None, &[(0, 1, "oppose", 0.9, None, false)]).replace("https://example.org/", url);
        assert_eq!(data(&gathered(&[line]))["sources"][0][1].is_string(), linked, "{url}");
    }
}

#[test]
fn equal_annotations_give_equal_pages() {
    let lines = [line(
        Some("2025-09-26"),
        Some("A"),
        &[(0, 1, "oppose", 0.9, None, false), (1, 0, "support", 0.5, Some("aid"), false)],
    )];
    assert!(gathered(&lines).page("t").unwrap() == gathered(&lines).page("t").unwrap());
}

#[test]
fn the_policy_names_every_script() {
    let page = gathered(&[line(None, None, &[])]).page("t").unwrap();
    let policy = page.split("content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(policy.matches("'sha256-").count(), html::SCRIPTS.len());
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("http") && !policy.contains('*'), "{policy}");
}

/// More than any page can hold, of the most costly characters.
fn swollen(pairs: u32, days: i32, outlets: i32, longest: usize) -> Gather {
    let nasty = "<".repeat(400);
    let mut survey = Survey::new();
    for pair in 0..pairs {
        let key = |side: &str| format!("{side}{pair}{}", &nasty[..longest]);
        let line = json!({"schema":"demarche.annotation/1","id":"","sentences":[],"mentions":[],"entities":[{"name":key("a"),"type":"PER","key":key("a")},
            {"name":key("t"),"type":"PER","key":key("t")}],"published":"2000-01-01","outlet":key("o"),
            "positions":[{"actor_id":0,"target_id":1,"stance":"oppose","score":0.5,"evidence":[]}]});
        survey.see(&line.to_string()).unwrap();
    }
    let mut gather = survey.choose();
    gather.totals.days = Some((10_957, 10_957 + days));
    for pair in 0..pairs {
        for day in 0..days {
            // With several outlets no coarser date makes two cells one.
            let (outlet, kind) = ((day % outlets) as u16 + 1, 14 - (day / outlets) as u16 % 14);
            let cell = Cell { pair, day: Some(10_957 + day), outlet, code: code(kind, true, true, 1.0) };
            gather.cells.insert(cell, 1_000_000);
        }
        let source =
            Rc::new(Source { title: nasty.chars().take(101).collect(), url: Some(nasty.clone()), outlet: 250, day: None });
        let part = Part { mark: Mark::Actor, text: nasty.clone() };
        let shown =
            Shown { told: 1.0, score: 1.0, kind: 14, oppose: true, changed: true, quote: true, parts: vec![part], source };
        gather.evidence.insert((pair, 1), vec![shown]);
    }
    gather
}

#[test]
fn no_archive_makes_a_page_of_ten_megabytes() {
    // Long names, many cells, much evidence: each has its bound.
    for (pairs, days, longest, least) in [(2_000, 40, 400, 3_500_000), (24_000, 20, 0, 7_000_000)] {
        let gather = swollen(pairs, days, 10, longest);
        let page = gather.page("t").unwrap();
        assert!((least..10_000_000).contains(&page.len()), "{}", page.len());
        let shown = data(&gather)["pairs"]["actor"].as_array().unwrap().len();
        assert!((400..pairs as usize).contains(&shown), "{shown}");
    }
}

#[test]
fn dates_grow_coarse_before_pairs_are_left_out() {
    let gather = swollen(240, 3000, 1, 0);
    let data = data(&gather);
    // Fourteen kinds in turn: a week holds seven cells still, a month fourteen.
    assert_eq!(data["grain"], "month");
    let sum: i64 = counts(&data).values().sum();
    assert_eq!(sum, 240 * 3000 * 1_000_000);
    // One pair alone with more than a page can hold, and coarse dates do not help.
    let mut gather = swollen(1, 1, 1, 0);
    for outlet in 0..251 {
        for kind in 0..kinds().count() as u16 {
            for score in 0..60 {
                let code = code(kind, score % 2 == 0, score % 3 == 0, score as f32 / 60.0);
                gather.cells.insert(Cell { pair: 0, day: None, outlet, code }, 1);
            }
        }
    }
    assert!(gather.page("t").unwrap().len() < 10_000_000);
}

#[test]
fn pairs_seen_least_are_forgotten_first() {
    let all: Vec<Held> = (0..6).flat_map(|a| (0..6).map(move |t| (a, t, "oppose", 0.9, None, false))).collect();
    let mut survey = Survey::new();
    for times in 0..4 {
        survey.see(&line(None, None, &all[..36 - 10 * times])).unwrap();
    }
    survey.forget(36);
    assert_eq!(survey.pairs.len(), 36);
    survey.forget(30);
    // Six pairs were seen four times, ten three times: nine of these fill the half up.
    let mut seen: Vec<u32> = survey.pairs.values().copied().collect();
    seen.sort_unstable();
    assert_eq!(seen, [vec![3; 9], vec![4; 6]].concat());
    let data = data(&survey.choose());
    assert_eq!(number(&data["oppose"]), 36 + 26 + 16 + 6);
}

#[test]
fn the_vendored_files_are_those_that_were_fetched() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/page/vendor");
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 5);
    for line in sums.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        assert_eq!(crate::engine::store::sha256(&std::fs::read(folder.join(name)).unwrap()), digest, "{name}");
    }
}
