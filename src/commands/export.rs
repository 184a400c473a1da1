//! `demarche export`: annotations -> what other programs read.

use anyhow::bail;
use demarche::export::training::Format;

use super::Done;
use super::annotated::Reading;
use super::training::training;
use crate::cli::{Export, Tables};

/// Writes annotations in a format of others.
pub(crate) fn export(what: Export) -> anyhow::Result<Done> {
    match what {
        Export::Parquet(flags) => tables(&flags),
        Export::Conll(flags) => training(Format::Conll, &flags),
        Export::Spacy(flags) => training(Format::Spacy, &flags),
        Export::Brat(flags) => training(Format::Brat, &flags),
        Export::LabelStudio(flags) => training(Format::LabelStudio, &flags),
        Export::Prodigy(flags) => training(Format::Prodigy, &flags),
        Export::Hf(flags) => training(Format::Hf, &flags),
        Export::Pairs(flags) => training(Format::Pairs, &flags),
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
