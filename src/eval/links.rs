//! Countries behind mentions against stand-off labels: as the finder finds them, and with the labels' places given.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::counts::ratio;
use super::{EvalError, read_rows};
use crate::entity::Entity;
use crate::mention::{EntityType, Mention};
use crate::span::{CodePoints, Span};

#[derive(Deserialize)]
struct WireLabel {
    doc: String,
    start: usize,
    end: usize,
    country: Option<String>,
}

#[derive(Deserialize)]
struct WireArticle {
    id: String,
    text: String,
}

/// A label: what stands in one place of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Label {
    span: Span,
    /// ISO 3166 alpha-3; `None` where it is no country.
    country: Option<String>,
}

/// An article with its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The article as it is stored; places are in bytes of it.
    pub text: String,
    labels: Vec<Label>,
}

/// Reads labels `{"doc","start","end","country"}`, places in code points of the article, and the articles `{"id","text"}` that they
/// belong to. Articles without labels are left aside.
pub fn read(gold: &Path, articles: &Path) -> Result<Vec<Row>, EvalError> {
    let labels = read_rows::<WireLabel>(gold)?;
    let mut of: BTreeMap<&str, Vec<(usize, &WireLabel)>> = BTreeMap::new();
    for (line, label) in &labels {
        of.entry(&label.doc).or_default().push((*line, label));
    }
    let bad = |line, what: String| EvalError::Content { path: gold.to_owned(), line, what };
    let mut rows = Vec::new();
    for (_, article) in read_rows::<WireArticle>(articles)? {
        let Some(labels) = of.remove(article.id.as_str()) else { continue };
        let points = CodePoints::new(&article.text);
        let label = |(line, label): (usize, &WireLabel)| {
            if label.start >= label.end || label.end > points.total() {
                return Err(bail(&bad, line, label, points.total()));
            }
            let span = Span::new(points.byte(label.start), points.byte(label.end));
            Ok(Label { span, country: label.country.clone() })
        };
        let labels = labels.into_iter().map(label).collect::<Result<Vec<_>, _>>()?;
        rows.push(Row { text: article.text, labels });
    }
    match of.first_key_value() {
        Some((doc, labels)) => {
            let line = labels.first().map_or(0, |(line, _)| *line);
            Err(bad(line, format!("there is no article {doc} in {}", articles.display())))
        }
        None => Ok(rows),
    }
}

fn bail(bad: &impl Fn(usize, String) -> EvalError, line: usize, label: &WireLabel, total: usize) -> EvalError {
    bad(line, format!("{} to {} is no place in an article of {total} characters", label.start, label.end))
}

impl Row {
    /// The found mentions, those that overlap a label that was not found just so replaced by it.
    fn given(&self, found: &[Mention], demonym: &impl Fn(&str) -> bool) -> Vec<Mention> {
        let missed: Vec<&Label> =
            self.labels.iter().filter(|label| !found.iter().any(|mention| mention.span == label.span)).collect();
        let free = |mention: &&Mention| !missed.iter().any(|label| label.span.overlaps(mention.span));
        let mut mentions: Vec<Mention> = found.iter().filter(free).cloned().collect();
        mentions.extend(missed.iter().map(|label| {
            let kind = if demonym(label.span.slice(&self.text)) { EntityType::Norp } else { EntityType::Loc };
            Mention { span: label.span, kind, score: 1.0, sentence: 0 }
        }));
        mentions.sort_by_key(|mention| mention.span);
        mentions
    }
}

/// The scores of one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Of the labels that are countries and were found: the share with the right country.
    right: f64,
    /// The share with another one.
    wrong: f64,
    /// The share with none.
    unlinked: f64,
    /// Of the labels that are no countries and were found: the share with a country.
    wrongly_linked: f64,
    /// Of all labels that were found: the share that is right.
    accuracy: f64,
    /// How many labels that are countries were found.
    countries: usize,
    /// How many others.
    others: usize,
}

/// The scores.
#[derive(Debug, PartialEq, Serialize)]
pub struct Report {
    found: Figures,
    given: Figures,
    articles: usize,
    labels: usize,
    countries: usize,
}

#[derive(Default)]
struct Tally {
    right: usize,
    wrong: usize,
    unlinked: usize,
    linked: usize,
    left: usize,
}

impl Tally {
    fn see(&mut self, row: &Row, mentions: &[Mention], entities: &[Entity]) {
        let mut country = vec![None; mentions.len()];
        for entity in entities.iter().filter(|entity| entity.country.is_some()) {
            entity.mentions.iter().for_each(|at| country[*at] = Some(entity.key.as_str()));
        }
        let at: BTreeMap<Span, usize> = mentions.iter().enumerate().map(|(at, mention)| (mention.span, at)).collect();
        for label in &row.labels {
            let Some(told) = at.get(&label.span).map(|at| country[*at]) else { continue };
            let count = match (label.country.as_deref(), told) {
                (Some(gold), Some(told)) if gold == told => &mut self.right,
                (Some(_), Some(_)) => &mut self.wrong,
                (Some(_), None) => &mut self.unlinked,
                (None, Some(_)) => &mut self.linked,
                (None, None) => &mut self.left,
            };
            *count += 1;
        }
    }

