-- Version 2: what dashboards ask for.

CREATE INDEX articles_published_on ON articles (published_on);
CREATE INDEX entities_key ON entities (key);
CREATE INDEX positions_actor_key ON positions (actor_key);
CREATE INDEX positions_target_key ON positions (target_key);

-- Positions with what is known of their articles: one wide table for tools that want one.
CREATE VIEW dated_positions AS
SELECT positions.*, articles.id, articles.title, articles.published_at, articles.published_on, articles.outlet, articles.url
FROM positions JOIN articles USING (article);

-- The same of evidence.
CREATE VIEW dated_evidence AS
SELECT evidence.*, articles.id, articles.title, articles.published_at, articles.published_on, articles.outlet, articles.url
FROM evidence JOIN articles USING (article);
