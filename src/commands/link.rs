//! `demarche link`: a second pass over an archive's annotations, by which one thing has one key in all of them.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::bail;
use demarche::link::Names;
use demarche::sink::{Lines, Relay, SinkError, Target, journal_of};

use super::{Done, complain};
use crate::cli::Link;

/// Links all inputs into one output.
pub(crate) fn link(flags: &Link) -> anyhow::Result<Done> {
    for path in &flags.inputs {
        if path == Path::new("-") {
            bail!("standard input cannot be read twice: save it to a file first");
        }
        if super::same(&flags.output, path) {
            bail!("{} would be written over while it is read: name another output with -o", path.display());
        }
    }
    if journal_of(&flags.output).exists() {
        bail!(
            "an unfinished run of {} is here: end it with --resume, or name another output with -o",
            flags.output.display()
        );
    }
    let mut names = Names::new();
    super::each_line(opened(&flags.inputs), |line| Ok(names.see(line)?))?;
    let aliases = names.aliases();
    let mut output = Relay::create(&Target::of(&flags.output))?;
    let (mut articles, mut keys) = (0_u64, 0_u64);
    let written = super::each_line(opened(&flags.inputs), |line| {
        let (mut new, changed) = aliases.rewrite(line)?;
        new.push('\n');
        articles += 1;
        keys += changed as u64;
        Ok(output.line(new.as_bytes())?)
    });
    match written.and_then(|()| Ok(output.finish()?)) {
        Err(error) if matches!(error.downcast_ref(), Some(SinkError::BrokenPipe)) => return Ok(Done::Well),
        other => other?,
    }
    if std::io::stderr().is_terminal() {
        complain(&format!("{articles} articles, {} aliases, {keys} keys changed", aliases.len()));
    }
    Ok(Done::Well)
}

fn opened(files: &[PathBuf]) -> impl Iterator<Item = anyhow::Result<Lines>> {
    files.iter().map(|path| Ok(Lines::open(path)?))
}
