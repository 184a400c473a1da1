//! Cases of the command line, each a `.toml` file in tests/cli/:
//!
//! `args`, and optionally `stdin`, `files` (name = content, made in the empty folder in which the program runs), `status`,
//! `stdout` and `stderr` (texts that must occur), `silent` (the streams that must be empty), `made` and `absent` (files).

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::support::{demarche, root};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    args: Vec<String>,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    status: i32,
    #[serde(default)]
    stdout: Vec<String>,
    #[serde(default)]
    stderr: Vec<String>,
    #[serde(default)]
    silent: Vec<String>,
    #[serde(default)]
    made: Vec<String>,
    #[serde(default)]
    absent: Vec<String>,
}

fn check(name: &str, case: &Case) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    for (file, content) in &case.files {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let mut command = demarche(folder.path());
    let command = command.args(&case.args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read its input closes it; that is its right.
    let _ = child.stdin.take().unwrap().write_all(case.stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let exists = |file: &String| Path::new(folder.path()).join(file).exists();
    let missing = |expected: &[String], text: &str| expected.iter().find(|part| !text.contains(part.as_str())).cloned();
    let fault = if output.status.code() != Some(case.status) {
        Some(format!("exit code {:?}", output.status.code()))
    } else if let Some(part) = missing(&case.stdout, &stdout).or_else(|| missing(&case.stderr, &stderr)) {
        Some(format!("{part:?} is missing"))
    } else if case.silent.iter().any(|stream| !if stream == "stdout" { &stdout } else { &stderr }.is_empty()) {
        Some("a stream is not silent".to_owned())
    } else if !case.made.iter().all(exists) || case.absent.iter().any(exists) {
        Some("the files are not those expected".to_owned())
    } else {
        None
    };
    fault.map_or(Ok(()), |fault| Err(format!("{name}: {fault}\nstdout: {stdout}\nstderr: {stderr}")))
}

#[test]
fn every_case_holds() {
    let mut paths: Vec<_> =
        std::fs::read_dir(root().join("tests/cli")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let faults: Vec<String> = paths
        .iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let case = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            check(&path.file_stem().unwrap().to_string_lossy(), &case).err()
        })
        .collect();
    assert!(paths.len() > 10, "the cases are not found");
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn a_closed_pipe_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let line = "{\"text\": \"Kenya praised Uganda.\"}\n";
    std::fs::write(folder.path().join("wire.jsonl"), line.repeat(400)).unwrap();
    let mut command = demarche(folder.path());
    let mut child =
        command.args(["annotate", "wire.jsonl", "-o", "-"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

/// Each worker waits for the engine's own threads; none may take up another's work meanwhile (it would wait for itself).
#[test]
fn more_threads_than_cores_come_to_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let line = "{\"text\": \"Kenya praised Uganda.\"}\n";
    std::fs::write(folder.path().join("wire.jsonl"), line.repeat(300)).unwrap();
    for _ in 0..5 {
        let mut command = demarche(folder.path());
        command.args(["annotate", "wire.jsonl", "-o", "out.jsonl", "--threads", "8"]);
        let mut child = command.spawn().unwrap();
        let start = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if start.elapsed() > Duration::from_mins(1) {
                child.kill().unwrap();
                panic!("the run stands still");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}
