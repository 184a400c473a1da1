//! The tables in a PostgreSQL database. They are made or migrated first; then annotations go in batches, each in one transaction: what is
//! there already is passed over, what is there otherwise is replaced, the rest comes in by COPY. So a run may be done again, or ended by the
//! next one after it was killed, and nothing is there twice.

mod migrate;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Write;

use ::postgres::{Client, Config, NoTls};
use sha2::{Digest, Sha256};

use super::csv::{Formulas, put};
use super::rows::{article_key, hex, write};
use super::schema::{Cell, Table};
use super::{TableSink, TablesError};
use crate::annotation::Annotation;

/// Bytes of rows of a batch; an article more may come on top.
const BATCH: usize = 8 << 20;
/// Articles of a batch.
const ARTICLES: usize = 2000;

/// Why a database cannot be written to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// There is no connection.
    #[error("cannot connect to {place}: check --url, or PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSWORD")]
    Connect {
        /// The database, without its password.
        place: String,
        /// Why.
        #[source]
        cause: ::postgres::Error,
    },
    /// A name of a schema that no database takes.
    #[error("{0:?} cannot be the name of a schema: it is empty, holds NUL or is longer than 63 bytes")]
    Schema(String),
    /// The tables were made by a newer program.
    #[error("the tables of {place} are of version {found}, this program knows {known}: use a newer demarche")]
    Newer {
        /// The database.
        place: String,
        /// The version of its tables.
        found: i32,
        /// The newest one that is known.
        known: i32,
    },
    /// The tables cannot be made or migrated.
    #[error("cannot make the tables of {place}, version {version}; nothing was changed")]
    Migrate {
        /// The database.
        place: String,
        /// The version that was being made.
        version: i32,
        /// Why.
        #[source]
        cause: ::postgres::Error,
    },
    /// A batch cannot be written.
    #[error("writing to {place} failed behind {done} articles, which are safe: mend the cause and run the same again")]
    Batch {
        /// The database.
        place: String,
        /// Articles of batches that are committed.
        done: u64,
        /// Why.
        #[source]
        cause: BatchFault,
    },
}

/// Why a batch cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchFault {
    /// The database says no, or is gone.
    #[error(transparent)]
    Database(#[from] ::postgres::Error),
    /// Rows cannot be sent.
    #[error(transparent)]
    Copy(#[from] std::io::Error),
}

/// How a database is reached.
#[derive(Clone)]
pub struct Connection {
    config: Config,
    place: String,
}

/// What became of the articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Articles that were not there.
    pub new: u64,
    /// Articles that were there with another annotation.
    pub replaced: u64,
    /// Articles that were there.
    pub there: u64,
}

/// An open database, and the batch that goes next.
pub struct Database {
    client: Client,
    place: String,
    lock: i64,
    batch: Batch,
    told: Told,
}

/// Rows that wait.
#[derive(Default)]
struct Batch {
    articles: Vec<Waiting>,
    /// By key, the place in `articles`.
    keys: BTreeMap<String, usize>,
    /// Of each table, lines of CSV.
    lines: Vec<Vec<u8>>,
    /// The digest of the annotation whose rows are coming.
    digest: String,
}

/// An article that waits.
struct Waiting {
    key: String,
    digest: String,
    has_text: bool,
    /// Where its lines end in those of each table; they begin where those of the one before end.
    ends: Vec<usize>,
}

impl Connection {
    /// A connection by `url`, which may also be of the form `host=… dbname=…`, and for what it leaves open by `variable`, which looks up
    /// environment variables. What is wrong with them is told without the password.
    pub fn new(url: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let bad = |_| "the URL of the database is none: postgres://USER@HOST:PORT/DATABASE is wanted".to_owned();
        let mut config: Config = url.unwrap_or_default().parse().map_err(bad)?;
        if config.get_hosts().is_empty() {
            match variable("PGHOST") {
                Some(host) => config.host(&host),
                None => config.host("localhost"),
            };
        }
        if config.get_ports().is_empty()
            && let Some(port) = variable("PGPORT")
        {
            config.port(port.parse().map_err(|_| format!("PGPORT is no number of a port: {port:?}"))?);
        }
        if config.get_user().is_none()
            && let Some(user) = variable("PGUSER")
        {
            config.user(&user);
        }
        if config.get_dbname().is_none()
            && let Some(name) = variable("PGDATABASE")
        {
            config.dbname(&name);
        }
        if config.get_password().is_none()
            && let Some(password) = variable("PGPASSWORD")
        {
            config.password(password);
        }
        config.application_name("demarche");
        let place = place(&config);
        Ok(Self { config, place })
    }
}

