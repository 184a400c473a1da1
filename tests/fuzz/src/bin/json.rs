#![no_main]
//! The check `json`.

demarche_fuzz::target!("json");
