use proptest::prelude::*;

use super::{Dedup, Seen};
use crate::article::{Article, Place};

const NEAR: Dedup = Dedup::Near { threshold: Dedup::THRESHOLD };

fn article(id: &str, body: &str) -> Article {
    let place = Place { path: String::new(), record: 0, offset: None };
    Article { id: id.into(), title: None, body: body.into(), published: None, outlet: None, url: None, place }
}

/// What each body repeats, by its number; identifiers are `0`, `1` and so on.
fn originals<S: AsRef<str>>(dedup: Dedup, bodies: &[S]) -> Vec<Option<usize>> {
    let mut seen = Seen::new(dedup);
    let article = |(number, body): (usize, &S)| article(&number.to_string(), body.as_ref());
    bodies.iter().enumerate().map(|body| seen.original(&article(body)).map(|id| id.parse().unwrap())).collect()
}

/// Words that no other `author` writes.
fn words(author: usize, count: usize) -> Vec<String> {
    (0..count).map(|at| format!("w{author}x{at}")).collect()
}

/// Two bodies of `n` shingles each whose Jaccard similarity is `similarity`: they begin alike.
fn pair(author: usize, n: usize, similarity: f64) -> [String; 2] {
    let both = (2.0 * n as f64 * similarity / (1.0 + similarity)).round() as usize;
    let one = words(2 * author, n + 2);
    let other = [&one[..both + 2], &words(2 * author + 1, n - both)].concat();
    [one.join(" "), other.join(" ")]
}

/// A report of some hundred and fifty words.
fn report() -> String {
    let sentence = |n: usize| {
        let (one, two) = (["Peru", "Chile", "Ghana", "Laos"][n % 4], ["Togo", "Malta", "Nepal"][n % 3]);
        format!(
            "The minister of {one} said on day {n} that the border with {two} would not be opened before talk {}.",
            n * n
        )
    };
    (1..10).map(sentence).collect::<Vec<_>>().join("\n\n")
}

/// The share of pairs of which the second is told to repeat the first.
fn told(threshold: f32, n: usize, similarity: f64, pairs: usize) -> f64 {
    let bodies: Vec<String> = (0..pairs).flat_map(|author| pair(author, n, similarity)).collect();
    let originals = originals(Dedup::Near { threshold }, &bodies);
    let strangers = originals.iter().enumerate().filter(|(at, of)| of.is_some_and(|of| of + 1 != *at || at % 2 == 0));
    assert_eq!(strangers.count(), 0, "unrelated articles are copies");
    originals.iter().flatten().count() as f64 / pairs as f64
}

#[test]
fn a_copy_names_the_first_and_so_does_its_copy() {
    let other = words(1, 200).join(" ");
    for dedup in [Dedup::Exact, NEAR] {
        let bodies = [&report(), &other, &report(), &other, &report()];
        assert_eq!(originals(dedup, &bodies), [None, None, Some(0), Some(1), Some(0)]);
    }
}

#[test]
fn white_space_makes_no_difference() {
    let report = report();
    let variants = [
        report.clone(),
        report.replace('\n', "\r\n"),
        report.replace(' ', "\n"),
        format!("\u{feff} \t{report}\n\n").replace('\u{feff}', ""),
        report.replace(' ', "\u{a0}"),
        report.replace("\n\n", " "),
    ];
    for dedup in [Dedup::Exact, NEAR] {
        let originals = originals(dedup, &variants);
        assert_eq!(originals[0], None);
        assert!(originals[1..].iter().all(|of| *of == Some(0)), "{originals:?}");
    }
    assert_eq!(originals(Dedup::Exact, &["now here", "nowhere"]), [None, None]);
}

#[test]
fn the_title_is_no_part_of_a_copy() {
    for dedup in [Dedup::Exact, NEAR] {
        let mut seen = Seen::new(dedup);
        assert_eq!(seen.original(&Article { title: Some("One".into()), ..article("first", &report()) }), None);
        let second = Article { title: Some("Another".into()), ..article("second", &report()) };
        assert_eq!(seen.original(&second), Some("first"));
    }
}

#[test]
fn wire_copy_is_told_nearly_and_not_exactly() {
    let report = report();
    let cut = report.rsplit_once("\n\n").unwrap().0;
    let edited = report.replacen("opened before talk 25", "reopened ahead of talk 25", 1);
    for copy in [
        report.replacen("said", "says", 1),
        format!("LIMA (AP) — {report}"),
        format!("Border stays shut\n\nBy a correspondent in Lima\n\n{report}"),
        format!("{report}\n\nReporting by the bureau in Lima; editing by the desk. (Reuters)"),
        format!("{report}\n\nThe two have been at odds over fish since March."),
        cut.to_owned(),
        edited,
        report.to_uppercase(),
        report.replace('.', " …").replace(',', ";"),
    ] {
        assert_eq!(originals(NEAR, &[&report, &copy]), [None, Some(0)], "{copy}");
        assert_eq!(originals(Dedup::Exact, &[&report, &copy]), [None, None], "{copy}");
    }
}

#[test]
fn what_shares_little_is_no_copy() {
    let report = report();
    let half = &report[..report.len() / 2];
    let reply = format!("{half} {}", words(1, 70).join(" "));
    assert_eq!(originals(NEAR, &[&report, half, &reply]), [None, None, None]);
}

