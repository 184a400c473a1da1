//! `demarche annotate`: the main job.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use anyhow::{Context, bail};
use demarche::identity::Identity;
use demarche::pipeline::Pipeline;
use demarche::progress::{Progress, Rows, Show};
use demarche::run::{self, Manner};
use demarche::settings::{DedupName, Duplicates, RollUpName, Settings, Written};
use demarche::sink::manifest::{Inputs, LISTED, Listed, Manifest, Model, VERSION, moment, per_second};
use demarche::sink::metrics::Metrics;
use demarche::sink::{Begun, Checkpoint, Finished, How, Kept, Output, Plan, SinkError, Streamed, Target};
use demarche::source::{Input, Reading, Selection, discover, path_of};
use demarche::tally::Totals;
use demarche::watch::Watch;

use super::night::{Night, summary};
use super::{Done, complain, log, same};
use crate::cli::{self, Annotate, LogFormat, LongFlags, Part, TellingFlags};

/// Where a second try writes where nothing else is said: never over the first.
const RETRIED: &str = "retried.jsonl";

/// What a run is made of.
struct Job {
    settings: Settings,
    target: Target,
    inputs: Vec<Input>,
    selection: Option<Selection>,
    pipeline: Pipeline,
    identity: Identity,
    how: How,
    telling: TellingFlags,
    began: SystemTime,
}

/// Annotates all inputs.
pub(crate) fn annotate(flags: Annotate) -> anyhow::Result<Done> {
    log::install(&flags.telling);
    let job = Job::new(flags)?;
    if job.how == How::Resume
        && let Some(done) = job.whole_already()
    {
        return Ok(done);
    }
    let (output, from) = match Streamed::open(&job.target)? {
        Some(stream) => (Output::Stream(stream), Checkpoint::default()),
        None => match Kept::begin(job.plan(), job.how)? {
            Begun::Fresh(files) => (Output::Kept(files), Checkpoint::default()),
            Begun::Resumed(files, from) => {
                job.say(&format!("going on behind {} records that are done", from.totals.read()));
                (Output::Kept(files), *from)
            }
            Begun::Done(finished, from) => return job.end(&from.totals, from.seconds, Some(finished)),
        },
    };
    job.run(output, &from)
}

impl Job {
    fn new(mut flags: Annotate) -> anyhow::Result<Self> {
        let began = SystemTime::now();
        let selection = flags.long.only_rejects.as_deref().map(Selection::read).transpose()?;
        let names = named(&flags)?;
        let LongFlags { resume, restart, only_rejects, .. } = &flags.long;
        let how = if *resume {
            How::Resume
        } else if *restart {
            How::Restart
        } else {
            How::Careful
        };
        if only_rejects.is_some() && flags.output.is_none() {
            flags.output = Some(RETRIED.into());
        }
        let mut others: Vec<(&str, String)> =
            selection.iter().map(|selection| ("only-rejects", selection.sha256().to_owned())).collect();
        let (rejects_read, telling) = (only_rejects.clone(), flags.telling.clone());
        let settings = Settings::resolve(written(flags)?)?;
        let target = Target::of(&settings.output);
        let own: Vec<PathBuf> = target.rejects().into_iter().chain([settings.output.clone()]).collect();
        if let Some(path) = rejects_read.filter(|path| own.iter().any(|own| same(own, path))) {
            bail!("{} would be written over: name another output with -o", path.display());
        }
        let inputs = match &selection {
            Some(selection) => selection.inputs(),
            None => discover(&names, &own)?,
        };
        if how == How::Resume && inputs.iter().any(Input::is_stdin) {
            bail!("standard input cannot be read again, so --resume cannot go on: save it to a file first");
        }
        let watch = settings.targets.as_deref().map(Watch::read).transpose()?;
        others.extend(watch.iter().map(|watch| ("targets", watch.sha256().to_owned())));
        let pipeline =
            Pipeline::watching(&settings.choice, settings.keep, watch)?.rolling_up(settings.roll_up).refer(settings.refer);
        others.extend(pipeline.resolver().map(|model| ("model-of-references", model.sha256.clone())));
        others.extend(pipeline.claims().map(|model| ("model-of-claims", model.sha256.clone())));
        let identity = Identity::new(&settings, pipeline.models(), &inputs, &others);
        Ok(Self { settings, target, inputs, selection, pipeline, identity, how, telling, began })
    }

