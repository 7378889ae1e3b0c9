//! The API's reference, rendered from the `OpenAPI` document itself.

use std::collections::BTreeSet;

use maud::{Markup, html};
use serde_json::Value;
use topspin_laws::Rejection;
use topspin_laws::tie::TieRejection;

use super::layout::{Head, page};
use crate::code::Code;

const METHODS: [&str; 3] = ["get", "post", "put"];

/// The page for a document.
pub fn docs(document: &Value) -> Markup {
    let operations = operations(document);
    let schemas = members(&document["components"]["schemas"]);
    let head = Head { title: "API", path: "/docs", island: None };
    page(
        &head,
        &html! {
            h1 { (text(&document["info"]["title"])) " " small { (text(&document["info"]["version"])) } }
            p { (text(&document["info"]["description"])) " The machine's form: " a href="/openapi.json" { "openapi.json" } "." }
            div.reference {
                aside { nav aria-label="Reference" { (contents(&operations, &schemas)) } }
                div {
                    h2 { "Operations" }
                    @for (path, method, operation) in &operations { (entry(path, method, operation)) }
                    (problems())
                    h2 { "Shapes" }
                    @for (name, schema) in &schemas { (shape(name, schema)) }
                }
            }
        },
    )
}

type Operation<'a> = (&'a str, &'static str, &'a Value);

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = members(&document["paths"]);
    paths
        .into_iter()
        .flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| Some((path, method, item.get(method)?)))
        })
        .collect()
}

fn contents(operations: &[Operation<'_>], schemas: &[(&str, &Value)]) -> Markup {
    html! {
        strong { "Operations" }
        ul { @for (path, method, _) in operations { li { a href={ "#" (anchor(path, method)) } { (method.to_uppercase()) " " (path) } } } }
        strong { "Shapes" }
        ul { @for (name, _) in schemas { li { a href={ "#" (name) } { (name) } } } }
    }
}

fn entry(path: &str, method: &str, operation: &Value) -> Markup {
    html! {
        article.operation id=(anchor(path, method)) {
            h3 { span.method data-method=(method) { (method.to_uppercase()) } code { (path) } }
            p { (text(&operation["summary"])) }
            @if let Some(more) = operation["description"].as_str() { p { (more) } }
            @if let Some(parameters) = operation["parameters"].as_array() {
                table.facts {
                    @for parameter in parameters {
                        tr {
                            th { code { (text(&parameter["name"])) } }
                            td { (text(&parameter["in"])) }
                            td { (kind(&parameter["schema"])) }
                            td { (text(&parameter["description"])) }
                        }
                    }
                }
            }
            @let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            @if !body.is_null() { p { strong { "Body: " } (kind(body)) } }
            (answers(&operation["responses"]))
        }
    }
}

fn answers(responses: &Value) -> Markup {
    html! {
        table.facts {
            @for (status, response) in members(responses) {
                tr {
                    th { (status) }
                    td { (text(&response["description"])) }
                    td { @for (media, content) in members(&response["content"]) { (kind(&content["schema"])) " " small { (media) } } }
                }
            }
        }
    }
}

fn problems() -> Markup {
    html! {
        h2 #problems { "Problems" }
        p { "Errors are " code { "application/problem+json" } " with these codes, and with the codes of the laws' rejections, which come with the number of the law and status 409." }
        table.facts {
            tr { th { "Code" } th { "Status" } th { "Again?" } th { "Meaning" } }
            @for code in Code::ALL {
                tr id={ "problem-" (code.as_str()) } {
                    td { code { (code.as_str()) } }
                    td { (code.status().as_u16()) }
                    td { @if code.is_retryable() { "later" } @else { "no" } }
                    td { (code.title()) }
                }
            }
            @for code in law_codes() {
                tr id={ "problem-" (code) } {
                    td { code { (code) } }
                    td { (Code::Rejected.status().as_u16()) }
                    td { "no" }
                    td { "The laws refuse the command; the answer names the law." }
                }
            }
        }
    }
}

/// The codes of the laws' rejections, of matches and of ties, each once.
fn law_codes() -> BTreeSet<&'static str> {
    Rejection::CODES.into_iter().chain(TieRejection::CODES).collect()
}

fn shape(name: &str, schema: &Value) -> Markup {
    html! {
        article.schema id=(name) {
            h3 { (name) }
            @if let Some(about) = schema["description"].as_str() { p { (about) } }
            (fields(schema))
            @for variants in ["oneOf", "anyOf", "allOf"] {
                @if let Some(list) = schema[variants].as_array() {
                    @for variant in list {
                        @if variant["properties"].is_object() {
                            p { (text(&variant["description"])) }
                            (fields(variant))
                        } @else { p { (kind(variant)) } }
                    }
                }
            }
            @if let Some(values) = schema["enum"].as_array() {
                p { @for value in values { code { (text(value)) } " " } }
            }
        }
    }
}

fn fields(schema: &Value) -> Markup {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    html! {
        @if schema["properties"].is_object() {
            table.facts {
                @for (field, about) in members(&schema["properties"]) {
                    tr {
                        th { code { (field) } @if !required.contains(&field) { " " small { "optional" } } }
                        td { (kind(about)) }
                        td { (text(&about["description"])) }
                    }
                }
            }
        }
    }
}

/// A schema in a few words, with links to the shapes it names.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return html! { a href={ "#" (name) } { (name) } };
    }
    if schema["items"].is_object() {
        return html! { "list of " (kind(&schema["items"])) };
    }
    let variants = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| schema[*key].as_array());
    if let Some(variants) = variants {
        return html! {
            @for (index, variant) in variants.iter().enumerate() { @if index > 0 { " or " } (kind(variant)) }
        };
    }
    if let Some(values) = schema["enum"].as_array() {
        return html! { @for value in values { code { (text(value)) } " " } };
    }
    match &schema["type"] {
        Value::Array(types) => {
            html! { @for (i, t) in types.iter().enumerate() { @if i > 0 { " or " } (text(t)) } }
        }
        one => html! { (text(one)) },
    }
}

fn members(value: &Value) -> Vec<(&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value)).collect()
}

fn anchor(path: &str, method: &str) -> String {
    let path: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{method}{path}")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
