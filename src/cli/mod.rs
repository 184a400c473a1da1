//! The command line: flags and their help, nothing else.

mod ask;
mod eval;
mod export;
mod report;
mod training;

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

pub(crate) use ask::{Query, StanceName, Summary, Which};
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use demarche::source::Format;
pub(crate) use eval::{Eval, EvalKinds, EvalLinks, EvalModel, EvalNer};
pub(crate) use export::{Annotated, Compress, CsvTables, Export, Postgres, Tables};
pub(crate) use report::Report;
pub(crate) use training::{Import, ImportFrom, Training};

/// Reads news articles and writes down who stands where towards whom.
#[derive(Debug, Parser)]
#[command(name = "demarche", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  demarche annotate news/                        every article of a folder -> annotations.jsonl
  demarche annotate archive.jsonl.gz -o out.jsonl.zst
  zcat wire.jsonl.gz | demarche annotate - -o -  from standard input to standard output
  demarche schema > annotation.schema.json       the shape of the output

Exit codes: 0 all well; 2 some input was rejected, the rest is done; 1 nothing could be done.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Annotate articles: mentions, entities and positions as JSON Lines.
    Annotate(Box<Annotate>),
    /// Look for targets of your own in the articles of annotations that are there.
    Watch(Box<Watch>),
    /// Print the JSON Schema of the output, of a rejects file or of a manifest.
    #[command(after_help = "Examples:\n  demarche schema > annotation.schema.json\n  demarche schema reject    all reasons")]
    Schema {
        /// Of what.
        #[arg(value_enum, default_value = "annotation")]
        what: SchemaOf,
    },
    /// Give one thing one key in all annotations of an archive.
    #[command(
        after_help = "Examples:\n  demarche link archive-*.jsonl.zst -o linked.jsonl.zst\n  demarche link annotations.jsonl -o - | jq -r '.entities[].key'"
    )]
    Link(Link),
    /// Count positions: who holds most, towards whom.
    Summary(Summary),
    /// Print the sentences that say who stands where towards whom.
    Query(Query),
    /// Write annotations in the formats of other programs.
    #[command(subcommand)]
    Export(Export),
    /// Read what people have corrected as gold, and as rows for training.
    Import(Import),
    /// Make one page of annotations, for people who would rather look than read.
    Report(Box<Report>),
    /// Score the models or a file of annotations against gold.
    #[command(subcommand)]
    Eval(Eval),
    /// List the models, or check their digests.
    #[command(after_help = "Examples:\n  demarche models\n  demarche models verify --models my-models/")]
    Models(Models),
}

/// What `watch` takes.
#[derive(Debug, Args)]
#[command(after_help = WATCH_EXAMPLES)]
pub(crate) struct Watch {
    /// Files of annotations, plain, .gz or .zst, or - for standard input.
    #[arg(required = true, value_name = "ANNOTATIONS")]
    pub(crate) annotations: Vec<PathBuf>,
    /// The targets.
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: PathBuf,
    /// The articles that were annotated, named as they were then [default: what the annotations name, or hold].
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    pub(crate) articles: Vec<PathBuf>,
    /// Output file; .gz and .zst compress; - is standard output [default: watched.jsonl].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Worker threads [default: one a core]. The output is the same for any number.
    #[arg(short, long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Also write judged pairs without a position, as stance none, of articles that mention a target.
    #[arg(long)]
    pub(crate) keep_none: bool,
    /// Print nothing but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Settings file [default: demarche.toml in the working folder, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What computes, and with which models.
    #[command(flatten)]
    pub(crate) engine: EngineFlags,
    /// Names of the fields of a record.
    #[command(flatten)]
    pub(crate) fields: FieldNames,
}

const WATCH_EXAMPLES: &str = "Examples:
  demarche watch annotations.jsonl --targets targets.toml
  demarche watch 2024.jsonl.zst --targets targets.toml --articles /archive/2024 -o 2024.watched.jsonl.zst
  demarche annotate news/ --targets targets.toml      both at once

