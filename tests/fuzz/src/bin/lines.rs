#![no_main]
//! The check `lines`.

demarche_fuzz::target!("lines");
