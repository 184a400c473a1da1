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
    offset: Option<u64>,
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
        offset: reject.place.offset,
        id: reject.id.as_deref(),
        reason: reject.reason.name(),
        last: reject.last,
        message: &reject.message,
    };
    let mut bytes = serde_json::to_vec(&line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Place;
    use crate::source::Reason;

    #[test]
    fn the_schema_has_every_reason_and_no_other() {
        let text: serde_json::Value = serde_json::from_str(crate::sink::REJECT_SCHEMA).unwrap();
        let told = text["properties"]["reason"]["oneOf"].as_array().unwrap().len();
        assert_eq!(told, Reason::ALL.len());
        let schema = jsonschema::validator_for(&text).unwrap();
        for reason in Reason::ALL {
            let place = Place { path: "a.txt".to_owned(), record: 3, offset: Some(70) };
            let reject = Reject { place, id: None, reason, message: "so".to_owned(), last: true };
            let line = serde_json::from_slice(&line(&reject).unwrap()).unwrap();
            assert!(schema.is_valid(&line), "{line}");
        }
    }
}
