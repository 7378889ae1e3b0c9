//! Records as they come in and go out.

use crate::cause::CauseId;
use crate::time::Time;

/// A header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: &'a [u8],
}

/// One record of a source.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Which of [`Subtopology::sources`](crate::Subtopology::sources).
    pub source: usize,
    /// The key, if it has one.
    pub key: Option<&'a [u8]>,
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// The headers, in their order.
    pub headers: &'a [Header<'a>],
    /// The time of the record.
    pub timestamp: Time,
    /// Orders the records of one key of a source: its place where it was first read. A record that is processed again
    /// has the one that it had.
    pub sequence: u64,
    /// What to call it. Records of a repartition topic carry their cause in them: there this is ignored.
    pub cause: CauseId,
}

/// One record for a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output<'a> {
    /// Which of [`Subtopology::sinks`](crate::Subtopology::sinks).
    pub sink: usize,
    /// The key, which also decides about the partition.
    pub key: &'a [u8],
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// The headers, in their order.
    pub headers: &'a [Header<'a>],
    /// The time of the cause.
    pub timestamp: Time,
}

/// Takes what a topology says.
pub trait Emit {
    /// Called in order, and only for an input that was processed whole: never for a poison record.
    fn emit(&mut self, output: Output<'_>);
}
