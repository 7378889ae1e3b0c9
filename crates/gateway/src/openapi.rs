//! The `OpenAPI` document: generated from the handlers, with what all of them have in common added here.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use topspin_event::ReferenceKind;
use utoipa::OpenApi;

use crate::code::Code;
use crate::problem::Members;
use crate::reference::plural;

/// What the document says beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(title = "Topspin", description = "Scores rally sports: every point an event that is kept, every screen a view of them."),
    components(schemas(Members)),
    tags((name = "matches", description = "Matches, commands to them, and their events"),
         (name = "ties", description = "Team matches"),
         (name = "live", description = "Server-sent events"),
         (name = "insight", description = "What the numbers say"),
         (name = "reference", description = "What matches refer to"),
         (name = "devices", description = "Tablets"),
         (name = "anomalies", description = "What foreign streams got wrong"),
         (name = "server", description = "The server itself"))
)]
pub struct Api;

/// The finished document of the generated one.
pub fn finish(generated: &utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(generated).unwrap_or_default();
    document["openapi"] = json!("3.1.0");
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["components"]["securitySchemes"] =
        json!({ "token": { "type": "http", "scheme": "bearer", "description": "DATA/token of the server" } });
    document["components"]["schemas"]["ProblemCode"] = codes();
    document["components"]["schemas"]["Problem"]["properties"]["code"] = json!({ "anyOf": [{ "$ref": "#/components/schemas/ProblemCode" }, { "type": "string" }],
                "description": "The kind of problem, for programs. More codes may come." });
    let paths = std::mem::take(&mut document["paths"]);
    document["paths"] = Value::Object(named_kinds(paths).into_iter().map(with_problems).collect());
    document
}

/// Every code, the gateway's and the laws'.
fn codes() -> Value {
    let own = Code::ALL.iter().map(|code| code.as_str());
    let all: BTreeSet<&str> = own.chain(laws_codes()).collect();
    json!({ "type": "string", "enum": all, "description": "Problem codes: the gateway's and the laws'." })
}

/// Every code of the laws' rejections.
fn laws_codes() -> impl Iterator<Item = &'static str> {
    topspin_laws::Rejection::CODES.into_iter().chain(topspin_laws::tie::TieRejection::CODES)
}

/// One path a kind of reference data, where the router has one for all.
fn named_kinds(paths: Value) -> Map<String, Value> {
    let Value::Object(paths) = paths else { return Map::new() };
    // A kind that has a path of its own has that one.
    let own: BTreeSet<String> = paths.keys().cloned().collect();
    let mut named = Map::new();
    for (path, item) in paths {
        if !path.contains("{kind}") {
            named.insert(path, item);
            continue;
        }
        for kind in ReferenceKind::ALL {
            let path = path.replace("{kind}", plural(kind));
            if !own.contains(&path) {
                named.insert(path, of_kind(&item, kind));
            }
        }
    }
    named
}

fn of_kind(item: &Value, kind: ReferenceKind) -> Value {
    let mut item = item.clone();
    for operation in item.as_object_mut().into_iter().flatten().map(|(_, operation)| operation) {
        if let Some(parameters) = operation["parameters"].as_array_mut() {
            parameters.retain(|parameter| parameter["name"] != "kind");
        }
        let verb = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let noun = if verb == "list" { plural(kind) } else { kind.as_str() };
        operation["operationId"] = json!(format!("{verb}_{noun}"));
        let summary = operation["summary"].as_str().unwrap_or_default().to_owned();
        operation["summary"] = json!(format!("{}: {summary}", plural(kind)));
    }
    item
}

fn with_problems((path, mut item): (String, Value)) -> (String, Value) {
    for (_, operation) in item.as_object_mut().into_iter().flatten() {
        operation["responses"]["default"] = json!({
            "description": "A problem",
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
        });
    }
    (path, item)
}
