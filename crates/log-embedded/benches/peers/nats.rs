//! JetStream in NATS's own text protocol: a message is published with an inbox to answer to, and the answer comes when the
//! stream has stored it. <https://docs.nats.io/reference/reference-protocols/nats-protocol>

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::{Contender, KEY, PARTITIONS, VALUE_BYTES, Writer};

pub struct Nats {
    address: SocketAddr,
}

impl Nats {
    /// Creates a stream for each partition.
    pub fn connect(address: SocketAddr) -> Self {
        let mut connection = Connection::open(address, "create");
        for partition in 0..PARTITIONS {
            let stream = format!(
                r#"{{"name":"P{partition}","subjects":["p{partition}.>"],"storage":"file","retention":"limits","num_replicas":1}}"#
            );
            let answer =
                connection.request(&format!("$JS.API.STREAM.CREATE.P{partition}"), stream.as_bytes());
            assert!(!answer.contains("\"error\""), "{answer}");
        }
        Self { address }
    }
}

impl Contender for Nats {
    fn name(&self) -> &'static str {
        "NATS JetStream, sync_interval: always"
    }

    fn writer(&self, number: usize) -> Writer {
        let mut connection = Connection::open(self.address, &format!("writer{number}"));
        let subject = format!("p{}.{KEY}", number % PARTITIONS);
        let value = vec![7; VALUE_BYTES];
        Box::new(move || {
            let answer = connection.request(&subject, &value);
            assert!(answer.contains("\"seq\""), "{answer}");
        })
    }

    fn held(&self) -> u64 {
        let mut connection = Connection::open(self.address, "count");
        let mut messages = |partition| {
            let answer = connection.request(&format!("$JS.API.STREAM.INFO.P{partition}"), b"");
            let (_, after) = answer.split_once("\"messages\":").expect("a count");
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().expect("a number")
        };
        (0..PARTITIONS).map(&mut messages).sum()
    }
}

struct Connection {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    inbox: String,
    line: String,
}

impl Connection {
    fn open(address: SocketAddr, name: &str) -> Self {
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_nodelay(true).expect("an option");
        let reader = BufReader::new(stream.try_clone().expect("a handle"));
        let mut connection = Self { stream, reader, inbox: format!("_INBOX.{name}"), line: String::new() };
        let hello =
            format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {} 1\r\n", connection.inbox);
        connection.stream.write_all(hello.as_bytes()).expect("sent");
        connection
    }

    fn request(&mut self, subject: &str, payload: &[u8]) -> String {
        let mut message = format!("PUB {subject} {} {}\r\n", self.inbox, payload.len()).into_bytes();
        message.extend_from_slice(payload);
        message.extend_from_slice(b"\r\n");
        self.stream.write_all(&message).expect("sent");
        self.answer()
    }

    /// The payload of the next message; what else the server says is answered or an error.
    fn answer(&mut self) -> String {
        loop {
            self.line.clear();
            self.reader.read_line(&mut self.line).expect("a line");
            match self.line.split_ascii_whitespace().next() {
                Some("MSG") => break,
                Some("PING") => self.stream.write_all(b"PONG\r\n").expect("sent"),
                Some("INFO" | "PONG" | "+OK") => {}
                other => assert!(other.is_some_and(|word| word != "-ERR"), "NATS: {}", self.line),
            }
        }
        let length = self.line.trim_end().rsplit(' ').next().and_then(|number| number.parse().ok());
        let mut payload = vec![0; length.map_or(0, |length: usize| length + 2)];
        self.reader.read_exact(&mut payload).expect("a payload");
        String::from_utf8(payload).expect("JSON")
    }
}
