//! A log in front of another, for tests: what becomes of commits and of reads is decided in between.

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{
    BatchLimit, BeginProducerError, Committed, Committer, CreateTopicError, GroupError, GroupId, Log,
    MemberId, Membership, Offset, Producer, ReadError, Reader, Start, Topic, TopicPartition, TopicSpec,
    TransactionalId, TrimError,
};

/// Puts something in front of the producer of an id.
type Front = dyn Fn(&TransactionalId, Producer) -> Box<dyn Committer> + Send + Sync;

/// The same log, but for the commits of its producers, and what its readers do not hear.
pub struct Intercepted<L> {
    log: L,
    front: Option<Box<Front>>,
    silence: Option<Silence>,
}

/// Topics that nobody hears anything of while it lasts, as if the network between a process and their leader was cut.
#[derive(Clone)]
pub struct Silence {
    topics: Vec<Topic>,
    lasts: watch::Sender<bool>,
}

impl Silence {
    /// One that has not begun.
    pub fn of(topics: Vec<Topic>) -> Self {
        Silence { topics, lasts: watch::Sender::new(false) }
    }

    /// From now on.
    pub fn begin(&self) {
        self.lasts.send_replace(true);
    }

    /// Until now.
    pub fn end(&self) {
        self.lasts.send_replace(false);
    }
}

impl<L: Log> Intercepted<L> {
    /// `front` has each new producer of `log`, and stands in front of it.
    pub fn new(
        log: L,
        front: impl Fn(&TransactionalId, Producer) -> Box<dyn Committer> + Send + Sync + 'static,
    ) -> Self {
        Intercepted { log, front: Some(Box::new(front)), silence: None }
    }

    /// `log`, whose readers hear nothing of some topics at times.
    pub fn silenced(log: L, silence: Silence) -> Self {
        Intercepted { log, front: None, silence: Some(silence) }
    }
}

#[async_trait]
impl<L: Log> Log for Intercepted<L> {
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        self.log.create_topic(spec).await
    }

    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        self.log.topics().await
    }

    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        self.log.topic(topic).await
    }

    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.log.start_offset(partition).await
    }

    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.log.end_offset(partition).await
    }

    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        self.log.trim(partition, before).await
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        let reader = self.log.reader(partition, start).await?;
        Ok(match &self.silence {
            Some(silence) if silence.topics.contains(&partition.topic) => {
                Box::new(Silenced { reader, lasts: silence.lasts.subscribe() })
            }
            Some(_) | None => reader,
        })
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let producer = self.log.begin_producer(id).await?;
        Ok(match &self.front {
            Some(front) => Producer::new(id.clone(), front(id, producer)),
            None => producer,
        })
    }

    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError> {
        self.log.join(group, topics, member).await
    }

    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        self.log.committed_position(group, partition).await
    }
}

struct Silenced {
    reader: Box<dyn Reader>,
    lasts: watch::Receiver<bool>,
}

#[async_trait]
impl Reader for Silenced {
    fn partition(&self) -> &TopicPartition {
        self.reader.partition()
    }

    fn position(&self) -> Offset {
        self.reader.position()
    }

    async fn next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        loop {
            over(&mut self.lasts).await;
            let begins = self.lasts.changed();
            tokio::select! {
                batch = self.reader.next_batch(limit) => return batch,
                Ok(()) = begins => {}
            }
        }
    }

    async fn try_next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        over(&mut self.lasts).await;
        self.reader.try_next_batch(limit).await
    }
}

/// Waits until the silence is over; for ever, if nobody can end it.
async fn over(lasts: &mut watch::Receiver<bool>) {
    if lasts.wait_for(|lasts| !lasts).await.is_err() {
        std::future::pending::<()>().await;
    }
}
