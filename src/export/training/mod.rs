//! Annotations as training data: what annotation tools open and trainers read.
//!
//! | format | file | what it is |
//! | --- | --- | --- |
//! | `conll`, `spacy`, `prodigy`, `label-studio` | `lines.rs` | names and stances of whole articles, in lines or objects of one file |
//! | `brat` | `brat.rs` | a folder of texts with annotations that stand off |
//! | `hf` | `hf.rs` | a folder with a dataset card |
//! | `pairs` | `pairs.rs` | the rows of our own training: a sentence, two places, a stance each way |
//!
//! All are made of a [`Marked`] article. `select.rs` says which articles are taken; [`Writer`] writes them.

pub mod brat;
mod folder;
pub mod hf;
pub mod lines;
pub mod marked;
pub mod pairs;
pub mod select;
#[cfg(test)]
mod tests;
pub mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sink::{Relay, SinkError, Target};
use folder::Folder;
pub use marked::Marked;
use select::Split;

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Columns with BIO tags.
    Conll,
    /// JSON for `spacy convert` and `Doc.from_json`.
    Spacy,
    /// Texts with annotations that stand off.
    Brat,
    /// Tasks with predictions, and the labelling configuration.
    LabelStudio,
    /// Tasks as JSON Lines.
    Prodigy,
    /// A folder for `datasets.load_dataset`.
    Hf,
    /// Rows of directed stance.
    Pairs,
}

/// Why training data could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// A folder.
    #[error("cannot write {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// More than one file is to be written, and the output is none.
    #[error("parts need files: name one with -o, as in -o data.jsonl for data.train.jsonl and so on")]
    Parts,
}

/// How much was written into a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The part; empty where there is one only.
    pub part: String,
    /// Articles.
    pub articles: u64,
    /// Sentences.
    pub sentences: u64,
    /// Names.
    pub mentions: u64,
    /// Stances between two names.
    pub stances: u64,
    /// Rows of two names; counted for `pairs` and Hugging Face.
    pub pairs: u64,
}

/// Writes articles in a format.
pub struct Writer {
    format: Format,
    split: Option<Split>,
    parts: Vec<Counts>,
    to: To,
}

/// Where articles go.
enum To {
    /// One file a part.
    Files(Vec<Relay>),
    /// One folder.
    Folder(Folder, Names),
}

impl Writer {
    /// A writer into a file, or into a folder for brat, Label Studio and Hugging Face.
    pub fn create(format: Format, output: &Path, split: Option<Split>) -> Result<Self, WriteError> {
        let names: Vec<String> =
            split.as_ref().map_or_else(|| vec![String::new()], |split| split.names().map(str::to_owned).collect());
        let to = match format {
            Format::Brat | Format::LabelStudio | Format::Hf => {
                let failed = |cause| WriteError::Folder { path: output.to_owned(), cause };
                To::Folder(Folder::create(output).map_err(failed)?, Names::default())
            }
            _ => To::Files(files(output, &names)?),
        };
        let parts = names.into_iter().map(|part| Counts { part, ..Counts::default() }).collect();
        let mut writer = Self { format, split, parts, to };
        writer.begin()?;
        Ok(writer)
    }

    fn begin(&mut self) -> Result<(), WriteError> {
        match &mut self.to {
            To::Files(files) if self.format == Format::Spacy => {
                files.iter_mut().try_for_each(|file| file.line(b"["))?;
            }
            To::Folder(folder, _) => {
                let begun = match self.format {
                    Format::Brat => folder
                        .put("annotation.conf", brat::ANNOTATION_CONF)
                        .and_then(|()| folder.put("visual.conf", brat::VISUAL_CONF)),
                    Format::LabelStudio => folder.put("config.xml", lines::LABEL_STUDIO),
                    _ => Ok(()),
                };
                begun.map_err(|cause| WriteError::Folder { path: folder.path().to_owned(), cause })?;
            }
            To::Files(_) => {}
        }
        Ok(())
    }

