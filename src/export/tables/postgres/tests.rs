use super::super::schema::{Column, Kind};
use super::*;
use crate::export::tests::{BODY, annotation};

fn connection(url: Option<&str>, variables: &[(&str, &str)]) -> Result<Connection, String> {
    let find = |name: &str| variables.iter().find(|(found, _)| *found == name).map(|(_, value)| (*value).to_owned());
    Connection::new(url, find)
}

#[test]
fn the_url_goes_before_the_variables_and_no_password_is_told() {
    let variables = [("PGHOST", "db"), ("PGPORT", "7"), ("PGUSER", "me"), ("PGDATABASE", "news"), ("PGPASSWORD", "HIDDEN")];
    let place = |url, variables: &[_]| connection(url, variables).map(|connection| connection.place);
    assert_eq!(place(None, &variables).unwrap(), "the database news on db, port 7");
    assert_eq!(place(Some("postgres://you:HIDDEN@other:5/x"), &variables).unwrap(), "the database x on other, port 5");
    // A URL that names a host has its port, 5432.
    assert_eq!(place(Some("postgres://you:HIDDEN@other"), &variables).unwrap(), "the database news on other, port 5432");
    assert_eq!(place(None, &[("PGUSER", "me")]).unwrap(), "the database me on localhost, port 5432");
    for bad in ["postgres://u:HIDDEN@h:port/x", "postgres//HIDDEN", "host=h password='HIDDEN"] {
        let error = place(Some(bad), &[]).unwrap_err();
        assert!(!error.contains("HIDDEN"), "{error}");
    }
    assert!(place(None, &[("PGPORT", "many")]).is_err());
    let given = connection(Some("postgres://you:mine@h"), &variables).unwrap();
    assert_eq!(given.config.get_password(), Some(&b"mine"[..]));
}

/// The first version is frozen; while no later one changes a table, it has to be what the tables are.
#[test]
fn the_first_version_has_every_column() {
    let sql = migrate::VERSIONS[0];
    for table in Table::ALL {
        let made = sql.split("CREATE TABLE ").find(|made| made.starts_with(&format!("{} (", table.name()))).unwrap();
        let made: Vec<&str> = made.lines().skip(1).take_while(|line| *line != ");").collect();
        for (line, column) in made.iter().zip(table.columns()) {
            let wanted = format!("{} {}{}", column.name, kind_of(column), if column.nullable { "" } else { " NOT NULL" });
            let line = line.trim().trim_end_matches(',').replace(" REFERENCES articles ON DELETE CASCADE", "");
            assert_eq!(line, wanted, "{}", table.name());
        }
        let key: Vec<_> = table.columns()[..table.key()].iter().map(|column| column.name).collect();
        assert_eq!(made.last().unwrap().trim(), format!("PRIMARY KEY ({})", key.join(", ")));
    }
}

const fn kind_of(column: &Column) -> &'static str {
    match column.kind {
        Kind::Text => "text",
        Kind::Int => "integer",
        Kind::Long => "bigint",
        Kind::Score => "double precision",
        Kind::Bool => "boolean",
        Kind::Day => "date",
        Kind::Moment => "timestamp with time zone",
    }
}

#[test]
fn a_batch_holds_each_article_apart() {
    let mut batch = Batch::new();
    for id in ["a", "b\0"] {
        let one = serde_json::from_value(annotation(id, BODY)).unwrap();
        let key = article_key(&one);
        batch.digest = format!("digest of {id}");
        write(&one, &key, None, &mut batch).unwrap();
        batch.end(key, batch.digest.clone(), false);
    }
    let lines = String::from_utf8(batch.lines[Table::Articles as usize].clone()).unwrap();
    let [first, second]: [&str; 2] = lines.lines().collect::<Vec<_>>().try_into().unwrap();
    assert!(first.ends_with(",digest of a") && second.contains(",b\u{fffd},"), "{lines}");
    assert_eq!(batch.articles[0].ends[Table::Articles as usize], first.len() + 1);
    assert_eq!(batch.articles[1].ends[Table::Articles as usize], lines.len());
}
