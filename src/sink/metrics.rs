//! Metrics of a run in the text form of Prometheus (exposition format 0.0.4), written anew every few seconds for whoever watches: the textfile
//! collector of its node exporter, or `watch cat`.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use super::manifest::replace;
use crate::memory;
use crate::tally::Totals;

/// The least time between two writings.
const PAUSE: Duration = Duration::from_secs(5);

/// A file of metrics.
pub struct Metrics {
    path: PathBuf,
    /// Bytes of all inputs, where that is known.
    input: Option<u64>,
    began: Instant,
    last: Option<Instant>,
}

impl Metrics {
    /// A file that does not stand there before the first [`update`](Self::update).
    pub fn new(path: PathBuf, input: Option<u64>) -> Self {
        Self { path, input, began: Instant::now(), last: None }
    }

    /// Writes the file, if the last writing is a while ago or `now` says so. `consumed` bytes of input have been read. Fails where it cannot be
    /// written.
    pub fn update(&mut self, totals: &Totals, consumed: u64, now: bool) -> std::io::Result<()> {
        if !now && self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return Ok(());
        }
        self.last = Some(Instant::now());
        let text = self.text(totals, consumed, now);
        replace(&self.path, text.as_bytes())
    }

    fn text(&self, totals: &Totals, consumed: u64, ended: bool) -> String {
        let mut page = Page(String::new());
        page.metric("articles_total", "counter", "Records by what became of them.", |add| {
            add("{result=\"annotated\"}", totals.annotated as f64);
            add("{result=\"duplicate\"}", totals.duplicates as f64);
            add("{result=\"rejected\"}", totals.rejects() as f64);
        });
        page.metric("rejects_total", "counter", "Rejects by reason.", |add| {
            for (reason, count) in &totals.rejected {
                add(&format!("{{reason=\"{reason}\"}}"), *count as f64);
            }
        });
        page.metric("positions_total", "counter", "Positions by stance.", |add| {
            add("{stance=\"support\"}", totals.positions[0] as f64);
            add("{stance=\"oppose\"}", totals.positions[1] as f64);
        });
        for (name, help, count) in [
            ("tokens_total", "Tokens of annotated articles.", totals.tokens),
            ("mentions_total", "Mentions of annotated articles.", totals.mentions),
            ("input_read_bytes_total", "Bytes of input read, as they are stored.", consumed),
        ] {
            page.metric(name, "counter", help, |add| add("", count as f64));
        }
        let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        for (name, help, value) in [
            ("input_bytes", "Bytes of all inputs, as they are stored.", self.input.map(|bytes| bytes as f64)),
            ("run_seconds", "Seconds since this sitting of the run began.", Some(self.began.elapsed().as_secs_f64())),
            ("resident_memory_bytes", "Memory taken now.", memory::resident().map(|bytes| bytes as f64)),
            ("peak_memory_bytes", "The most memory taken.", memory::peak().map(|bytes| bytes as f64)),
            ("updated_timestamp_seconds", "When this was written.", Some(seconds)),
            ("ended", "Whether the run is over.", Some(f64::from(u8::from(ended)))),
        ] {
            page.metric(name, "gauge", help, |add| value.into_iter().for_each(|value| add("", value)));
        }
        page.0
    }
}

/// A page under way.
struct Page(String);

impl Page {
    /// One metric: its samples are what `samples` adds, labels and value.
    fn metric(&mut self, name: &str, kind: &str, help: &str, samples: impl FnOnce(&mut dyn FnMut(&str, f64))) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP demarche_{name} {help}\n# TYPE demarche_{name} {kind}");
        samples(&mut |labels, value| {
            let _ = writeln!(self.0, "demarche_{name}{labels} {value}");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Reason;

    #[test]
    fn a_page_has_each_sample_under_its_type() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demarche.prom");
        let mut totals = Totals { annotated: 1_234_567, tokens: 99, positions: [3, 4], ..Totals::default() };
        totals.reject(Reason::Language);
        let mut metrics = Metrics::new(path.clone(), Some(1000));
        metrics.update(&totals, 500, false).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for line in [
            "# TYPE demarche_articles_total counter",
            "demarche_articles_total{result=\"annotated\"} 1234567",
            "demarche_rejects_total{reason=\"language\"} 1",
            "demarche_positions_total{stance=\"oppose\"} 4",
            "demarche_input_bytes 1000",
            "demarche_input_read_bytes_total 500",
            "demarche_ended 0",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} is missing in\n{text}");
        }
        totals.annotated += 1;
        metrics.update(&totals, 600, false).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "it is written every few seconds only");
        metrics.update(&totals, 600, true).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().contains("demarche_ended 1\n"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
