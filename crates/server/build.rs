//! Puts the built screens where the binary includes them from. Without Node there are none, and the build goes on.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let built = Path::new(&here).join("../../web/dist");
    let screens = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("screens");
    // Cargo can watch only what is there, so an empty folder stands in until the screens are built.
    let _ = fs::create_dir_all(&built);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", built.display());
    if screens.exists() {
        fs::remove_dir_all(&screens)?;
    }
    copy(&built, &screens)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    if !from.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
