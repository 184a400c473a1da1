#![no_main]
//! The check `decode`.

demarche_fuzz::target!("decode");
