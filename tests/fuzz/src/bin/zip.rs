#![no_main]
//! The check `zip`.

demarche_fuzz::target!("zip");
