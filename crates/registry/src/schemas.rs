//! Which topic holds which message, and the ids that a registry has given.

use std::collections::BTreeMap;

use topspin_event::schema;
use topspin_log::Topic;

use crate::framing::SchemaId;

/// A topic whose values are all of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The topic.
    pub topic: Topic,
    /// The message's full name, such as `topspin.v1.Recorded`.
    pub message: &'static str,
}

/// A message as a registry knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The id of its file.
    pub id: SchemaId,
    /// Its place among the messages of the file, from 0.
    pub index: u32,
    /// Its full name.
    pub message: String,
}

/// The schemas of the topics that have one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schemas(BTreeMap<Topic, Schema>);

impl Schemas {
    /// The schema of a topic.
    pub fn of(&self, topic: &Topic) -> Option<&Schema> {
        self.0.get(topic)
    }

    /// All, by topic.
    pub fn iter(&self) -> impl Iterator<Item = (&Topic, &Schema)> {
        self.0.iter()
    }
}

impl Extend<(Topic, Schema)> for Schemas {
    fn extend<I: IntoIterator<Item = (Topic, Schema)>>(&mut self, schemas: I) {
        self.0.extend(schemas);
    }
}

impl FromIterator<(Topic, Schema)> for Schemas {
    fn from_iter<I: IntoIterator<Item = (Topic, Schema)>>(schemas: I) -> Self {
        Schemas(schemas.into_iter().collect())
    }
}

/// The file of a message, and its place in it.
pub(crate) fn place(message: &str) -> Option<(&'static schema::File, u32)> {
    let name = message.strip_prefix(schema::PACKAGE)?.strip_prefix('.')?;
    schema::FILES.iter().find_map(|file| {
        let at = file.messages().position(|candidate| candidate == name)?;
        Some((file, u32::try_from(at).ok()?))
    })
}
