//! Redis streams in Redis's own protocol. <https://redis.io/docs/latest/develop/reference/protocol-spec/>

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::{Contender, KEY, PARTITIONS, VALUE_BYTES, Writer};

pub struct Redis {
    address: SocketAddr,
}

impl Redis {
    pub fn new(address: SocketAddr) -> Self {
        Self { address }
    }
}

impl Contender for Redis {
    fn name(&self) -> &'static str {
        "Redis streams, appendfsync always"
    }

    fn writer(&self, number: usize) -> Writer {
        let mut connection = Connection::open(self.address);
        let partition = key(number);
        let append = command(&[b"XADD", partition.as_bytes(), b"*", KEY.as_bytes(), &[7; VALUE_BYTES]]);
        Box::new(move || {
            connection.stream.write_all(&append).expect("sent");
            let header = connection.line();
            assert!(header.starts_with('$'), "Redis: {header}");
            let length: usize = header[1..].parse().expect("a length");
            let mut id = [0; 64];
            connection.reader.read_exact(&mut id[..length + 2]).expect("an id");
        })
    }

    fn held(&self) -> u64 {
        let mut connection = Connection::open(self.address);
        let mut length = |partition| {
            connection.stream.write_all(&command(&[b"XLEN", key(partition).as_bytes()])).expect("sent");
            let answer = connection.line();
            answer.strip_prefix(':').and_then(|number| number.parse::<u64>().ok()).expect("a number")
        };
        (0..PARTITIONS).map(&mut length).sum()
    }
}

fn key(number: usize) -> String {
    format!("p{}", number % PARTITIONS)
}

struct Connection {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_nodelay(true).expect("an option");
        let reader = BufReader::new(stream.try_clone().expect("a handle"));
        Self { stream, reader }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }
}

fn command(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
