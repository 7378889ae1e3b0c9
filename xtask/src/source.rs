//! Rust sources as tokens: enough to see paths and function lengths, without a full parser.

use std::str::FromStr as _;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path such as `std::time::SystemTime`, with `use` trees written out.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    /// Counted from 1.
    pub line: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Counted from 1: the line of `fn`.
    pub line: usize,
    /// From `fn` to the closing brace, both included.
    pub lines: usize,
}

/// All paths outside `#[cfg(test)]` items.
pub fn paths(text: &str) -> Result<Vec<Path>> {
    let mut found = Vec::new();
    collect_paths(&tokens(text)?, &[], &mut found);
    Ok(found)
}

/// All functions with a body outside `#[cfg(test)]` items.
pub fn functions(text: &str) -> Result<Vec<Function>> {
    let mut found = Vec::new();
    collect_functions(&tokens(text)?, &mut found);
    Ok(found)
}

fn tokens(text: &str) -> Result<Vec<TokenTree>> {
    let stream = TokenStream::from_str(text).map_err(|error| anyhow!("not Rust: {error}"))?;
    Ok(stream.into_iter().collect())
}

fn collect_paths(tokens: &[TokenTree], prefix: &[String], found: &mut Vec<Path>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(after) = after_test_item(tokens, at) {
            at = after;
            continue;
        }
        match token {
            TokenTree::Ident(_) => at = one_path(tokens, at, prefix, found),
            TokenTree::Group(group) => {
                // Inside a use tree the prefix goes on to every branch: `std::{fs, io}`.
                collect_paths(&inner(group), prefix, found);
                at += 1;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
        }
    }
}

/// Reads the path that begins at `at` and returns where to go on.
fn one_path(tokens: &[TokenTree], mut at: usize, prefix: &[String], found: &mut Vec<Path>) -> usize {
    let line = tokens.get(at).map_or(0, |token| token.span().start().line);
    let mut segments = prefix.to_vec();
    while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
        segments.push(ident.to_string());
        at += 1;
        if !is_path_separator(tokens, at) {
            break;
        }
        at += 2;
    }
    if let Some(branches) = use_tree(tokens, at) {
        collect_paths(&inner(branches), &segments, found);
        return at + 1;
    }
    found.push(Path { segments, line });
    at
}

/// The braces at `at`, if they follow a `::`.
fn use_tree(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    let TokenTree::Group(group) = tokens.get(at)? else { return None };
    let follows_path = at >= 2 && is_path_separator(tokens, at - 2);
    (follows_path && group.delimiter() == Delimiter::Brace).then_some(group)
}

fn collect_functions(tokens: &[TokenTree], found: &mut Vec<Function>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(after) = after_test_item(tokens, at) {
            at = after;
            continue;
        }
        found.extend(function(tokens, at));
        if let TokenTree::Group(group) = token {
            collect_functions(&inner(group), found);
        }
        at += 1;
    }
}

/// The function whose `fn` stands at `at`.
fn function(tokens: &[TokenTree], at: usize) -> Option<Function> {
    let (TokenTree::Ident(word), TokenTree::Ident(name)) = (tokens.get(at)?, tokens.get(at + 1)?) else {
        return None;
    };
    if word != "fn" {
        return None;
    }
    let line = word.span().start().line;
    let lines = body(tokens, at)?.span_close().end().line - line + 1;
    Some(Function { name: name.to_string(), line, lines })
}

/// The braces of the item at `at`, if it has any before its semicolon.
fn body(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    match tokens.get(at..)?.iter().find(|token| ends_item(token))? {
        TokenTree::Group(group) => Some(group),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

/// If a `#[cfg(test)]` stands at `at`: the position behind the item that it switches off.
fn after_test_item(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let (TokenTree::Punct(hash), TokenTree::Group(attribute)) = (tokens.get(at)?, tokens.get(at + 1)?) else {
        return None;
    };
    let written = attribute.stream().to_string().replace(' ', "");
    if hash.as_char() != '#' || written != "cfg(test)" {
        return None;
    }
    let rest = tokens.get(at + 2..)?;
    rest.iter().position(ends_item).map(|end| at + 2 + end + 1)
}

fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    let colon =
        |position: usize| matches!(tokens.get(position), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    colon(at) && colon(at + 1)
}

fn inner(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        paths(text).unwrap().iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn use_trees_are_written_out() {
        let found = written("use std::{fs::File, time::{Duration, SystemTime}, io};");
        for path in ["std::fs::File", "std::time::Duration", "std::time::SystemTime", "std::io"] {
            assert!(found.iter().any(|one| one == path), "{path} in {found:?}");
        }
    }

    #[test]
    fn comments_strings_and_test_items_are_not_paths() {
        let text = "// std::fs\nconst A: &str = \"std::net\";\n#[cfg(test)]\nmod tests { use std::env; }\nfn f() { b::c() }";
        let found = written(text);
        assert!(!found.iter().any(|path| path.starts_with("std")), "{found:?}");
        assert!(found.contains(&"b::c".to_owned()));
    }

    #[test]
    fn a_functions_length_goes_from_fn_to_its_brace() {
        let text = "impl A {\n  fn long(&self) -> u8 {\n    1\n  }\n}\nfn short() {}\ntrait T { fn none(); }";
        let long = Function { name: "long".into(), line: 2, lines: 3 };
        let short = Function { name: "short".into(), line: 6, lines: 1 };
        assert_eq!(functions(text).unwrap(), [long, short]);
    }
}
