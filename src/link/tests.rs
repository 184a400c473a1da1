use super::*;

/// A line of annotations: entities with their keys and the texts of their mentions.
fn line(entities: &[(&str, &[&str])]) -> String {
    let texts: Vec<&str> = entities.iter().flat_map(|(_, texts)| texts.iter().copied()).collect();
    let mut at = 0;
    let things: Vec<_> = entities
        .iter()
        .map(|(key, texts)| {
            let mentions: Vec<usize> = (at..at + texts.len()).collect();
            at += texts.len();
            serde_json::json!({"id": 0, "key": key, "mentions": mentions, "later": {"key": key}})
        })
        .collect();
    let mentions: Vec<_> = texts.iter().map(|text| serde_json::json!({"text": text})).collect();
    let line = serde_json::json!({"id": "a", "mentions": mentions, "entities": things, "key": "org:fda"});
    line.to_string()
}

fn aliases(lines: &[String]) -> Aliases {
    let mut names = Names::new();
    for line in lines {
        names.see(line).unwrap();
    }
    names.aliases()
}

const FULL: &str = "org:food and drug administration";

#[test]
fn an_acronym_means_what_articles_say_it_does() {
    let told = line(&[(FULL, &["Food and Drug Administration", "FDA"])]);
    assert_eq!(aliases(std::slice::from_ref(&told)).of("org:fda"), "org:fda", "one article is none");
    let mut lines = vec![told; 3];
    assert_eq!(aliases(&lines).of("org:fda"), FULL);
    lines.push(line(&[("org:federal drug agency", &["Federal Drug Agency", "FDA"])]));
    assert_eq!(aliases(&lines).of("org:fda"), "org:fda", "three of four are too few");
    lines.extend(vec![lines[0].clone(); 6]);
    assert_eq!(aliases(&lines).of("org:fda"), FULL, "nine of ten are enough");
}

#[test]
fn an_agency_in_brackets_is_no_acronym() {
    let lines = vec![line(&[("org:today nicaragua", &["Today Nicaragua", "EFE"])]); 5];
    assert_eq!(aliases(&lines).of("org:efe"), "org:efe");
}

#[test]
fn surnames_stay_where_they_might_be_anothers() {
    let known = line(&[("per:william ruto", &["William Ruto", "Ruto"])]);
    assert_eq!(aliases(&vec![known.clone(); 9]).of("per:ruto"), "per:ruto");
    let mut lines = vec![known; 10];
    assert_eq!(aliases(&lines).of("per:ruto"), "per:william ruto");
    lines.push(line(&[("per:rachel ruto", &["Rachel Ruto"])]));
    assert_eq!(aliases(&lines).of("per:ruto"), "per:ruto");
}

#[test]
fn a_longer_name_of_one_person_is_one_bearer() {
    let mut lines = vec![line(&[("per:william samoei ruto", &["William Samoei Ruto", "William Ruto"])]); 2];
    lines.extend(vec![line(&[("per:william ruto", &["William Ruto"])]); 8]);
    let aliases = aliases(&lines);
    assert_eq!(aliases.of("per:william ruto"), "per:william samoei ruto");
    assert_eq!(aliases.of("per:ruto"), "per:william samoei ruto");
}

#[test]
fn countries_and_other_things_stay() {
    let lines = vec![line(&[("USA", &["US", "Washington"]), ("loc:nairobi", &["Nairobi"])]); 20];
    let aliases = aliases(&lines);
    assert!(aliases.is_empty(), "{}", aliases.len());
}

#[test]
fn aliases_in_a_circle_lead_nowhere() {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let aliases = Aliases::new([pair("a", "b"), pair("b", "a"), pair("c", "d"), pair("d", "e")].into());
    assert_eq!([aliases.of("a"), aliases.of("b"), aliases.of("c"), aliases.of("x")], ["a", "b", "e", "x"]);
}

#[test]
fn only_keys_of_entities_change() {
    let aliases = Aliases::new([("org:fda".to_owned(), "org:a \"b\"\u{e9}".to_owned())].into());
    let old = r#"{"x": 1e5,  "mentions":[],"entities":[ {"id":0,"key": "org:fda","mentions":[0]}, {"key":"org:f\u0064a"},{"key":"USA"},{"id":3}],"z":{"key":"org:fda"}}"#;
    let (new, changed) = aliases.rewrite(old).unwrap();
    let expected = r#"{"x": 1e5,  "mentions":[],"entities":[ {"id":0,"key": "org:a \"b\"é","mentions":[0]}, {"key":"org:a \"b\"é"},{"key":"USA"},{"id":3}],"z":{"key":"org:fda"}}"#;
    assert_eq!((new.as_str(), changed), (expected, 2));
    let untouched = line(&[("USA", &["US"])]);
    assert_eq!(aliases.rewrite(&untouched).unwrap(), (untouched.clone(), 0));
    assert!(aliases.rewrite("{}").is_err() && aliases.rewrite("").is_err());
}
