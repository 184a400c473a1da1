//! With the feature `torch`: where the binary finds libtorch when it starts, and what to do where there is none.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    println!("cargo::rerun-if-env-changed=LIBTORCH_USE_PYTORCH");
    if std::env::var_os("CARGO_FEATURE_TORCH").is_none() || std::env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        return;
    }
    let libtorch = std::env::var("LIBTORCH").unwrap_or_default();
    if Path::new(&libtorch).join("lib").is_dir() {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
    } else {
        println!(
            "cargo::error=the feature torch needs libtorch, and LIBTORCH ({libtorch:?}) names no such folder: run `make torch`"
        );
    }
}
