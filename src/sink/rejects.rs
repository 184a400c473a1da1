//! Rejects: one line of JSON for every piece of input that was not annotated, with its place and reason.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::partial::with_suffix;
use crate::source::Reject;

/// A line of the rejects file.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    record: u64,
    id: Option<&'a str>,
    reason: &'static str,
    /// Whether nothing was read of the file behind it.
    last: bool,
    message: &'a str,
}

/// `NAME.rejects.jsonl`, beside the output.
pub(super) fn beside(output: &Path) -> PathBuf {
    with_suffix(output, ".rejects.jsonl")
}

/// The line of a reject, with its end.
pub(super) fn line(reject: &Reject) -> std::io::Result<Vec<u8>> {
    let line = Line {
        path: &reject.place.path,
        record: reject.place.record,
        id: reject.id.as_deref(),
        reason: reject.reason.name(),
        last: reject.last,
        message: &reject.message,
    };
    let mut bytes = serde_json::to_vec(&line)?;
    bytes.push(b'\n');
    Ok(bytes)
}
