//! Settings: flags over `demarche.toml` over defaults, checked once and valid from then on.

use std::collections::BTreeMap;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::engine::labels::Table;
use crate::engine::open::{CLAIM, Choice, Kind};
use crate::engine::store::Origin;
use crate::position::{Keep, Refer};
use crate::roll_up::RollUp;
use crate::source::dedup::Dedup;
use crate::source::{Charset, Fields, Format, Languages, Options};

/// The file that is read from the working folder where no other is named.
pub const FILE: &str = "demarche.toml";
/// Where annotations go where nothing else is said.
pub const OUTPUT: &str = "annotations.jsonl";

/// Whether the record carries the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IncludeText {
    /// Offsets only.
    #[default]
    No,
    /// The body as field `text`.
    Yes,
}

/// What becomes of copies of articles that came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// A line that names the first, and no annotation.
    #[default]
    Mark,
    /// Nothing.
    Drop,
}

/// How copies are told, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DedupName {
    /// The same body but for white space.
    Exact,
    /// Nearly the same.
    Near,
}

/// What positions are gathered by, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RollUpName {
    /// The countries of actor and target.
    Country,
}

/// The name of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    /// The default one.
    Rten,
    /// That on libtorch.
    Torch,
}

impl EngineName {
    const fn kind(self) -> Kind {
        match self {
            Self::Rten => Kind::Rten,
            Self::Torch => Kind::Torch,
        }
    }
}

/// What a user wrote, in the file or as flags. Every key may be absent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Written {
    /// The output file, or `-`.
    pub output: Option<PathBuf>,
    /// The folder of the models.
    pub models: Option<PathBuf>,
    /// What computes.
    pub engine: Option<EngineName>,
    /// Where the engine torch computes.
    pub device: Option<String>,
    /// Folders of checkpoints.
    pub model_dir: Option<Vec<PathBuf>>,
    /// What the labels of checkpoints mean here.
    pub labels: Option<Table>,
    /// What a checkpoint that classifies rows is asked of a pair, where it knows no marks.
    pub claim: Option<String>,
    /// How many threads work.
    pub threads: Option<NonZeroUsize>,
    /// The most characters of an article.
    pub max_article_chars: Option<NonZeroUsize>,
    /// The format of all inputs.
    pub format: Option<String>,
    /// The encoding of all inputs.
    pub encoding: Option<String>,
    /// Whether to annotate what is not in English.
    pub any_language: Option<bool>,
    /// How many lines a shard of the output has.
    pub shard_size: Option<NonZeroU64>,
    /// The file of metrics.
    pub metrics: Option<PathBuf>,
    /// How copies are told.
    pub dedup: Option<DedupName>,
    /// The least similarity of near copies.
    pub dedup_threshold: Option<f32>,
    /// What becomes of copies.
    pub duplicates: Option<Duplicates>,
    /// Whether to write the body.
    pub include_text: Option<bool>,
    /// Whether to write pairs without a position.
    pub keep_none: Option<bool>,
    /// The file of targets to watch.
    pub targets: Option<PathBuf>,
    /// What positions are gathered by.
    pub roll_up: Option<RollUpName>,
    /// Whether to leave pronouns and nominals unresolved.
    pub no_references: Option<bool>,
    /// The name of the field of the identifier.
    pub id_field: Option<String>,
    /// The name of the field of the headline.
    pub title_field: Option<String>,
    /// The name of the field of the body.
    pub text_field: Option<String>,
    /// The name of the field of the date.
    pub published_field: Option<String>,
    /// The name of the field of the paper.
    pub outlet_field: Option<String>,
    /// The name of the field of the address.
    pub url_field: Option<String>,
}

/// Why the settings are not valid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file could not be read.
    #[error("cannot read the settings file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("the settings file {} is not valid", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Why, with line and column.
        #[source]
        cause: Box<toml::de::Error>,
    },
    /// A similarity that is none.
    #[error("dedup-threshold is {threshold}: it has to lie above 0 and not above 1, and needs dedup near")]
    Threshold {
        /// What was written.
        threshold: f32,
    },
    /// A name that stands for nothing.
    #[error("there is no {what} named {name}: see `demarche annotate --help`")]
    Unknown {
        /// What it should be.
        what: &'static str,
        /// The name.
        name: String,
    },
}

