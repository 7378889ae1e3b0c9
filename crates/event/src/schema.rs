//! The `.proto` files of what is on the log, as text.

/// The package of all of them.
pub const PACKAGE: &str = "topspin.v1";

/// One file.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// Its path, as others import it.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// All files; each after those that it imports.
pub static FILES: [File; 6] = [
    File { path: "topspin/v1/types.proto", text: include_str!("../../../proto/topspin/v1/types.proto") },
    File { path: "topspin/v1/match.proto", text: include_str!("../../../proto/topspin/v1/match.proto") },
    File {
        path: "topspin/v1/reference.proto",
        text: include_str!("../../../proto/topspin/v1/reference.proto"),
    },
    File { path: "topspin/v1/tie.proto", text: include_str!("../../../proto/topspin/v1/tie.proto") },
    File { path: "topspin/v1/insight.proto", text: include_str!("../../../proto/topspin/v1/insight.proto") },
    File { path: "topspin/v1/forward.proto", text: include_str!("../../../proto/topspin/v1/forward.proto") },
];

impl File {
    /// The files that it imports, in its order.
    pub fn imports(&self) -> impl Iterator<Item = &'static File> {
        let paths = self.text.lines().filter_map(|line| line.strip_prefix("import \"")?.strip_suffix("\";"));
        paths.filter_map(|path| FILES.iter().find(|file| file.path == path))
    }

    /// The names of its messages, in its order; none is inside another.
    pub fn messages(&self) -> impl Iterator<Item = &'static str> {
        self.text.lines().filter_map(|line| line.strip_prefix("message ")?.split([' ', '{']).next())
    }
}
