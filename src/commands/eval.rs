//! `demarche eval`: the real finder and judge, or a file of annotations, against gold.

use std::num::NonZeroUsize;

use demarche::act;
use demarche::engine::EngineError;
use demarche::engine::open::open_claims;
use demarche::eval::{articles, claims, kinds, links, ner, stance};
use demarche::pipeline::Pipeline;
use demarche::position::{Keep, Stance};
use demarche::progress::Rows;
use demarche::run;
use demarche::settings::{Settings, Written};
use demarche::watch::ClaimJudge;
use serde::Serialize;

use super::{Done, print};
use crate::cli::{EngineFlags, Eval, EvalKinds, EvalLinks, EvalModel, EvalNer};

/// Scores what the flags name.
pub(crate) fn eval(what: Eval) -> anyhow::Result<Done> {
    match what {
        Eval::Ner(flags) => ner(flags),
        Eval::Stance(flags) => stance(flags),
        Eval::Claims(flags) => claims(flags),
        Eval::Links(flags) => links(flags),
        Eval::Kinds(flags) => kinds(&flags),
        Eval::Articles(flags) => {
            let which = if flags.named_only { articles::Which::Named } else { articles::Which::All };
            let report = articles::score(&flags.annotations, &flags.gold, which)?;
            show(flags.json, &report, || report.table())
        }
    }
}

fn ner(flags: EvalNer) -> anyhow::Result<Done> {
    let labels = if flags.map.is_empty() { ner::Labels::default() } else { flags.map.into_iter().collect() };
    let flags = flags.model;
    let rows = ner::read(&flags.gold, &labels)?;
    let pipeline = pipeline(flags.engine)?;
    let bar = Rows::new(rows.len());
    let find = |row: &ner::Row| -> Result<Vec<_>, EngineError> {
        let mentions = bar.done(pipeline.find(&row.text))?;
        Ok(mentions
            .into_iter()
            .map(|mention| (mention.span, mention.kind))
            .filter(|(_, kind)| labels.scores(*kind))
            .collect())
    };
    let found =
        run::map::<_, _, anyhow::Error>(threads(flags.threads), &rows, find)?.into_iter().collect::<Result<Vec<_>, _>>()?;
    drop(bar);
    let report = ner::score(&rows, &found);
    show(flags.json, &report, || report.table())
}

fn stance(flags: EvalModel) -> anyhow::Result<Done> {
    let rows = stance::read(&flags.gold)?;
    let pipeline = pipeline(flags.engine)?;
    // A pair that no window holds is a pair without a stance.
    let silent = [[1.0, 0.0, 0.0]; 2];
    let bar = Rows::new(rows.len());
    let judge = |row: &stance::Row| Ok::<_, EngineError>(bar.done(pipeline.judge(&row.text, row.spans))?.unwrap_or(silent));
    let answers =
        run::map::<_, _, anyhow::Error>(threads(flags.threads), &rows, judge)?.into_iter().collect::<Result<Vec<_>, _>>()?;
    drop(bar);
    let report = stance::score(&rows, &answers, &|distribution| pipeline.choose(distribution));
    show(flags.json, &report, || report.table())
}

fn claims(flags: EvalModel) -> anyhow::Result<Done> {
    let rows = claims::read(&flags.gold)?;
    let settings = Settings::resolve(super::written(flags.engine).over(Written::read(None)?))?;
    let judge = ClaimJudge::new(open_claims(&settings.choice)?);
    let bar = Rows::new(rows.len());
    let weigh = |row: &claims::Row| bar.done(judge.weigh(&row.text, row.actor, &row.claim));
    let answers: Vec<_> =
        run::map::<_, _, anyhow::Error>(threads(flags.threads), &rows, weigh)?.into_iter().collect::<Result<_, _>>()?;
    drop(bar);
    // A text that no row holds says nothing.
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.unwrap_or((Stance::None, 1.0))).collect();
    let report = claims::score(&rows, &answers);
    show(flags.json, &report, || report.table())
}

fn links(flags: EvalLinks) -> anyhow::Result<Done> {
    let EvalLinks { model: flags, articles } = flags;
    let rows = links::read(&flags.gold, &articles)?;
    let pipeline = pipeline(flags.engine)?;
    let bar = Rows::new(rows.len());
    let find = |row: &links::Row| bar.done(pipeline.find(&row.text));
    let found =
        run::map::<_, _, anyhow::Error>(threads(flags.threads), &rows, find)?.into_iter().collect::<Result<Vec<_>, _>>()?;
    drop(bar);
    let linker = pipeline.linker();
    let report = links::score(&rows, &found, &|text, mentions| linker.link(text, mentions), &|form| linker.is_demonym(form));
    show(flags.json, &report, || report.table())
}

fn kinds(flags: &EvalKinds) -> anyhow::Result<Done> {
    let rows = kinds::read(&flags.gold, flags.articles.as_deref())?;
    let finder = act::Finder::new();
    if flags.features {
        let mut lines = String::new();
        for row in &rows {
            lines += &serde_json::to_string(&row.choices(&finder))?;
            lines.push('\n');
        }
        return print(&lines);
    }
    let found: Vec<_> = rows.iter().map(|row| row.answer(&finder)).collect();
    let report = kinds::score(&rows, &found);
    show(flags.json, &report, || report.table())
}

/// The pipeline of the flags, over what demarche.toml says of the engine.
fn pipeline(flags: EngineFlags) -> anyhow::Result<Pipeline> {
    let settings = Settings::resolve(super::written(flags).over(Written::read(None)?))?;
    Ok(Pipeline::open(&settings.choice, Keep::Stanced)?)
}

fn threads(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or(std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

fn show(json: bool, report: &impl Serialize, table: impl Fn() -> String) -> anyhow::Result<Done> {
    if json { print(&format!("{}\n", serde_json::to_string(report)?)) } else { print(&table()) }
}
