//! Running the program, and where its files are.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sample articles.
pub(crate) fn articles() -> PathBuf {
    root().join("corpus/articles")
}

/// The program, to be run in `folder`.
pub(crate) fn demarche(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demarche"));
    command.current_dir(folder);
    command
}

/// Annotates one input into `output` and gives the exit code with standard error.
pub(crate) fn annotate(input: &Path, output: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = demarche(output.parent().unwrap());
    let Output { status, stderr, .. } =
        command.arg("annotate").arg(input).arg("-o").arg(output).args(flags).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// The lines of a file of JSON Lines.
pub(crate) fn rows(path: &Path) -> Vec<serde_json::Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
