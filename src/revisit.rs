//! Revisiting: the articles behind annotations of an earlier run. A room beside the line: it reads annotations back.

use std::path::Path;

use crate::annotation::Annotation;
use crate::article::{Article, Place};
use crate::engine::store::sha256;
use crate::source::{Input, Options, Records, SourceError, discover};

/// Where the articles are: in the annotations themselves (`--include text`), in inputs that were named, or in the files that the
/// annotations name. Annotations are expected in the order of their articles, as a run writes them; then every file is read once.
pub struct Articles {
    /// Inputs that were named.
    given: Option<Vec<Input>>,
    options: Options,
    open: Option<Open>,
}

/// Inputs that are being read.
struct Open {
    /// The one path that they come from; `None` where they were named.
    path: Option<String>,
    records: Records,
    /// Whether nothing has been passed over.
    fresh: bool,
}

/// Why the article of an annotation cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevisitError {
    /// Its file is not there.
    #[error(
        "cannot open the articles of {path}: name them after the annotations, as they were named to `demarche annotate`"
    )]
    Open {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: SourceError,
    },
    /// It is not where it was.
    #[error("{path} has no article at record {record} any more")]
    Gone {
        /// The file.
        path: String,
        /// The number of the record.
        record: u64,
    },
    /// It is another text.
    #[error("{path}, record {record}: the text is not the one that was annotated")]
    Other {
        /// The file.
        path: String,
        /// The number of the record.
        record: u64,
    },
}

impl Articles {
    /// The articles of some inputs, or those that the annotations name.
    pub fn new(given: Option<Vec<Input>>, options: Options) -> Self {
        Self { given, options, open: None }
    }

    /// The article of an annotation.
    pub fn of(&mut self, annotation: &Annotation<'_>) -> Result<Article, RevisitError> {
        let place = Place {
            path: annotation.source.path.to_string(),
            record: annotation.source.record,
            offset: annotation.source.offset,
        };
        if let Some(text) = &annotation.text {
            return Ok(held(annotation, place, text));
        }
        let Place { path, record, .. } = place;
        let article = self.find(&path, record)?.ok_or_else(|| RevisitError::Gone { path: path.clone(), record })?;
        if sha256(article.body.as_bytes()) == annotation.sha256 {
            Ok(article)
        } else {
            Err(RevisitError::Other { path, record })
        }
    }

    /// The article of a place, from where reading has come on, else from the beginning.
    fn find(&mut self, path: &str, record: u64) -> Result<Option<Article>, RevisitError> {
        let found = |open: &mut Open| {
            let was_fresh = std::mem::take(&mut open.fresh);
            let article =
                open.records.by_ref().flatten().find(|article| article.place.record == record && article.place.path == path);
            (article, was_fresh)
        };
        if let Some(open) = self.open.as_mut().filter(|open| open.path.as_deref().is_none_or(|open| open == path)) {
            let (article, was_fresh) = found(open);
            if article.is_some() || was_fresh {
                return Ok(article);
            }
        }
        let cause = |cause| RevisitError::Open { path: path.to_owned(), cause };
        let inputs = match &self.given {
            Some(inputs) => inputs.clone(),
            None => discover(&[Path::new(path)], &[]).map_err(cause)?,
        };
        let path_of = self.given.is_none().then(|| path.to_owned());
        let records = Records::new(inputs, self.options.clone());
        let open = self.open.insert(Open { path: path_of, records, fresh: true });
        Ok(found(open).0)
    }
}

/// The article that an annotation holds itself.
fn held(annotation: &Annotation<'_>, place: Place, text: &str) -> Article {
    let owned = |field: &Option<std::borrow::Cow<'_, str>>| field.as_deref().map(str::to_owned);
    Article {
        id: annotation.id.to_string(),
        title: owned(&annotation.title),
        body: text.to_owned(),
        published: owned(&annotation.published),
        outlet: owned(&annotation.outlet),
        url: owned(&annotation.url),
        place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Languages;

    fn annotation(path: &str, record: u64, body: &str, text: bool) -> Annotation<'static> {
        let mut value = serde_json::json!({
            "schema":"demarche.annotation/1","id":"a","source":{"path":path,"record":record},"title":null,"published":null,
            "outlet":null,"url":null,"chars":body.len(),"sha256":sha256(body.as_bytes()),"sentences":[],"mentions":[],"entities":[],
            "positions":[],"models":{"ner":{"name":"n","sha256":"0"},"stance":{"name":"s","sha256":"0"}},"tool":"t"});
        if text {
            value["text"] = body.into();
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn articles_are_found_in_any_order_and_told_by_their_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let lines: Vec<String> = (0..20).map(|n| format!("{{\"text\":\"Report {n}.\"}}")).collect();
        std::fs::write(&path, lines.join("\n")).unwrap();
        let name = path.display().to_string();
        let options = Options { languages: Languages::Any, ..Options::default() };
        let given = discover(&[&path], &[]).unwrap();
        for mut articles in [Articles::new(None, options.clone()), Articles::new(Some(given), options)] {
            for record in [0, 3, 19, 2, 2] {
                let found = articles.of(&annotation(&name, record, &format!("Report {record}."), false)).unwrap();
                assert_eq!((found.body, found.place.record), (format!("Report {record}."), record));
            }
            let other = articles.of(&annotation(&name, 5, "Another.", false)).unwrap_err();
            assert!(matches!(other, RevisitError::Other { record: 5, .. }), "{other}");
            let gone = articles.of(&annotation(&name, 20, "Report 20.", false)).unwrap_err();
            assert!(matches!(gone, RevisitError::Gone { record: 20, .. }), "{gone}");
            assert_eq!(articles.of(&annotation("nowhere", 7, "Held.", true)).unwrap().body, "Held.");
        }
        let mut articles = Articles::new(None, Options::default());
        assert!(matches!(articles.of(&annotation("nowhere", 0, "", false)), Err(RevisitError::Open { .. })));
    }
}
