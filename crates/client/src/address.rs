//! Where a server is.

use tungstenite::http::Uri;

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// `host:port` as a socket takes it.
    pub(crate) authority: String,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        let uri: Uri = url.parse().map_err(|_| AddressError)?;
        let plain =
            uri.scheme_str() == Some("http") && matches!(uri.path(), "" | "/") && uri.query().is_none();
        let authority = uri.authority().filter(|_| plain).ok_or(AddressError)?;
        let port = authority.port_u16().unwrap_or(80);
        Ok(Address { authority: format!("{}:{port}", authority.host()) })
    }

    pub(crate) fn feed(&self) -> String {
        format!("ws://{}/v1/feed", self.authority)
    }

    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }
}

/// The text is no address of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address is http://host:port: put a proxy in front of the feed for TLS")]
pub struct AddressError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_server_is_an_address() {
        let known = |url| Address::parse(url).map(|address| address.feed());
        assert_eq!(known("http://hall.local:8080").as_deref(), Ok("ws://hall.local:8080/v1/feed"));
        assert_eq!(known("http://[::1]/").as_deref(), Ok("ws://[::1]:80/v1/feed"));
        for no in ["", "hall.local:8080", "https://hall.local", "http://hall.local/path", "ws://hall.local"] {
            assert_eq!(known(no), Err(AddressError), "{no}");
        }
    }
}
