//! A schema registry with Confluent's API.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use topspin_event::schema;
use ureq::tls::{RootCerts, TlsConfig};

use crate::RegistryError;
use crate::framing::SchemaId;
use crate::schemas::{Contract, Schema, Schemas, place};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(20);
const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";
/// Whoever reads one version reads all before and after.
const COMPATIBILITY: &str = "FULL_TRANSITIVE";

/// A registry. Its methods block: call them where a thread may wait.
pub struct Registry {
    agent: ureq::Agent,
    url: String,
    /// The value of the header `Authorization`.
    authorization: Option<String>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A schema as another one refers to it.
#[derive(Debug, Clone)]
struct Registered {
    subject: String,
    version: u32,
}

#[derive(Deserialize)]
struct Found {
    version: u32,
}

#[derive(Deserialize)]
struct Made {
    id: u32,
}

#[derive(Deserialize, Default)]
struct Refusal {
    #[serde(default)]
    message: String,
}

impl Registry {
    /// A registry at a base address, such as `https://registry.example.org` or, of Apicurio,
    /// `http://127.0.0.1:8080/apis/ccompat/v7`. `authorization` is sent as the header of that name. Of a server's
    /// certificate it believes what the machine does, and what `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// [`RegistryError::Address`] unless it is such an address.
    pub fn new(url: &str, authorization: Option<String>) -> Result<Self, RegistryError> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['@', ' '])) {
            return Err(RegistryError::Address { url: url.to_owned() });
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = ureq::Agent::config_builder().tls_config(tls);
        let config = config.timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        let url = url.trim_end_matches('/').to_owned();
        Ok(Registry { agent: config.build().into(), url, authorization })
    }

    /// Registers the files of all contracts, those that they import first, under `<topic>-value`.
    ///
    /// # Errors
    /// [`RegistryError`]; what was registered until then stays, and does no harm.
    pub fn register(&self, contracts: &[Contract]) -> Result<Schemas, RegistryError> {
        let mut imported = BTreeMap::new();
        let mut schemas = Vec::new();
        for contract in contracts {
            let unknown = || RegistryError::UnknownMessage { message: contract.message.to_owned() };
            let (file, index) = place(contract.message).ok_or_else(unknown)?;
            let subject = format!("{}-value", contract.topic);
            let id = self.register_file(&subject, file, &mut imported)?;
            schemas
                .push((contract.topic.clone(), Schema { id, index, message: contract.message.to_owned() }));
        }
        Ok(schemas.into_iter().collect())
    }

    /// Registers a file under a subject, after those that it imports.
    fn register_file(
        &self,
        subject: &str,
        file: &schema::File,
        imported: &mut BTreeMap<&'static str, Registered>,
    ) -> Result<SchemaId, RegistryError> {
        let mut references = Vec::new();
        for import in file.imports() {
            let registered = match imported.get(import.path) {
                Some(registered) => registered.clone(),
                None => self.register_import(import, imported)?,
            };
            references.push(
                json!({ "name": import.path, "subject": registered.subject, "version": registered.version }),
            );
        }
        let body = json!({ "schemaType": "PROTOBUF", "schema": file.text, "references": references });
        let made: Made = self.ask("POST", &format!("/subjects/{subject}/versions"), &body, subject)?;
        match self.keep_compatible(subject) {
            // Apicurio refuses the second of two that set it for the first time at once.
            Err(RegistryError::Incompatible { .. }) => self.keep_compatible(subject),
            set => set,
        }?;
        Ok(SchemaId(made.id))
    }

    fn keep_compatible(&self, subject: &str) -> Result<(), RegistryError> {
        let body = json!({ "compatibility": COMPATIBILITY });
        self.ask::<Value>("PUT", &format!("/config/{subject}"), &body, subject).map(|_| ())
    }

    fn register_import(
        &self,
        file: &'static schema::File,
        imported: &mut BTreeMap<&'static str, Registered>,
    ) -> Result<Registered, RegistryError> {
        // A path has slashes, which a subject in an address cannot have everywhere.
        let subject = file.path.trim_end_matches(".proto").replace('/', ".");
        self.register_file(&subject, file, imported)?;
        let path = format!("/subjects/{subject}/versions/latest");
        let Found { version } = self.ask("GET", &path, &Value::Null, &subject)?;
        let registered = Registered { subject, version };
        imported.insert(file.path, registered.clone());
        Ok(registered)
    }

    fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        subject: &str,
    ) -> Result<T, RegistryError> {
        let url = format!("{}{path}", self.url);
        let unreachable =
            |error: ureq::Error| RegistryError::Unreachable { url: url.clone(), reason: error.to_string() };
        let mut request =
            ureq::http::Request::builder().method(method).uri(&url).header("accept", CONTENT_TYPE);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.header("content-type", CONTENT_TYPE).body(text);
        let request = request.map_err(|_| RegistryError::Address { url: url.clone() })?;
        let mut answer = self.agent.run(request).map_err(unreachable)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().read_to_string().map_err(unreachable)?;
        if !(200..300).contains(&status) {
            let Refusal { message } = serde_json::from_str(&body).unwrap_or_default();
            return Err(match status {
                401 | 403 => RegistryError::NotAuthorized { url, status },
                409 | 422 => RegistryError::Incompatible { subject: subject.to_owned(), message },
                _ => RegistryError::Refused { url, status, message },
            });
        }
        serde_json::from_str(&body).map_err(|error| RegistryError::Answer { url, reason: error.to_string() })
    }
}
