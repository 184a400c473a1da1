//! `demarche export`: annotations -> what other programs read.

use std::io::IsTerminal;

use anyhow::Error;
use demarche::export::tables::{Connection, Csv, Database, Folder, Formulas, Parquet, Table, TableFile};
use demarche::export::training::Format;

use super::annotated::Reading;
use super::training::training;
use super::{Done, complain, many};
use crate::cli::{Compress, CsvTables, Export, Postgres, Tables};

/// Writes annotations in a format of others.
pub(crate) fn export(what: Export) -> anyhow::Result<Done> {
    match what {
        Export::Parquet(flags) => tables(&flags, Folder::begin(&flags.output, ".parquet", Parquet::begin)?),
        Export::Csv(CsvTables { tables: flags, compress, verbatim }) => {
            let extension = match compress {
                None => ".csv",
                Some(Compress::Gz) => ".csv.gz",
                Some(Compress::Zst) => ".csv.zst",
            };
            let formulas = if verbatim { Formulas::Verbatim } else { Formulas::Disarmed };
            let begin = |table, file| Csv::begin(table, file, formulas);
            tables(&flags, Folder::begin(&flags.output, extension, begin)?)
        }
        Export::Postgres(flags) => postgres(&flags),
        Export::Conll(flags) => training(Format::Conll, &flags),
        Export::Spacy(flags) => training(Format::Spacy, &flags),
        Export::Brat(flags) => training(Format::Brat, &flags),
        Export::LabelStudio(flags) => training(Format::LabelStudio, &flags),
        Export::Prodigy(flags) => training(Format::Prodigy, &flags),
        Export::Hf(flags) => training(Format::Hf, &flags),
        Export::Pairs(flags) => training(Format::Pairs, &flags),
    }
}

/// Writes the tables of all annotations into a folder.
fn tables<F: TableFile>(flags: &Tables, mut folder: Folder<F>) -> anyhow::Result<Done> {
    let mut again = 0_u64;
    let done = Reading::open(&flags.from)?.each(|read| {
        let annotation = read.annotation;
        let body = read.body();
        if !folder.add(annotation, body.as_deref())? {
            again += 1;
        }
        Ok(())
    })?;
    let told = folder.rows().filter(|(_, rows)| *rows > 0).map(|(table, rows)| format!("{rows} {}", table.name()));
    let told = told.collect::<Vec<_>>().join(", ");
    folder.finish()?;
    if !flags.from.quiet {
        if again > 0 {
            complain(&format!("passed over: {} of articles that came before", many(again, "annotation")));
        }
        if std::io::stderr().is_terminal() {
            let told = if told.is_empty() { format!("{} empty tables", Table::ALL.len()) } else { told };
            complain(&format!("{told}: {}", flags.output.display()));
        }
    }
    Ok(done)
}

/// Puts the tables of all annotations into a database.
fn postgres(flags: &Postgres) -> anyhow::Result<Done> {
    let url = flags.url.as_ref().map(|url| url.0.as_str());
    let connection = Connection::new(url, |name| std::env::var(name).ok()).map_err(Error::msg)?;
    let reading = Reading::open(&flags.from)?;
    let mut database = Database::open(&connection, &flags.schema)?;
    let done = reading.each(|read| {
        let annotation = read.annotation;
        let body = read.body();
        Ok(database.add(annotation, body.as_deref())?)
    })?;
    let told = database.finish()?;
    if !flags.from.quiet {
        complain(&format!("{} new, {} replaced, {} there already", many(told.new, "article"), told.replaced, told.there));
    }
    Ok(done)
}
