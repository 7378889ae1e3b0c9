//! The `.proto` files are the source: the Rust types beside them must be what they generate.

use std::path::PathBuf;

const FILES: [&str; 6] = [
    "topspin/v1/types.proto",
    "topspin/v1/match.proto",
    "topspin/v1/reference.proto",
    "topspin/v1/tie.proto",
    "topspin/v1/insight.proto",
    "topspin/v1/forward.proto",
];

/// Run with `TOPSPIN_BLESS=1` after a change of a `.proto` file to write the Rust types anew.
#[test]
fn the_rust_types_are_what_the_proto_files_say() {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let descriptors =
        protox::compile(FILES, [manifest.join("../../proto")]).expect("the proto files compile");
    let out = tempfile::tempdir().expect("a temporary directory");
    let mut config = prost_build::Config::new();
    config.out_dir(out.path()).bytes(["."]).compile_fds(descriptors).expect("code is generated");
    let generated = std::fs::read_to_string(out.path().join("topspin.v1.rs")).expect("one package");

    let kept: PathBuf = manifest.join("src/wire/topspin.v1.rs");
    if std::env::var_os("TOPSPIN_BLESS").is_some() {
        std::fs::write(&kept, &generated).expect("the types are written");
    }
    let kept = std::fs::read_to_string(kept).expect("the types are there");
    assert!(
        kept == generated,
        "proto/ and crates/event/src/wire/topspin.v1.rs differ: run with TOPSPIN_BLESS=1"
    );
}
