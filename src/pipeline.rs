//! The pipeline: one article -> what is known of it. The steps in order; no threads, no files.

use crate::act;
use crate::article::Article;
use crate::engine::encode::{Encoder, Row};
use crate::engine::open::{Choice, Side, Sides, open, open_claims};
use crate::engine::store::{Origin, references};
use crate::engine::{Batch, Engine, EngineError, ModelId, Models, Reading};
use crate::entity::{Entity, Linker, owners};
use crate::mention::{Finder, Mention, Read, agree};
use crate::position::{Judge, Keep, Numbered, Position, Refer, Referred, Stance, mark_changes, quoted};
use crate::quote::Quote;
use crate::reference::{Net, Reference, Resolver};
use crate::roll_up::{RollUp, Rolled, roll_up};
use crate::segment::{Sentence, segment};
use crate::span::Span;
use crate::watch::{ClaimJudge, Known, Watch, Watched};

/// Bytes of body that are read at once. The states of a passage are held while it is judged, some 400 bytes a byte of
/// text; so a book costs no more memory than a report.
const PASSAGE: usize = 16 * 1024;

/// What is known of one article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Its sentences, in order.
    pub sentences: Vec<Sentence>,
    /// Its mentions, in the order of the text.
    pub mentions: Vec<Mention>,
    /// Its entities, in the order of their first mentions.
    pub entities: Vec<Entity>,
    /// The pronouns and nominals that stand for one of its mentions, in the order of the text.
    pub references: Vec<Reference>,
    /// Its direct speech, in the order of the text.
    pub quotes: Vec<Quote>,
    /// Its positions, by actor and target.
    pub positions: Vec<Position>,
    /// The watched targets that it mentions.
    pub watched: Vec<Watched>,
    /// Its positions between countries, where they were asked for.
    pub roll_up: Option<Vec<Rolled>>,
}

impl Findings {
    /// How many tokens the article has.
    pub fn tokens(&self) -> usize {
        self.sentences.iter().map(|sentence| sentence.tokens.len()).sum()
    }
}

/// The steps with what they need. One is shared by all threads.
pub struct Pipeline {
    tagger: Side,
    /// What judges pairs, where it is not the tagger's engine.
    judging: Option<Side>,
    models: Models,
    finder: Finder,
    linker: Linker,
    judge: Judge,
    acts: act::Finder,
    resolver: Resolver,
    /// The net behind it.
    resolving: ModelId,
    refer: Refer,
    keep: Keep,
    watch: Option<Watch>,
    /// What judges the claims of watched targets, where one has any.
    claims: Option<ClaimJudge>,
    roll_up: Option<RollUp>,
}

impl Pipeline {
    /// A pipeline on the engine and the models that were chosen. Fails where they cannot be opened.
    pub fn open(choice: &Choice, keep: Keep) -> Result<Self, EngineError> {
        Self::of(open(choice)?, keep)
    }

    /// The same, with an eye on some targets.
    pub fn watching(choice: &Choice, keep: Keep, watch: Option<Watch>) -> Result<Self, EngineError> {
        let claims = watch.as_ref().is_some_and(Watch::has_claims).then(|| open_claims(choice).map(ClaimJudge::new));
        Ok(Self { watch, claims: claims.transpose()?, ..Self::open(choice, keep)? })
    }

    /// A pipeline on any engine; references are resolved by the net that ships. Fails where that is damaged.
    pub fn new(engine: Box<dyn Engine>, encoder: Encoder, keep: Keep) -> Result<Self, EngineError> {
        let references = references(&Origin::BuiltIn)?;
        Self::of(Sides { tagger: Side { engine, encoder }, judge: None, references }, keep)
    }

