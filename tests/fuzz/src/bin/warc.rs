#![no_main]
//! The check `warc`.

demarche_fuzz::target!("warc");
