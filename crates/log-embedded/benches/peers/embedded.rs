//! The embedded log, as a library and behind a socket: the peers are behind one.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;
use topspin_log::{
    BatchLimit, Log as _, Partition, Producer, Record, Start, Timestamp, Topic, TopicPartition, TopicSpec,
    TransactionalId,
};
use topspin_log_embedded::{EmbeddedLog, Options};

use super::{Contender, KEY, PARTITIONS, VALUE_BYTES, Writer};

/// The value comes with its partition's number before it, the answer is one byte.
const REQUEST_BYTES: usize = 1 + VALUE_BYTES;

pub struct Embedded {
    shared: Arc<Shared>,
}

pub struct BehindSocket {
    shared: Arc<Shared>,
    address: SocketAddr,
}

struct Shared {
    log: EmbeddedLog,
    runtime: Runtime,
    /// Every writer is a producer of its own.
    producers: AtomicU64,
}

impl Embedded {
    pub fn open(directory: &Path) -> Self {
        Self { shared: Arc::new(Shared::open(directory)) }
    }
}

impl BehindSocket {
    pub fn open(directory: &Path) -> Self {
        let shared = Arc::new(Shared::open(directory));
        let listener = shared.runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = shared.clone();
        shared.runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        Self { shared, address }
    }
}

impl Shared {
    fn open(directory: &Path) -> Self {
        let log = EmbeddedLog::open(directory, &Options::default()).expect("opened");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_io()
            .build()
            .expect("a runtime");
        runtime.block_on(log.create_topic(&TopicSpec::new(topic(), PARTITIONS as u32))).expect("created");
        Self { log, runtime, producers: AtomicU64::new(0) }
    }

    async fn producer(&self) -> Producer {
        let number = self.producers.fetch_add(1, Ordering::Relaxed);
        let id = TransactionalId::new(format!("writer-{number}")).expect("a name");
        self.log.begin_producer(&id).await.expect("begun")
    }

    /// Answers a connection until it is closed.
    async fn serve(&self, mut stream: tokio::net::TcpStream) {
        stream.set_nodelay(true).expect("an option");
        let mut producer = self.producer().await;
        let mut request = [0; REQUEST_BYTES];
        while stream.read_exact(&mut request).await.is_ok() {
            let [partition, value @ ..] = &request;
            commit(&mut producer, usize::from(*partition), value.to_vec()).await;
            if stream.write_all(&[1]).await.is_err() {
                return;
            }
        }
    }

    fn count(&self) -> u64 {
        self.runtime.block_on(async {
            let mut count = 0;
            for partition in 0..PARTITIONS {
                let mut reader = self.log.reader(&at(partition), Start::Beginning).await.expect("a reader");
                loop {
                    let batch = reader.try_next_batch(BatchLimit::default()).await.expect("readable");
                    if batch.is_empty() {
                        break;
                    }
                    count += batch.len() as u64;
                }
            }
            count
        })
    }
}

impl Contender for Embedded {
    fn name(&self) -> &'static str {
        "embedded log (a library)"
    }

    fn writer(&self, number: usize) -> Writer {
        let shared = self.shared.clone();
        let mut producer = shared.runtime.block_on(shared.producer());
        Box::new(move || {
            let committed = commit(&mut producer, number % PARTITIONS, vec![7; VALUE_BYTES]);
            shared.runtime.block_on(committed);
        })
    }

    fn held(&self) -> u64 {
        self.shared.count()
    }
}

impl Contender for BehindSocket {
    fn name(&self) -> &'static str {
        "embedded log behind a socket"
    }

    fn writer(&self, number: usize) -> Writer {
        let mut stream = TcpStream::connect(self.address).expect("connected");
        stream.set_nodelay(true).expect("an option");
        let mut request = vec![7; REQUEST_BYTES];
        request[0] = (number % PARTITIONS) as u8;
        Box::new(move || {
            stream.write_all(&request).expect("sent");
            stream.read_exact(&mut [0]).expect("answered");
        })
    }

    fn held(&self) -> u64 {
        self.shared.count()
    }
}

async fn commit(producer: &mut Producer, partition: usize, value: Vec<u8>) {
    let mut transaction = producer.begin();
    let record = Record::new(KEY.as_bytes(), value, Timestamp::from_millis(1));
    transaction.append(at(partition), record).expect("within limits");
    transaction.commit().await.expect("committed");
}

fn topic() -> Topic {
    Topic::new("events").expect("a name")
}

fn at(partition: usize) -> TopicPartition {
    TopicPartition::new(topic(), Partition(partition as u32))
}
