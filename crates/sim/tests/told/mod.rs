//! What a home would have recorded of a script.

use std::sync::Arc;

use topspin_event::{
    CommandEnvelope, CommandId, Entry, Epoch, Label, Lease, MatchCommand, MatchEvent, MatchMeta, OrgId,
    PlayerId, Precision, Recorded, Seq, Timestamp,
};
use topspin_ingest::MatchPlan;
use topspin_insight::Chronicle;
use topspin_laws::{Both, LAWS_VERSION, Setup, Side, State, decide, evolve};
use uuid::Uuid;

/// The chronicle of a match that its script was sent to: what the laws decide, and strokes beside it.
pub fn chronicle(plan: &MatchPlan) -> Chronicle {
    let meta = meta(plan);
    let mut state =
        State::new(Setup { format: meta.format.clone(), carried_cards: meta.carried_cards.clone() });
    let (mut seq, mut told) = (1, Chronicle::default());
    told.fold(&recorded(plan, seq, (MatchEvent::Created(Arc::new(meta)), None, Precision::Ms)));
    for CommandEnvelope { command, occurred_at, precision, .. } in plan.script.iter().map(|one| &one.envelope)
    {
        // A time is as good as its source has it: the tablets' flags are looked up by it.
        let precision = occurred_at.map_or(*precision, |_| Precision::Ms);
        let events: Vec<MatchEvent> = match command {
            MatchCommand::Law(command) => {
                decide(&state, command).into_iter().flatten().map(MatchEvent::Law).collect()
            }
            MatchCommand::RecordStrokes(strokes) => vec![MatchEvent::StrokesRecorded(strokes.clone())],
            MatchCommand::Move(_) | MatchCommand::ReportResult(_) => Vec::new(),
        };
        for event in events {
            seq += 1;
            if let MatchEvent::Law(event) = &event {
                state = evolve(state, Seq(seq), event);
            }
            told.fold(&recorded(plan, seq, (event, *occurred_at, precision)));
        }
    }
    told
}

fn meta(plan: &MatchPlan) -> MatchMeta {
    let create = &plan.create;
    let entry = |side: Side| Entry {
        name: None,
        players: vec![PlayerId(Uuid::nil()); create.sides.of(side).players.len()],
    };
    MatchMeta {
        id: plan.id,
        org: OrgId(Uuid::nil()),
        external_ids: Vec::new(),
        competition_id: None,
        category: None,
        tie_id: None,
        venue_id: None,
        table: None,
        scheduled_at: None,
        format: create.format.clone(),
        sides: Both::new(entry(Side::Home), entry(Side::Away)),
        carried_cards: create.carried_cards.clone(),
        created_at: Timestamp::EPOCH,
    }
}

fn recorded(
    plan: &MatchPlan,
    seq: u64,
    (event, occurred_at, precision): (MatchEvent, Option<Timestamp>, Precision),
) -> Recorded {
    Recorded {
        match_id: plan.id,
        epoch: Epoch(1),
        seq: Seq(seq),
        lease: Lease(1),
        laws_version: LAWS_VERSION,
        cause: CommandId(Uuid::nil()),
        origin: "test".parse::<Label>().expect("a label"),
        occurred_at,
        precision,
        recorded_at: Timestamp::EPOCH,
        event,
    }
}
