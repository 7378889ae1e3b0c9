//! The built screens, in the binary; nothing where they were not built.

use include_dir::{Dir, include_dir};

static SCREENS: Dir<'static> = include_dir!("$OUT_DIR/screens");

/// A file by its path, such as `umpire.html` or `assets/panel-1a2b.js`.
pub fn file(path: &str) -> Option<&'static [u8]> {
    SCREENS.get_file(path).map(include_dir::File::contents)
}