    fn plan(&self) -> Plan {
        let Settings { output, shard_size, .. } = &self.settings;
        Plan { path: output.clone(), shard_size: *shard_size, identity: self.identity.clone() }
    }

    /// Where this very run is over already, how it ended.
    fn whole_already(&self) -> Option<Done> {
        let manifest = Manifest::read(&self.settings.output)?;
        let there = manifest.outputs.iter().all(|listed| Path::new(&listed.path).exists());
        if manifest.state != "finished" || manifest.identity != self.identity || !there || self.unfinished() {
            return None;
        }
        self.say(&format!("{} is whole already: nothing to do", self.settings.output.display()));
        Some(if manifest.exit_code == 0 { Done::Well } else { Done::WithRejects })
    }

    /// Tells something that is no fault.
    fn say(&self, words: &str) {
        if self.telling.log_format == LogFormat::Json {
            tracing::info!("{words}");
        } else if !self.telling.quiet {
            complain(words);
        }
    }

    fn unfinished(&self) -> bool {
        demarche::sink::journal_of(&self.settings.output).exists()
    }

    /// Annotates what stands behind a checkpoint.
    fn run(mut self, output: Output, from: &Checkpoint) -> anyhow::Result<Done> {
        let Settings { threads, include_text, duplicates, dedup, .. } = self.settings;
        let reading = Reading::new(self.inputs.clone(), self.settings.reading.clone(), self.selection.take(), dedup);
        let reading = reading.resume(from.cursor)?;
        let consumed = reading.records().consumed();
        let bytes = self.inputs.iter().map(|input| input.bytes).sum();
        let hidden = self.telling.quiet || self.telling.log_format == LogFormat::Json;
        tracing::info!(inputs = self.inputs.len(), done = from.totals.read(), "the run begins");
        let mut night = Night {
            output,
            totals: from.totals.clone(),
            progress: Progress::new(if hidden { Show::Never } else { Show::OnTerminal }, bytes),
            consumed,
            metrics: self.settings.metrics.clone().map(|path| Metrics::new(path, bytes)),
            format: self.telling.log_format,
            before: from.seconds,
            began: Instant::now(),
            rejected: 0,
        };
        night.measure(true);
        let manner = Manner { threads, include: include_text, duplicates };
        let ran = run::run(&self.pipeline, reading, manner, |cursor, outcome| -> anyhow::Result<()> {
            Ok(night.take(cursor, outcome)?)
        });
        night.measure(true);
        night.tell_rest();
        let time = night.time();
        let Night { output, totals, progress, .. } = night;
        progress.finish();
        let finished = match ran {
            Ok(()) => output.finish().map_err(anyhow::Error::from),
            Err(error) => {
                if let Output::Kept(files) = output {
                    files.abandon();
                }
                Err(error)
            }
        };
        match finished {
            Ok(finished) => self.end(&totals, time.as_secs_f64(), finished),
            Err(error) if matches!(error.downcast_ref(), Some(SinkError::BrokenPipe)) => Ok(Done::Well),
            Err(error) => {
                self.stopped(&totals, time.as_secs_f64(), &error);
                Err(error)
            }
        }
    }

