//! Errors as RFC 9457 says: `application/problem+json` with a stable code.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::code::Code;

/// Why a request was not done. The members beside RFC 9457's: `code` is stable, `retryable` says whether the same
/// request can succeed later without a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Box<Members>);

/// What a problem says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Members {
    /// A relative reference to the code's description in `/docs`.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem, for people.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// The kind of problem, for programs: one of the codes listed, or of the laws' rejections.
    #[schema(value_type = String)]
    code: Cow<'static, str>,
    /// Whether the same request can succeed later.
    retryable: bool,
    /// The law or regulation that refuses a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<String>,
    /// The position of the match's last event, where it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    head_seq: Option<u64>,
    /// The lease that counts, where another was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<u32>,
    /// Who holds the lease.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// Where in the body, as a path, if it is about a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The item that exists already.
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<String>,
    /// When to try again, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u32>,
}

impl Problem {
    /// What a view says cannot be read.
    pub(crate) fn damaged_view() -> Self {
        Problem::new(Code::Internal, "a view has records that cannot be read")
    }

    /// A problem of a kind, with what is wrong here.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem(Box::new(Members {
            kind: format!("/docs#problem-{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: detail.into(),
            code: Cow::Borrowed(code.as_str()),
            retryable: code.is_retryable(),
            law: None,
            head_seq: None,
            lease: None,
            holder: None,
            field: None,
            existing_id: None,
            retry_after_seconds: code.retry_after_seconds(),
        }))
    }

    /// What the laws say against a command.
    pub fn rejected(code: String, law: String, detail: String) -> Self {
        let mut problem = Problem::new(Code::Rejected, detail);
        problem.0.kind = format!("/docs#problem-{code}");
        problem.0.code = Cow::Owned(code);
        problem.0.law = Some(law);
        problem
    }

    /// Names the head of the match.
    #[must_use]
    pub fn at_head(mut self, seq: u64) -> Self {
        self.0.head_seq = Some(seq);
        self
    }

    /// Names the lease that counts and its holder.
    #[must_use]
    pub fn held_by(mut self, lease: u32, holder: Option<String>) -> Self {
        self.0.lease = Some(lease);
        self.0.holder = holder;
        self
    }

    /// Names the field of the body that is wrong.
    #[must_use]
    pub fn in_field(mut self, field: String) -> Self {
        self.0.field = Some(field);
        self
    }

    /// Names the item that exists.
    #[must_use]
    pub fn existing(mut self, id: String) -> Self {
        self.0.existing_id = Some(id);
        self
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.0.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"topspin\""));
        }
        response
    }
}
