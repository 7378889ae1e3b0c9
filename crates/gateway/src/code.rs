//! The stable codes of problems, each with its HTTP status: the one table.

use axum::http::StatusCode;

/// What kind of problem it is. The laws' rejections have codes of their own, all with the status of [`Code::Rejected`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The body is not JSON.
    InvalidJson,
    /// A query parameter is unknown or out of bounds.
    InvalidQuery,
    /// What is asked cannot be asked as of a time.
    AsOfUnsupported,
    /// A cursor was not made by this server.
    InvalidCursor,
    /// An id in the path is no UUID.
    InvalidId,
    /// No token.
    TokenMissing,
    /// Another token.
    TokenWrong,
    /// The `Host` is not one of this server's names.
    HostNotAllowed,
    /// The `Origin` is another site.
    OriginNotAllowed,
    /// No such path.
    NotFound,
    /// No such match.
    MatchNotFound,
    /// No such tie.
    TieNotFound,
    /// No verdict on such a command.
    CommandNotFound,
    /// No such item of reference data.
    ItemNotFound,
    /// This server keeps no views.
    ViewsNotKept,
    /// The views of this server are not read yet.
    ViewsNotRead,
    /// The path has no such method.
    MethodNotAllowed,
    /// The laws refuse the command.
    Rejected,
    /// The id or external id belongs to something else.
    AlreadyExists,
    /// Another tablet holds the match.
    LeaseLost,
    /// The match has moved to another home.
    EpochPassed,
    /// The match has gone on.
    SeqMismatch,
    /// A later version of this software has written to the match.
    WrittenByLaterVersion,
    /// The body is too large.
    BodyTooLarge,
    /// The body is not declared as JSON.
    NotJson,
    /// The body is JSON but no request.
    InvalidRequest,
    /// A field refers to what is not here.
    ReferenceNotFound,
    /// The command is not one that exists.
    InvalidCommand,
    /// The command id was used with another body.
    CommandIdReused,
    /// Too many streams.
    TooManyStreams,
    /// More commands than can be taken now.
    Overloaded,
    /// The disk is full.
    StorageFull,
    /// The log refuses writes until the server is started again.
    LogFailed,
    /// The log cannot be reached now.
    Unavailable,
    /// The server has not been at the end of the log for some seconds.
    Stale,
    /// The server is stopping.
    Stopping,
    /// It took too long; whether it was done is not known: send the same again.
    Timeout,
    /// A defect of this server.
    Internal,
}

impl Code {
    /// All codes.
    pub const ALL: [Code; 38] = [
        Code::InvalidJson,
        Code::InvalidQuery,
        Code::AsOfUnsupported,
        Code::InvalidCursor,
        Code::InvalidId,
        Code::TokenMissing,
        Code::TokenWrong,
        Code::HostNotAllowed,
        Code::OriginNotAllowed,
        Code::NotFound,
        Code::MatchNotFound,
        Code::TieNotFound,
        Code::CommandNotFound,
        Code::ItemNotFound,
        Code::ViewsNotKept,
        Code::ViewsNotRead,
        Code::MethodNotAllowed,
        Code::Rejected,
        Code::AlreadyExists,
        Code::LeaseLost,
        Code::EpochPassed,
        Code::SeqMismatch,
        Code::WrittenByLaterVersion,
        Code::BodyTooLarge,
        Code::NotJson,
        Code::InvalidRequest,
        Code::ReferenceNotFound,
        Code::InvalidCommand,
        Code::CommandIdReused,
        Code::TooManyStreams,
        Code::Overloaded,
        Code::StorageFull,
        Code::LogFailed,
        Code::Unavailable,
        Code::Stale,
        Code::Stopping,
        Code::Timeout,
        Code::Internal,
    ];

    /// The code as it stands in answers: never changed.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// What it says to people.
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// Whether the same request can succeed later.
    pub const fn is_retryable(self) -> bool {
        self.retry_after_seconds().is_some()
    }

    /// When to try again.
    pub const fn retry_after_seconds(self) -> Option<u32> {
        match self {
            Code::CommandNotFound
            | Code::Overloaded
            | Code::Stale
            | Code::Stopping
            | Code::Timeout
            | Code::Unavailable
            | Code::ViewsNotRead => Some(1),
            Code::TooManyStreams | Code::StorageFull => Some(5),
            Code::InvalidJson
            | Code::InvalidQuery
            | Code::AsOfUnsupported
            | Code::InvalidCursor
            | Code::InvalidId
            | Code::TokenMissing
            | Code::TokenWrong
            | Code::HostNotAllowed
            | Code::OriginNotAllowed
            | Code::NotFound
            | Code::MatchNotFound
            | Code::TieNotFound
            | Code::ItemNotFound
            | Code::ViewsNotKept
            | Code::MethodNotAllowed
            | Code::Rejected
            | Code::AlreadyExists
            | Code::LeaseLost
            | Code::EpochPassed
            | Code::SeqMismatch
            | Code::WrittenByLaterVersion
            | Code::BodyTooLarge
            | Code::NotJson
            | Code::InvalidRequest
            | Code::ReferenceNotFound
            | Code::InvalidCommand
            | Code::CommandIdReused
            | Code::LogFailed
            | Code::Internal => None,
        }
    }