    /// Writes the manifest, ends the journal and says what was done.
    fn end(&self, totals: &Totals, seconds: f64, finished: Option<Finished>) -> anyhow::Result<Done> {
        let done = if totals.rejects() > 0 { Done::WithRejects } else { Done::Well };
        let telling = &self.telling;
        let time = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
        if telling.log_format == LogFormat::Json {
            let (annotated, duplicates, rejected) = (totals.annotated, totals.duplicates, totals.rejects());
            tracing::info!(annotated, duplicates, rejected, tokens = totals.tokens, seconds, "the run is over");
        } else if telling.summary || (!telling.quiet && std::io::stderr().is_terminal()) {
            let place = self.settings.output.display().to_string();
            complain(summary(totals, time, &place, finished.as_ref()).trim_end());
        }
        if let Some(finished) = finished {
            let mut manifest = self.manifest(totals, seconds);
            "finished".clone_into(&mut manifest.state);
            manifest.exit_code = done.code();
            manifest.outputs = finished.files.iter().map(|path| Listed::read(path.display().to_string(), path)).collect();
            manifest.rejects = finished.rejects.as_ref().map(|path| path.display().to_string());
            manifest.write(&self.settings.output).context("the output is whole; its manifest cannot be written")?;
            finished.close().context("the output is whole; its journal cannot be taken away")?;
        }
        Ok(done)
    }

    /// The manifest of a run that was stopped, if anything is kept of it.
    fn stopped(&self, totals: &Totals, seconds: f64, error: &anyhow::Error) {
        if matches!(self.target, Target::File(_)) && self.unfinished() {
            let mut manifest = self.manifest(totals, seconds);
            manifest.error = Some(format!("{error:#}"));
            // The cause that stopped the run may well stop this too, and counts more.
            let _ = manifest.write(&self.settings.output);
        }
    }

    /// What a manifest says of any run.
    fn manifest(&self, totals: &Totals, seconds: f64) -> Manifest {
        let models = self.pipeline.models();
        let model = |id: &demarche::engine::ModelId| Model { name: id.name.clone(), sha256: id.sha256.clone() };
        let time = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
        Manifest {
            schema: VERSION.to_owned(),
            state: "stopped".to_owned(),
            error: None,
            exit_code: Done::Badly.code(),
            began: moment(self.began),
            ended: moment(SystemTime::now()),
            seconds: (seconds * 1e3).round() / 1e3,
            identity: self.identity.clone(),
            threads: self.settings.threads.get(),
            models: [("ner", &models.tagger), ("stance", &models.judge)]
                .into_iter()
                .chain(self.pipeline.resolver().map(|id| ("references", id)))
                .chain(self.pipeline.claims().map(|id| ("claims", id)))
                .map(|(role, id)| (role.to_owned(), model(id)))
                .collect(),
            inputs: self.digests(),
            counts: totals.into(),
            articles_per_second: per_second(totals.annotated, time),
            tokens_per_second: per_second(totals.tokens, time),
            peak_memory: demarche::memory::peak(),
            outputs: Vec::new(),
            rejects: None,
        }
    }

    /// The inputs with their digests. They are read once more for it, which takes a thousandth of the time of their annotation.
    fn digests(&self) -> Inputs {
        let shown = self.inputs.len().min(LISTED);
        let rows = Rows::new(shown);
        let listed = self.inputs[..shown].iter().map(|input| {
            rows.done(match input.file_path() {
                Some(path) => Listed::read(input.path.clone(), path),
                None => Listed { path: input.path.clone(), bytes: None, sha256: None },
            })
        });
        Inputs {
            files: self.inputs.len(),
            bytes: self.inputs.iter().filter_map(|input| input.bytes).sum(),
            listed: listed.collect(),
        }
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
        shard_size: flags.long.shard_size,
        metrics: flags.telling.metrics,
        dedup: flags.reading.dedup.map(|how| match how {
            cli::DedupName::Exact => DedupName::Exact,
            cli::DedupName::Near => DedupName::Near,
        }),
        dedup_threshold: flags.reading.dedup_threshold,
        duplicates: flags.reading.duplicates.map(|what| match what {
            cli::Duplicates::Mark => Duplicates::Mark,
            cli::Duplicates::Drop => Duplicates::Drop,
        }),
        include_text: flags.include.map(|part| part == Part::Text),
        keep_none: flags.keep_none.then_some(true),
        targets: flags.targets,
        roll_up: flags.roll_up.map(|cli::RollUpName::Country| RollUpName::Country),
        no_references: flags.no_references.then_some(true),
        ..super::written_with_fields(flags.engine, flags.fields)
    };
    Ok(flags.over(file))
}
