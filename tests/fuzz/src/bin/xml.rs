#![no_main]
//! The check `xml`.

demarche_fuzz::target!("xml");