impl Written {
    /// Reads a settings file. With no path, `demarche.toml` of the working folder, if there is one.
    pub fn read(path: Option<&Path>) -> Result<Self, SettingsError> {
        let named = path.unwrap_or(Path::new(FILE));
        let text = match std::fs::read_to_string(named) {
            Ok(text) => text,
            Err(cause) if path.is_none() && cause.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(cause) => return Err(SettingsError::Read { path: named.into(), cause }),
        };
        toml::from_str(&text).map_err(|cause| SettingsError::Parse { path: named.into(), cause: Box::new(cause) })
    }

    /// These settings where they say something, `below` where they do not.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            output: self.output.or(below.output),
            models: self.models.or(below.models),
            engine: self.engine.or(below.engine),
            device: self.device.or(below.device),
            model_dir: self.model_dir.or(below.model_dir),
            labels: self.labels.or(below.labels),
            claim: self.claim.or(below.claim),
            threads: self.threads.or(below.threads),
            max_article_chars: self.max_article_chars.or(below.max_article_chars),
            format: self.format.or(below.format),
            encoding: self.encoding.or(below.encoding),
            any_language: self.any_language.or(below.any_language),
            shard_size: self.shard_size.or(below.shard_size),
            metrics: self.metrics.or(below.metrics),
            dedup: self.dedup.or(below.dedup),
            dedup_threshold: self.dedup_threshold.or(below.dedup_threshold),
            duplicates: self.duplicates.or(below.duplicates),
            include_text: self.include_text.or(below.include_text),
            keep_none: self.keep_none.or(below.keep_none),
            targets: self.targets.or(below.targets),
            roll_up: self.roll_up.or(below.roll_up),
            no_references: self.no_references.or(below.no_references),
            id_field: self.id_field.or(below.id_field),
            title_field: self.title_field.or(below.title_field),
            text_field: self.text_field.or(below.text_field),
            published_field: self.published_field.or(below.published_field),
            outlet_field: self.outlet_field.or(below.outlet_field),
            url_field: self.url_field.or(below.url_field),
        }
    }
}

/// What a run goes by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The output file, or `-`.
    pub output: PathBuf,
    /// What computes, and with which models.
    pub choice: Choice,
    /// How many threads work.
    pub threads: NonZeroUsize,
    /// How the inputs are read.
    pub reading: Options,
    /// Whether the record carries the body.
    pub include_text: IncludeText,
    /// Which positions reach the record.
    pub keep: Keep,
    /// What positions are gathered by; `None` where nobody asks.
    pub roll_up: Option<RollUp>,
    /// Whether pronouns and nominals are resolved.
    pub refer: Refer,
    /// How many lines a shard of the output has; `None` where it is one file.
    pub shard_size: Option<NonZeroU64>,
    /// The file of metrics.
    pub metrics: Option<PathBuf>,
    /// How copies are told; `None` where nobody asks.
    pub dedup: Option<Dedup>,
    /// What becomes of copies.
    pub duplicates: Duplicates,
    /// The file of targets to watch.
    pub targets: Option<PathBuf>,
}

