#![no_main]
//! The check `swell`.

demarche_fuzz::target!("swell");