    fn of(sides: Sides, keep: Keep) -> Result<Self, EngineError> {
        let Sides { tagger, judge: judging, references: (resolving, weights) } = sides;
        let finding = tagger.engine.models();
        let judged = judging.as_ref().map_or(finding, |side| side.engine.models());
        let models =
            Models { tagger: finding.tagger.clone(), tagger_temperature: finding.tagger_temperature, ..judged.clone() };
        let finder = Finder { temperature: models.tagger_temperature };
        let judge = Judge::new(&models);
        Ok(Self {
            tagger,
            judging,
            models,
            finder,
            linker: Linker::new(),
            judge,
            resolver: Resolver::new(Net::new(&weights)?),
            resolving,
            refer: Refer::Yes,
            acts: act::Finder::new(),
            keep,
            watch: None,
            claims: None,
            roll_up: None,
        })
    }

    /// The targets that it watches.
    pub fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    /// The model of claims, where one is used.
    pub fn claims(&self) -> Option<&ModelId> {
        self.claims.as_ref().map(ClaimJudge::model)
    }

    /// The net that resolves references, where they are resolved.
    pub fn resolver(&self) -> Option<&ModelId> {
        (self.refer == Refer::Yes).then_some(&self.resolving)
    }

    /// The same, which also gathers positions.
    #[must_use]
    pub fn rolling_up(self, roll_up: Option<RollUp>) -> Self {
        Self { roll_up, ..self }
    }

    /// The same, with pronouns and nominals resolved or not.
    #[must_use]
    pub fn refer(self, refer: Refer) -> Self {
        Self { refer, ..self }
    }

    /// The models behind it.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// All that is known of an article. Depends on the article, the models and the settings alone.
    pub fn annotate(&self, article: &Article) -> Result<Findings, EngineError> {
        let body = article.body.as_str();
        let sentences = segment(body);
        let (mut mentions, mut judgements, mut references) = (Vec::new(), Vec::new(), Vec::new());
        let mut sightings = Vec::new();
        let mut resolving = self.resolver.begin(body, &sentences);
        let mut first = 0;
        for passage in passages(&sentences) {
            let held = Held::read(&self.tagger, body, passage, first)?;
            let from = mentions.len();
            let mut found = self.mentions(body, passage, first, &held.as_read());
            if let Some(watch) = &self.watch {
                let seen = watch.mark(body, (passage, first), &mut found);
                sightings.extend(seen.into_iter().map(|(mention, target)| (from + mention, target)));
            }
            mentions.extend(found);
            let mut referred = resolving.passage((passage, first), (&mentions, from), Some(&held.as_read()));
            if self.refer == Refer::No {
                referred.clear();
            }
            let alike = |one, other| resolving.alike(one, other);
            let referring = Referred { references: &referred, first: references.len(), alike: &alike };
            let numbered = Numbered { mentions: &mentions, first: from, referred: referring };
            let told = (body, passage, first);
            judgements.extend(match &self.judging {
                None => self.judge.judge(self.tagger.engine.as_ref(), &held.as_read(), told, numbered)?,
                Some(side) => {
                    let held = Held::read(side, body, passage, first)?;
                    self.judge.judge(side.engine.as_ref(), &held.as_read(), told, numbered)?
                }
            });
            references.extend(referred);
            first += passage.len();
        }
        let quotes = resolving.quotes();
        let mut entities = self.linker.link(body, &mentions);
        if let Some(watch) = &self.watch {
            watch.join(&mut entities, &sightings);
        }
        self.linker.tell_roles(body, &sentences, &mentions, &mut entities);
        let owners = owners(&entities, mentions.len());
        let mut positions = self.judge.merge(&judgements, &mentions, &owners, self.keep);
        quoted(&mut positions, &quotes, (&mentions, &references), &owners);
        mark_changes(body, &sentences, &mentions, &mut positions);
        let span = |mention: usize, reference: Option<usize>| match reference {
            Some(reference) => references.get(reference).map(|reference: &Reference| reference.span),
            None => mentions.get(mention).map(|mention| mention.span),
        };
        self.acts.fill(body, &sentences, &mut positions, |told| {
            let [actor, target] = told.references;
            Some([span(told.actor_mention, actor)?, span(told.target_mention, target)?])
        });
        let mut watched = Vec::new();
        if let Some(watch) = &self.watch {
            watched = watch.watched(&entities, &sightings, &positions);
            let known = Known { body, sentences: &sentences, mentions: &mentions, entities: &entities, entity_of: &owners };
            self.put_claims(watch, &known, &mut watched)?;
        }
        let roll_up = self.roll_up.map(|RollUp::Country| roll_up(&positions, &entities));
        Ok(Findings { sentences, mentions, entities, references, quotes, positions, watched, roll_up })
    }

