//! Hashes that anybody can check: the chain of a match, and its state.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

macro_rules! sha256 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Text and JSON form: 64 lower-case hexadecimal digits.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 32]);

        impl $name {
            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// From 32 bytes that were stored.
            ///
            /// # Errors
            /// [`HashError`] if there are not exactly 32.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, HashError> {
                bytes.try_into().map(Self).map_err(|_| HashError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = HashError;
            fn from_str(text: &str) -> Result<Self, HashError> {
                let mut bytes = [0; 32];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| HashError)?;
                Ok(Self(bytes))
            }
        }

        impl TryFrom<String> for $name {
            type Error = HashError;
            fn try_from(text: String) -> Result<Self, HashError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(hash: $name) -> String {
                hash.to_string()
            }
        }
    };
}

sha256! {
    /// SHA-256 of a recorded payload.
    PayloadHash
}
sha256! {
    /// The order and completeness of a match up to one event:
    /// `chain_n = SHA-256(chain_{n-1} ‖ SHA-256(payload_n))`, and `chain_0` is 32 zero bytes.
    Chain
}
sha256! {
    /// SHA-256 of what a command asks, to tell a retry from another command with the same id.
    BodyHash
}

impl PayloadHash {
    /// The hash of a payload.
    pub fn of(payload: &[u8]) -> Self {
        Self(Sha256::digest(payload).into())
    }
}

impl BodyHash {
    /// The hash of a body's bytes.
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }
}

impl Chain {
    /// Before the first event.
    pub const START: Self = Self([0; 32]);

    /// The chain with one more event.
    #[must_use]
    pub fn link(self, payload: PayloadHash) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(payload.0);
        Self(hasher.finalize().into())
    }
}

/// The hash of a match's facts: `s1:` and SHA-256 of their RFC 8785 JSON. Another shape gets another prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
#[serde(transparent)]
pub struct StateHash(String);

impl StateHash {
    /// The hash of a canonical text.
    pub fn of(canonical: &str) -> Self {
        Self(format!("s1:{}", hex::encode(Sha256::digest(canonical.as_bytes()))))
    }

    /// A hash that was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text, with its prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StateHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Not a SHA-256 hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 hash is 32 bytes, 64 hexadecimal digits")]
pub struct HashError;
