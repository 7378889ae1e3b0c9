//! What Kafka's error codes mean for the contract.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::{SettingsError, TokenError};

/// No connection to a cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// A setting was refused.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no token to show.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The cluster refuses the credentials.
    #[error("not authorized: {reason}")]
    NotAuthorized {
        /// What the client says, and what to check.
        reason: String,
    },
    /// No broker answered in time.
    #[error("no broker of {bootstrap} answered: {reason}")]
    Unavailable {
        /// Who was asked.
        bootstrap: String,
        /// What the client says.
        reason: String,
    },
}

impl ConnectError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Token(_) => true,
            Self::Settings(_) | Self::NotAuthorized { .. } => false,
        }
    }
}

/// An error of the client, as far as the contract tells errors apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    UnknownTopic,
    UnknownPartition,
    NotAuthorized(String),
    /// The cluster does not believe who we are; what that means depends on how we say it.
    Unauthenticated(String),
    /// Another producer has the transactional id.
    Fenced,
    /// The member is not, or no longer, what it says.
    StaleMember,
    /// The same request would be refused again.
    Refused(String),
    /// The client has thrown records away: after a record that was refused it has to number the next ones anew, and
    /// does so at the cost of one transaction.
    Purged,
    /// It may pass later.
    Unavailable(String),
}

impl Fault {
    pub(crate) fn of(error: &KafkaError) -> Self {
        match (error, error.rdkafka_error_code()) {
            (KafkaError::AdminOp(code), _) => Self::of_code(*code),
            (_, Some(code)) => Self::of_code(code),
            (_, None) => Self::Unavailable(error.to_string()),
        }
    }

    /// Kafka has over a hundred codes and gets more, so the rest counts as passing.
    pub(crate) fn of_code(code: Code) -> Self {
        let next = |advice: &str| format!("{code}; {advice}");
        match code {
            Code::UnknownTopicOrPartition | Code::UnknownTopic => Self::UnknownTopic,
            Code::UnknownPartition => Self::UnknownPartition,
            Code::TopicAuthorizationFailed => {
                Self::NotAuthorized(next("the principal needs an ACL for the topic"))
            }
            Code::GroupAuthorizationFailed => {
                Self::NotAuthorized(next("the principal needs Read on the group"))
            }
            Code::ClusterAuthorizationFailed => {
                Self::NotAuthorized(next("the principal needs IdempotentWrite or Create on the cluster"))
            }
            Code::TransactionalIdAuthorizationFailed => {
                Self::NotAuthorized(next("the principal needs Write on the transactional id"))
            }
            Code::Authentication
            | Code::SaslAuthenticationFailed
            | Code::UnsupportedSASLMechanism
            | Code::IllegalSASLState => {
                Self::Unauthenticated(next("check security.protocol, sasl.mechanism and the credentials"))
            }
            Code::SSL => Self::Unauthenticated(next("check ssl.ca.location and the certificates")),
            Code::ProducerFenced | Code::Fenced | Code::InvalidProducerEpoch => Self::Fenced,
            Code::UnknownMemberId
            | Code::IllegalGeneration
            | Code::FencedInstanceId
            | Code::FencedMemberEpoch
            | Code::StaleMemberEpoch => Self::StaleMember,
            Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => {
                Self::Refused(next(
                    "raise max.message.bytes of the topic or message.max.bytes of the brokers",
                ))
            }
            Code::InvalidReplicationFactor => {
                Self::Refused(next("the cluster has fewer brokers than the replication factor"))
            }
            Code::PolicyViolation | Code::InvalidConfig | Code::InvalidPartitions | Code::InvalidTopic => {
                Self::Refused(next("the cluster's rules do not allow such a topic"))
            }
            Code::InvalidRecord | Code::InvalidTimestamp => {
                Self::Refused(next("the topic's settings do not allow such a record"))
            }
            Code::PurgeQueue | Code::PurgeInflight | Code::OutOfOrderSequenceNumber => Self::Purged,
            other => Self::Unavailable(other.to_string()),
        }
    }

    /// The text for an error that has a reason.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::UnknownTopic => "the topic is not known".to_owned(),
            Self::UnknownPartition => "the partition is not known".to_owned(),
            Self::Fenced => "a later producer owns the transactional id".to_owned(),
            Self::StaleMember => "the member is no longer part of its group".to_owned(),
            Self::Purged => "records were withdrawn before they were sent".to_owned(),
            Self::NotAuthorized(reason)
            | Self::Unauthenticated(reason)
            | Self::Refused(reason)
            | Self::Unavailable(reason) => reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_credentials_is_not_taken_for_an_outage() {
        for code in [Code::SaslAuthenticationFailed, Code::SSL] {
            assert!(matches!(Fault::of_code(code), Fault::Unauthenticated(_)), "{code}");
        }
        let acl = Fault::of_code(Code::TopicAuthorizationFailed);
        assert!(matches!(acl, Fault::NotAuthorized(_)), "{acl:?}");
        for code in [Code::AllBrokersDown, Code::OperationTimedOut, Code::NotEnoughReplicas] {
            assert!(matches!(Fault::of_code(code), Fault::Unavailable(_)), "{code}");
        }
    }
}
