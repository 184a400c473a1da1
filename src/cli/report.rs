//! The flags of `report`.

use std::path::PathBuf;

use clap::Args;

use super::FieldNames;

/// What `report` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Report {
    /// Files of annotations, plain, .gz or .zst. They are read twice.
    #[arg(required = true, value_name = "ANNOTATIONS")]
    pub(crate) annotations: Vec<PathBuf>,
    /// The page; - is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,
    /// The heading of the page.
    #[arg(long, value_name = "TEXT", default_value = "Who stands where towards whom")]
    pub(crate) title: String,
    /// The articles that were annotated, named as they were then [default: what the annotations name, or hold].
    #[arg(long, value_name = "INPUT", num_args = 1.., conflicts_with = "no_sentences")]
    pub(crate) articles: Vec<PathBuf>,
    /// Show no sentences of the articles, only the names in them: for a page that may be handed on where the texts may not.
    #[arg(long)]
    pub(crate) no_sentences: bool,
    /// Print nothing but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Settings file [default: demarche.toml in the working folder, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Names of the fields of a record.
    #[command(flatten)]
    pub(crate) fields: FieldNames,
}

const EXAMPLES: &str = "Examples:
  demarche report annotations.jsonl                      -> report.html: open it in any browser, offline
  demarche report 2024-*.jsonl.zst -o 2024.html --title 'The year 2024'
  demarche report annotations.jsonl --articles news/     where the articles have moved since
  demarche report annotations.jsonl --no-sentences       figures and names alone

The page is one file of less than ten megabytes, whatever the annotations hold, and asks nothing of any network. It shows the sentences
behind the positions where the annotations hold the texts (annotate --include text) or the articles are where they were.

Exit codes: 0 all well; 2 some lines were no annotations and were passed over; 1 nothing could be done.";
