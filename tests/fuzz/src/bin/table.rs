#![no_main]
//! The check `table`.

demarche_fuzz::target!("table");