impl Settings {
    /// Fills in the defaults. Fails where a format or an encoding has no such name.
    pub fn resolve(written: Written) -> Result<Self, SettingsError> {
        let unknown = |what, name: &str| SettingsError::Unknown { what, name: name.to_owned() };
        let format = |name: String| Format::from_name(&name).ok_or_else(|| unknown("format", &name));
        let encoding = |label: String| Charset::of(&label).ok_or_else(|| unknown("encoding", &label));
        let mut fields = Fields::default();
        let named = [
            (&mut fields.id, written.id_field),
            (&mut fields.title, written.title_field),
            (&mut fields.text, written.text_field),
            (&mut fields.published, written.published_field),
            (&mut fields.outlet, written.outlet_field),
            (&mut fields.url, written.url_field),
        ];
        for (names, name) in named {
            if let Some(name) = name {
                *names = vec![name];
            }
        }
        let reading = Options {
            fields,
            max_article_chars: written.max_article_chars.map_or(1_000_000, NonZeroUsize::get),
            format: written.format.map(format).transpose()?,
            encoding: written.encoding.map(encoding).transpose()?,
            languages: if written.any_language == Some(true) { Languages::Any } else { Languages::English },
            ..Options::default()
        };
        Ok(Self {
            output: written.output.unwrap_or_else(|| OUTPUT.into()),
            choice: Choice {
                kind: written.engine.map_or(Kind::Rten, EngineName::kind),
                origin: written.models.map_or(Origin::BuiltIn, Origin::Folder),
                device: written.device.unwrap_or_else(|| "cpu".to_owned()),
                checkpoints: written.model_dir.unwrap_or_default(),
                labels: written.labels.unwrap_or_default(),
                claim: written.claim.unwrap_or_else(|| CLAIM.to_owned()),
            },
            threads: written.threads.or(std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
            reading,
            include_text: if written.include_text == Some(true) { IncludeText::Yes } else { IncludeText::No },
            keep: if written.keep_none == Some(true) { Keep::All } else { Keep::Stanced },
            roll_up: written.roll_up.map(|RollUpName::Country| RollUp::Country),
            refer: if written.no_references == Some(true) { Refer::No } else { Refer::Yes },
            shard_size: written.shard_size,
            metrics: written.metrics,
            dedup: dedup(written.dedup, written.dedup_threshold)?,
            duplicates: written.duplicates.unwrap_or_default(),
            targets: written.targets,
        })
    }

    /// All that may change a byte of the output, but the models: names as users know them, values in words.
    pub fn that_reach_the_output(&self) -> BTreeMap<String, String> {
        let Self { choice, reading, include_text, keep, roll_up, refer, shard_size, dedup, duplicates, .. } = self;
        let Choice { kind, origin: _, device, checkpoints, labels, claim } = choice;
        let Options { fields, max_article_chars, format, encoding, languages, unpacking: _ } = reading;
        let shown = |value: &dyn std::fmt::Debug| format!("{value:?}").to_lowercase();
        let named = [
            ("engine", shown(kind)),
            ("device", device.clone()),
            ("model-dir", format!("{checkpoints:?}")),
            ("labels", format!("{labels:?}")),
            ("claim", claim.clone()),
            ("fields", fields.all().map(String::as_str).collect::<Vec<_>>().join(" ")),
            ("max-article-chars", max_article_chars.to_string()),
            ("format", format.map_or_else(|| "told by each".to_owned(), |format| shown(&format))),
            ("encoding", encoding.map_or_else(|| "told by each".to_owned(), |encoding| encoding.name().to_owned())),
            ("any-language", (*languages == Languages::Any).to_string()),
            ("include-text", (*include_text == IncludeText::Yes).to_string()),
            ("keep-none", (*keep == Keep::All).to_string()),
            ("roll-up", roll_up.map_or_else(|| "none".to_owned(), |by| shown(&by))),
            ("no-references", (*refer == Refer::No).to_string()),
            ("dedup", dedup.map_or_else(|| "none".to_owned(), |dedup| shown(&dedup))),
            ("duplicates", shown(duplicates)),
            ("shard-size", shard_size.map_or_else(|| "none".to_owned(), |size| size.to_string())),
        ];
        named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// How copies are told.
fn dedup(name: Option<DedupName>, threshold: Option<f32>) -> Result<Option<Dedup>, SettingsError> {
    match (name, threshold) {
        (Some(DedupName::Near), Some(threshold)) if threshold > 0.0 && threshold <= 1.0 => {
            Ok(Some(Dedup::Near { threshold }))
        }
        (Some(DedupName::Near), None) => Ok(Some(Dedup::Near { threshold: Dedup::THRESHOLD })),
        (Some(DedupName::Exact), None) => Ok(Some(Dedup::Exact)),
        (None, None) => Ok(None),
        (_, Some(threshold)) => Err(SettingsError::Threshold { threshold }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_stands_over_the_file() {
        let file: Written = toml::from_str("threads = 3\noutput = \"a.jsonl\"\ntext-field = \"story\"").unwrap();
        let flags = Written { threads: NonZeroUsize::new(5), ..Written::default() };
        let settings = Settings::resolve(flags.over(file)).unwrap();
        assert_eq!((settings.threads.get(), settings.output.as_path()), (5, Path::new("a.jsonl")));
        assert_eq!(settings.reading.fields.text, ["story"]);
        assert_eq!(settings.reading.max_article_chars, 1_000_000);
    }

    #[test]
    fn engine_and_labels_are_read() {
        let file = "engine = \"torch\"\nmodel-dir = [\"a\"]\n[labels]\nGENE = \"O\"";
        let choice = Settings::resolve(toml::from_str(file).unwrap()).unwrap().choice;
        assert_eq!((choice.kind, choice.device.as_str(), choice.checkpoints.len()), (Kind::Torch, "cpu", 1));
        assert_eq!(choice.labels["GENE"], "O");
        assert!(toml::from_str::<Written>("engine = \"onnx\"").is_err());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demarche.toml");
        std::fs::write(&path, "thread = 3\n").unwrap();
        let error = Written::read(Some(&path)).unwrap_err();
        assert!(matches!(&error, SettingsError::Parse { cause, .. } if cause.message().contains("thread")), "{error:?}");
    }
}
