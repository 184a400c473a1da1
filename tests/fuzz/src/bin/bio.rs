#![no_main]
//! The check `bio`.

demarche_fuzz::target!("bio");
