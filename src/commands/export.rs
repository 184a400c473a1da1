//! `demarche export`: annotations -> what other programs read.

use anyhow::bail;

use super::Done;
use super::annotated::Reading;
use crate::cli::{Export, Tables};

/// Writes annotations in a format of others.
pub(crate) fn export(what: Export) -> anyhow::Result<Done> {
    match what {
        Export::Parquet(flags) => tables(&flags),
    }
}

fn tables(flags: &Tables) -> anyhow::Result<Done> {
    let mut read = 0_u64;
    Reading::open(&flags.from)?.each(|_, _| {
        read += 1;
        Ok(())
    })?;
    bail!("{read} annotations could be read; this build writes no tables to {} yet", flags.output.display())
}
