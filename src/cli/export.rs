//! The flags of `export`: annotations -> what other programs read. The heading of a group of flags holds for all behind it, so a command's own flags come
//! first.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{FieldNames, Training};

/// The formats.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// One Parquet file a table, for DuckDB, pandas, Polars and Spark.
    #[command(after_help = PARQUET_EXAMPLES)]
    Parquet(Tables),
    /// One CSV file a table, for spreadsheets and all else.
    #[command(after_help = CSV_EXAMPLES)]
    Csv(CsvTables),
    /// The tables in a PostgreSQL database, made or migrated first.
    #[command(after_help = POSTGRES_EXAMPLES)]
    Postgres(Postgres),
    /// Columns of tokens with BIO tags, for taggers.
    #[command(
        after_help = "Example:\n  demarche export conll annotations.jsonl -o news.conll --split train:0.8,dev:0.1,test:0.1"
    )]
    Conll(Training),
    /// JSON that `spacy convert` and spaCy's `Doc.from_json` read.
    #[command(after_help = "Example:\n  demarche export spacy annotations.jsonl -o news.json && spacy convert news.json .")]
    Spacy(Training),
    /// A folder of texts and annotations for brat, with its configuration.
    #[command(
        after_help = "Example:\n  demarche export brat annotations.jsonl -o /var/www/brat/data/news --sample diverse 50"
    )]
    Brat(Training),
    /// A folder with tasks, predictions among them, and the labelling configuration for Label Studio.
    #[command(after_help = "Example:\n  demarche export label-studio annotations.jsonl -o tasks/ --sample uncertain 100")]
    LabelStudio(Training),
    /// Tasks for Prodigy, JSON Lines.
    #[command(after_help = "Example:\n  demarche export prodigy annotations.jsonl -o news.jsonl --sample uncertain 100")]
    Prodigy(Training),
    /// A folder for `datasets.load_dataset` of Hugging Face, with a dataset card.
    #[command(
        after_help = "Example:\n  demarche export hf annotations.jsonl -o news/ --split train:0.8,validation:0.1,test:0.1"
    )]
    Hf(Training),
    /// Rows of directed stance, which `demarche eval stance` and our own training read: `{"text", "a", "b", "a_to_b", "b_to_a"}`.
    #[command(
        after_help = "Example:\n  demarche export pairs annotations.jsonl -o pairs.jsonl --min-score 0.7 --drop-duplicates"
    )]
    Pairs(Training),
}

macro_rules! with_tables {
    ($examples:literal) => {
        concat!(
            $examples,
            "
The tables are articles, sentences, entities, mentions, text_references, quotes, positions, evidence, roll_up and watch with their
parts, claim_stances; docs/tables.md has their columns. They join by article, and by the numbers in it. A file gets its name when all
are whole. An article that comes twice (the same identifier, place and text) is written once.

Exit codes: 0 all well; 2 some lines were no annotations, or some texts are not there any more, the rest is done; 1 nothing could be done."
        )
    };
}

const PARQUET_EXAMPLES: &str = with_tables!(
    "Examples:
  demarche export parquet annotations.jsonl -o tables/
  demarche export parquet 2024-*.jsonl.zst --articles /archive/2024 -o tables/      with the sentences
  duckdb -c \"SELECT actor, count(*) FROM 'tables/positions.parquet' WHERE target_key = 'USA' GROUP BY 1\"
"
);

const CSV_EXAMPLES: &str = with_tables!("Examples:
  demarche export csv annotations.jsonl -o tables/
  demarche export csv annotations.jsonl -o tables/ --compress zst --verbatim      for programs

As RFC 4180 has it, in UTF-8. No text is an empty field, empty text is \"\". Text that a spreadsheet would take for a formula (= + - @
first) gets an apostrophe before it, unless --verbatim.
");

const POSTGRES_EXAMPLES: &str = "Examples:
  demarche export postgres annotations.jsonl --url postgres://me@localhost/news
  PGHOST=db PGDATABASE=news PGUSER=me PGPASSWORD=... demarche export postgres 2024-*.jsonl.zst

Without --url, or for what it leaves open, PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSWORD are asked; other users of a machine can see the
URL of a running command, so keep the password in PGPASSWORD. Connections are not encrypted: use a tunnel outside of your own network.
Annotations go in batches, each whole or not at all. The same command may be run again, also after a failure: articles that are there are
passed over, those that were annotated anew are replaced. docs/tables.md has the tables, docs/cookbook.md questions to ask them.

Exit codes: 0 all well; 2 some lines were no annotations, or some texts are not there any more, the rest is done; 1 nothing could be done, or
the database failed.";

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

/// Tables in a folder.
#[derive(Debug, Args)]
pub(crate) struct Tables {
    /// Folder of the files; it is made where it is not there.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    /// What is read.
    #[command(flatten)]
    pub(crate) from: Annotated,
}

/// What `export csv` takes.
#[derive(Debug, Args)]
pub(crate) struct CsvTables {
    /// Compress the files.
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) compress: Option<Compress>,
    /// Leave text as it is, even where a spreadsheet would take it for a formula.
    #[arg(long)]
    pub(crate) verbatim: bool,
    /// What is read, and where it goes.
    #[command(flatten)]
    pub(crate) tables: Tables,
}

/// How files are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compress {
    /// By gzip.
    Gz,
    /// By zstd.
    Zst,
}

/// What `export postgres` takes.
#[derive(Debug, Args)]
pub(crate) struct Postgres {
    /// The database, as in postgres://USER@HOST:PORT/DATABASE [default: what PGHOST and its kin say].
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<Secret>,
    /// Schema of the tables; it is made where it is not there.
    #[arg(long, value_name = "NAME", default_value = "demarche")]
    pub(crate) schema: String,
    /// What is read.
    #[command(flatten)]
    pub(crate) from: Annotated,
}

/// Text that may hold a password, and is never printed.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("(hidden)")
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}
