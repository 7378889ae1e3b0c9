//! The log as Kafka's tools read it: a schema registry's wire format and CloudEvents headers.
//!
//! [`RegisteredLog`] stands in front of another log. What is appended gets the frame of the Confluent wire format (a
//! zero byte, the schema's id, the message's place in its file) and the headers of a CloudEvent in Kafka's binary mode;
//! what is read has lost both again. So everything above sees the same bytes on every engine, and a tool beside it that
//! knows nothing of Topspin finds its schema by itself. Topics without a contract pass as they are.
//!
//! [`Registry`] makes the ids: it gives the files of `proto/` to a registry with Confluent's API and asks it to refuse
//! whatever is not compatible with every version before.
#![deny(missing_docs)]

mod client;
mod cloud_event;
mod error;
mod framing;
mod log;
mod schemas;

pub use client::Registry;
pub use error::RegistryError;
pub use framing::{SchemaId, frame, unframe};
pub use log::RegisteredLog;
pub use schemas::{Contract, Schema, Schemas};
