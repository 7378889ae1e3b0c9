//! What a registry can refuse.

/// The schemas are not registered. Registering is idempotent: try again from the start.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The address cannot be used.
    #[error("{url:?} is no address of a registry: it begins with https:// or http:// and has no user in it")]
    Address {
        /// The address.
        url: String,
    },
    /// No file has such a message.
    #[error("there is no message {message}")]
    UnknownMessage {
        /// Its name.
        message: String,
    },
    /// The registry does not answer.
    #[error("the registry at {url} cannot be reached: {reason}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The registry wants other credentials, or none of ours may do this.
    #[error("the registry at {url} answers {status}: check its user and password")]
    NotAuthorized {
        /// What was asked.
        url: String,
        /// 401 or 403.
        status: u16,
    },
    /// A schema is not compatible with a version before: somebody has registered another one, or a field was changed.
    #[error("the registry refuses the schema of {subject}: {message}")]
    Incompatible {
        /// The subject.
        subject: String,
        /// What the registry says.
        message: String,
    },
    /// The registry refuses for another reason.
    #[error("the registry at {url} answers {status}: {message}")]
    Refused {
        /// What was asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the registry says.
        message: String,
    },
    /// The answer makes no sense.
    #[error("the answer of {url} makes no sense: {reason}")]
    Answer {
        /// What was asked.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl RegistryError {
    /// Whether the same can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
            Self::Address { .. }
            | Self::UnknownMessage { .. }
            | Self::NotAuthorized { .. }
            | Self::Incompatible { .. }
            | Self::Answer { .. } => false,
        }
    }
}
