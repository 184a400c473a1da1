#![no_main]
//! The check `charset`.

demarche_fuzz::target!("charset");
