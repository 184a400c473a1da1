-- Version 1: the tables. What a table or a column means: docs/tables.md. Never changed: what comes later is a file of its own.

-- One row an article.
CREATE TABLE articles (
    article text NOT NULL,
    id text NOT NULL,
    source_path text NOT NULL,
    source_record bigint NOT NULL,
    source_offset bigint,
    title text,
    published text,
    published_at timestamp with time zone,
    published_on date,
    outlet text,
    url text,
    chars integer NOT NULL,
    sha256 text NOT NULL,
    text text,
    duplicate_of text,
    sentence_count integer NOT NULL,
    mention_count integer NOT NULL,
    entity_count integer NOT NULL,
    position_count integer NOT NULL,
    ner_model text NOT NULL,
    ner_sha256 text NOT NULL,
    stance_model text NOT NULL,
    stance_sha256 text NOT NULL,
    tool text NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (article)
);

-- One row a sentence.
CREATE TABLE sentences (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    sentence integer NOT NULL,
    start_char integer NOT NULL,
    end_char integer NOT NULL,
    text text,
    PRIMARY KEY (article, sentence)
);

-- One row an entity.
CREATE TABLE entities (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    entity integer NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    subtype text,
    country text,
    key text,
    role text,
    of_entity integer,
    mention_count integer NOT NULL,
    PRIMARY KEY (article, entity)
);

-- One row a mention.
CREATE TABLE mentions (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    mention integer NOT NULL,
    sentence integer,
    start_char integer NOT NULL,
    end_char integer NOT NULL,
    text text NOT NULL,
    type text NOT NULL,
    score double precision NOT NULL,
    entity integer NOT NULL,
    PRIMARY KEY (article, mention)
);

-- One row a pronoun or nominal that stands for an entity.
CREATE TABLE text_references (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    reference integer NOT NULL,
    sentence integer,
    start_char integer NOT NULL,
    end_char integer NOT NULL,
    text text NOT NULL,
    score double precision NOT NULL,
    entity integer NOT NULL,
    PRIMARY KEY (article, reference)
);

-- One row a piece of direct speech.
CREATE TABLE quotes (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    quote integer NOT NULL,
    sentence integer,
    start_char integer NOT NULL,
    end_char integer NOT NULL,
    speaker_entity integer NOT NULL,
    speaker text NOT NULL,
    speaker_key text,
    text text,
    PRIMARY KEY (article, quote)
);

-- One row a position.
CREATE TABLE positions (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    position integer NOT NULL,
    stance text NOT NULL,
    score double precision NOT NULL,
    changed boolean NOT NULL,
    evidence_count integer NOT NULL,
    actor_entity integer NOT NULL,
    actor text NOT NULL,
    actor_key text,
    actor_type text NOT NULL,
    actor_country text,
    target_entity integer NOT NULL,
    target text NOT NULL,
    target_key text,
    target_type text NOT NULL,
    target_country text,
    PRIMARY KEY (article, position)
);

-- One row a sentence that speaks for a position.
CREATE TABLE evidence (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    position integer NOT NULL,
    evidence integer NOT NULL,
    sentence integer NOT NULL,
    sentence_start integer NOT NULL,
    sentence_end integer NOT NULL,
    stance text NOT NULL,
    score double precision NOT NULL,
    position_stance text NOT NULL,
    position_score double precision NOT NULL,
    kind text,
    cue_start integer,
    cue_end integer,
    cue text,
    is_quote boolean NOT NULL,
    quote_start integer,
    quote_end integer,
    actor_entity integer NOT NULL,
    actor text NOT NULL,
    actor_key text,
    actor_type text NOT NULL,
    actor_country text,
    actor_mention integer NOT NULL,
    actor_reference integer,
    actor_start integer NOT NULL,
    actor_end integer NOT NULL,
    actor_text text NOT NULL,
    target_entity integer NOT NULL,
    target text NOT NULL,
    target_key text,
    target_type text NOT NULL,
    target_country text,
    target_mention integer NOT NULL,
    target_reference integer,
    target_start integer NOT NULL,
    target_end integer NOT NULL,
    target_text text NOT NULL,
    text text,
    PRIMARY KEY (article, position, evidence)
);

-- One row a position between countries.
CREATE TABLE roll_up (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    roll_up integer NOT NULL,
    actor text NOT NULL,
    target text NOT NULL,
    stance text NOT NULL,
    score double precision NOT NULL,
    position_count integer NOT NULL,
    PRIMARY KEY (article, roll_up)
);

-- One row a position behind a position between countries.
CREATE TABLE roll_up_positions (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    roll_up integer NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (article, roll_up, position)
);

-- One row a watched target that an article mentions.
CREATE TABLE watch (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    watch integer NOT NULL,
    target text NOT NULL,
    claim text,
    mention_count integer NOT NULL,
    position_count integer NOT NULL,
    PRIMARY KEY (article, watch)
);

-- One row a position towards a watched target.
CREATE TABLE watch_positions (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    watch integer NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (article, watch, position)
);

-- One row a mention of a watched target.
CREATE TABLE watch_mentions (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    watch integer NOT NULL,
    mention integer NOT NULL,
    PRIMARY KEY (article, watch, mention)
);

-- One row an actor that stands to the claim on a watched target.
CREATE TABLE claim_stances (
    article text NOT NULL REFERENCES articles ON DELETE CASCADE,
    watch integer NOT NULL,
    actor_entity integer NOT NULL,
    actor text NOT NULL,
    actor_key text,
    stance text NOT NULL,
    score double precision NOT NULL,
    evidence_count integer NOT NULL,
    PRIMARY KEY (article, watch, actor_entity)
);
