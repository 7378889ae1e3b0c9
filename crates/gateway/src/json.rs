//! Bodies, paths and queries as typed arguments; what does not fit becomes a problem.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::code::Code;
use crate::problem::Problem;

/// A JSON body: at most as large as the route allows and at most 128 levels deep.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = RawBody::from_request(request, state).await?.0;
        parse(&bytes, Code::InvalidRequest).map(Body)
    }
}

/// The bytes of a body that says it is JSON.
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !says_json(request.headers()) {
            return Err(Problem::new(Code::NotJson, "send the header Content-Type: application/json"));
        }
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(RawBody(bytes)),
            Err(refusal) if refusal.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::new(Code::BodyTooLarge, "the body is larger than this path takes"))
            }
            Err(refusal) => Err(Problem::new(Code::InvalidJson, refusal.body_text())),
        }
    }
}

/// Reads JSON: what is not JSON at all is [`Code::InvalidJson`], what is but does not fit is `unfit`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8], unfit: Code) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let code = match error.classify() {
            Category::Data => unfit,
            Category::Syntax | Category::Eof | Category::Io => Code::InvalidJson,
        };
        Problem::new(code, error.to_string())
    })
}

/// An id in the path.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: std::str::FromStr + Send> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Segments(text) = Segments::<String>::from_request_parts(parts, state).await?;
        text.parse().map(Id).map_err(|_| Problem::new(Code::InvalidId, format!("{text:.64} is not an id")))
    }
}

/// The variable parts of the path, as text.
pub struct Segments<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(segments)) => Ok(Segments(segments)),
            Err(refusal) => Err(Problem::new(Code::InvalidId, refusal.body_text())),
        }
    }
}

/// The query of a list.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Params(params)),
            Err(refusal) => Err(Problem::new(Code::InvalidQuery, refusal.body_text())),
        }
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
