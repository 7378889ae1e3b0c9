//! What happens to every request: names, token, time limit, security headers, measurement.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use topspin_log::{TRACEPARENT, TRACESTATE, TraceContext};
use topspin_runtime::traced;

use crate::app::App;
use crate::chronicles::AS_OF_ROUTES;
use crate::code::Code;
use crate::limits::REQUEST_TIMEOUT;
use crate::problem::Problem;
use crate::staleness;

/// Everything comes from this server, and nothing of it may be framed by another.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'self'";

/// Checks a request, lets it be answered in time, and measures it.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "other".to_owned());
    let path = request.uri().path().to_owned();
    let mut response = match admit(&app, &route, &request) {
        Ok(()) => {
            let answering = traced(trace_context(request.headers()), next.run(request));
            match tokio::time::timeout(REQUEST_TIMEOUT, answering).await {
                Ok(response) => response,
                Err(_) => Problem::new(Code::Timeout, "send the same request again").into_response(),
            }
        }
        Err(problem) => problem.into_response(),
    };
    protect(&mut response);
    staleness::mark(&app.home, &path, &mut response);
    let took = began.elapsed();
    app.metrics.answered(known(&method), &route, response.status().as_u16(), took);
    tracing::debug!(%method, route, status = response.status().as_u16(), ?took, "answered");
    response
}

fn admit(app: &App, route: &str, request: &Request) -> Result<(), Problem> {
    app.names.check(request.uri(), request.headers())?;
    app.access.check(request.method(), request.headers())?;
    let names = request.uri().query().unwrap_or_default().split('&').map(|pair| pair.split('=').next());
    if route.starts_with("/v1/")
        && !AS_OF_ROUTES.contains(&route)
        && names.into_iter().any(|name| name == Some("as_of"))
    {
        let can = AS_OF_ROUTES.join(", ");
        return Err(Problem::new(Code::AsOfUnsupported, format!("as_of is for {can}")));
    }
    Ok(())
}

/// What the request was caused by, if its caller says so in a way that can be understood.
fn trace_context(headers: &HeaderMap) -> Option<TraceContext> {
    let mut parents = headers.get_all(TRACEPARENT).iter();
    let (parent, None) = (parents.next()?, parents.next()) else { return None };
    let states = headers.get_all(TRACESTATE).iter().map(HeaderValue::to_str);
    let states = states.collect::<Result<Vec<_>, _>>().unwrap_or_default();
    TraceContext::parse(parent.to_str().ok()?, &states.join(","))
}

// A client can invent methods without end; a label cannot have as many values.
fn known(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        _ => "OTHER",
    }
}

fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
