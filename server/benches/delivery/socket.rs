//! A client that costs little, because it shares the processors with the server: frames are made once as bytes, several
//! leave in one write, and of what comes only what is counted is read.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// Opens a session.
pub(crate) async fn session(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = "POST /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("asked");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answered");
    let answer = String::from_utf8_lossy(&answer);
    field(&answer, "token").unwrap_or_else(|| panic!("a token in {answer}")).to_owned()
}

/// The text or number of a field of flat JSON.
pub(crate) fn field<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    loop {
        let at = from + json.get(from..)?.find(name)?;
        from = at + name.len();
        if json[..at].ends_with('"')
            && let Some(value) = json[from..].strip_prefix("\":")
        {
            let value = value.strip_prefix('"').unwrap_or(value);
            return value.split(['"', ',', '}']).next();
        }
    }
}

/// An open channel.
pub(crate) struct Socket {
    stream: TcpStream,
    read: Vec<u8>,
    /// Up to where `read` was taken.
    taken: usize,
    write: Vec<u8>,
}

impl Socket {
    /// Opens the channel of a new session.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let token = session(address).await;
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let head = format!(
            "GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("asked");
        let mut socket = Self { stream, read: Vec::new(), taken: 0, write: Vec::new() };
        while !socket.read.windows(4).any(|end| end == b"\r\n\r\n") {
            assert!(socket.fill().await > 0, "the handshake was refused");
        }
        assert!(socket.read.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&socket.read));
        socket.taken = socket.read.windows(4).position(|end| end == b"\r\n\r\n").expect("an end") + 4;
        socket.put(&format!(r#"{{"type":"hello","client":"{}"}}"#, Uuid::from_u128(1)));
        socket.flush().await;
        while !socket.next().is_some_and(|frame| frame.starts_with(r#"{"type":"welcome""#)) {
            socket.fill().await;
        }
        socket
    }

    /// Puts a frame among those that leave next. The mask is zero, which RFC 6455 allows.
    pub(crate) fn put(&mut self, text: &str) {
        self.write.push(0x81);
        if let Ok(short) = u8::try_from(text.len())
            && short < 126
        {
            self.write.push(0x80 | short);
        } else {
            self.write.push(0xfe);
            self.write.extend(u16::try_from(text.len()).expect("a short frame").to_be_bytes());
        }
        self.write.extend([0; 4]);
        self.write.extend(text.as_bytes());
    }

    /// Lets them leave.
    pub(crate) async fn flush(&mut self) {
        if !self.write.is_empty() {
            self.stream.write_all(&self.write).await.expect("sent");
            self.write.clear();
        }
    }

    /// Reads what there is; 0 at the end. Nothing is lost if this is cancelled.
    pub(crate) async fn fill(&mut self) -> usize {
        if self.taken > 0 {
            self.read.drain(..self.taken);
            self.taken = 0;
        }
        if self.read.capacity() - self.read.len() < 1_024 {
            self.read.reserve(16_384);
        }
        self.stream.read_buf(&mut self.read).await.expect("read")
    }

    /// Gives the memory of the buffers back, while nothing is expected.
    pub(crate) fn rest(&mut self) {
        self.read.drain(..self.taken);
        self.taken = 0;
        self.read.shrink_to_fit();
        self.write = Vec::new();
    }

    /// The next text frame among what was read.
    pub(crate) fn next(&mut self) -> Option<&str> {
        loop {
            let bytes = &self.read[self.taken..];
            let (&first, &second) = (bytes.first()?, bytes.get(1)?);
            let (head, length) = match second & 0x7f {
                126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
                127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
                short => (2, usize::from(short)),
            };
            if bytes.len() < head + length {
                return None;
            }
            let from = self.taken + head;
            self.taken = from + length;
            match first & 0x0f {
                1 => return Some(std::str::from_utf8(&self.read[from..from + length]).expect("UTF-8")),
                8 => panic!("the channel was closed: {:?}", &self.read[from..from + length]),
                _ => {}
            }
        }
    }
}
