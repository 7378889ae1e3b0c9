//! A real registry with Confluent's API. `cargo xtask test --only registry` starts one and names it in `TOPSPIN_REGISTRY`.

use serde_json::{Value, json};
use topspin_event::schema;
use topspin_log::Topic;
use topspin_registry::{Contract, Registry, RegistryError};

fn url() -> String {
    std::env::var("TOPSPIN_REGISTRY")
        .expect("TOPSPIN_REGISTRY names a registry: run `cargo xtask test --only registry`")
}

fn registry() -> Registry {
    Registry::new(&url(), None).expect("an address")
}

fn contract(topic: &str, message: &'static str) -> Contract {
    Contract { topic: Topic::new(topic).expect("a name"), message }
}

fn get(path: &str) -> Value {
    ureq::get(format!("{}{path}", url())).call().expect("an answer").body_mut().read_json().expect("JSON")
}

#[test]
fn the_files_are_registered_once_with_what_they_import() {
    let contracts = [
        contract("match-events", "topspin.v1.Recorded"),
        contract("matches", "topspin.v1.MatchSnapshot"),
        contract("tie-events", "topspin.v1.TieRecorded"),
    ];
    let schemas = registry().register(&contracts).expect("registered");
    assert_eq!(registry().register(&contracts).expect("registered"), schemas, "the same again");
    let of = |contract: &Contract| schemas.of(&contract.topic).expect("a schema").clone();
    let [events, matches, ties] = contracts.each_ref().map(of);
    assert_eq!(events.id, matches.id, "both are in one file");
    assert_ne!(events.id, ties.id);
    assert_eq!((events.index, ties.index), (0, 0));
    assert!(matches.index > 0);

    let text = get(&format!("/schemas/ids/{}", ties.id.0));
    let file = schema::FILES.iter().find(|file| file.path == "topspin/v1/tie.proto").expect("the file");
    assert_eq!(text["schema"].as_str().map(str::trim), Some(file.text.trim()));
    let imports: Vec<_> =
        text["references"].as_array().expect("references").iter().map(|one| &one["name"]).collect();
    assert_eq!(imports, ["topspin/v1/types.proto", "topspin/v1/match.proto"]);
    assert_eq!(get("/config/tie-events-value")["compatibilityLevel"], "FULL_TRANSITIVE");
}

#[test]
fn over_tls_only_who_is_trusted_is_asked() {
    let url = std::env::var("TOPSPIN_REGISTRY_SECURE").expect("the same registry over TLS");
    let contracts = [contract("secure", "topspin.v1.Recorded")];
    let registry = |url: &str| Registry::new(url, None).expect("an address");
    let schemas = registry(&url).register(&contracts).expect("registered");
    assert_eq!(schemas.iter().count(), 1);
    // The certificate is of the address, not of the name.
    let refused = registry(&url.replace("127.0.0.1", "localhost")).register(&contracts);
    let told = refused.expect_err("it is another").to_string();
    assert!(told.contains("certificate"), "{told}");
}

#[test]
fn what_breaks_a_reader_is_refused() {
    let contracts = [contract("devices", "topspin.v1.Device")];
    let schemas = registry().register(&contracts).expect("registered");
    assert_eq!(schemas.iter().count(), 1);
    let file = schema::FILES.iter().find(|file| file.path == "topspin/v1/reference.proto").expect("the file");
    // Another type for a field that is there.
    let broken = file.text.replacen("string device = 1;", "fixed64 device = 1;", 1);
    assert_ne!(broken, file.text);
    let refused = ureq::post(format!("{}/subjects/devices-value/versions", url()))
        .config()
        .http_status_as_error(false)
        .build()
        .header("content-type", "application/vnd.schemaregistry.v1+json")
        .send_json(json!({ "schemaType": "PROTOBUF", "schema": broken }))
        .expect("an answer");
    assert_eq!(refused.status().as_u16(), 409);
}

#[test]
fn what_cannot_be_registered_is_told() {
    let unknown = registry().register(&[contract("t", "topspin.v1.Nobody")]).expect_err("unknown");
    assert!(matches!(unknown, RegistryError::UnknownMessage { .. }), "{unknown}");
    let nobody = Registry::new("http://127.0.0.1:1", None).expect("an address");
    let unreachable = nobody.register(&[contract("t", "topspin.v1.Device")]).expect_err("unreachable");
    assert!(unreachable.is_retryable(), "{unreachable}");
    let wrong = Registry::new(&format!("{}/nowhere", url()), None).expect("an address");
    let refused = wrong.register(&[contract("t", "topspin.v1.Device")]).expect_err("refused");
    assert!(matches!(refused, RegistryError::Refused { status: 404, .. }), "{refused}");
    for address in ["ftp://x", "http://", "http://user:word@host"] {
        assert!(matches!(Registry::new(address, None), Err(RegistryError::Address { .. })));
    }
    let secret = Registry::new("http://host", Some("Basic hunter2".to_owned())).expect("an address");
    assert!(!format!("{secret:?}").contains("hunter2"));
}
