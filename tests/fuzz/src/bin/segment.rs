#![no_main]
//! The check `segment`.

demarche_fuzz::target!("segment");
