//! The rejects file: one line of JSON for every piece of input that was not annotated, with its place and reason.

use std::path::PathBuf;

use serde::Serialize;

use super::jsonl::Lines;
use super::{SinkError, Target};
use crate::source::Reject;

/// A line of the rejects file.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    record: u64,
    id: Option<&'a str>,
    reason: &'static str,
    message: &'a str,
}

/// The writer of `<output>.rejects.jsonl`. The file is made with the first reject.
pub struct Rejects {
    /// `None` where the annotations go to standard output or a device: then the messages have to do.
    path: Option<PathBuf>,
    lines: Option<Lines>,
}

impl Rejects {
    /// The rejects that belong to some output.
    pub fn beside(target: &Target) -> Self {
        let path = match target {
            Target::Stdout => None,
            Target::File(output) if output.metadata().is_ok_and(|data| !data.is_file()) => None,
            Target::File(output) => {
                let mut name = output.clone().into_os_string();
                name.push(".rejects.jsonl");
                Some(name.into())
            }
        };
        Self { path, lines: None }
    }

    /// Where the file will be; `None` where the annotations go to standard output.
    pub const fn path(&self) -> Option<&PathBuf> {
        self.path.as_ref()
    }

    /// Writes one reject.
    pub fn write(&mut self, reject: &Reject) -> Result<(), SinkError> {
        let Some(path) = &self.path else { return Ok(()) };
        let lines = match &mut self.lines {
            Some(lines) => lines,
            none => none.insert(Lines::open(&Target::File(path.clone()))?),
        };
        let line = Line {
            path: &reject.place.path,
            record: reject.place.record,
            id: reject.id.as_deref(),
            reason: reject.reason.name(),
            message: &reject.message,
        };
        let failed = |cause: serde_json::Error| SinkError::Write { place: path.display().to_string(), cause: cause.into() };
        let mut bytes = serde_json::to_vec(&line).map_err(failed)?;
        bytes.push(b'\n');
        lines.write(&bytes)
    }

    /// Ends the file and says where it is. Without rejects there is none, and that of an earlier run is taken away, since
    /// it would speak of another output.
    pub fn finish(self) -> Result<Option<PathBuf>, SinkError> {
        let Some(path) = self.path else { return Ok(None) };
        if let Some(lines) = self.lines {
            lines.finish()?;
            return Ok(Some(path));
        }
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                Err(SinkError::Write { place: path.display().to_string(), cause })
            }
            _ => Ok(None),
        }
    }
}
