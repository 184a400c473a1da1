//! `demarche report`: one page of annotations.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use demarche::annotation::Annotation;
use demarche::progress::{Progress, Show};
use demarche::report::Survey;
use demarche::revisit::{Articles, RevisitError};
use demarche::sink::{Lines, Relay, SinkError, Target, journal_of};
use demarche::source::discover;

use super::annotated::options;
use super::{Done, complain};
use crate::cli;

/// Lines that are no annotations are told one by one up to this many.
const TOLD: u64 = 10;
/// A file of which so many articles could not be had is not looked into again: each would cost reading it to its end.
const FAULTS: u8 = 8;
/// The most files of which that is remembered.
const FILES: usize = 1000;

/// Makes the page.
pub(crate) fn report(flags: &cli::Report) -> anyhow::Result<Done> {
    check(&flags.annotations, &flags.output)?;
    let show = if flags.quiet { Show::Never } else { Show::OnTerminal };
    let mut bodies = if flags.no_sentences { None } else { Some(Bodies::new(flags)?) };
    let mut relay = Relay::create(&Target::of(&flags.output))?;
    let mut survey = Survey::new();
    let mut progress = Progress::new(show, None);
    let mut bad = each(&flags.annotations, true, &mut progress, |line| survey.see(line))?;
    if survey.totals().articles == 0 {
        progress.finish();
        bail!("there are no annotations in {}", named(&flags.annotations));
    }
    let mut gather = survey.choose();
    if flags.no_sentences {
        gather = gather.without_sentences();
    }
    bad += each(&flags.annotations, false, &mut progress, |line| {
        gather.see(line, || bodies.as_mut().and_then(|bodies| bodies.of(line)))
    })?;
    progress.finish();
    let page = gather.page(&flags.title).context("the page cannot be written as JSON")?;
    match relay.line(page.as_bytes()).and_then(|()| relay.finish()) {
        Err(SinkError::BrokenPipe) => return Ok(Done::Well),
        other => other?,
    }
    if let Some(first) = bodies.and_then(|bodies| bodies.first_fault).filter(|_| !flags.quiet) {
        let (wanted, had) = gather.sentences();
        complain(&format!("{} of {wanted} evidences are shown without their sentences: {first}", wanted - had));
    }
    if !flags.quiet && std::io::stderr().is_terminal() {
        let totals = gather.totals();
        let (articles, positions) = (totals.articles, totals.support + totals.oppose);
        complain(&format!("{articles} articles, {positions} positions: {}", flags.output.display()));
    }
    Ok(if bad > 0 { Done::WithRejects } else { Done::Well })
}

/// Whether inputs and output can be what they are.
fn check(inputs: &[PathBuf], output: &Path) -> anyhow::Result<()> {
    for path in inputs {
        if path == Path::new("-") {
            bail!("standard input cannot be read twice: save it to a file first");
        }
        if super::same(output, path) {
            bail!("{} would be written over while it is read: name another output with -o", path.display());
        }
        if journal_of(path).exists() {
            bail!("an unfinished run of {} is here: end it with --resume first", path.display());
        }
    }
    Ok(())
}

fn named(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    names.join(", ")
}

/// Hands each line of all files to `see`; those that are no annotations are told, counted and passed over, and so is the rest of a file that
/// cannot be read on. In the second pass nothing is told or counted again.
fn each(
    files: &[PathBuf],
    tell: bool,
    progress: &mut Progress,
    mut see: impl FnMut(&str) -> serde_json::Result<()>,
) -> anyhow::Result<u64> {
    let mut bad = 0;
    let mut fault = |what: String| {
        bad += 1;
        if tell && bad <= TOLD {
            demarche::progress::suspend(|| complain(&what));
        }
    };
    for path in files {
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next() {
            let line = match line {
                Ok(line) => line,
                Err(error) => {
                    fault(format!("{}; the rest of the file is passed over", demarche::chain(&error)));
                    break;
                }
            };
            if let Err(error) = see(&line) {
                let (place, number) = lines.place();
                fault(format!("{place}, line {number}: this is no annotation (see `demarche schema`): {error}"));
            }
            progress.line();
        }
    }
    if tell && bad > TOLD {
        complain(&format!("{} more lines were passed over", bad - TOLD));
    }
    Ok(if tell { bad } else { 0 })
}

/// The texts of articles that the annotations do not hold.
struct Bodies {
    articles: Articles,
    given: bool,
    /// What could not be had of each file.
    faults: BTreeMap<String, u8>,
    first_fault: Option<String>,
}

impl Bodies {
    fn new(flags: &cli::Report) -> anyhow::Result<Self> {
        let reading = options(flags.fields.clone(), flags.config.as_deref())?;
        let given = !flags.articles.is_empty();
        let inputs = if given { Some(discover(&flags.articles, &[])?) } else { None };
        Ok(Self { articles: Articles::new(inputs, reading), given, faults: BTreeMap::new(), first_fault: None })
    }

    /// The text of the article of an annotation.
    fn of(&mut self, line: &str) -> Option<String> {
        let annotation: Annotation<'_> = serde_json::from_str(line).ok()?;
        let path = annotation.source.path.to_string();
        if self.faults.get(&path).is_some_and(|faults| *faults >= FAULTS) {
            return None;
        }
        let (weight, why) = if path == "-" && !self.given {
            (FAULTS, "the articles came from standard input: name them with --articles".to_owned())
        } else {
            match self.articles.of(&annotation) {
                Ok(article) => return Some(article.body),
                Err(error) => (if matches!(error, RevisitError::Open { .. }) { FAULTS } else { 1 }, demarche::chain(&error)),
            }
        };
        if self.faults.contains_key(&path) || self.faults.len() < FILES {
            let faults = self.faults.entry(path).or_default();
            *faults = faults.saturating_add(weight);
        }
        self.first_fault.get_or_insert(why);
        None
    }
}
