//! What each command does. The only place of the program that prints.

pub(crate) mod annotate;
mod annotated;
pub(crate) mod eval;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod link;
mod log;
mod night;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod summary;
mod terminal;
mod training;
pub(crate) mod watch;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use demarche::engine::store::{self, Origin};

use demarche::settings::{EngineName, Written};
use demarche::sink::Lines;

use crate::cli::{self, EngineFlags, FieldNames, Models, ModelsAction};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Well,
    WithRejects,
    Badly,
}

impl Done {
    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            // Nothing could be done.
            Self::Badly => 1,
            // The rest is done, but some input was rejected.
            Self::WithRejects => 2,
        }
    }
}

/// Prints to standard output. A reader who has gone away is no fault.
pub(crate) fn print(text: &str) -> anyhow::Result<Done> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(Done::Well),
    }
}

/// Prints a line to standard error. Where even that is closed there is nobody to tell.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A count of things.
fn many(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Whether two names are of one file.
fn same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Hands each line of some files of annotations to `take`; a line that it cannot read is named.
fn each_line(
    files: impl IntoIterator<Item = anyhow::Result<Lines>>,
    mut take: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for lines in files {
        let mut lines = lines?;
        while let Some(line) = lines.next() {
            let line = line?;
            let (place, number) = lines.place();
            take(&line).map_err(|error| {
                if error.is::<serde_json::Error>() {
                    error.context(format!("{place}, line {number}: this is no annotation (see `demarche schema`)"))
                } else {
                    error
                }
            })?;
        }
    }
    Ok(())
}

/// What the flags of the engine say, as settings.
fn written(flags: EngineFlags) -> Written {
    let engine = flags.engine.map(|name| match name {
        cli::EngineName::Rten => EngineName::Rten,
        cli::EngineName::Torch => EngineName::Torch,
    });
    let model_dir = Some(flags.model_dir).filter(|folders| !folders.is_empty());
    Written { engine, device: flags.device, models: flags.models, model_dir, ..Written::default() }
}

/// What the flags of the engine and the names of fields say, as settings.
fn written_with_fields(engine: EngineFlags, fields: FieldNames) -> Written {
    with_fields(written(engine), fields)
}

/// What the names of fields say, over other settings.
fn with_fields(settings: Written, fields: FieldNames) -> Written {
    Written {
        id_field: fields.id_field,
        title_field: fields.title_field,
        text_field: fields.text_field,
        published_field: fields.published_field,
        outlet_field: fields.outlet_field,
        url_field: fields.url_field,
        ..settings
    }
}

/// Where the models of a command come from.
fn origin(folder: Option<&std::path::PathBuf>) -> Origin {
    folder.cloned().map_or(Origin::BuiltIn, Origin::Folder)
}

/// Lists the models; `verify` fails where a digest does not hold.
pub(crate) fn models(flags: &Models) -> anyhow::Result<Done> {
    let listed = store::list(&origin(flags.models.as_ref()))?;
    let mut text = String::new();
    for model in &listed {
        let state = match &model.state {
            Ok(bytes) => format!("{:>6.1} MB  sha256 {}", *bytes as f64 / 1e6, model.sha256),
            Err(error) => format!("   DAMAGED  {}", demarche::chain(error)),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<9} {:<24} {state}", model.role, model.name);
    }
    let well = listed.iter().all(|model| model.state.is_ok());
    if flags.action == ModelsAction::Verify {
        text += if well { "all digests hold\n" } else { "some digests do not hold: restore the files from the release\n" };
    }
    print(&text)?;
    Ok(if well || flags.action == ModelsAction::List { Done::Well } else { Done::Badly })
}
