//! `demarche export conll` and the like: annotations -> training data.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, bail};
use demarche::annotation::Annotation;
use demarche::export::Bodies;
use demarche::export::training::marked::OtherText;
use demarche::export::training::select::{How, Sampler, Seen};
use demarche::export::training::{Counts, Format, Marked, WriteError, Writer};
use demarche::revisit::Articles;
use demarche::sink::SinkError;
use demarche::source::discover;

use super::annotated::{Reading, options};
use super::{Done, complain, many};
use crate::cli::{Annotated, Training};

/// Writes annotations as training data.
pub(crate) fn training(format: Format, flags: &Training) -> anyhow::Result<Done> {
    for path in &flags.from.annotations {
        if path != Path::new("-") && super::same(&flags.output, path) {
            bail!("{} would be written over while it is read: name another output with -o", path.display());
        }
    }
    let chosen = sample(flags)?;
    let mut writer = Writer::create(format, &flags.output, flags.split.clone())?;
    let mut passing = Passing::default();
    let written = open(&flags.from)?.each(|read| {
        let annotation = read.annotation;
        let number = passing.number(annotation, flags.drop_duplicates);
        if number.is_none_or(|number| chosen.as_ref().is_some_and(|chosen| !chosen.contains(&number))) {
            return Ok(());
        }
        let Some(body) = read.body() else { return Ok(()) };
        let Ok(marked) = Marked::new(annotation, &body, flags.min_score) else {
            drop(body);
            read.leave_out(&OtherText.to_string());
            return Ok(());
        };
        Ok(writer.article(&marked)?)
    });
    let finished = written.and_then(|done| {
        if done == Done::WithRejects && writer.is_empty() {
            bail!("no article could be written");
        }
        Ok((done, writer.finish()?))
    });
    let (done, counts) = match finished {
        Err(error) if is_broken_pipe(&error) => return Ok(Done::Well),
        other => other?,
    };
    if !flags.from.quiet && std::io::stderr().is_terminal() {
        for counts in &counts {
            complain(&told(counts, format, &flags.output));
        }
    }
    Ok(done)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(WriteError::Sink(SinkError::BrokenPipe)))
}

/// What is said of a part in the end.
fn told(counts: &Counts, format: Format, output: &Path) -> String {
    let Counts { part, articles, mentions, stances, pairs, .. } = counts;
    let place = match format {
        Format::Brat | Format::Hf | Format::LabelStudio if part.is_empty() => output.display().to_string(),
        Format::Brat | Format::Hf | Format::LabelStudio => format!("{}, {part}", output.display()),
        _ => demarche::export::training::part_of(output, part).display().to_string(),
    };
    let (articles, mentions) = (many(*articles, "article"), many(*mentions, "mention"));
    match format {
        Format::Pairs => format!("{place}: {articles}, {}", many(*pairs, "pair")),
        Format::Conll => format!("{place}: {articles}, {mentions}"),
        _ => format!("{place}: {articles}, {mentions}, {}", many(*stances, "stance")),
    }
}

/// The annotations with the bodies that they hold, or those of the articles that the flags or they themselves name.
fn open(from: &Annotated) -> anyhow::Result<Reading> {
    let given = if from.articles.is_empty() { None } else { Some(discover(&from.articles, &[])?) };
    Reading::with(from, Bodies::new(Some(Articles::new(given, options(from.fields.clone(), None)?))))
}

/// The numbers of the articles of the sample that is asked for.
fn sample(flags: &Training) -> anyhow::Result<Option<BTreeSet<u64>>> {
    let [how, many] = flags.sample.as_slice() else { return Ok(None) };
    let how: How = how.parse().map_err(anyhow::Error::msg)?;
    let many: usize =
        many.parse().ok().filter(|many| *many > 0).with_context(|| format!("{many:?} is no number of articles"))?;
    if flags.from.annotations.iter().any(|path| path == Path::new("-")) {
        bail!("standard input cannot be read twice, as a sample needs: save it to a file first");
    }
    let (mut sampler, mut passing) = (Sampler::new(how, many), Passing::default());
    let mut from = flags.from.clone();
    from.articles.clear();
    // Bad lines are told when the annotations are read for good.
    Reading::with(&from, Bodies::new(None))?.silent().each(|read| {
        if let Some(number) = passing.number(read.annotation, flags.drop_duplicates) {
            sampler.see(number, read.annotation);
        }
        Ok(())
    })?;
    Ok(Some(sampler.drawn()))
}

/// Numbers the articles that may be taken.
#[derive(Default)]
struct Passing {
    next: u64,
    seen: Seen,
}

impl Passing {
    /// The number of an article; `None` where it repeats another: a line that says so holds no annotation.
    fn number(&mut self, annotation: &Annotation<'_>, drop_duplicates: bool) -> Option<u64> {
        self.next += 1;
        let copy = annotation.duplicate_of.is_some() || (drop_duplicates && !self.seen.first(annotation));
        (!copy).then_some(self.next)
    }
}
