//! What all commands share that read annotations back: the bar, bad lines, bodies.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, bail};
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
    faults: Faults,
}

/// What is amiss: told, and counted.
#[derive(Default)]
pub(crate) struct Faults {
    count: u64,
    /// Nothing is told, as all is read once more.
    silent: bool,
}

/// An annotation that was read back.
pub(crate) struct Read<'a> {
    /// The annotation; it is sound.
    pub(crate) annotation: &'a Annotation<'static>,
    bodies: &'a mut Bodies,
    faults: &'a mut Faults,
}

impl Read<'_> {
    /// Its body, where somebody has it; where not, nobody minds.
    pub(crate) fn body_if_there(&mut self) -> Option<Cow<'_, str>> {
        self.bodies.of(self.annotation).ok().flatten()
    }

    /// Its body, where somebody has it. One that ought to be there and is not is told.
    pub(crate) fn body(&mut self) -> Option<Cow<'_, str>> {
        match self.bodies.of(self.annotation) {
            Ok(body) => body,
            Err(error) => {
                self.faults.tell(&format!("{}: no text: {}", self.annotation.id, demarche::chain(&error)));
                None
            }
        }
    }
}

impl Read<'_> {
    /// Tells why it is left out.
    pub(crate) fn leave_out(&mut self, why: &str) {
        self.faults.tell(&format!("{}: left out: {why}", self.annotation.id));
    }
}

impl Faults {
    fn tell(&mut self, what: &str) {
        self.count += 1;
        if self.count <= TOLD && !self.silent {
            suspend(|| complain(what));
        }
    }

    fn end(&self) -> Done {
        if self.count > TOLD && !self.silent {
            complain(&format!("and {} more like these", self.count - TOLD));
        }
        if self.count > 0 { Done::WithRejects } else { Done::Well }
    }
}

impl Reading {
    /// Opens what the flags name. Articles are read again only where the flags name them.
    pub(crate) fn open(from: &Annotated) -> anyhow::Result<Self> {
        let articles = if from.articles.is_empty() {
            None
        } else {
            Some(Articles::new(Some(discover(&from.articles, &[])?), options(from.fields.clone(), None)?))
        };
        Self::with(from, Bodies::new(articles))
    }

    /// The same with bodies from elsewhere.
    pub(crate) fn with(from: &Annotated, bodies: Bodies) -> anyhow::Result<Self> {
        let bytes = from.annotations.iter().map(|path| length(path)).sum::<anyhow::Result<Option<u64>>>()?;
        let show = if from.quiet { Show::Never } else { Show::OnTerminal };
        let (lines, progress) = (Annotations::new(from.annotations.clone()), Progress::new(show, bytes));
        Ok(Self { lines, bodies, progress, faults: Faults::default() })
    }

    /// The same without a word on what is amiss, for a first of two readings.
    pub(crate) fn silent(mut self) -> Self {
        self.faults.silent = true;
        self
    }

    /// Hands out each annotation. A line that is none is told and passed over; where all lines are none that is an error.
    pub(crate) fn each(self, mut take: impl FnMut(&mut Read<'_>) -> anyhow::Result<()>) -> anyhow::Result<Done> {
        self.until(|read| take(read).map(|()| Next::More))
    }

    /// The same until somebody has enough.
    pub(crate) fn until(mut self, mut take: impl FnMut(&mut Read<'_>) -> anyhow::Result<Next>) -> anyhow::Result<Done> {
        let (mut any, silent) = (false, self.faults.silent);
        while let Some(read) = self.lines.next() {
            match read {
                Ok(annotation) => {
                    any = true;
                    let Self { bodies, faults, .. } = &mut self;
                    if take(&mut Read { annotation: &annotation, bodies, faults })? == Next::Enough {
                        break;
                    }
                }
                Err(error) => self.faults.tell(&demarche::chain(&error)),
            }
            self.progress.annotation(self.lines.consumed());
        }
        self.progress.finish();
        let done = self.faults.end();
        if done == Done::WithRejects && !any && !silent {
            bail!("there is no annotation in what was named");
        }
        Ok(done)
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    More,
    Enough,
}

/// The length of a file; `None` of what is no file. Fails where it is not there: a name that was typed wrong is told at once.
fn length(path: &Path) -> anyhow::Result<Option<u64>> {
    if path.as_os_str() == "-" {
        return Ok(None);
    }
    let data = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    if data.is_dir() {
        bail!("{} is a folder: name the files of annotations in it", path.display());
    }
    Ok(data.is_file().then_some(data.len()))
}

/// How articles are read again: by a settings file (`demarche.toml` where none is named) and the flags, in whatever language, as the run before has
/// told that.
pub(crate) fn options(fields: FieldNames, config: Option<&Path>) -> anyhow::Result<Options> {
    let flags = super::with_fields(Written::default(), fields);
    let settings = Settings::resolve(flags.over(Written::read(config)?))?;
    Ok(Options { languages: Languages::Any, ..settings.reading })
}
