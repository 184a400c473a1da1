//! Versions of the tables in a database: each file of SQL beside this one makes the next of the one before.

use ::postgres::{Client, Error, Transaction};

use super::DatabaseError;
use crate::identity::TOOL;

/// What makes each version, from 1 on. A file that has been released is never changed.
pub(super) const VERSIONS: [&str; 2] = [include_str!("1.sql"), include_str!("2.sql")];

/// Makes the schema and its tables, or brings them to the newest version, in one transaction; all later statements find them by name.
pub(super) fn migrate(client: &mut Client, place: &str, schema: &str, lock: i64) -> Result<(), DatabaseError> {
    let failed = |version: i32| move |cause: Error| DatabaseError::Migrate { place: place.to_owned(), version, cause };
    let known = i32::try_from(VERSIONS.len()).unwrap_or(i32::MAX);
    let mut transaction = client.transaction().map_err(failed(0))?;
    let found = begin(&mut transaction, schema, lock).map_err(failed(0))?;
    if found > known {
        return Err(DatabaseError::Newer { place: place.to_owned(), found, known });
    }
    for (version, sql) in (1..).zip(VERSIONS).filter(|(version, _)| *version > found) {
        transaction.batch_execute(sql).map_err(failed(version))?;
        let done = "INSERT INTO schema_version (version, tool) VALUES ($1, $2)";
        transaction.execute(done, &[&version, &TOOL]).map_err(failed(version))?;
    }
    transaction.commit().map_err(failed(known))
}

/// The version that is there; 0 where there is none. Only what is missing is made, so that a user without the right to make a schema can write
/// into one that is there.
fn begin(transaction: &mut Transaction<'_>, schema: &str, lock: i64) -> Result<i32, Error> {
    let quoted = format!("\"{}\"", schema.replace('"', "\"\""));
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&lock])?;
    if transaction.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema])?.is_empty() {
        transaction.batch_execute(&format!("CREATE SCHEMA {quoted}"))?;
    }
    transaction.batch_execute(&format!("SET search_path TO {quoted}"))?;
    let table = "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'";
    if transaction.query(table, &[&schema])?.is_empty() {
        transaction.batch_execute(
            "CREATE TABLE schema_version (version integer PRIMARY KEY, tool text NOT NULL, applied_at timestamp with time zone NOT NULL \
             DEFAULT now())",
        )?;
    }
    Ok(transaction.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[])?.get(0))
}