#[test]
fn short_bodies_are_compared_whole() {
    let bodies =
        ["", " \n", "Rain.", "Rain", " Rain.\n", "—", "…", "Rain in Lima today, again", "Rain in Lima today, still"];
    let expected = [None, Some(0), None, None, Some(2), None, None, None, None];
    assert_eq!(originals(NEAR, &bodies), expected);
    assert_eq!(originals(Dedup::Exact, &bodies), expected);
}

#[test]
fn scripts_without_spaces_have_words() {
    let one =
        "秘鲁和智利的部长周一在利马会晤，一致同意在年底前重新开放边境，并在下个月恢复两国之间的贸易谈判以及渔业方面的合作。";
    let copy = format!("利马电 {one}");
    let other = "加纳总统昨天宣布将推迟原定于本周举行的议会选举，理由是北部地区的洪水使数千名选民无法前往投票站投票。";
    assert_eq!(originals(NEAR, &[one, &copy, other]), [None, Some(0), None]);
}

#[test]
fn near_copies_are_found_and_others_are_not() {
    // The bounds leave room for chance where the estimate's deviation is 0.035.
    for (similarity, least, most) in
        [(0.95, 0.99, 1.0), (0.9, 0.97, 1.0), (0.8, 0.3, 0.7), (0.65, 0.0, 0.01), (0.5, 0.0, 0.01)]
    {
        let told = told(0.8, 300, similarity, 200);
        assert!((least..=most).contains(&told), "{told} of the pairs at {similarity}");
    }
}

#[test]
fn the_threshold_moves_what_is_a_copy() {
    for (threshold, above, below) in [(0.5, 0.65, 0.35), (0.7, 0.83, 0.55), (0.9, 0.98, 0.78)] {
        assert!(told(threshold, 300, above, 100) >= 0.95, "{threshold}");
        assert!(told(threshold, 300, below, 100) <= 0.02, "{threshold}");
    }
}

#[test]
fn thresholds_beyond_the_ends_do_no_harm() {
    for threshold in [f32::NAN, -1.0, 0.0, 1.0, 7.0, f32::INFINITY] {
        let bodies = [report(), report()];
        assert_eq!(originals(Dedup::Near { threshold }, &bodies), [None, Some(0)], "{threshold}");
    }
}

#[test]
fn a_family_hides_none_of_its_members() {
    // Reports from one template are no copies of each other; a copy of each is told all the same, nearly and exactly.
    let template = words(0, 160).join(" ");
    let member = |n: usize| format!("{template} {}", words(n + 1, 60).join(" "));
    let members: Vec<String> = (0..100).map(member).collect();
    let copies: Vec<String> = members.iter().map(|body| format!("Lima (AP) {body}")).collect();
    let originals = originals(NEAR, &[&members[..], &members, &copies].concat());
    let firsts: Vec<usize> = (0..100).filter(|n| originals[*n].is_none()).collect();
    assert!(firsts.len() > 90, "{}", firsts.len());
    assert!(firsts.iter().all(|n| originals[100 + n] == Some(*n)));
    let told = firsts.iter().filter(|n| originals[200 + **n] == Some(**n)).count();
    assert!(told * 100 >= firsts.len() * 95, "{told} of {}", firsts.len());
}

#[test]
fn an_article_that_is_first_in_no_band_is_found_again() {
    // The third's bands are all the first's or the second's, and it is neither.
    let mut hidden = 0;
    for author in 0..20 {
        let all = words(author, 105);
        let bodies = [&all[..100], &all, &all[..103], &all[..103]].map(|words| words.join(" "));
        let originals = originals(Dedup::Near { threshold: 1.0 }, &bodies);
        assert_eq!(originals[3], originals[2].or(Some(2)));
        hidden += usize::from(originals[2].is_none());
    }
    assert!(hidden > 0);
}

proptest! {
    #[test]
    fn an_exact_copy_names_the_first(bodies in prop::collection::vec("[ab .,é—中\n]{0,24}", 1..12), order in prop::collection::vec(0_usize..12, 1..40)) {
        let bodies: Vec<&String> = order.iter().map(|at| &bodies[at % bodies.len()]).collect();
        for dedup in [Dedup::Exact, NEAR, Dedup::Near { threshold: 0.3 }, Dedup::Near { threshold: 1.0 }] {
            let originals = originals(dedup, &bodies);
            for (at, body) in bodies.iter().enumerate() {
                let earlier = bodies.iter().position(|other| other == body).filter(|first| *first < at);
                if let Some(earlier) = earlier {
                    prop_assert_eq!(originals[at], originals[earlier].or(Some(earlier)));
                }
                // What is named came before and is a first itself.
                prop_assert!(originals[at].is_none_or(|of| of < at && originals[of].is_none()));
            }
            prop_assert_eq!(&originals, &self::originals(dedup, &bodies));
        }
    }

    #[test]
    fn no_body_is_too_strange(bodies in prop::collection::vec(any::<String>(), 0..6)) {
        for dedup in [Dedup::Exact, NEAR] {
            prop_assert_eq!(originals(dedup, &bodies).first().copied().flatten(), None);
        }
    }
}
