#![no_main]
//! The check `text`.

demarche_fuzz::target!("text");
