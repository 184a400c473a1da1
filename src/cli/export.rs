//! The flags of `export`: annotations -> what other programs read.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{FieldNames, Training};

/// The formats.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// One Parquet file a table, for DuckDB, pandas, Polars, Spark.
    #[command(
        after_help = "Examples:\n  demarche export parquet annotations.jsonl -o tables/\n  duckdb -c \"SELECT actor, count(*) FROM 'tables/positions.parquet' GROUP BY 1\""
    )]
    Parquet(Tables),
    /// Columns of tokens with BIO tags, for taggers.
    #[command(after_help = "Example:\n  demarche export conll annotations.jsonl -o news.conll --split train:0.8,dev:0.1,test:0.1")]
    Conll(Training),
    /// JSON that `spacy convert` and spaCy's Doc.from_json read.
    #[command(after_help = "Example:\n  demarche export spacy annotations.jsonl -o news.json && spacy convert news.json .")]
    Spacy(Training),
    /// A folder of texts and annotations for brat, with its configuration.
    #[command(after_help = "Example:\n  demarche export brat annotations.jsonl -o /var/www/brat/data/news --sample diverse 50")]
    Brat(Training),
    /// A folder with tasks, predictions among them, and the labelling configuration for Label Studio.
    #[command(after_help = "Example:\n  demarche export label-studio annotations.jsonl -o tasks/ --sample uncertain 100")]
    LabelStudio(Training),
    /// Tasks for Prodigy, JSON Lines.
    #[command(after_help = "Example:\n  demarche export prodigy annotations.jsonl -o news.jsonl --sample uncertain 100")]
    Prodigy(Training),
    /// A folder for datasets.load_dataset of Hugging Face, with a dataset card.
    #[command(after_help = "Example:\n  demarche export hf annotations.jsonl -o news/ --split train:0.8,validation:0.1,test:0.1")]
    Hf(Training),
    /// Rows of directed stance, which `demarche eval stance` and our own training read: `{"text", "a", "b", "a_to_b", "b_to_a"}`.
    #[command(after_help = "Example:\n  demarche export pairs annotations.jsonl -o pairs.jsonl --min-score 0.7 --drop-duplicates")]
    Pairs(Training),
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
