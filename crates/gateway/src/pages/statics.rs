//! The few files that the reading pages need, in the binary.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::code::Code;
use crate::json::Segments;
use crate::problem::Problem;

const FILES: [(&str, &str, &str); 3] = [
    ("site.css", "text/css; charset=utf-8", include_str!("../assets/site.css")),
    ("live.js", "text/javascript; charset=utf-8", include_str!("../assets/live.js")),
    ("icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")),
];

/// One of the files.
pub async fn file(Segments(name): Segments<String>) -> Response {
    let Some((_, kind, text)) = FILES.into_iter().find(|(known, ..)| *known == name) else {
        return Problem::new(Code::NotFound, "there is no such file").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}