    #[rustfmt::skip]
    const fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Code::InvalidJson => ("invalid_json", StatusCode::BAD_REQUEST, "The body is not JSON"),
            Code::InvalidQuery => ("invalid_query", StatusCode::BAD_REQUEST, "A query parameter is wrong"),
            Code::AsOfUnsupported => ("as_of_unsupported", StatusCode::BAD_REQUEST, "This cannot be asked as of a time"),
            Code::InvalidCursor => ("invalid_cursor", StatusCode::BAD_REQUEST, "The cursor is not from this server"),
            Code::InvalidId => ("invalid_id", StatusCode::BAD_REQUEST, "The id in the path is not one"),
            Code::TokenMissing => ("token_missing", StatusCode::UNAUTHORIZED, "Writing needs a token"),
            Code::TokenWrong => ("token_wrong", StatusCode::UNAUTHORIZED, "The token is not this server's"),
            Code::HostNotAllowed => ("host_not_allowed", StatusCode::FORBIDDEN, "The server is not known by this name"),
            Code::OriginNotAllowed => ("origin_not_allowed", StatusCode::FORBIDDEN, "Another site may not do this"),
            Code::NotFound => ("not_found", StatusCode::NOT_FOUND, "There is nothing here"),
            Code::MatchNotFound => ("match_not_found", StatusCode::NOT_FOUND, "There is no such match"),
            Code::TieNotFound => ("tie_not_found", StatusCode::NOT_FOUND, "There is no such tie"),
            Code::CommandNotFound => ("command_not_found", StatusCode::NOT_FOUND, "There is no verdict on such a command, or not yet"),
            Code::ItemNotFound => ("item_not_found", StatusCode::NOT_FOUND, "There is no such item"),
            Code::ViewsNotKept => ("views_not_kept", StatusCode::NOT_FOUND, "This server keeps no views"),
            Code::ViewsNotRead => ("views_not_read", StatusCode::SERVICE_UNAVAILABLE, "The views are not read yet"),
            Code::MethodNotAllowed => ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED, "This path has no such method"),
            Code::Rejected => ("rejected", StatusCode::CONFLICT, "The laws do not allow this"),
            Code::AlreadyExists => ("already_exists", StatusCode::CONFLICT, "It exists already and is different"),
            Code::LeaseLost => ("lease_lost", StatusCode::CONFLICT, "Another tablet has taken over"),
            Code::EpochPassed => ("epoch_passed", StatusCode::CONFLICT, "The match has another home"),
            Code::SeqMismatch => ("seq_mismatch", StatusCode::PRECONDITION_FAILED, "The match has gone on"),
            Code::WrittenByLaterVersion => ("written_by_later_version", StatusCode::CONFLICT, "Only a later version of the server can decide"),
            Code::BodyTooLarge => ("body_too_large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Code::NotJson => ("not_json", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be application/json"),
            Code::InvalidRequest => ("invalid_request", StatusCode::UNPROCESSABLE_ENTITY, "The request says something impossible"),
            Code::ReferenceNotFound => ("reference_not_found", StatusCode::UNPROCESSABLE_ENTITY, "The request refers to what is not here"),
            Code::InvalidCommand => ("invalid_command", StatusCode::UNPROCESSABLE_ENTITY, "There is no such command"),
            Code::CommandIdReused => ("command_id_reused", StatusCode::UNPROCESSABLE_ENTITY, "The command id was used for another command"),
            Code::TooManyStreams => ("too_many_streams", StatusCode::SERVICE_UNAVAILABLE, "Too many live streams are open"),
            Code::Overloaded => ("overloaded", StatusCode::SERVICE_UNAVAILABLE, "More commands than can be taken now"),
            Code::StorageFull => ("storage_full", StatusCode::SERVICE_UNAVAILABLE, "The disk is full"),
            Code::LogFailed => ("log_failed", StatusCode::SERVICE_UNAVAILABLE, "The log has failed: start the server again"),
            Code::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "The log cannot be reached"),
            Code::Stale => ("stale", StatusCode::SERVICE_UNAVAILABLE, "The server has not caught up with the log"),
            Code::Stopping => ("stopping", StatusCode::SERVICE_UNAVAILABLE, "The server is stopping"),
            Code::Timeout => ("timeout", StatusCode::GATEWAY_TIMEOUT, "It took too long"),
            Code::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "A defect of this server"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Code;

    #[test]
    fn every_code_is_told_from_every_other() {
        let texts: HashSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
