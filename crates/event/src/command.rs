//! What somebody asks of a match that exists.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use topspin_laws::Command;

use crate::{CommandId, Epoch, Label, Lease, Move, Precision, RallyStrokes, ReportedResult, Seq, Timestamp};

/// A command to a match. JSON: `{"type": "point", "to": "home"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchCommand {
    /// One that the laws decide.
    Law(Command),
    /// Another table, venue or time.
    Move(Move),
    /// What a source claims as the result.
    ReportResult(ReportedResult),
    /// The strokes of a rally that was scored.
    RecordStrokes(RallyStrokes),
}

/// A command with what it needs to be decided exactly once: the body of `POST /v1/matches/{id}/commands`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CommandEnvelope {
    /// Chosen by the sender; a retry sends the same.
    pub command_id: CommandId,
    /// What is asked.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::CommandForm))]
    pub command: MatchCommand,
    /// The command counts only if this is the position of the last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_seq: Option<Seq>,
    /// The command counts only if this is the home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// The command counts only if this is the lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// When it happened, by the sender's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// How exactly that is known.
    #[serde(default)]
    pub precision: Precision,
    /// The tablet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Label>,
}

impl CommandEnvelope {
    /// A command without preconditions and without a time of its own.
    pub fn new(command_id: CommandId, command: MatchCommand) -> Self {
        CommandEnvelope {
            command_id,
            command,
            expected_seq: None,
            epoch: None,
            lease: None,
            occurred_at: None,
            precision: Precision::Ms,
            device: None,
        }
    }
}

impl From<Command> for MatchCommand {
    fn from(command: Command) -> Self {
        MatchCommand::Law(command)
    }
}

/// The commands that are not for the laws, in their JSON form.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BesideLaws {
    Move(Move),
    ReportResult(ReportedResult),
    RecordStrokes(RallyStrokes),
}

impl Serialize for MatchCommand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            MatchCommand::Law(command) => command.serialize(serializer),
            MatchCommand::Move(to) => BesideLaws::Move(to.clone()).serialize(serializer),
            MatchCommand::ReportResult(result) => {
                BesideLaws::ReportResult(result.clone()).serialize(serializer)
            }
            MatchCommand::RecordStrokes(strokes) => {
                BesideLaws::RecordStrokes(strokes.clone()).serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for MatchCommand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let kind = value.get("type").and_then(|kind| kind.as_str());
        let beside_laws = matches!(kind, Some("move" | "report_result" | "record_strokes"));
        if !beside_laws {
            return serde_json::from_value(value).map(MatchCommand::Law).map_err(D::Error::custom);
        }
        Ok(match serde_json::from_value(value).map_err(D::Error::custom)? {
            BesideLaws::Move(to) => MatchCommand::Move(to),
            BesideLaws::ReportResult(result) => MatchCommand::ReportResult(result),
            BesideLaws::RecordStrokes(strokes) => MatchCommand::RecordStrokes(strokes),
        })
    }
}