    fn figures(&self) -> Figures {
        let (countries, others) = (self.right + self.wrong + self.unlinked, self.linked + self.left);
        Figures {
            right: ratio(self.right, countries),
            wrong: ratio(self.wrong, countries),
            unlinked: ratio(self.unlinked, countries),
            wrongly_linked: ratio(self.linked, others),
            accuracy: ratio(self.right + self.left, countries + others),
            countries,
            others,
        }
    }
}

/// Scores a linker. `found[i]` are the mentions that were found in the text of row `i`; `link` gives the entities of a text and its
/// mentions, and `demonym` says whether a form is that of a people.
pub fn score(
    rows: &[Row],
    found: &[Vec<Mention>],
    link: &impl Fn(&str, &[Mention]) -> Vec<Entity>,
    demonym: &impl Fn(&str) -> bool,
) -> Report {
    let (mut as_found, mut as_given) = (Tally::default(), Tally::default());
    for (row, found) in rows.iter().zip(found) {
        as_found.see(row, found, &link(&row.text, found));
        let given = row.given(found, demonym);
        as_given.see(row, &given, &link(&row.text, &given));
    }
    let labels = || rows.iter().flat_map(|row| &row.labels);
    Report {
        found: as_found.figures(),
        given: as_given.figures(),
        articles: rows.len(),
        labels: labels().count(),
        countries: labels().filter(|label| label.country.is_some()).count(),
    }
}

impl Report {
    /// The scores as a table.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<10} {:>9} {:>9} {:>9} {:>9} {:>14} {:>9} {:>9}\n",
            "places", "countries", "right", "wrong", "unlinked", "wrongly linked", "others", "accuracy"
        );
        for (name, told) in [("found", self.found), ("given", self.given)] {
            let Figures { right, wrong, unlinked, wrongly_linked, accuracy, countries, others } = told;
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{name:<10} {countries:>9} {right:>9.4} {wrong:>9.4} {unlinked:>9.4} {wrongly_linked:>14.4} {others:>9} {accuracy:>9.4}"
            );
        }
        let _ = writeln!(text, "{} articles, {} labels, {} of them countries", self.articles, self.labels, self.countries);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Linker;

    const TEXT: &str = "Żółw: Kenya and Kenyans met in Paris, said Uganda.";

    fn row(labels: &[(&str, Option<&str>)]) -> Row {
        let label = |(text, country): &(&str, Option<&str>)| {
            let start = TEXT.find(text).unwrap();
            Label { span: Span::new(start, start + text.len()), country: country.map(str::to_owned) }
        };
        Row { text: TEXT.to_owned(), labels: labels.iter().map(label).collect() }
    }

    fn mention(text: &str, kind: EntityType) -> Mention {
        let start = TEXT.find(text).unwrap();
        Mention { span: Span::new(start, start + text.len()), kind, score: 0.9, sentence: 0 }
    }

    #[test]
    fn scores_by_hand() {
        let rows = [row(&[("Kenya ", None), ("Kenyans", Some("UGA")), ("Paris", None), ("Uganda", Some("UGA"))])];
        let found = [vec![mention("Kenyans", EntityType::Norp), mention("Paris", EntityType::Loc)]];
        let linker = Linker::new();
        let report = score(&rows, &found, &|text, mentions| linker.link(text, mentions), &|_| false);
        assert_eq!((report.found.countries, report.found.others), (1, 1));
        assert_eq!((report.found.right, report.found.wrong, report.found.accuracy), (0.0, 1.0, 0.5));
        assert_eq!((report.given.countries, report.given.others), (2, 2));
        assert_eq!((report.given.right, report.given.wrong, report.given.wrongly_linked), (0.5, 0.5, 0.5));
        assert_eq!((report.labels, report.countries, report.articles), (4, 2, 1));
    }

    #[test]
    fn a_label_that_was_not_found_takes_the_place_of_what_overlaps_it() {
        let row = row(&[("Kenya ", None)]);
        let given = row.given(&[mention("w: Kenya", EntityType::Org), mention("Paris", EntityType::Loc)], &|_| true);
        assert_eq!(given.iter().map(|mention| mention.kind).collect::<Vec<_>>(), [EntityType::Norp, EntityType::Loc]);
        assert_eq!(given[0].span, row.labels[0].span);
    }

    #[test]
    fn bad_labels_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("articles"), "{\"id\":\"a\",\"text\":\"Żółw in Kenya\"}\n{\"id\":\"b\",\"text\":\"x\"}\n")
            .unwrap();
        let read = |gold: &str| {
            std::fs::write(path("gold"), gold).unwrap();
            read(&path("gold"), &path("articles"))
        };
        let rows = read(r#"{"doc":"a","start":8,"end":13,"country":"KEN"}"#).unwrap();
        assert_eq!(rows[0].labels[0].span.slice(&rows[0].text), "Kenya");
        for bad in [
            r#"{"doc":"a","start":8,"end":14,"country":null}"#,
            r#"{"doc":"a","start":8,"end":8,"country":null}"#,
            r#"{"doc":"c","start":0,"end":1,"country":null}"#,
        ] {
            let error = read(&format!("{}\n{bad}", r#"{"doc":"a","start":0,"end":1,"country":null}"#)).unwrap_err();
            assert!(error.to_string().contains("line 2"), "{error}");
        }
    }
}
