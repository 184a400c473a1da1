//! What `demarche eval` takes.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use demarche::mention::EntityType;

use super::EngineFlags;

/// What can be scored.
#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Mentions: exact span and type, on rows of `{"tokens", "tags"}`.
    #[command(
        after_help = "Examples:\n  demarche eval ner dev.jsonl --json\n  demarche eval ner dev.jsonl --map person=PER,country=LOC,city=LOC"
    )]
    Ner(EvalNer),
    /// Stance of given pairs: rows of `{"text", "a", "b", "a_to_b", "b_to_a"}`.
    #[command(after_help = "Example:\n  demarche eval stance dev.jsonl")]
    Stance(EvalModel),
    /// Stance of actors to claims: rows of `{"text", "actor", "claim", "stance"}`.
    #[command(after_help = "Example:\n  demarche eval claims corpus/claims.jsonl")]
    Claims(EvalModel),
    /// Countries behind mentions: rows of `{"doc", "start", "end", "country"}`, ISO 3166 alpha-3 or null, in articles that are annotated
    /// for it.
    #[command(after_help = "Example:\n  demarche eval links countries.jsonl --articles news.jsonl")]
    Links(EvalLinks),
    /// Kinds of acts of given evidences: rows of `{"text", "a", "b", "a_to_b", "kind"}`, or of places in articles,
    /// `{"doc", "sentence", "actor", "target", "stance", "kind", "cue"}`. Needs no model.
    #[command(
        after_help = "Examples:\n  demarche eval kinds pairs.jsonl\n  demarche eval kinds evidence.jsonl --articles articles.jsonl"
    )]
    Kinds(EvalKinds),
    /// A file of annotations against a file of gold: mentions, references and positions.
    #[command(
        after_help = "Example:\n  demarche annotate corpus/articles && demarche eval articles annotations.jsonl corpus/gold.jsonl"
    )]
    Articles(EvalArticles),
}

/// What `eval ner`, `eval stance` and `eval claims` take.
#[derive(Debug, Args)]
pub(crate) struct EvalModel {
    /// The gold rows, JSON Lines.
    #[arg(value_name = "FILE")]
    pub(crate) gold: PathBuf,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Worker threads [default: one a core].
    #[arg(short, long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// What computes, and with which models.
    #[command(flatten)]
    pub(crate) engine: EngineFlags,
}

/// What `eval ner` takes.
#[derive(Debug, Args)]
pub(crate) struct EvalNer {
    #[command(flatten)]
    pub(crate) model: EvalModel,
    /// Gold of other labels: which of our types each stands for. Only the types so named are scored, and gold of a label that
    /// is not named is left out.
    #[arg(long, value_name = "LABEL=TYPE", value_delimiter = ',', value_parser = label_type)]
    pub(crate) map: Vec<(String, EntityType)>,
}

/// `politician=PER` -> the label and the type.
fn label_type(text: &str) -> Result<(String, EntityType), String> {
    let named = text.split_once('=').and_then(|(label, kind)| Some((label.to_owned(), EntityType::from_name(kind)?)));
    named.ok_or_else(|| {
        format!("write LABEL=TYPE with one of the types {}", EntityType::ALL.map(EntityType::name).join(", "))
    })
}

/// What `eval kinds` takes.
#[derive(Debug, Args)]
pub(crate) struct EvalKinds {
    /// The gold rows, JSON Lines; places count code points.
    #[arg(value_name = "FILE")]
    pub(crate) gold: PathBuf,
    /// The articles that rows of places point into: JSON Lines of `{"id", "text"}`.
    #[arg(long, value_name = "FILE")]
    pub(crate) articles: Option<PathBuf>,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print what each row's act is chosen from, with its features, instead of scores: what `models/train/train_acts.py` reads.
    #[arg(long, conflicts_with = "json")]
    pub(crate) features: bool,
}

/// What `eval articles` takes.
#[derive(Debug, Args)]
pub(crate) struct EvalArticles {
    /// The output of `annotate`.
    #[arg(value_name = "ANNOTATIONS")]
    pub(crate) annotations: PathBuf,
    /// The gold rows, JSON Lines (see corpus/GUIDE.md).
    #[arg(value_name = "GOLD")]
    pub(crate) gold: PathBuf,
    /// Leave out gold positions that take a pronoun or nominal.
    #[arg(long)]
    pub(crate) named_only: bool,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `eval links` takes.
#[derive(Debug, Args)]
pub(crate) struct EvalLinks {
    #[command(flatten)]
    pub(crate) model: EvalModel,
    /// The articles that the labels belong to: JSON Lines with `id` and `text`.
    #[arg(long, value_name = "FILE")]
    pub(crate) articles: PathBuf,
}
