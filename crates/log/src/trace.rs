//! What a record was caused by, across programs: the W3C trace context (Recommendation of 6 February 2020, level 1).

use crate::limits::{MAX_TRACE_STATE_BYTES, MAX_TRACE_STATE_MEMBERS};
use crate::{Header, Record};

/// The name of the header with the trace and the calling span, over HTTP and on records.
pub const TRACEPARENT: &str = "traceparent";
/// The name of the header with what tracing systems add.
pub const TRACESTATE: &str = "tracestate";

/// Version, trace id, span id and flags, with dashes between them (section 3.2).
const PARENT_BYTES: usize = 55;
/// The one flag of level 1: the caller records its spans.
const SAMPLED: u8 = 1;

/// Who caused something, as the caller's tracing system names it. It is passed on as it came; nothing here makes spans.
///
/// It is a matter of delivery: it stands in headers beside a record, and no hash covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    parent: String,
    /// Empty if there is none.
    state: String,
}

impl TraceContext {
    /// Reads the values of the two headers; `state` is empty if there is none, and joined with commas if there are
    /// several. `None` unless `parent` is valid. A `state` that is not valid is left out, and of one that is too long what
    /// stands first is kept (sections 3.3.1.5 and 4.3).
    pub fn parse(parent: &str, state: &str) -> Option<Self> {
        Some(Self { parent: parent_of(parent)?, state: state_of(state).unwrap_or_default() })
    }

    /// The context that a record came with.
    pub fn of(record: &Record) -> Option<Self> {
        let value = |name: &str| {
            let header = record.headers.iter().find(|header| header.name == name)?;
            std::str::from_utf8(&header.value).ok()
        };
        Self::parse(value(TRACEPARENT)?, value(TRACESTATE).unwrap_or_default())
    }

    /// The headers for what it causes.
    pub fn headers(&self) -> impl Iterator<Item = Header> + use<'_> {
        let both = [(TRACEPARENT, &self.parent), (TRACESTATE, &self.state)];
        both.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| Header { name: name.to_owned(), value: value.clone().into() })
    }
}

/// The value in version 00, which is all that can be said of a later version (section 3.2.4).
fn parent_of(value: &str) -> Option<String> {
    let bytes = value.as_bytes();
    let (head, rest) = bytes.split_at_checked(PARENT_BYTES)?;
    let is_dash = |at: usize| [2, 35, 52].contains(&at);
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let shaped = head
        .iter()
        .enumerate()
        .all(|(at, byte)| (*byte == b'-') == is_dash(at) && (is_dash(at) || is_hex(byte)));
    if !shaped {
        return None;
    }
    let (version, trace, span) = (&value[..2], &value[3..35], &value[36..52]);
    let zero = |id: &str| id.bytes().all(|digit| digit == b'0');
    if version == "ff" || zero(trace) || zero(span) {
        return None;
    }
    let flags = u8::from_str_radix(&value[53..55], 16).ok()?;
    match (version, rest) {
        ("00", []) => Some(value.to_owned()),
        ("00", _) => None,
        (_, [] | [b'-', ..]) => Some(format!("00-{trace}-{span}-{:02x}", flags & SAMPLED)),
        (_, _) => None,
    }
}

/// The members that fit, without the spaces around them (section 3.3); `None` unless all are valid.
fn state_of(value: &str) -> Option<String> {
    let mut keys = Vec::new();
    let mut state = String::new();
    let mut room = true;
    for member in
        value.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty())
    {
        let (key, content) = member.split_once('=')?;
        if !is_key(key) || !is_value(content) || keys.contains(&key) || keys.len() == MAX_TRACE_STATE_MEMBERS
        {
            return None;
        }
        keys.push(key);
        room = room && state.len() + usize::from(!state.is_empty()) + member.len() <= MAX_TRACE_STATE_BYTES;
        if room {
            if !state.is_empty() {
                state.push(',');
            }
            state.push_str(member);
        }
    }
    Some(state)
}

/// A name, or a tenant's name at a system's (section 3.3.1.3.1).
fn is_key(key: &str) -> bool {
    let begins = |name: &str, first: fn(&u8) -> bool| name.as_bytes().first().is_some_and(first);
    let rest = |name: &str| {
        name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'))
    };
    match key.split_once('@') {
        None => begins(key, u8::is_ascii_lowercase) && rest(key) && key.len() <= 256,
        Some((tenant, system)) => {
            let tenant_begins = begins(tenant, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            tenant_begins
                && rest(tenant)
                && tenant.len() <= 241
                && begins(system, u8::is_ascii_lowercase)
                && rest(system)
                && system.len() <= 14
        }
    }
}

/// Printable ASCII without comma and equals sign, not ending with a space (section 3.3.1.3.2).
fn is_value(value: &str) -> bool {
    let printable = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    !value.is_empty() && value.len() <= 256 && value.bytes().all(printable) && !value.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn values(parent: &str, state: &str) -> Option<(String, String)> {
        TraceContext::parse(parent, state).map(|context| (context.parent, context.state))
    }

    #[test]
    fn what_is_valid_is_passed_on_as_it_came() {
        let state = "congo=t61rcWkgMzE,rojo@vendor=00f067aa0ba902b7";
        assert_eq!(values(PARENT, state), Some((PARENT.to_owned(), state.to_owned())));
        assert_eq!(values(PARENT, ""), Some((PARENT.to_owned(), String::new())));
        assert_eq!(values(PARENT, " a=1 ,, \tb=2").map(|(_, state)| state), Some("a=1,b=2".to_owned()));
    }

    #[test]
    fn an_invalid_parent_is_no_context() {
        for parent in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-001",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ä",
        ] {
            assert_eq!(values(parent, "a=1"), None, "{parent}");
        }
    }

    #[test]
    fn of_a_later_version_what_this_one_knows_is_passed_on() {
        let later = PARENT.replacen("00", "cc", 1).replace("-01", "-fd-what-comes");
        assert_eq!(values(&later, "").map(|(parent, _)| parent).as_deref(), Some(PARENT));
    }

    #[test]
    fn an_invalid_state_is_left_out_and_the_parent_stays() {
        let many = (0..33).map(|number| format!("a{number}=1")).collect::<Vec<_>>().join(",");
        for state in ["a", "A=1", "a=", "a=1,a=2", "1a=1", "a=b=c", "a@=1", "@a=1", "a=ä", many.as_str()] {
            assert_eq!(values(PARENT, state), Some((PARENT.to_owned(), String::new())), "{state}");
        }
        assert_eq!(values(PARENT, "1a@b=1").map(|(_, state)| state).as_deref(), Some("1a@b=1"));
    }

    #[test]
    fn of_a_long_state_what_stands_first_is_kept() {
        let member = |key: &str| format!("{key}={}", "x".repeat(200));
        let state = [member("a"), member("b"), member("c"), "d=1".to_owned()].join(",");
        let kept = values(PARENT, &state).map(|(_, state)| state);
        assert_eq!(kept, Some([member("a"), member("b")].join(",")));
    }

    #[test]
    fn a_record_carries_it_among_its_other_headers() {
        let context = TraceContext::parse(PARENT, "a=1").expect("valid");
        let mut record = Record::new("k", "v", Timestamp::default()).with_header("chain", "c");
        assert_eq!(TraceContext::of(&record), None);
        record.headers.extend(context.headers());
        assert_eq!(TraceContext::of(&record), Some(context));
    }
}
