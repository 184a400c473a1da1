//! The flags of training data: of the exports that make it, and of `import`, which reads corrections back.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use demarche::export::training::select::Split;

use super::Annotated;

/// What the exports of training data take.
#[derive(Debug, Args)]
pub(crate) struct Training {
    /// The file, or for brat, Label Studio and Hugging Face the folder, which must not be there; - is standard output.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Leave out mentions and positions of a lower score.
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = score, hide_default_value = true)]
    pub(crate) min_score: f32,
    /// Parts with their shares, as in train:0.8,dev:0.1,test:0.1. An article's part depends on its text alone. A file data.jsonl becomes
    /// data.train.jsonl and so on.
    #[arg(long, value_name = "NAME:SHARE,...")]
    pub(crate) split: Option<Split>,
    /// Take N articles only: uncertain (the most doubt for each sentence that is read), random, or diverse (many outlets, actors,
    /// targets, stances). The same ones every time.
    #[arg(long, num_args = 2, value_names = ["HOW", "N"])]
    pub(crate) sample: Vec<String>,
    /// Leave out articles that have the text of an earlier one.
    #[arg(long)]
    pub(crate) drop_duplicates: bool,
    /// What is read. The texts are those that the annotations hold (`--include text`), or the articles that they name.
    #[command(flatten)]
    pub(crate) from: Annotated,
}

fn score(text: &str) -> Result<f32, String> {
    text.parse().ok().filter(|score| (0.0..=1.0).contains(score)).ok_or_else(|| "write a number from 0 to 1".to_owned())
}

/// The formats that are read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFrom {
    /// The JSON that Label Studio exports.
    LabelStudio,
    /// Folders of brat, or single .ann files with their .txt beside them.
    Brat,
    /// Columns of tokens and BIO tags.
    Conll,
}

/// What `import` takes.
#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub(crate) struct Import {
    /// What the files are.
    #[arg(value_enum, value_name = "FORMAT")]
    pub(crate) format: ImportFrom,
    /// The corrected files; of brat, folders too.
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// The gold, which `demarche eval articles` takes; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Also write rows for training here: tagged sentences with their stances, for `make train EXTRA=FILE`.
    #[arg(long, value_name = "FILE")]
    pub(crate) rows: Option<PathBuf>,
    /// The annotations that were exported: tell which mentions are one entity where the format does not, and of CoNLL the positions.
    #[arg(long, value_name = "ANNOTATIONS", num_args = 1..)]
    pub(crate) annotations: Vec<PathBuf>,
    /// Print nothing but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

const IMPORT_EXAMPLES: &str = "Examples:
  demarche import label-studio export.json -o gold.jsonl
  demarche import brat data/news/ -o gold.jsonl --rows extra.jsonl
  demarche import conll news.conll -o gold.jsonl --annotations annotations.jsonl
  demarche eval articles annotations.jsonl gold.jsonl     what was corrected
  make train DATA=data EXTRA=extra.jsonl                  learn from it

Exit codes: 0 all well; 2 some articles cannot be used, they are told and the rest is done; 1 nothing could be done.";
