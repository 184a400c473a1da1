//! `demarche annotate`: the main job.

use std::fmt::Write;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use demarche::pipeline::Pipeline;
use demarche::progress::{Progress, Show};
use demarche::run::{self, Outcome, Surest, Tally};
use demarche::settings::{Settings, Written};
use demarche::sink::jsonl::Lines;
use demarche::sink::rejects::Rejects;
use demarche::sink::{SinkError, Target};
use demarche::source::{Records, discover, path_of};

use super::{Done, complain};
use crate::cli::{Annotate, Part};

/// How many of the surest positions the summary shows.
const SHOWN: usize = 8;
/// How many rejects are told one by one; the rejects file has them all.
const TOLD: usize = 10;

/// Annotates all inputs.
pub(crate) fn annotate(flags: Annotate) -> anyhow::Result<Done> {
    let (quiet, summary) = (flags.quiet, flags.summary);
    let inputs = named(&flags)?;
    let settings = Settings::resolve(written(flags)?)?;
    let target = Target::of(&settings.output);
    let rejects = Rejects::beside(&target);
    let own: Vec<PathBuf> = rejects.path().into_iter().cloned().chain([settings.output.clone()]).collect();
    let inputs = discover(&inputs, &own)?;
    let pipeline = Pipeline::open(&settings.choice, settings.keep)?;
    let lines = Lines::open(&target)?;
    let bytes = inputs.iter().map(|input| input.bytes).sum();
    let records = Records::new(inputs, settings.reading.clone());
    let consumed = records.consumed();
    let mut progress = Progress::new(if quiet { Show::Never } else { Show::OnTerminal }, bytes);
    let mut night = Night { lines, rejects, totals: Totals::default(), streams: target == Target::Stdout };
    let began = Instant::now();
    let ran = run::run(&pipeline, records, (settings.threads, settings.include_text), |outcome| -> anyhow::Result<()> {
        let tokens = night.take(outcome, &progress)?;
        progress.article(tokens, consumed.bytes());
        Ok(())
    });
    progress.finish();
    match ran.and_then(|()| night.finish()) {
        Ok((totals, rejects)) => {
            if summary || (!quiet && std::io::stderr().is_terminal()) {
                complain(totals.summary(began.elapsed().as_secs_f64(), &settings, rejects.as_ref()).trim_end());
            }
            Ok(if totals.rejected > 0 { Done::WithRejects } else { Done::Well })
        }
        Err(error) if matches!(error.downcast_ref(), Some(SinkError::BrokenPipe)) => Ok(Done::Well),
        Err(error) => Err(error),
    }
}

/// What the flags and the file of `--files-from` name.
fn named(flags: &Annotate) -> anyhow::Result<Vec<PathBuf>> {
    let mut names = flags.inputs.clone();
    let Some(path) = &flags.reading.files_from else { return Ok(names) };
    let mut list = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut list)
    } else {
        File::open(path).and_then(|mut file| file.read_to_end(&mut list))
    };
    read.with_context(|| format!("cannot read the list of files {}", path.display()))?;
    // As `find -print0` writes it, or one a line.
    let end = if list.contains(&0) { 0 } else { b'\n' };
    let lines = list.split(|byte| *byte == end).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    names.extend(lines.filter(|line| !line.trim_ascii().is_empty()).map(path_of));
    Ok(names)
}

/// The flags over the settings file.
fn written(flags: Annotate) -> anyhow::Result<Written> {
    let file = Written::read(flags.config.as_deref())?;
    let flags = Written {
        output: flags.output,
        threads: flags.threads,
        max_article_chars: flags.max_article_chars,
        format: flags.reading.format,
        encoding: flags.reading.encoding,
        any_language: flags.reading.any_language.then_some(true),
        include_text: flags.include.map(|part| part == Part::Text),
        keep_none: flags.keep_none.then_some(true),
        id_field: flags.fields.id_field,
        title_field: flags.fields.title_field,
        text_field: flags.fields.text_field,
        published_field: flags.fields.published_field,
        outlet_field: flags.fields.outlet_field,
        url_field: flags.fields.url_field,
        ..super::written(flags.engine)
    };
    Ok(flags.over(file))
}

/// What is written while the run goes on.
struct Night {
    lines: Lines,
    rejects: Rejects,
    totals: Totals,
    /// Whether somebody may wait for each line.
    streams: bool,
}

impl Night {
    /// Writes one outcome and says how many tokens it had.
    fn take(&mut self, outcome: Outcome, progress: &Progress) -> Result<usize, SinkError> {
        match outcome {
            Outcome::Annotated { line, tally } => {
                self.lines.write(&line)?;
                if self.streams {
                    self.lines.flush()?;
                }
                let tokens = tally.tokens;
                self.totals.add(*tally);
                Ok(tokens)
            }
            Outcome::Rejected(reject) => {
                self.rejects.write(&reject)?;
                self.totals.rejected += 1;
                // Without a rejects file the message is all there is.
                if self.totals.rejected <= TOLD || self.streams {
                    progress.suspend(|| complain(&format!("rejected: {}", reject.message)));
                }
                Ok(0)
            }
        }
    }

    /// Ends the files. Says where the rejects are, if there are any.
    fn finish(self) -> anyhow::Result<(Totals, Option<PathBuf>)> {
        self.lines.finish()?;
        let rejects = self.rejects.finish()?;
        if self.totals.rejected > TOLD && !self.streams {
            complain(&format!("rejected: {} more", self.totals.rejected - TOLD));
        }
        Ok((self.totals, rejects))
    }
}

/// Sums over a run.
#[derive(Default)]
struct Totals {
    articles: usize,
    rejected: usize,
    tokens: usize,
    sentences: usize,
    mentions: usize,
    entities: usize,
    positions: [usize; 2],
    surest: Vec<Surest>,
}

impl Totals {
    fn add(&mut self, tally: Tally) {
        self.articles += 1;
        self.tokens += tally.tokens;
        self.sentences += tally.sentences;
        self.mentions += tally.mentions;
        self.entities += tally.entities;
        self.positions[0] += tally.positions[0];
        self.positions[1] += tally.positions[1];
        if let Some(surest) = tally.surest {
            let at = self.surest.partition_point(|kept| kept.score >= surest.score);
            self.surest.insert(at, surest);
            self.surest.truncate(SHOWN);
        }
    }

    fn summary(&self, seconds: f64, settings: &Settings, rejects: Option<&PathBuf>) -> String {
        let mut text = String::new();
        let [support, oppose] = self.positions;
        let speed = self.tokens as f64 / seconds.max(1e-3);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} articles annotated in {seconds:.1} s ({speed:.0} tokens/s), {} rejected\n\
             {} sentences, {} mentions of {} entities, {} positions ({support} support, {oppose} oppose)",
            self.articles,
            self.rejected,
            self.sentences,
            self.mentions,
            self.entities,
            support + oppose,
        );
        if !self.surest.is_empty() {
            text += "the surest position of an article, surest first:\n";
        }
        for Surest { score, words, article } in &self.surest {
            let _ = writeln!(text, "  {score:.2}  {words}  [{article}]");
        }
        let _ = writeln!(text, "annotations: {}", settings.output.display());
        if let Some(rejects) = rejects {
            let _ = writeln!(text, "rejects:     {}", rejects.display());
        }
        text
    }
}
