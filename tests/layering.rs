//! The layout of ARCHITECTURE.md, checked against the files.

use std::path::{Path, PathBuf};

use crate::support::root;

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// Every source file: its path below src/ and its code, tests and comments left out.
fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    let mut paths = Vec::new();
    files(&src, &mut paths);
    paths.sort();
    let code = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.split("\n#[cfg(test)]").next().unwrap().to_owned();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    let name = |path: &PathBuf| path.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
    paths
        .iter()
        .filter(|path| !path.ends_with("tests.rs") && !path.iter().any(|part| part == "tests"))
        .map(|path| (name(path), code(path)))
        .collect()
}

/// Asserts that `word` occurs in the files that `may` allows and in no others.
fn only_in(word: &str, may: impl Fn(&str) -> bool) {
    let found: Vec<String> = sources().into_iter().filter(|(_, code)| code.contains(word)).map(|(name, _)| name).collect();
    assert!(!found.is_empty(), "{word} occurs nowhere: the check is stale");
    let strangers: Vec<&String> = found.iter().filter(|name| !may(name)).collect();
    assert!(strangers.is_empty(), "{word} in {strangers:?}");
}

#[test]
fn rayon_is_named_in_the_run_alone() {
    only_in("rayon", |file| file == "run.rs");
}

#[test]
fn the_engines_libraries_are_named_in_few_files() {
    only_in("rten::", |file| file == "engine/onnx.rs");
    only_in("rten_onnx", |file| file == "engine/torch/weights.rs");
    only_in("use tch::", |file| file.starts_with("engine/torch/"));
    only_in("rust_bert", |file| file.starts_with("engine/torch/"));
    only_in("tokenizers::", |file| file == "engine/encode.rs");
}

#[test]
fn the_database_is_named_in_its_room_alone() {
    only_in("::postgres::", |file| file.starts_with("export/tables/postgres/"));
}

#[test]
fn what_is_written_out_is_told_in_few_places() {
    only_in("serde", |file| {
        ["source/", "sink/", "eval/", "link/", "export/", "import/", "ask/", "report/", "commands/", "annotation/"]
            .iter()
            .any(|room| file.starts_with(room))
            || [
                "settings.rs",
                "watch/file.rs",
                "engine/store.rs",
                "engine/mod.rs",
                "engine/checkpoint.rs",
                "identity.rs",
                "run.rs",
                "tally.rs",
            ]
            .contains(&file)
            || ["engine/torch/deberta.rs", "engine/torch/families.rs"].contains(&file)
    });
}

#[test]
fn the_line_flows_one_way() {
    // Each file of the line, and what it may not import: itself and all that stands below it.
    let line = [
        "span",
        "article",
        "segment",
        "mention",
        "quote",
        "reference",
        "entity",
        "position",
        "act",
        "watch",
        "roll_up",
        "pipeline",
        "run",
    ];
    let sources = sources();
    for (at, stage) in line.iter().enumerate() {
        let own = |name: &str| name == format!("{stage}.rs") || name.starts_with(&format!("{stage}/"));
        for (name, code) in sources.iter().filter(|(name, _)| own(name)) {
            for below in &line[at + 1..] {
                assert!(!code.contains(&format!("crate::{below}::")), "{name} imports {below}");
            }
            for room in ["ask", "eval", "export", "import", "link", "sink", "progress"] {
                assert!(!code.contains(&format!("crate::{room}")), "{name} imports {room}");
            }
        }
    }
}

#[test]
fn files_stay_small() {
    let mut paths = Vec::new();
    files(&root().join("src"), &mut paths);
    files(&root().join("tests"), &mut paths);
    for path in paths {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_pages_name_files_that_exist() {
    for page in ["ARCHITECTURE.md", "README.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        let named = text.split('`').skip(1).step_by(2).filter(|word| {
            ["src/", "tests/", "docs/", "models/", "corpus/", "data/", "schema/", "benches/"]
                .iter()
                .any(|room| word.starts_with(room))
                && !word.contains([' ', '*', '<', '{'])
        });
        for word in named {
            assert!(root().join(word).exists(), "{page} names {word}, which is not there");
        }
    }
}
