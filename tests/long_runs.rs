//! Long runs: killed, out of space, robbed of their files, begun with other settings. What is written then is byte for byte that of an
//! undisturbed run, or a clear refusal.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{articles, demarche, rows};

/// Records of an archive: the sample articles over and over under other names, with bad lines between them.
fn archive(records: usize) -> String {
    let mut texts: Vec<PathBuf> = std::fs::read_dir(articles()).unwrap().map(|entry| entry.unwrap().path()).collect();
    texts.sort();
    let texts: Vec<String> = texts.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let line = |number: usize| match number % 13 {
        5 => format!("{{\"id\": \"bad-{number}\"}}\n"),
        _ => serde_json::json!({"id": format!("a-{number}"), "text": texts[number % texts.len()]}).to_string() + "\n",
    };
    (0..records).map(line).collect()
}

/// Two files of records, one of them compressed.
fn inputs(folder: &Path, records: usize) {
    let lines = archive(records);
    let middle = lines[..lines.len() / 2].rfind('\n').unwrap() + 1;
    std::fs::create_dir_all(folder.join("in")).unwrap();
    std::fs::write(folder.join("in/a.jsonl"), &lines[..middle]).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&lines.as_bytes()[middle..]).unwrap();
    std::fs::write(folder.join("in/b.jsonl.gz"), encoder.finish().unwrap()).unwrap();
}

fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = demarche(folder).args(["annotate", "in"]).args(args).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// All files of a folder but the inputs and the manifests, which tell the time.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, Vec<u8>)> = entries
        .filter(|path| path.is_file() && !path.to_string_lossy().ends_with(".run.json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// A sequence of numbers below a bound (an LCG of Knuth's), from a seed that a failure names.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Starts a run, and kills it after a while unless it is over; says whether it was killed.
fn kill(folder: &Path, args: &[&str], after: Duration) -> bool {
    let mut command = demarche(folder);
    command.args(["annotate", "in", "--quiet"]).args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(after);
    // SIGKILL, which no program can answer.
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// `DEMARCHE_KILLS=50 cargo test --release killed -- --no-capture` kills as many runs.
#[test]
fn a_run_that_is_killed_goes_on_to_the_bytes_of_an_undisturbed_one() {
    let wanted: usize = std::env::var("DEMARCHE_KILLS").map_or(5, |text| text.parse().unwrap());
    let seed = u64::from(std::process::id());
    let mut random = Random(seed);
    let shapes: [&[&str]; 5] = [
        &["-o", "out.jsonl", "--threads", "1"],
        &["-o", "out.jsonl.zst", "--threads", "1"],
        &["-o", "out.jsonl.gz", "--threads", "3"],
        &["-o", "out.jsonl", "--shard-size", "40", "--threads", "1"],
        &["-o", "out.jsonl", "--dedup", "near"],
    ];
    let folder = tempfile::tempdir().unwrap();
    inputs(folder.path(), 120);
    let undisturbed = shapes.map(|shape| {
        let whole = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path().join("in"), whole.path().join("in")).unwrap();
        let began = Instant::now();
        assert_eq!(run(whole.path(), shape).0, Some(2));
        (files(whole.path()), began.elapsed().as_millis() as u64)
    });
    let (mut kills, mut resumed) = (0_usize, 0_usize);
    for number in 0..wanted {
        let (shape, (expected, millis)) = (shapes[number % 5], &undisturbed[number % 5]);
        let args = [shape, &["--resume"]].concat();
        clear(folder.path());
        // Some are killed more than once. One that was over before it could be killed begins anew.
        let mut left = 1 + random.below(2);
        while left > 0 {
            if kill(folder.path(), &args, Duration::from_millis(random.below(*millis))) {
                (kills, left) = (kills + 1, left - 1);
            } else {
                clear(folder.path());
            }
            let journal = std::fs::read_to_string(folder.path().join(format!("{}.journal", shape[1])));
            resumed += usize::from(journal.is_ok_and(|journal| journal.lines().count() > 1));
        }
        assert_eq!(run(folder.path(), &args).0, Some(2), "{shape:?}, seed {seed}");
        let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let found = files(folder.path());
        assert_eq!(names(&found), names(expected), "{shape:?}, seed {seed}");
        assert!(found == *expected, "{shape:?}, seed {seed}: other bytes");
    }
    #[allow(clippy::print_stdout)]
    {
        println!("{wanted} runs, {kills} kills, {resumed} of them behind a checkpoint; seed {seed}");
    }
    assert!(kills >= wanted && resumed > 0, "no run was killed behind a checkpoint; seed {seed}");
}

/// Takes all files of a folder away but the inputs.
fn clear(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// Stops a run once its journal holds a checkpoint.
fn stop_behind_a_checkpoint(folder: &Path, args: &[&str], output: &str) {
    let mut command = demarche(folder);
    command.args(["annotate", "in", "--quiet", "--threads", "1"]).args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let journal = folder.join(format!("{output}.journal"));
    let checkpoints = || std::fs::read_to_string(&journal).unwrap_or_default().lines().count() > 1;
    while !checkpoints() {
        assert!(child.try_wait().unwrap().is_none(), "the run is over before its first checkpoint");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_unfinished_run_is_not_written_over_and_not_mixed_with_another() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 150);
    stop_behind_a_checkpoint(folder, &["-o", "out.jsonl"], "out.jsonl");
    let before = files(folder);

    let (status, stderr) = run(folder, &["-o", "out.jsonl"]);
    assert_eq!(status, Some(1));
    assert!(stderr.contains("an unfinished run of out.jsonl is here") && stderr.contains("--resume"), "{stderr}");
    let others = [
        (&["--keep-none"][..], "keep-none was false"),
        (&["--any-language"], "any-language"),
        (&["--roll-up", "country"], "roll-up was none"),
    ];
    for (args, part) in others {
        let (status, stderr) = run(folder, &[&["-o", "out.jsonl", "--resume"], args].concat());
        assert_eq!(status, Some(1));
        assert!(stderr.contains("cannot go on with out.jsonl") && stderr.contains(part), "{stderr}");
    }
    std::fs::write(folder.join("in/c.jsonl"), "").unwrap();
    let (status, stderr) = run(folder, &["-o", "out.jsonl", "--resume"]);
    assert!(status == Some(1) && stderr.contains("its inputs have changed"), "{stderr}");
    std::fs::remove_file(folder.join("in/c.jsonl")).unwrap();
    assert!(files(folder) == before, "a refusal changes nothing");

    // A damaged partial is told, too.
    let partial = folder.join("out.jsonl.partial");
    let held = std::fs::read(&partial).unwrap();
    std::fs::write(&partial, &held[..10]).unwrap();
    let (status, stderr) = run(folder, &["-o", "out.jsonl", "--resume"]);
    assert!(status == Some(1) && stderr.contains("out.jsonl.partial is damaged"), "{stderr}");

    assert_eq!(run(folder, &["-o", "out.jsonl", "--restart"]).0, Some(2));
    let (status, stderr) = run(folder, &["-o", "out.jsonl", "--resume"]);
    assert_eq!((status, stderr.trim()), (Some(2), "out.jsonl is whole already: nothing to do"));
    assert!(!folder.join("out.jsonl.journal").exists());
}

#[test]
fn two_runs_do_not_write_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 100);
    let mut command = demarche(folder);
    let mut first = command.args(["annotate", "in", "--quiet", "--threads", "1"]).stderr(Stdio::null()).spawn().unwrap();
    while !folder.join("annotations.jsonl.journal").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(50));
    let (status, stderr) = run(folder, &["--restart"]);
    assert!(status == Some(1) && stderr.contains("another run is writing annotations.jsonl"), "{stderr}");
    assert_eq!(first.wait().unwrap().code(), Some(2));
}

