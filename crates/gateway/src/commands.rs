//! Commands to a match.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::timeout;
use topspin_event::openapi::EventForm;
use topspin_event::{CommandEnvelope, CommandId, Epoch, EventEnvelope, Lease, MatchId, Seq, StateHash};
use topspin_scoring::{Accepted, Answer, MatchResource, Refusal, Replayed, Verdict};
use utoipa::ToSchema;

use crate::app::App;
use crate::code::Code;
use crate::json::{Id, RawBody, Segments, parse};
use crate::limits::COMMAND_WAIT;
use crate::problem::{Members, Problem};

/// The answer to a command that happened. It is durable.
#[derive(Serialize, ToSchema)]
pub struct CommandAnswer {
    /// Always `accepted`: a refusal is a problem.
    verdict: &'static str,
    command_id: CommandId,
    /// The position of its first event.
    from_seq: Seq,
    /// The position of its last event.
    seq: Seq,
    epoch: Epoch,
    lease: Lease,
    /// The chain up to `seq`, hexadecimal.
    chain: String,
    state_hash: StateHash,
    /// Its events, in order.
    #[schema(value_type = Vec<EventForm>)]
    events: Vec<EventEnvelope>,
    /// The match after them.
    #[serde(rename = "match")]
    resource: MatchResource,
}

/// A command that has no verdict yet.
#[derive(Serialize, ToSchema)]
pub struct CommandPending {
    /// Always `pending`: whether it happens is not known yet.
    verdict: &'static str,
    command_id: CommandId,
}

/// Has a command decided. The same command id with the same body gets the same answer, with `Idempotent-Replay: true`.
#[utoipa::path(post, path = "/v1/matches/{id}/commands", operation_id = "submit_command", tag = "matches", params(("id" = Uuid, Path)),
    request_body = CommandEnvelope,
    responses((status = 200, description = "It happened, and is durable", body = CommandAnswer),
              (status = 202, description = "There is no verdict yet: ask for it at `Location`, or send the same again", body = CommandPending),
              (status = 409, description = "The laws refuse it, or another tablet holds the match", body = Members,
               content_type = "application/problem+json")),
    security(("token" = [])))]
pub async fn submit(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    RawBody(bytes): RawBody,
) -> Result<Response, Problem> {
    let pressed = Instant::now();
    let envelope: CommandEnvelope = parse(&bytes, Code::InvalidCommand)?;
    let command_id = envelope.command_id;
    let Ok(decided) = timeout(COMMAND_WAIT, app.home.submit(id, envelope)).await else {
        app.metrics.judged("pending", pressed.elapsed());
        return Ok(pending(id, command_id));
    };
    let answer = decided.inspect_err(|_| app.metrics.judged("failed", pressed.elapsed()))?;
    app.metrics.judged(word(&answer.verdict), pressed.elapsed());
    let Answer { verdict, replayed } = answer;
    let response = match verdict {
        Verdict::Accepted(accepted) => Json(accepted_answer(&app, *accepted)?).into_response(),
        Verdict::Refused(refusal) => Problem::from(refusal).into_response(),
    };
    Ok(mark_replay(response, replayed))
}

/// The verdict on a command, as it was answered, or would have been: a refusal is a problem here too.
#[utoipa::path(get, path = "/v1/matches/{id}/commands/{command_id}", operation_id = "read_command", tag = "matches",
    params(("id" = Uuid, Path), ("command_id" = Uuid, Path)),
    responses((status = 200, description = "It happened, and is durable", body = CommandAnswer),
              (status = 404, description = "There is no verdict on it, or not yet: ask again, or send it again", body = Members,
               content_type = "application/problem+json"),
              (status = 409, description = "It was refused", body = Members,
               content_type = "application/problem+json")))]
pub async fn read(
    State(app): State<App>,
    Segments((id, command)): Segments<(String, String)>,
) -> Result<Response, Problem> {
    let unreadable = |text: &str| Problem::new(Code::InvalidId, format!("{text:.64} is not an id"));
    let id: MatchId = id.parse().map_err(|_| unreadable(&id))?;
    let command: CommandId = command.parse().map_err(|_| unreadable(&command))?;
    let unknown = || Problem::new(Code::CommandNotFound, format!("no verdict on {command} is known here"));
    match app.home.verdict(id, command)?.ok_or_else(unknown)? {
        Verdict::Accepted(accepted) => Ok(Json(accepted_answer(&app, *accepted)?).into_response()),
        Verdict::Refused(refusal) => Err(Problem::from(refusal)),
    }
}

fn pending(id: MatchId, command_id: CommandId) -> Response {
    let body = Json(CommandPending { verdict: "pending", command_id });
    let mut response = (StatusCode::ACCEPTED, body).into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::try_from(format!("/v1/matches/{id}/commands/{command_id}")) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// Says of an answer that it was given before.
pub fn mark_replay(mut response: Response, replayed: Replayed) -> Response {
    if replayed == Replayed::Yes {
        response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    }
    response
}

fn accepted_answer(app: &App, accepted: Accepted) -> Result<CommandAnswer, Problem> {
    let resource = app.home.resource(&accepted.snapshot)?;
    Ok(CommandAnswer {
        verdict: "accepted",
        command_id: accepted.command_id,
        from_seq: accepted.from_seq,
        seq: accepted.snapshot.seq,
        epoch: accepted.snapshot.epoch,
        lease: accepted.snapshot.lease,
        chain: accepted.snapshot.chain.to_string(),
        state_hash: accepted.snapshot.state_hash.clone(),
        events: accepted.events,
        resource,
    })
}

const fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted(_) => "accepted",
        Verdict::Refused(Refusal::Law { .. }) => "rejected",
        Verdict::Refused(Refusal::SeqMismatch { .. }) => "seq_mismatch",
        Verdict::Refused(Refusal::LeaseLost { .. } | Refusal::EpochMismatch { .. }) => "lease_lost",
    }
}
