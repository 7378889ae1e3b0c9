//! Events that are read because they are missing.

use serde::Deserialize;
use serde_json::value::RawValue;
use topspin_event::{MatchId, Seq};

use crate::address::Address;
use crate::limits::PAGE_OF_EVENTS;

#[derive(Deserialize)]
struct Page {
    items: Vec<Box<RawValue>>,
}

/// A page of the events of a match between two positions, both inclusive; what is beyond it is asked for again.
pub(crate) fn read(
    agent: &ureq::Agent,
    address: &Address,
    id: MatchId,
    from: Seq,
    to: Seq,
) -> Result<Vec<Box<RawValue>>, ureq::Error> {
    let limit = PAGE_OF_EVENTS.min(to.0.saturating_sub(from.0) + 1);
    let url = address.http(&format!("/v1/matches/{id}/events?from={}&limit={limit}", from.0));
    Ok(agent.get(url).call()?.body_mut().read_json::<Page>()?.items)
}
