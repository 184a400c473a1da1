#![no_main]
//! The check `parquet`.

demarche_fuzz::target!("parquet");