    /// Writes one article into its part.
    pub fn article(&mut self, article: &Marked<'_>) -> Result<(), WriteError> {
        let part = self.split.as_ref().map_or(0, |split| split.part(article.annotation));
        let counts = &mut self.parts[part];
        let first = counts.articles == 0;
        counts.articles += 1;
        counts.mentions += article.names.len() as u64;
        counts.sentences += article.cut.sentences.len() as u64;
        counts.stances += article.stances.len() as u64;
        let rows = if matches!(self.format, Format::Pairs | Format::Hf) { pairs::pairs(article) } else { Vec::new() };
        counts.pairs += rows.len() as u64;
        match &mut self.to {
            To::Files(files) => {
                let text = match self.format {
                    Format::Conll => lines::conll(article),
                    Format::Spacy => listed(first, &lines::spacy(article)),
                    Format::Prodigy => format!("{}\n", lines::prodigy(article)),
                    _ => rows.iter().fold(String::new(), |text, row| text + &row.to_string() + "\n"),
                };
                files[part].line(text.as_bytes()).map_err(WriteError::from)
            }
            To::Folder(folder, names) => {
                let written = match self.format {
                    Format::Brat => put_brat(folder, names, &counts.part, article),
                    Format::LabelStudio => {
                        let begin = if first { "[" } else { "" };
                        folder.append(
                            &tasks(&counts.part),
                            &(begin.to_owned() + &listed(first, &lines::label_studio(article))),
                        )
                    }
                    _ => hf::append(&counts.part, article, &rows, |name, text| folder.append(name, text)),
                };
                written.map_err(|cause| WriteError::Folder { path: folder.path().to_owned(), cause })
            }
        }
    }

    /// Whether no article was written.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|counts| counts.articles == 0)
    }

    /// Ends the output, which gets its name; says how much is in each part.
    pub fn finish(self) -> Result<Vec<Counts>, WriteError> {
        let Self { format, parts, to, .. } = self;
        match to {
            To::Files(files) => {
                for mut file in files {
                    if format == Format::Spacy {
                        file.line(b"\n]\n")?;
                    }
                    file.finish()?;
                }
            }
            To::Folder(mut folder, _) => {
                let path = folder.path().to_owned();
                let end = |folder: &mut Folder| -> std::io::Result<()> {
                    match format {
                        Format::LabelStudio => parts.iter().try_for_each(|counts| {
                            let begin = if counts.articles == 0 { "[" } else { "" };
                            folder.append(&tasks(&counts.part), &format!("{begin}\n]\n"))
                        }),
                        Format::Hf => folder.put("README.md", &hf::card(&parts)),
                        _ => Ok(()),
                    }
                };
                end(&mut folder).and_then(|()| folder.finish()).map_err(|cause| WriteError::Folder { path, cause })?;
            }
        }
        Ok(parts)
    }
}

/// A file for each part: `data.jsonl` is `data.train.jsonl` for the part `train`.
fn files(output: &Path, parts: &[String]) -> Result<Vec<Relay>, WriteError> {
    let target = Target::of(output);
    let Target::File(path) = &target else {
        return if parts.len() == 1 { Ok(vec![Relay::create(&target)?]) } else { Err(WriteError::Parts) };
    };
    let create = |part: &String| Ok(Relay::create(&Target::File(part_of(path, part)))?);
    parts.iter().map(create).collect()
}

/// The file of a part.
pub fn part_of(path: &Path, part: &str) -> PathBuf {
    if part.is_empty() {
        return path.to_owned();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.trim_end_matches(".gz").trim_end_matches(".zst");
    let at = stem.rfind('.').filter(|at| *at > 0).unwrap_or(stem.len());
    path.with_file_name(format!("{}.{part}{}", &name[..at], &name[at..]))
}

/// An item of a JSON list.
fn listed(first: bool, item: &Value) -> String {
    format!("{}\n{item}", if first { "" } else { "," })
}

fn tasks(part: &str) -> String {
    format!("{}.json", if part.is_empty() { "tasks" } else { part })
}

fn put_brat(folder: &mut Folder, names: &mut Names, part: &str, article: &Marked<'_>) -> std::io::Result<()> {
    let id = &article.annotation.id;
    let name = names.of(id);
    let place = if part.is_empty() { name.clone() } else { format!("{part}/{name}") };
    folder.put(&format!("{place}.txt"), article.body)?;
    folder.put(&format!("{place}.ann"), &brat::annotations(article))?;
    folder.append("documents.tsv", &format!("{place}\t{}\n", lines::escaped(id)))
}

/// Names of files for identifiers: letters, digits and a few marks of ASCII, not too long, each once.
#[derive(Default)]
struct Names(BTreeSet<String>);

/// The longest name of a file, in characters, before a number.
const LONGEST: usize = 80;

impl Names {
    fn of(&mut self, id: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
        let stem: String = id.chars().take(LONGEST).map(plain).collect();
        let stem = stem.trim_matches('.');
        let stem = if stem.is_empty() { "article" } else { stem };
        let mut name = stem.to_owned();
        let mut number = 2_u64;
        // File systems that do not tell capitals from small letters are about.
        while !self.0.insert(name.to_lowercase()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        name
    }
}
