//! `demarche import`: what people have corrected -> gold, and rows for training.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;

use anyhow::bail;
use demarche::export::Annotations;
use demarche::import::earlier::Earlier;
use demarche::import::gold::Gold;
use demarche::import::{Corrected, brat, conll, label_studio};
use demarche::sink::{Relay, SinkError, Target};

use super::{Done, complain, many};
use crate::cli::{Import, ImportFrom};

/// Reads corrections back.
pub(crate) fn import(flags: &Import) -> anyhow::Result<Done> {
    let outputs = std::iter::once(&flags.output).chain(&flags.rows);
    for (output, path) in
        outputs.flat_map(|output| flags.files.iter().chain(&flags.annotations).map(move |path| (output, path)))
    {
        if super::same(output, path) {
            bail!("{} would be written over while it is read: name another output", path.display());
        }
    }
    if flags.rows.as_ref().is_some_and(|rows| super::same(rows, &flags.output)) {
        bail!("gold and rows cannot go into one file: name another one with --rows");
    }
    let mut faults = Faults::default();
    let articles = read(flags, &mut faults);
    if articles.is_empty() {
        bail!("there is no article that somebody has corrected");
    }
    let earlier = earlier(flags, &articles, &mut faults);
    match write(flags, articles, &earlier, &mut faults) {
        Err(error) if matches!(error.downcast_ref(), Some(SinkError::BrokenPipe)) => return Ok(Done::Well),
        other => other?,
    }
    Ok(if faults.0 > 0 { Done::WithRejects } else { Done::Well })
}

/// What could not be used, told one by one.
#[derive(Default)]
struct Faults(u64);

impl Faults {
    fn tell(&mut self, what: &str) {
        self.0 += 1;
        complain(what);
    }
}

fn read(flags: &Import, faults: &mut Faults) -> Vec<Corrected> {
    let (mut articles, mut seen) = (Vec::new(), BTreeSet::new());
    for path in &flags.files {
        let read = match flags.format {
            ImportFrom::Brat => brat::brat(path),
            ImportFrom::Conll => conll::conll(path),
            ImportFrom::LabelStudio => label_studio::label_studio(path).map(|(articles, bare)| {
                if bare > 0 && !flags.quiet {
                    let tasks = many(bare as u64, "task");
                    complain(&format!("{}: left out, without an annotation by a person: {tasks}", path.display()));
                }
                articles
            }),
        };
        match read {
            Ok(read) => {
                for article in read {
                    if seen.insert(article.id.clone()) {
                        articles.push(article);
                    } else {
                        faults.tell(&format!("{}: {} is there already: the first one counts", path.display(), article.id));
                    }
                }
            }
            Err(error) => faults.tell(&demarche::chain(&error)),
        }
    }
    articles
}

/// What the annotations that were exported say of the articles.
fn earlier(flags: &Import, articles: &[Corrected], faults: &mut Faults) -> BTreeMap<String, Earlier> {
    let wanted: BTreeSet<&str> = articles.iter().map(|article| article.id.as_str()).collect();
    let mut found = BTreeMap::new();
    for read in Annotations::new(flags.annotations.clone()) {
        match read {
            Ok(annotation) if wanted.contains(annotation.id.as_ref()) => {
                found.insert(annotation.id.to_string(), Earlier::of(&annotation));
            }
            Ok(_) => {}
            Err(error) => faults.tell(&demarche::chain(&error)),
        }
    }
    found
}

fn write(
    flags: &Import,
    articles: Vec<Corrected>,
    earlier: &BTreeMap<String, Earlier>,
    faults: &mut Faults,
) -> anyhow::Result<()> {
    let mut gold = Relay::create(&Target::of(&flags.output))?;
    let mut rows = flags.rows.as_deref().map(|path| Relay::create(&Target::of(path))).transpose()?;
    let (all, mut mentions, mut positions) = (articles.len() as u64, 0_u64, 0_u64);
    for article in articles {
        let before = earlier.get(&article.id);
        let article = Gold::new(article, before);
        article.notes().iter().for_each(|note| faults.tell(&format!("{}: {note}", article.id())));
        let counts = article.counts();
        mentions += counts.0 as u64;
        positions += counts.1 as u64;
        gold.line(format!("{}\n", article.line()).as_bytes())?;
        if let Some(rows) = &mut rows {
            for row in article.rows() {
                rows.line(format!("{row}\n").as_bytes())?;
            }
        }
    }
    gold.finish()?;
    rows.map_or(Ok(()), Relay::finish)?;
    if !flags.quiet && std::io::stderr().is_terminal() {
        let counts =
            [(all, "article"), (mentions, "mention"), (positions, "position")].map(|(count, what)| many(count, what));
        complain(&format!("{}: {}", flags.output.display(), counts.join(", ")));
    }
    Ok(())
}
