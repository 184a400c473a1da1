//! A run under way: what becomes of each outcome, and what is said at the end.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use demarche::progress::Progress;
use demarche::run::Outcome;
use demarche::sink::manifest::per_second;
use demarche::sink::metrics::Metrics;
use demarche::sink::{Finished, Output, SinkError};
use demarche::source::{Consumed, Cursor};
use demarche::tally::{Surest, Totals};

use crate::cli::LogFormat;

/// How many rejects are told one by one; the rejects file has them all.
const TOLD: u64 = 10;

/// What is written while the run goes on.
pub(super) struct Night {
    pub(super) output: Output,
    pub(super) totals: Totals,
    pub(super) progress: Progress,
    pub(super) consumed: Consumed,
    pub(super) metrics: Option<Metrics>,
    pub(super) format: LogFormat,
    /// Seconds of earlier sittings.
    pub(super) before: f64,
    pub(super) began: Instant,
    /// Rejects of this sitting.
    pub(super) rejected: u64,
}

impl Night {
    /// Writes one outcome.
    pub(super) fn take(&mut self, cursor: Cursor, outcome: Outcome) -> Result<(), SinkError> {
        let tokens = match outcome {
            Outcome::Annotated { line, tally } => {
                self.output.line(&line)?;
                let tokens = tally.tokens;
                self.totals.annotated(*tally);
                tokens
            }
            Outcome::Duplicate(line) => {
                if let Some(line) = line {
                    self.output.line(&line)?;
                }
                self.totals.duplicate();
                0
            }
            Outcome::Rejected(reject) => {
                self.output.reject(&reject)?;
                self.totals.reject(reject.reason);
                self.rejected += 1;
                if self.rejected <= TOLD || self.tells_all() {
                    let (path, record, reason) = (&reject.place.path, reject.place.record, reject.reason.name());
                    tracing::warn!(path, record, reason, "rejected: {}", reject.message);
                }
                0
            }
        };
        self.output.handled(cursor, &self.totals)?;
        self.progress.article(tokens, self.consumed.bytes());
        self.measure(false);
        Ok(())
    }

    /// Whether each reject is told: without a rejects file, and for machines, the message is all there is.
    fn tells_all(&self) -> bool {
        matches!(self.output, Output::Stream(_)) || self.format == LogFormat::Json
    }

    /// Says how many rejects were not told.
    pub(super) fn tell_rest(&self) {
        if self.rejected > TOLD && !self.tells_all() {
            tracing::warn!("rejected: {} more", self.rejected - TOLD);
        }
    }

    /// Writes the metrics. A file that cannot be written is told once, and is no reason to end the run.
    pub(super) fn measure(&mut self, now: bool) {
        let written = self.metrics.as_mut().map(|metrics| metrics.update(&self.totals, self.consumed.bytes(), now));
        if let Some(Err(error)) = written {
            tracing::warn!("the metrics cannot be written ({error}); the run goes on without them");
            self.metrics = None;
        }
    }

    /// How long the run took, all sittings together.
    pub(super) fn time(&self) -> Duration {
        self.began.elapsed() + Duration::try_from_secs_f64(self.before).unwrap_or_default()
    }
}

/// What is said at the end.
pub(super) fn summary(totals: &Totals, time: Duration, place: &str, finished: Option<&Finished>) -> String {
    let mut text = String::new();
    let [support, oppose] = totals.positions;
    let speed = per_second(totals.tokens, time);
    // Writing to a String cannot fail.
    let copies = if totals.duplicates > 0 { format!(", {} duplicates", totals.duplicates) } else { String::new() };
    let _ = writeln!(
        text,
        "{} articles annotated in {:.1} s ({speed:.0} tokens/s), {} rejected{copies}\n\
         {} sentences, {} mentions of {} entities, {} positions ({support} support, {oppose} oppose)",
        totals.annotated,
        time.as_secs_f64(),
        totals.rejects(),
        totals.sentences,
        totals.mentions,
        totals.entities,
        support + oppose,
    );
    if !totals.surest.is_empty() {
        text += "the surest position of an article, surest first:\n";
    }
    for Surest { score, words, article } in &totals.surest {
        let _ = writeln!(text, "  {score:.2}  {words}  [{article}]");
    }
    let shown = |path: &PathBuf| path.display().to_string();
    let place = match finished.map(|finished| finished.files.as_slice()) {
        Some([first, .., last]) => format!("{} to {}", shown(first), shown(last)),
        Some([only]) => shown(only),
        _ => place.to_owned(),
    };
    let _ = writeln!(text, "annotations: {place}");
    if let Some(rejects) = finished.and_then(|finished| finished.rejects.as_ref()) {
        let _ = writeln!(text, "rejects:     {}", shown(rejects));
    }
    text
}