A file of targets, in TOML:
  [[target]]
  name = \"Bagram Air Base\"             also looked for itself
  aliases = [\"Bagram\", \"Bagram Airfield\"]
  regex = 'base (at|in) Bagram'          optional, more ways to name it
  type = \"FAC\"                         optional: PER, ORG, LOC, NORP, FAC or MISC

Names are found as whole words, even where the model of mentions misses them. A capital has to be one in the text (\"WHO\" does not
find \"who\"); a small letter may be a capital there. A longer name that holds one (\"Bank of China\") is another thing.
Each record gets the field watch: the targets that it mentions, their mentions, and the numbers of the positions towards them.
Articles that mention a target are annotated anew; all other records stay as they are.

Exit codes: 0 all well; 2 the articles of some records are not there any more, their records stay as they are; 1 nothing could be done.";

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A line of the output.
    Annotation,
    /// A line of a rejects file.
    Reject,
    /// The manifest of a run.
    Run,
}

/// What `annotate` takes.
#[derive(Debug, Args)]
#[command(after_help = ANNOTATE_EXAMPLES)]
pub(crate) struct Annotate {
    /// Folders, files, quoted globs, or - for standard input. Read: .txt .jsonl .json .csv .tsv .parquet .html .xml .warc, each also .gz .zst
    /// .bz2 .xz, and .tar and .zip of these.
    #[arg(required_unless_present_any = ["files_from", "only_rejects"], value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Output file; .gz and .zst compress; - is standard output [default: annotations.jsonl].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Worker threads [default: one a core]. The output is the same for any number.
    #[arg(short, long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Also write this part of the article.
    #[arg(long, value_enum, value_name = "PART")]
    pub(crate) include: Option<Part>,
    /// Watch the targets that this file names: find them even where the model does not, and list them in each record (see
    /// `demarche help watch`).
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: Option<PathBuf>,
    /// Also write judged pairs without a position, as stance none.
    #[arg(long)]
    pub(crate) keep_none: bool,
    /// Also write positions between countries: what they and those who speak for them hold.
    #[arg(long, value_enum, value_name = "BY")]
    pub(crate) roll_up: Option<RollUpName>,
    /// Leave pronouns and nominals ("she", "the ministry") unresolved: positions are told of names alone.
    #[arg(long)]
    pub(crate) no_references: bool,
    /// Reject articles of more characters than this [default: 1000000].
    #[arg(long, value_name = "N")]
    pub(crate) max_article_chars: Option<NonZeroUsize>,
    /// Settings file [default: demarche.toml in the working folder, if there is one].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What is told on standard error, and to whom.
    #[command(flatten)]
    pub(crate) telling: TellingFlags,
    /// Long runs.
    #[command(flatten)]
    pub(crate) long: LongFlags,
    /// How inputs are found and read.
    #[command(flatten)]
    pub(crate) reading: ReadingFlags,
    /// What computes, and with which models.
    #[command(flatten)]
    pub(crate) engine: EngineFlags,
    /// Names of the fields of a record.
    #[command(flatten)]
    pub(crate) fields: FieldNames,
}

/// What is told on standard error, and to whom.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct TellingFlags {
    /// Print nothing but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print the closing summary even where standard error is no terminal.
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) summary: bool,
    /// How messages are written: for people, or one JSON object a line (and no progress bar).
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// The least weighty messages that are written [default: warn; with --quiet error; in JSON info].
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) log_level: Option<LogLevel>,
    /// Keep counts of the run in this file, in the text form of Prometheus, written anew every five seconds.
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics: Option<PathBuf>,
}

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How weighty messages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// The run stops.
    Error,
    /// Something is amiss: rejects, files that were taken away.
    Warn,
    /// Beginning, shards, end.
    Info,
    /// Checkpoints.
    Debug,
}

/// Long runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Long runs")]
pub(crate) struct LongFlags {
    /// Go on with the run that was stopped before this output was whole; without one, begin it.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Begin anew, even where an unfinished run could go on.
    #[arg(long, conflicts_with = "resume")]
    pub(crate) restart: bool,
    /// Cut the output into shards of so many lines: news-00000.jsonl, news-00001.jsonl and so on, each named when it is whole.
    #[arg(long, value_name = "LINES")]
    pub(crate) shard_size: Option<NonZeroU64>,
    /// Try again what this rejects file names, and nothing else [output: retried.jsonl].
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inputs", "files_from"])]
    pub(crate) only_rejects: Option<PathBuf>,
}

/// How inputs are found and read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadingFlags {
    /// Also read the files that this file names, one a line or parted by NUL; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// Read all inputs, of an archive its members, as this, whatever their names and first bytes tell.
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(Format::NAMES.map(|(_, name, _)| name)))]
    pub(crate) format: Option<String>,
    /// The encoding of all inputs, as in windows-1251; without it, each text, table and page tells its own.
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// Also annotate articles that are not in English, which are rejected otherwise.
    #[arg(long)]
    pub(crate) any_language: bool,
    /// Tell articles that repeat an earlier one of the run, and do not annotate them again.
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) dedup: Option<DedupName>,
    /// How alike near copies are at the least: the share of their phrases that both have [default: 0.8].
    #[arg(long, value_name = "SHARE", requires = "dedup")]
    pub(crate) dedup_threshold: Option<f32>,
    /// What becomes of copies [default: mark].
    #[arg(long, value_enum, value_name = "WHAT", requires = "dedup")]
    pub(crate) duplicates: Option<Duplicates>,
}

