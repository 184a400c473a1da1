//! What all commands share that read annotations back: the bar, bad lines, bodies.

use std::path::Path;

use anyhow::Context;
use demarche::annotation::Annotation;
use demarche::export::{Annotations, Bodies};
use demarche::progress::{Progress, Show, suspend};
use demarche::revisit::Articles;
use demarche::settings::{Settings, Written};
use demarche::source::{Languages, Options, discover};

use super::{Done, complain};
use crate::cli::{Annotated, FieldNames};

/// So many faults of one kind are told one by one; the rest is counted.
const TOLD: u64 = 20;

/// Annotations that are read back.
pub(crate) struct Reading {
    lines: Annotations,
    bodies: Bodies,
    progress: Progress,
    faults: u64,
    heard: bool,
}

impl Reading {
    /// Opens what the flags name. Articles are read again only where the flags name them.
    pub(crate) fn open(from: &Annotated) -> anyhow::Result<Self> {
        let articles = if from.articles.is_empty() {
            None
        } else {
            Some(Articles::new(Some(discover(&from.articles, &[])?), options(from.fields.clone())?))
        };
        Self::with(from, Bodies::new(articles))
    }

    /// The same with bodies from elsewhere.
    pub(crate) fn with(from: &Annotated, bodies: Bodies) -> anyhow::Result<Self> {
        let bytes = from.annotations.iter().map(|path| length(path)).sum::<anyhow::Result<Option<u64>>>()?;
        let show = if from.quiet { Show::Never } else { Show::OnTerminal };
        let (lines, progress) = (Annotations::new(from.annotations.clone()), Progress::new(show, bytes));
        Ok(Self { lines, bodies, progress, faults: 0, heard: true })
    }

    /// The same without a word on bad lines: they are told when the annotations are read once more.
    pub(crate) fn unheard(self) -> Self {
        Self { heard: false, ..self }
    }

    /// Hands out each annotation with its body, where somebody has it. A line that is no annotation is told and passed over.
    pub(crate) fn each(
        mut self,
        mut take: impl FnMut(&Annotation<'static>, &mut Bodies) -> anyhow::Result<()>,
    ) -> anyhow::Result<Done> {
        while let Some(read) = self.lines.next() {
            match read {
                Ok(annotation) => take(&annotation, &mut self.bodies)?,
                Err(error) => self.fault(&demarche::chain(&error)),
            }
            self.progress.annotation(self.lines.consumed());
        }
        self.progress.finish();
        if self.heard && self.faults > TOLD {
            complain(&format!("and {} more like these", self.faults - TOLD));
        }
        Ok(if self.faults > 0 { Done::WithRejects } else { Done::Well })
    }

    fn fault(&mut self, what: &str) {
        self.faults += 1;
        if self.heard && self.faults <= TOLD {
            suspend(|| complain(what));
        }
    }
}

/// The length of a file; `None` of what is no file. Fails where it is not there: a name that was typed wrong is told at once.
fn length(path: &Path) -> anyhow::Result<Option<u64>> {
    if path.as_os_str() == "-" {
        return Ok(None);
    }
    let data = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    if data.is_dir() {
        anyhow::bail!("{} is a folder: name the files of annotations in it", path.display());
    }
    Ok(data.is_file().then_some(data.len()))
}

/// How articles are read again: by `demarche.toml` and the flags, in whatever language, as the run before has told that.
pub(crate) fn options(fields: FieldNames) -> anyhow::Result<Options> {
    let flags = Written {
        id_field: fields.id_field,
        title_field: fields.title_field,
        text_field: fields.text_field,
        published_field: fields.published_field,
        outlet_field: fields.outlet_field,
        url_field: fields.url_field,
        ..Written::default()
    };
    let settings = Settings::resolve(flags.over(Written::read(None)?))?;
    Ok(Options { languages: Languages::Any, ..settings.reading })
}
