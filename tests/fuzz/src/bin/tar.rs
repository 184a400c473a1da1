#![no_main]
//! The check `tar`.

demarche_fuzz::target!("tar");