    /// What makes entities of mentions. For scoring.
    pub fn linker(&self) -> &Linker {
        &self.linker
    }

    /// Asks how the actors stand to the claims on the targets that an article mentions.
    fn put_claims(&self, watch: &Watch, known: &Known<'_>, watched: &mut [Watched]) -> Result<(), EngineError> {
        let Some(judge) = &self.claims else { return Ok(()) };
        for watched in watched {
            if let Some(claim) = &watch.targets()[watched.target].claim {
                watched.claim = judge.ask(known, watched.entity, claim)?;
            }
        }
        Ok(())
    }

    /// The mentions of a text, and nothing else. For scoring.
    pub fn find(&self, text: &str) -> Result<Vec<Mention>, EngineError> {
        let sentences = segment(text);
        let held = Held::read(&self.tagger, text, &sentences, 0)?;
        Ok(self.mentions(text, &sentences, 0, &held.as_read()))
    }

    /// The mentions of some sentences that were read, each name of one type.
    fn mentions(&self, text: &str, sentences: &[Sentence], first: usize, read: &Read<'_>) -> Vec<Mention> {
        let mut found = self.finder.find(sentences, first, read);
        agree(text, &mut found);
        found
    }

    /// The stance that a distribution speaks for, and its probability.
    pub fn choose(&self, distribution: &[f32; 3]) -> (Stance, f32) {
        self.judge.choose(distribution)
    }

    /// What a text says of two given spans: probabilities `[way][stance]`, way 0 the first span towards the second. The text
    /// is read as one sentence. `None` where no row holds both spans. For scoring.
    pub fn judge(&self, text: &str, spans: [Span; 2]) -> Result<Option<[[f32; 3]; 2]>, EngineError> {
        let whole = Sentence { span: Span::new(0, text.len()), tokens: Vec::new() };
        let side = self.judging.as_ref().unwrap_or(&self.tagger);
        let held = Held::read(side, text, std::slice::from_ref(&whole), 0)?;
        self.judge.judge_spans(side.engine.as_ref(), &held.as_read(), spans)
    }
}

/// Some sentences as an engine has read them.
struct Held {
    rows: Vec<Row>,
    batch: Batch,
    reading: Reading,
}

impl Held {
    fn read(side: &Side, body: &str, sentences: &[Sentence], first: usize) -> Result<Self, EngineError> {
        let (rows, batch) = side.encoder.rows(body, sentences, first)?;
        let reading = side.engine.read(&batch)?;
        Ok(Self { rows, batch, reading })
    }

    fn as_read(&self) -> Read<'_> {
        Read { rows: &self.rows, batch: &self.batch, reading: &self.reading }
    }
}

/// Runs of sentences of about [`PASSAGE`] bytes; a longer sentence is a run of its own.
fn passages(sentences: &[Sentence]) -> impl Iterator<Item = &[Sentence]> {
    let mut rest = sentences;
    std::iter::from_fn(move || {
        let start = rest.first()?.span.start;
        let fits = rest.iter().take_while(|sentence| sentence.span.end - start <= PASSAGE).count().max(1);
        let (passage, later) = rest.split_at(fits);
        rest = later;
        Some(passage)
    })
}
