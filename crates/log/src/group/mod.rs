//! Consumer groups: members that share partitions.
//!
//! A partition belongs to at most one member of a group at a time. A member hears of every change as a
//! [`GroupEvent`], on every engine:
//!
//! - `Assigned`: it owns more partitions, and is told where to go on in each.
//! - `Revoked`: it must give partitions up. It still owns them until it asks for the next event, so this is the moment
//!   to commit what it has done; another member gets them only afterwards.
//! - `Lost`: the partitions are gone already, and another member may own them. What was not committed cannot be
//!   committed any more. The membership is over; the member may join again.
//!
//! [`Coordinator`] implements this for engines that live in one process.

mod assignor;
mod coordinator;

use async_trait::async_trait;

pub use coordinator::{Admission, Coordinator, Protocol};

use crate::{GroupError, GroupId, MemberId, Offset, TopicPartition};

/// A partition that a member owns from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The partition.
    pub partition: TopicPartition,
    /// The group's committed position in it; `None` if it never committed one.
    pub position: Option<Offset>,
}

/// A change in what a member owns. Lists are not empty, except that `Lost` may be for a member that owned nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupEvent {
    /// These partitions were added.
    Assigned(Vec<Assignment>),
    /// These partitions go away when the next event is asked for.
    Revoked(Vec<TopicPartition>),
    /// These partitions, all that the member owned, are gone.
    Lost(Vec<TopicPartition>),
}

/// One member's part in a group. Dropping it leaves the group.
#[async_trait]
pub trait Membership: Send {
    /// The next change; waits for one. Asking says that the partitions of an earlier `Revoked` are given up. Dropping
    /// the future loses nothing. A member has to keep asking: one that does not within
    /// [`REVOKE_TIMEOUT`](crate::limits::REVOKE_TIMEOUT) of a revocation loses everything.
    ///
    /// # Errors
    /// [`GroupError::Fenced`] after `Lost`.
    async fn next_event(&mut self) -> Result<GroupEvent, GroupError>;

    /// What to pass to [`Transaction::commit_positions`](crate::Transaction::commit_positions). Ask anew for each
    /// transaction.
    fn metadata(&self) -> GroupMetadata;
}

/// Numbers the lives of a member in a group, so that a commit by an earlier one can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// Who commits positions for a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMetadata {
    group: GroupId,
    member: Option<(MemberId, Generation)>,
}

impl GroupMetadata {
    /// The metadata of a member; for engines.
    pub fn member(group: GroupId, member: MemberId, generation: Generation) -> Self {
        Self { group, member: Some((member, generation)) }
    }

    /// A lone consumer that assigns itself its partitions. Its commits are refused while the group has members.
    pub fn standalone(group: GroupId) -> Self {
        Self { group, member: None }
    }

    /// The group.
    pub fn group(&self) -> &GroupId {
        &self.group
    }

    /// The member and its generation; `None` for a lone consumer.
    pub fn membership(&self) -> Option<(&MemberId, Generation)> {
        self.member.as_ref().map(|(member, generation)| (member, *generation))
    }
}