/// The records of an output and its rejects, in the order of the input.
fn ids(folder: &Path, output: &str) -> usize {
    let name = |row: &Value| row["id"].as_str().unwrap().to_owned();
    let found: Vec<String> = rows(&folder.join(output)).iter().map(name).collect();
    let rejected = rows(&folder.join(format!("{output}.rejects.jsonl")));
    assert!(found.iter().zip(found.iter().skip(1)).all(|(a, b)| a != b));
    found.len() + rejected.len()
}

#[test]
fn a_full_disk_loses_no_finished_record() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 160);
    // A limit on the size of a file stands in for the disk: a write behind it fails. In blocks of 512 bytes.
    let program = env!("CARGO_BIN_EXE_demarche");
    let limited = |blocks: u32, how: &str| {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} annotate in -o out.jsonl --threads 1 {how}");
        Command::new("sh").current_dir(folder).args(["-c", &script]).output().unwrap()
    };
    let output = limited(700, "");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("writing out.jsonl") && stderr.contains("records are safe"), "{stderr}");
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("out.jsonl.run.json")).unwrap()).unwrap();
    assert_eq!((manifest["state"].as_str(), manifest["exit_code"].as_u64()), (Some("stopped"), Some(1)));
    assert!(!folder.join("out.jsonl").exists() && folder.join("out.jsonl.partial").exists());
    assert_eq!(run(folder, &["-o", "out.jsonl", "--resume"]).0, Some(2));
    assert_eq!(ids(folder, "out.jsonl"), 160);
    // Where not even a first checkpoint was written, nothing stays.
    std::fs::remove_file(folder.join("out.jsonl")).unwrap();
    let output = limited(0, "");
    assert_eq!(output.status.code(), Some(1));
    for name in ["out.jsonl.partial", "out.jsonl.journal", "out.jsonl"] {
        assert!(!folder.join(name).exists(), "{name}");
    }
}

#[test]
fn files_that_are_taken_away_while_they_are_written_are_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 150);
    let mut command = demarche(folder);
    let child = command.args(["annotate", "in", "-o", "deep/out.jsonl", "--threads", "1"]).stderr(Stdio::piped());
    std::fs::create_dir(folder.join("deep")).unwrap();
    let mut child = child.spawn().unwrap();
    let partial = folder.join("deep/out.jsonl.partial");
    while partial.metadata().map_or(0, |data| data.len()) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "the run is over before its first checkpoint");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::fs::remove_dir_all(folder.join("deep")).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("deep/out.jsonl.partial was taken away"), "{stderr}");
    assert_eq!(ids(folder, "deep/out.jsonl"), 150);
}

#[test]
fn an_input_that_is_cut_while_it_is_read_costs_what_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 200);
    let cut = folder.join("in/b.jsonl.gz");
    let child = demarche(folder).args(["annotate", "in", "-o", "out.jsonl", "--threads", "1"]).stderr(Stdio::null()).spawn();
    std::thread::sleep(Duration::from_millis(300));
    let length = cut.metadata().unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&cut).unwrap().set_len(length - 200).unwrap();
    assert_eq!(child.unwrap().wait().unwrap().code(), Some(2));
    let rejects = rows(&folder.join("out.jsonl.rejects.jsonl"));
    let last = rejects.last().unwrap();
    assert_eq!((last["reason"].as_str(), last["last"].as_bool()), (Some("truncated"), Some(true)));
    let read = ids(folder, "out.jsonl");
    assert!(read > 150 && read <= 200, "{read} records");
}

#[test]
fn rejects_are_tried_again_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 60);
    assert_eq!(run(folder, &["-o", "out.jsonl"]).0, Some(2));
    let rejected = rows(&folder.join("out.jsonl.rejects.jsonl"));
    // The bad lines are mended: the identifier stands in for the text.
    let mended: Vec<&str> = rejected.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let again = ["annotate", "--only-rejects", "out.jsonl.rejects.jsonl", "--text-field", "id", "--summary"];
    let output = demarche(folder).args(again).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found = rows(&folder.join("retried.jsonl"));
    assert_eq!(found.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), mended);
    let output = demarche(folder).args(again).args(["-o", "out.jsonl"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && stderr.contains("would be written over"), "{stderr}");
}

