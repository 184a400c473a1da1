//! `demarche watch`: targets in the annotations of an earlier run.

use anyhow::bail;
use demarche::annotation::{Annotation, WireSource};
use demarche::article::Article;
use demarche::pipeline::Pipeline;
use demarche::progress::{Progress, Show};
use demarche::revisit::Articles;
use demarche::run::{self, Outcome};
use demarche::settings::{IncludeText, Settings, Written};
use demarche::sink::{Lines, Relay, SinkError, Target};
use demarche::source::{Languages, discover};
use demarche::watch::Watch;

use super::{Done, complain};
use crate::cli;

/// Records that each thread is given at a time.
const EACH: usize = 32;

/// A record on its way.
enum Step {
    /// None of the targets is in it, or its article cannot be had: it goes on as it is.
    As(Box<Annotation<'static>>),
    /// It is annotated anew.
    Anew(Box<Article>, IncludeText),
}

/// Looks for targets in the articles of some annotations.
pub(crate) fn watch(flags: cli::Watch) -> anyhow::Result<Done> {
    let watch = Watch::read(&flags.targets)?;
    let output = flags.output.clone().unwrap_or_else(|| "watched.jsonl".into());
    let (annotations, inputs, quiet) = (flags.annotations.clone(), flags.articles.clone(), flags.quiet);
    let mut settings = Settings::resolve(written(flags)?)?;
    // The run before has told the languages.
    settings.reading.languages = Languages::Any;
    let given = if inputs.is_empty() { None } else { Some(discover(&inputs, &[])?) };
    let mut work = Work {
        articles: Articles::new(given, settings.reading.clone()),
        pipeline: Pipeline::watching(&settings.choice, settings.keep, Some(watch.clone()))?,
        relay: Relay::create(&Target::of(&output))?,
        progress: Progress::new(if quiet { Show::Never } else { Show::OnTerminal }, None),
        read: 0,
        seen: 0,
        missed: 0,
    };
    let all = annotations.iter().map(|path| Ok::<_, anyhow::Error>(Lines::open(path)?)).collect::<Result<Vec<_>, _>>()?;
    match work.through(all, &watch, &settings) {
        Err(error) if matches!(error.downcast_ref(), Some(SinkError::BrokenPipe)) => return Ok(Done::Well),
        other => other?,
    }
    let Work { relay, progress, read, seen, missed, .. } = work;
    progress.finish();
    relay.finish()?;
    if !quiet {
        complain(&format!("{read} annotations, {seen} of them with a target: {}", output.display()));
    }
    Ok(if missed > 0 { Done::WithRejects } else { Done::Well })
}

/// The flags over the settings file.
fn written(flags: cli::Watch) -> anyhow::Result<Written> {
    let file = Written::read(flags.config.as_deref())?;
    let flags = Written {
        threads: flags.threads,
        keep_none: flags.keep_none.then_some(true),
        ..super::written_with_fields(flags.engine, flags.fields)
    };
    Ok(flags.over(file))
}

/// What the command works with, and how far it is.
struct Work {
    articles: Articles,
    pipeline: Pipeline,
    relay: Relay,
    progress: Progress,
    read: u64,
    seen: u64,
    missed: u64,
}

impl Work {
    fn through(&mut self, files: Vec<Lines>, watch: &Watch, settings: &Settings) -> anyhow::Result<()> {
        let many = EACH * settings.threads.get();
        let mut steps = Vec::with_capacity(many);
        super::each_line(files.into_iter().map(Ok), |line| {
            steps.push(self.step(serde_json::from_str(line)?, watch));
            if steps.len() == many {
                self.write(&mut steps, settings)?;
            }
            Ok(())
        })?;
        self.write(&mut steps, settings)
    }

    /// What becomes of a record.
    fn step(&mut self, mut annotation: Annotation<'static>, watch: &Watch) -> Step {
        annotation.watch = Some(Vec::new());
        self.read += 1;
        if annotation.duplicate_of.is_some() {
            return Step::As(Box::new(annotation));
        }
        match self.articles.of(&annotation) {
            Ok(article) if watch.sees(&article.body) => {
                self.seen += 1;
                let include = if annotation.text.is_some() { IncludeText::Yes } else { IncludeText::No };
                let article = Article { id: annotation.id.into_owned(), ..article };
                Step::Anew(Box::new(article), include)
            }
            Ok(_) => Step::As(Box::new(annotation)),
            Err(error) => {
                self.missed += 1;
                let WireSource { path, record, .. } = &annotation.source;
                let why = demarche::chain(&error);
                demarche::progress::suspend(|| complain(&format!("{path}, record {record}: not looked at: {why}")));
                annotation.watch = None;
                Step::As(Box::new(annotation))
            }
        }
    }

    /// Annotates what has to be, and writes all in order.
    fn write(&mut self, steps: &mut Vec<Step>, settings: &Settings) -> anyhow::Result<()> {
        let pipeline = &self.pipeline;
        let lines = run::map::<_, _, anyhow::Error>(settings.threads, steps, |step| match step {
            Step::As(annotation) => Ok((serde_json::to_vec(annotation.as_ref())?, 0)),
            Step::Anew(article, include) => match run::outcome(pipeline, article, *include) {
                Outcome::Annotated { line, tally } => Ok((line, tally.tokens)),
                Outcome::Duplicate(_) => Ok((Vec::new(), 0)),
                Outcome::Rejected(reject) => bail!(reject.message),
            },
        })?;
        for line in lines {
            let (mut line, tokens): (Vec<u8>, usize) = line?;
            if line.last() != Some(&b'\n') {
                line.push(b'\n');
            }
            self.relay.line(&line)?;
            self.progress.article(tokens, 0);
        }
        steps.clear();
        Ok(())
    }
}
