//! What views say, as this server has read it.

use topspin_event::wire::DecodeError;
use topspin_runtime::{LATEST_FIRST, Replica};

use crate::app::Gateway;
use crate::code::Code;
use crate::problem::Problem;

impl Gateway {
    /// The views, where this server keeps them.
    pub(crate) fn replica(&self) -> Result<&Replica, Problem> {
        let kept = self.replica.as_ref().ok_or_else(|| {
            Problem::new(
                Code::ViewsNotKept,
                "start the server with --views, and it keeps records, profiles and ratings",
            )
        })?;
        match kept.generation() {
            Some(_) => Ok(kept),
            None => {
                Err(Problem::new(Code::ViewsNotRead, "no generation of the views was read to its end yet"))
            }
        }
    }

    /// What a view has under a key.
    pub(crate) fn view<T>(
        &self,
        topic: &str,
        key: &[u8],
        decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Problem> {
        let found = self.replica()?.get(topic, key)?;
        found.map(|value| decode(&value)).transpose().map_err(|_| Problem::damaged_view())
    }

    /// The latest records of a stream, the newest first.
    pub(crate) fn latest<T>(
        &self,
        topic: &str,
        count: usize,
        decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, Problem> {
        let rows = self.replica()?.scan(topic, LATEST_FIRST, LATEST_FIRST, count)?;
        rows.iter().map(|(_, value)| decode(value).map_err(|_| Problem::damaged_view())).collect()
    }
}
