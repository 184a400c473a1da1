//! Messages on standard error: for people, or as JSON for machines. They never run into the progress bar.

use std::io::Write;

use demarche::progress;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::cli::{LogFormat, LogLevel, TellingFlags};

/// Installs the writer of messages. A second one in the same process changes nothing.
pub(crate) fn install(telling: &TellingFlags) {
    let TellingFlags { quiet, log_format: format, log_level: level, .. } = *telling;
    let usual = match format {
        _ if quiet => LogLevel::Error,
        LogFormat::Json => LogLevel::Info,
        LogFormat::Text => LogLevel::Warn,
    };
    let level = match level.unwrap_or(usual) {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_writer(|| BesideTheBar);
    let _ = match format {
        LogFormat::Json => tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish()),
        LogFormat::Text => tracing::subscriber::set_global_default(builder.event_format(ForPeople).finish()),
    };
}

/// Standard error with the bar out of the way. Where even that is closed there is nobody to tell.
struct BesideTheBar;

impl Write for BesideTheBar {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        progress::suspend(|| std::io::stderr().lock().write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The words of a message alone.
struct ForPeople;

impl<S, F> FormatEvent<S, F> for ForPeople
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    F: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, F>, mut writer: Writer<'_>, event: &Event<'_>) -> std::fmt::Result {
        let mut words = Words(String::new());
        event.record(&mut words);
        writeln!(writer, "{}", words.0)
    }
}

/// The message of an event. Its other fields say the same for machines.
struct Words(String);

impl tracing::field::Visit for Words {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
