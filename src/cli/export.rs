//! The flags of `export`: annotations -> what other programs read.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::FieldNames;

/// The formats.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// One Parquet file a table, for DuckDB, pandas, Polars, Spark.
    #[command(
        after_help = "Examples:\n  demarche export parquet annotations.jsonl -o tables/\n  duckdb -c \"SELECT actor, count(*) FROM 'tables/positions.parquet' GROUP BY 1\""
    )]
    Parquet(Tables),
}

/// Which annotations a command reads, and where their articles are.
#[derive(Clone, Debug, Args)]
pub(crate) struct Annotated {
    /// Files of annotations, plain, .gz or .zst, or - for standard input.
    #[arg(required = true, value_name = "ANNOTATIONS")]
    pub(crate) annotations: Vec<PathBuf>,
    /// The articles that were annotated, named as they were then, for the texts; annotations made with --include text hold them.
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    pub(crate) articles: Vec<PathBuf>,
    /// Print nothing but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Names of the fields of an article's record.
    #[command(flatten)]
    pub(crate) fields: FieldNames,
}

/// What `export parquet` takes.
#[derive(Debug, Args)]
pub(crate) struct Tables {
    /// What is read.
    #[command(flatten)]
    pub(crate) from: Annotated,
    /// Folder of the files; it is made where it is not there.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
}
