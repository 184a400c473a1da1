//! The flags of `summary` and `query`: questions to annotations.

use std::num::NonZeroUsize;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use demarche::position::ActKind;

use super::Annotated;

/// What `summary` takes.
#[derive(Debug, Args)]
#[command(after_help = SUMMARY_EXAMPLES)]
pub(crate) struct Summary {
    /// Rows of each list.
    #[arg(short = 'n', long, value_name = "N", default_value = "10")]
    pub(crate) limit: usize,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// What is read.
    #[command(flatten)]
    pub(crate) from: Annotated,
    /// Which positions count.
    #[command(flatten)]
    pub(crate) which: Which,
}

/// What `query` takes.
#[derive(Debug, Args)]
#[command(after_help = QUERY_EXAMPLES)]
pub(crate) struct Query {
    /// Print so many at most.
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) limit: Option<NonZeroUsize>,
    /// Print JSON Lines: the columns of the table of evidence (docs/tables.md), with those of the article.
    #[arg(long)]
    pub(crate) json: bool,
    /// What is read.
    #[command(flatten)]
    pub(crate) from: Annotated,
    /// Which evidence is printed.
    #[command(flatten)]
    pub(crate) which: Which,
}

/// Conditions. Of one that is given several times, one has to hold.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Which")]
pub(crate) struct Which {
    /// Who holds the position, by name, key or any mention.
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Vec<String>,
    /// Towards whom, by name, key or any mention.
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Vec<String>,
    /// Names are whole names: China is not in "South China Sea".
    #[arg(long)]
    pub(crate) exact: bool,
    /// The stance.
    #[arg(long, value_enum, value_name = "STANCE")]
    pub(crate) stance: Option<StanceName>,
    /// The kind of act.
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(ActKind::ALL.map(ActKind::name)))]
    pub(crate) kind: Vec<String>,
    /// The first day of articles, as in 2026-01-31; articles without a date that can be read are left out.
    #[arg(long, value_name = "DAY")]
    pub(crate) since: Option<String>,
    /// The last day of articles.
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    /// The outlet of articles.
    #[arg(long, value_name = "NAME")]
    pub(crate) outlet: Vec<String>,
    /// The least score.
    #[arg(long, value_name = "SCORE", default_value = "0")]
    pub(crate) min_score: f64,
}

/// Stances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StanceName {
    /// For.
    Support,
    /// Against.
    Oppose,
    /// Neither; there only with `annotate --keep-none`.
    None,
}

macro_rules! with_names {
    ($examples:literal) => {
        concat!(
            $examples,
            "
A NAME means an entity by its key (USA, org:united nations), or if its words stand in the entity's name or in one of its mentions:
Bagram means Bagram Air Base too. Letter case and accents do not count. --exact wants the whole name.

Exit codes: 0 all well, also where nothing is found; 2 some lines were no annotations, or texts that were named are not there; 1 nothing
could be done."
        )
    };
}

const SUMMARY_EXAMPLES: &str = with_names!(
    "Examples:
  demarche summary annotations.jsonl
  demarche summary 2024-*.jsonl.zst --target Bagram --since 2024-06-01
  demarche summary annotations.jsonl --json | jq -r '.pairs[] | [.actor, .oppose, .target] | @tsv'

Positions are counted, each once an article, by the keys of actor and target. --kind counts those with evidence of the kind.
"
);

const QUERY_EXAMPLES: &str = with_names!(
    "Examples:
  demarche query annotations.jsonl --target Bagram --stance oppose
  demarche query 2024-*.jsonl.zst --actor CHN --kind sanction --min-score 0.7 --articles /archive/2024
  demarche query annotations.jsonl --target USA --json | jq -r .text

Each sentence that answers is printed, by its own stance, score and kind; at a terminal in colour, unless NO_COLOR is set. Sentences are read
where the annotations say that their articles are, or in --articles; where they are not there any more, the rest is printed.
"
);
