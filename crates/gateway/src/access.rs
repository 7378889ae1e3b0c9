//! Who may write, and under which names the server answers.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use subtle::ConstantTimeEq as _;

use crate::code::Code;
use crate::problem::Problem;

/// Whether writing needs a token. It is never printed or logged.
#[derive(Clone)]
pub enum Access {
    /// `Authorization: Bearer <token>` is needed to write.
    Token(Token),
    /// Anybody on the network may write.
    Open,
}

/// The secret of this server.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token: at least 16 visible ASCII characters. `None` if the text is not one.
    pub fn new(text: &str) -> Option<Self> {
        let fits = text.len() >= 16 && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Token(text.to_owned()))
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Access::Token(_) => "Token(…)",
            Access::Open => "Open",
        })
    }
}

impl Access {
    /// Refuses a request that writes without the token.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] or [`Code::TokenWrong`].
    pub fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        let Access::Token(Token(token)) = self else { return Ok(()) };
        if method.is_safe() {
            return Ok(());
        }
        let Some(given) = headers.get(header::AUTHORIZATION).and_then(bearer) else {
            return Err(Problem::new(Code::TokenMissing, "send the header Authorization: Bearer <token>"));
        };
        if bool::from(given.ct_eq(token.as_bytes())) {
            Ok(())
        } else {
            Err(Problem::new(Code::TokenWrong, "the token is in the file `token` of the data directory"))
        }
    }
}

fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let bytes = value.as_bytes();
    let (scheme, token) = bytes.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

/// The names under which the server may be asked: a page of another site that points a name of its own at this machine
/// (DNS rebinding) is refused, and so is a write from a page of another site.
#[derive(Debug, Clone, Default)]
pub struct Names {
    listed: Vec<String>,
}

impl Names {
    /// Names beside `localhost` and addresses, such as `hall.local`; lower case, without port.
    pub fn new(listed: impl IntoIterator<Item = String>) -> Self {
        Names { listed: listed.into_iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Refuses names that are not the server's.
    ///
    /// # Errors
    /// [`Code::HostNotAllowed`] or [`Code::OriginNotAllowed`].
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).or_else(|| {
            // HTTP/1.1 needs a Host; an absolute target brings its own.
            uri.authority().map(axum::http::uri::Authority::as_str)
        });
        let host = host.unwrap_or_default();
        if !self.knows(name_of(host)) {
            let detail = format!("{host:.64} is not a name of this server: list it with --host");
            return Err(Problem::new(Code::HostNotAllowed, detail));
        }
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or_default();
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        match authority {
            Some(authority) if self.is_same_server(authority, host) => Ok(()),
            Some(_) | None => {
                Err(Problem::new(Code::OriginNotAllowed, format!("{origin:.64} is not this server")))
            }
        }
    }

    // Another port is another server, whose pages may not write here. Only a listed name may come without a port: a
    // proxy in front of this server has it.
    fn is_same_server(&self, origin: &str, host: &str) -> bool {
        let (name, port) = (name_of(origin), port_of(origin));
        origin.eq_ignore_ascii_case(host)
            || (self.is_ours(name) && port == port_of(host))
            || (self.is_listed(name) && port.is_none())
    }

    // An address cannot be rebound: whoever asks for it by number means this machine.
    fn knows(&self, name: &str) -> bool {
        name.parse::<IpAddr>().is_ok() || self.is_ours(name)
    }

    fn is_ours(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
            || self.is_listed(name)
    }

    fn is_listed(&self, name: &str) -> bool {
        self.listed.iter().any(|listed| name.eq_ignore_ascii_case(listed))
    }
}

/// The host of `host:port`, an IPv6 address without its brackets.
fn name_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

/// The port of `host:port`, if it names one.
fn port_of(authority: &str) -> Option<&str> {
    let after_name = authority.rsplit(']').next().unwrap_or_default();
    after_name.split_once(':').map(|(_, port)| port)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};

    use super::{Access, Names, Token};
    use crate::problem::Problem;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    fn code(problem: Problem) -> String {
        problem.code().to_owned()
    }

    #[test]
    fn a_rebound_name_is_refused_and_addresses_are_not() {
        let names = Names::new(["hall.local".to_owned()]);
        let uri = Uri::from_static("/");
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "192.168.1.20:8080", "HALL.local"] {
            assert!(names.check(&uri, &headers(&[(header::HOST, host)])).is_ok(), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "", "127.0.0.1.nip.io", "[hall.evil]"] {
            let refused = names.check(&uri, &headers(&[(header::HOST, host)]));
            assert_eq!(refused.map_err(code), Err("host_not_allowed".to_owned()), "{host}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_refused() {
        let names = Names::default();
        let uri = Uri::from_static("/");
        let from = |origin| headers(&[(header::HOST, "localhost"), (header::ORIGIN, origin)]);
        assert!(names.check(&uri, &from("http://localhost")).is_ok());
        assert_eq!(
            names.check(&uri, &from("https://evil.example")).map_err(code),
            Err("origin_not_allowed".to_owned())
        );
        assert_eq!(
            names.check(&uri, &from("http://203.0.113.9")).map_err(code),
            Err("origin_not_allowed".to_owned())
        );
        assert_eq!(names.check(&uri, &from("null")).map_err(code), Err("origin_not_allowed".to_owned()));
    }

    #[test]
    fn a_page_of_another_port_of_this_machine_is_another_site() {
        let names = Names::new(["hall.local".to_owned()]);
        let uri = Uri::from_static("/");
        let check = |host, origin| {
            names.check(&uri, &headers(&[(header::HOST, host), (header::ORIGIN, origin)])).map_err(code)
        };
        for (host, origin) in [
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:8080", "http://localhost:8080"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("192.168.1.20:8080", "http://192.168.1.20:8080"),
            ("hall.local", "https://hall.local"),
            ("localhost:8080", "https://hall.local"),
        ] {
            assert_eq!(check(host, origin), Ok(()), "{host} {origin}");
        }
        for (host, origin) in [
            ("localhost:8080", "http://localhost:3000"),
            ("localhost:8080", "http://localhost"),
            ("127.0.0.1:8080", "http://[::1]:3000"),
            ("localhost", "http://localhost:3000"),
            ("hall.local:8080", "http://hall.local:3000"),
            ("192.168.1.20:8080", "http://192.168.1.20:3000"),
        ] {
            assert_eq!(check(host, origin), Err("origin_not_allowed".to_owned()), "{host} {origin}");
        }
    }

    #[test]
    fn writing_needs_the_token_and_reading_does_not() {
        let access = Access::Token(Token::new("0123456789abcdef").expect("a token"));
        let none = HeaderMap::new();
        assert!(access.check(&Method::GET, &none).is_ok());
        assert_eq!(access.check(&Method::POST, &none).map_err(code), Err("token_missing".to_owned()));
        let wrong = headers(&[(header::AUTHORIZATION, "Bearer 0123456789abcdeF")]);
        assert_eq!(access.check(&Method::POST, &wrong).map_err(code), Err("token_wrong".to_owned()));
        let right = headers(&[(header::AUTHORIZATION, "bearer 0123456789abcdef")]);
        assert!(access.check(&Method::POST, &right).is_ok());
        assert!(Access::Open.check(&Method::POST, &none).is_ok());
        assert!(!format!("{access:?}").contains("0123"));
    }
}
