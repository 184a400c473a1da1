//! What the fuzzer began with and what it found (`tests/fuzz/`), through the parsers again, as it is and made 1 MB long.

use std::path::PathBuf;
use std::time::Duration;

use crate::support::root;

// Shared with the fuzz targets, where others see it.
#[allow(unreachable_pub, dead_code)]
#[path = "fuzz/src/checks.rs"]
mod checks;

/// What 1 MB may take. Without optimisation all is some thirty times slower.
const MAY: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 1 });
const MB: usize = 1_000_000;

/// All files of one target.
fn files(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folders = ["seeds", "found"].map(|room| root().join("tests/fuzz").join(room).join(target));
    let entries = folders.iter().filter(|folder| folder.is_dir()).flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn what_was_found_stays_mended() {
    for (target, check) in checks::CHECKS {
        let files = files(target);
        assert!(!files.is_empty(), "{target} has no seeds");
        for (path, bytes) in files {
            let took = checks::processor_time(|| check(&bytes));
            assert!(took < MAY, "{} took {took:?}", path.display());
        }
    }
}

#[test]
fn a_megabyte_takes_less_than_a_second() {
    let reading = |name: &str, bytes: Vec<u8>| checks::processor_time(|| checks::read_through(name, bytes));
    for (target, _) in checks::CHECKS {
        for (path, bytes) in files(target) {
            let mut told = Vec::new();
            if *target == "swell" {
                told.extend(checks::swollen(&bytes, MB).map(|(name, swollen)| reading(name, swollen)));
            } else if *target == "segment" {
                let body = String::from_utf8_lossy(&bytes).repeat(MB / bytes.len());
                told.push(checks::processor_time(|| checks::segments(&body)));
            } else if let Some(name) = checks::name(target) {
                let (head, rest) = bytes.split_at(bytes.len() / 3);
                let (middle, tail) = rest.split_at(rest.len() / 2);
                told.push(reading(name, bytes.repeat(MB / bytes.len())));
                told.push(reading(name, [head, &middle.repeat(MB / middle.len()), tail].concat()));
            }
            assert!(told.iter().all(|took| *took < MAY), "{} of 1 MB took {told:?}", path.display());
        }
    }
}