/// What messages call a database. Never with its password.
fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(::postgres::config::Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(::postgres::config::Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let name = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("the database {name} on {host}, port {port}")
}

impl Database {
    /// Connects, and makes or migrates the tables of a schema.
    pub fn open(to: &Connection, schema: &str) -> Result<Self, DatabaseError> {
        if schema.is_empty() || schema.len() > 63 || schema.contains('\0') {
            return Err(DatabaseError::Schema(schema.to_owned()));
        }
        let place = to.place.clone();
        let connected = to.config.connect(NoTls);
        let mut client = connected.map_err(|cause| DatabaseError::Connect { place: place.clone(), cause })?;
        let lock = lock_of(schema);
        migrate::migrate(&mut client, &place, schema, lock)?;
        Ok(Self { client, place, lock, batch: Batch::new(), told: Told::default() })
    }

    /// Adds a [`sound`](crate::export::sound) annotation to the batch that goes next, and sends it once it is full.
    pub fn add(&mut self, annotation: &Annotation<'_>, body: Option<&str>) -> Result<(), TablesError> {
        let key = article_key(annotation);
        // Of two annotations of one article the later one is wanted, as of two runs.
        if self.batch.keys.contains_key(&key) || self.batch.is_full() {
            self.send()?;
        }
        let mut hash = Sha256::new();
        serde_json::to_writer(&mut hash, annotation).map_err(TablesError::Digest)?;
        let digest = hex(&hash.finalize()[..16]);
        self.batch.digest.clone_from(&digest);
        write(annotation, &key, body, &mut self.batch)?;
        self.batch.end(key, digest, body.is_some());
        Ok(())
    }

    /// Sends what waits, and says what became of all.
    pub fn finish(mut self) -> Result<Told, TablesError> {
        self.send()?;
        Ok(self.told)
    }

    fn send(&mut self) -> Result<(), TablesError> {
        let batch = std::mem::replace(&mut self.batch, Batch::new());
        if batch.articles.is_empty() {
            return Ok(());
        }
        let told = batch.send(&mut self.client, self.lock).map_err(|cause| {
            let Told { new, replaced, there } = self.told;
            DatabaseError::Batch { place: self.place.clone(), done: new + replaced + there, cause }
        })?;
        self.told.new += told.new;
        self.told.replaced += told.replaced;
        self.told.there += told.there;
        Ok(())
    }
}

/// The number of the lock that runs into one schema hold in turns.
fn lock_of(schema: &str) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&Sha256::digest(format!("demarche {schema}"))[..8]);
    i64::from_be_bytes(bytes)
}

impl Batch {
    fn new() -> Self {
        Self { lines: vec![Vec::new(); Table::ALL.len()], ..Self::default() }
    }

    fn is_full(&self) -> bool {
        self.articles.len() >= ARTICLES || self.lines.iter().map(Vec::len).sum::<usize>() >= BATCH
    }

    fn end(&mut self, key: String, digest: String, has_text: bool) {
        self.keys.insert(key.clone(), self.articles.len());
        let ends = self.lines.iter().map(Vec::len).collect();
        self.articles.push(Waiting { key, digest, has_text, ends });
    }

    /// Sends all that is not there, in one transaction.
    fn send(&self, client: &mut Client, lock: i64) -> Result<Told, BatchFault> {
        let mut transaction = client.transaction()?;
        // Another run may be writing the same articles: one batch after the other.
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&lock])?;
        let keys: Vec<&str> = self.articles.iter().map(|one| one.key.as_str()).collect();
        let found = "SELECT article, digest, text IS NOT NULL FROM articles WHERE article = ANY($1)";
        let mut wanted = vec![true; self.articles.len()];
        let mut old = Vec::new();
        for row in transaction.query(found, &[&keys])? {
            let (key, digest, has_text): (String, String, bool) = (row.get(0), row.get(1), row.get(2));
            let Some(at) = self.keys.get(&key).copied() else { continue };
            // A text that is there is kept where this run has none.
            wanted[at] = self.articles[at].digest != digest || (self.articles[at].has_text && !has_text);
            if wanted[at] {
                old.push(key);
            }
        }
        if !old.is_empty() {
            transaction.execute("DELETE FROM articles WHERE article = ANY($1)", &[&old])?;
        }
        for (at, table) in Table::ALL.iter().enumerate() {
            let lines = |number: usize| {
                let start = number.checked_sub(1).map_or(0, |before: usize| self.articles[before].ends[at]);
                &self.lines[at][start..self.articles[number].ends[at]]
            };
            let numbers = (0..wanted.len()).filter(|number| wanted[*number] && !lines(*number).is_empty());
            if numbers.clone().next().is_none() {
                continue;
            }
            let mut writer = transaction.copy_in(&copy(*table))?;
            numbers.map(lines).try_for_each(|lines| writer.write_all(lines))?;
            writer.finish()?;
        }
        transaction.commit()?;
        let all = wanted.iter().filter(|wanted| **wanted).count() as u64;
        let replaced = old.len() as u64;
        Ok(Told { new: all - replaced, replaced, there: wanted.len() as u64 - all })
    }
}

fn copy(table: Table) -> String {
    let mut names: Vec<_> = table.columns().iter().map(|column| column.name).collect();
    if table == Table::Articles {
        names.push("digest");
    }
    format!("COPY {} ({}) FROM STDIN (FORMAT csv, ENCODING 'UTF8')", table.name(), names.join(", "))
}

impl TableSink for Batch {
    fn row(&mut self, table: Table, cells: &[Cell<'_>]) -> Result<(), TablesError> {
        let lines = &mut self.lines[table as usize];
        let digest = (table == Table::Articles).then_some(Cell::Text(&self.digest));
        for (at, cell) in cells.iter().copied().chain(digest).enumerate() {
            if at > 0 {
                lines.push(b',');
            }
            match cell {
                // PostgreSQL has no NUL in its texts.
                Cell::Text(text) if text.contains('\0') => {
                    put(lines, Cell::Text(&text.replace('\0', "\u{fffd}")), Formulas::Verbatim);
                }
                cell => put(lines, cell, Formulas::Verbatim),
            }
        }
        lines.push(b'\n');
        Ok(())
    }
}
