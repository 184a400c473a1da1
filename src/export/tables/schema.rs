//! The tables: their names, columns and keys, and what each column is. The one place that knows them: the files, the database and the page
//! `docs/tables.md` are made or checked by it.

use Kind::{Bool, Day, Int, Long, Moment, Score, Text};

/// The version of the tables. A new column or table keeps it where old questions keep their answers; anything else makes a new one.
pub const TABLES_VERSION: u32 = 1;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unicode text.
    Text,
    /// A number that counts or names things of an article: 32 bits.
    Int,
    /// A larger number: 64 bits.
    Long,
    /// A probability with four decimals.
    Score,
    /// True or false.
    Bool,
    /// A day of the calendar.
    Day,
    /// A moment, in UTC, to the microsecond.
    Moment,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a row may lack it.
    pub nullable: bool,
}

const fn all(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: false }
}

const fn some(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: true }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $table:ident $name:literal key $key:literal: $($column:expr),+;)+) => {
        /// A table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Table { $($(#[$doc])* $table,)+ }

        impl Table {
            /// All tables; each stands behind those that its rows speak of.
            pub const ALL: &[Self] = &[$(Self::$table),+];

            /// Its name: that of its file and that in a database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$table => $name,)+ }
            }

            /// Its columns, in order.
            pub const fn columns(self) -> &'static [Column] {
                match self { $(Self::$table => const { &[$($column),+] },)+ }
            }

            /// How many of the first columns tell a row from all others.
            pub const fn key(self) -> usize {
                match self { $(Self::$table => $key,)+ }
            }
        }
    };
}

tables! {
    /// One row an article.
    Articles "articles" key 1: all("article", Text), all("id", Text), all("source_path", Text), all("source_record", Long),
        some("source_offset", Long), some("title", Text), some("published", Text), some("published_at", Moment),
        some("published_on", Day), some("outlet", Text), some("url", Text), all("chars", Int), all("sha256", Text), some("text", Text),
        some("duplicate_of", Text), all("sentence_count", Int), all("mention_count", Int), all("entity_count", Int),
        all("position_count", Int), all("ner_model", Text), all("ner_sha256", Text), all("stance_model", Text),
        all("stance_sha256", Text), all("tool", Text);
    /// One row a sentence.
    Sentences "sentences" key 2: all("article", Text), all("sentence", Int), all("start_char", Int), all("end_char", Int),
        some("text", Text);
    /// One row an entity.
    Entities "entities" key 2: all("article", Text), all("entity", Int), all("name", Text), all("type", Text), some("subtype", Text),
        some("country", Text), some("key", Text), some("role", Text), some("of_entity", Int), all("mention_count", Int);
    /// One row a mention.
    Mentions "mentions" key 2: all("article", Text), all("mention", Int), some("sentence", Int), all("start_char", Int),
        all("end_char", Int), all("text", Text), all("type", Text), all("score", Score), all("entity", Int);
    /// One row a pronoun or nominal that stands for an entity.
    References "text_references" key 2: all("article", Text), all("reference", Int), some("sentence", Int), all("start_char", Int),
        all("end_char", Int), all("text", Text), all("score", Score), all("entity", Int);
    /// One row a piece of direct speech.
    Quotes "quotes" key 2: all("article", Text), all("quote", Int), some("sentence", Int), all("start_char", Int), all("end_char", Int),
        all("speaker_entity", Int), all("speaker", Text), some("speaker_key", Text), some("text", Text);
    /// One row a position.
    Positions "positions" key 2: all("article", Text), all("position", Int), all("stance", Text), all("score", Score),
        all("changed", Bool), all("evidence_count", Int), all("actor_entity", Int), all("actor", Text), some("actor_key", Text),
        all("actor_type", Text), some("actor_country", Text), all("target_entity", Int), all("target", Text), some("target_key", Text),
        all("target_type", Text), some("target_country", Text);
    /// One row a sentence that speaks for a position.
    Evidence "evidence" key 3: all("article", Text), all("position", Int), all("evidence", Int), all("sentence", Int),
        all("sentence_start", Int), all("sentence_end", Int), all("stance", Text), all("score", Score), all("position_stance", Text),
        all("position_score", Score), some("kind", Text), some("cue_start", Int), some("cue_end", Int), some("cue", Text),
        all("is_quote", Bool), some("quote_start", Int), some("quote_end", Int), all("actor_entity", Int), all("actor", Text),
        some("actor_key", Text), all("actor_type", Text), some("actor_country", Text), all("actor_mention", Int),
        some("actor_reference", Int), all("actor_start", Int), all("actor_end", Int), all("actor_text", Text),
        all("target_entity", Int), all("target", Text), some("target_key", Text), all("target_type", Text),
        some("target_country", Text), all("target_mention", Int), some("target_reference", Int), all("target_start", Int),
        all("target_end", Int), all("target_text", Text), some("text", Text);
    /// One row a position between countries.
    RollUp "roll_up" key 2: all("article", Text), all("roll_up", Int), all("actor", Text), all("target", Text), all("stance", Text),
        all("score", Score), all("position_count", Int);
    /// One row a position behind a position between countries.
    RollUpPositions "roll_up_positions" key 3: all("article", Text), all("roll_up", Int), all("position", Int);
    /// One row a watched target that an article mentions.
    Watch "watch" key 2: all("article", Text), all("watch", Int), all("target", Text), some("claim", Text), all("mention_count", Int),
        all("position_count", Int);
    /// One row a position towards a watched target.
    WatchPositions "watch_positions" key 3: all("article", Text), all("watch", Int), all("position", Int);
    /// One row a mention of a watched target.
    WatchMentions "watch_mentions" key 3: all("article", Text), all("watch", Int), all("mention", Int);
    /// One row an actor that stands to the claim on a watched target.
    ClaimStances "claim_stances" key 3: all("article", Text), all("watch", Int), all("actor_entity", Int), all("actor", Text),
        some("actor_key", Text), all("stance", Text), all("score", Score), all("evidence_count", Int);
}

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// There is none.
    Null,
    /// Text.
    Text(&'a str),
    /// A number of 32 bits.
    Int(i32),
    /// A number of 64 bits.
    Long(i64),
    /// A probability.
    Score(f64),
    /// True or false.
    Bool(bool),
    /// Days since 1970-01-01.
    Day(i32),
    /// Microseconds since 1970-01-01, 0:00 UTC.
    Moment(i64),
}

impl Cell<'_> {
    /// Whether the cell may stand in a column.
    pub const fn fits(self, column: &Column) -> bool {
        match self {
            Self::Null => column.nullable,
            Self::Text(_) => matches!(column.kind, Text),
            Self::Int(_) => matches!(column.kind, Int),
            Self::Long(_) => matches!(column.kind, Long),
            Self::Score(_) => matches!(column.kind, Score),
            Self::Bool(_) => matches!(column.kind, Bool),
            Self::Day(_) => matches!(column.kind, Day),
            Self::Moment(_) => matches!(column.kind, Moment),
        }
    }
}
