#![no_main]
//! The check `html`.

demarche_fuzz::target!("html");