/// What positions are gathered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RollUpName {
    /// The countries of actor and target.
    Country,
}

/// How copies are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DedupName {
    /// The same text but for white space.
    Exact,
    /// Nearly the same text, as wire copy that was cut or got another lead.
    Near,
}

/// What becomes of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Duplicates {
    /// A line that names the first one, and holds no annotation.
    Mark,
    /// Nothing: they are counted and left out.
    Drop,
}

/// What computes, and with which models.
#[derive(Debug, Args)]
#[command(next_help_heading = "Engine and models")]
pub(crate) struct EngineFlags {
    /// What computes [default: rten].
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub(crate) engine: Option<EngineName>,
    /// Where the engine torch computes: cpu, cuda, cuda:1 [default: cpu].
    #[arg(long, value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// Folder of models to use instead of the built-in ones (the files of models/).
    #[arg(long, value_name = "FOLDER")]
    pub(crate) models: Option<PathBuf>,
    /// Folder of a Hugging Face checkpoint: one that classifies tokens stands in for the built-in model of mentions, one that
    /// classifies rows for that of stances. May be given for each. Their labels: [labels] in demarche.toml.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) model_dir: Vec<PathBuf>,
}

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// Eight-bit weights on the CPU; of checkpoints, model.onnx.
    Rten,
    /// Float weights by libtorch, on the CPU or a GPU; of checkpoints, model.safetensors. Built in by `make torch`.
    Torch,
}

const ANNOTATE_EXAMPLES: &str = "Examples:
  demarche annotate news/ -o news.annotations.jsonl
  demarche annotate 'archive/2024-*.jsonl.gz' --threads 8 -o 2024.jsonl.zst
  demarche annotate CC-NEWS-20260101.warc.gz -o out.jsonl.zst
  demarche annotate /archive -o archive.jsonl.zst --shard-size 100000 --resume --metrics archive.prom
  demarche annotate --only-rejects archive.jsonl.zst.rejects.jsonl --any-language -o rest.jsonl
  find /archive -name '*.html' | demarche annotate --files-from -
  demarche annotate dump.csv --text-field story --id-field guid --include text
  demarche annotate - -o - < wire.jsonl | jq '.positions[]'
  demarche annotate news/ --engine torch --device cuda:0 --model-dir my-ner/

Input that cannot be read is skipped, counted, and written with its reason to <output>.rejects.jsonl.
A .txt file is one article; its first line is the title if an empty line follows it.
Until the output is whole it stands beside its name as <output>.partial, with <output>.journal, by which --resume goes on after a
crash; <output>.run.json says what was read, with what, and what came of it.
Settings can stand in demarche.toml under the names of their flags, as in: threads = 8";

/// Fields of a record under other names.
// The names are those of the flags.
#[allow(clippy::struct_field_names)]
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Field names of JSON records, columns of tables")]
pub(crate) struct FieldNames {
    /// Field of the identifier [default: id].
    #[arg(long, value_name = "NAME")]
    pub(crate) id_field: Option<String>,
    /// Field of the headline [default: title].
    #[arg(long, value_name = "NAME")]
    pub(crate) title_field: Option<String>,
    /// Field of the body [default: text, body or content].
    #[arg(long, value_name = "NAME")]
    pub(crate) text_field: Option<String>,
    /// Field of the date [default: published or date].
    #[arg(long, value_name = "NAME")]
    pub(crate) published_field: Option<String>,
    /// Field of the paper or agency [default: outlet or source].
    #[arg(long, value_name = "NAME")]
    pub(crate) outlet_field: Option<String>,
    /// Field of the address [default: url].
    #[arg(long, value_name = "NAME")]
    pub(crate) url_field: Option<String>,
}

/// Parts of an article that the record can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The body.
    Text,
}

/// What `link` takes.
#[derive(Debug, Args)]
pub(crate) struct Link {
    /// Files of annotations, also .gz and .zst, in the order in which they are written. They are read twice.
    #[arg(required = true, value_name = "ANNOTATIONS")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Output file; .gz and .zst compress; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// What `models` takes.
#[derive(Debug, Args)]
pub(crate) struct Models {
    /// What to do with them.
    #[arg(value_enum, default_value = "list")]
    pub(crate) action: ModelsAction,
    /// Folder of models instead of the built-in ones.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) models: Option<PathBuf>,
}

/// What can be done with the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelsAction {
    /// Name, size and digest of each.
    List,
    /// The same, and exit 1 if a digest does not hold.
    Verify,
}