#[test]
fn copies_are_marked_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 60);
    // Of 60 records 5 are bad, and each text stands behind some of the rest.
    let texts = std::fs::read_dir(articles()).unwrap().count();
    let (status, stderr) = run(folder, &["-o", "marked.jsonl", "--dedup", "exact", "--summary"]);
    assert!(status == Some(2) && stderr.contains(&format!("{} duplicates", 55 - texts)), "{stderr}");
    let lines = rows(&folder.join("marked.jsonl"));
    let (copies, firsts): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|row| row.get("duplicate_of").is_some());
    assert_eq!((copies.len(), firsts.len()), (55 - texts, texts));
    let schema = jsonschema::validator_for(&serde_json::from_str(demarche::annotation::SCHEMA).unwrap()).unwrap();
    for copy in copies {
        let first = firsts.iter().find(|row| row["id"] == copy["duplicate_of"]).unwrap();
        assert_eq!(first["sha256"], copy["sha256"]);
        assert!(copy["positions"].as_array().unwrap().is_empty() && schema.is_valid(copy));
    }
    let flags = ["-o", "left.jsonl", "--dedup", "near", "--dedup-threshold", "0.9", "--duplicates", "drop"];
    assert_eq!(run(folder, &flags).0, Some(2));
    assert_eq!(rows(&folder.join("left.jsonl")).iter().collect::<Vec<_>>(), firsts);
}

#[test]
fn the_manifest_the_metrics_and_the_log_say_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    inputs(folder, 100);
    let flags = ["-o", "out.jsonl.gz", "--shard-size", "50", "--log-format", "json", "--metrics", "run.prom"];
    let (status, stderr) = run(folder, &flags);
    assert_eq!(status, Some(2));
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("out.jsonl.gz.run.json")).unwrap()).unwrap();
    let fits = |schema: &str, value: &Value| {
        let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
        let faults: Vec<String> = schema.iter_errors(value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    };
    fits(demarche::sink::manifest::SCHEMA, &manifest);
    for row in rows(&folder.join("out.jsonl.gz.rejects.jsonl")) {
        fits(demarche::sink::REJECT_SCHEMA, &row);
    }
    assert_eq!(manifest["state"], "finished");
    assert_eq!((manifest["counts"]["read"].as_u64(), manifest["counts"]["annotated"].as_u64()), (Some(100), Some(92)));
    assert_eq!(manifest["counts"]["rejected"]["missing_text"], 8);
    let outputs: Vec<&str> =
        manifest["outputs"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(outputs, ["out-00000.jsonl.gz", "out-00001.jsonl.gz"]);
    let inputs = manifest["inputs"]["listed"].as_array().unwrap();
    assert_eq!(inputs[0]["path"], "in/a.jsonl");
    let bytes = std::fs::read(folder.join("in/a.jsonl")).unwrap();
    assert_eq!(inputs[0]["sha256"], demarche::engine::store::sha256(&bytes));
    assert!(manifest["peak_memory"].as_u64().unwrap() > 1 << 20 && manifest["tokens_per_second"].as_f64().unwrap() > 0.0);
    assert_eq!(manifest["identity"]["settings"]["shard-size"], "50");

    let metrics = std::fs::read_to_string(folder.join("run.prom")).unwrap();
    assert!(
        metrics.contains("demarche_articles_total{result=\"annotated\"} 92\n") && metrics.contains("demarche_ended 1\n")
    );

    let events: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rejects: Vec<&Value> = events.iter().filter(|event| event["level"] == "WARN").collect();
    assert_eq!(rejects.len(), 8);
    assert_eq!((rejects[0]["reason"].as_str(), rejects[0]["record"].as_u64()), (Some("missing_text"), Some(5)));
    assert_eq!(events.last().unwrap()["annotated"], 92);
}
