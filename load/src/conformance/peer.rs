//! A WebSocket client whose every byte is ours, so that it can say what no library would.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::net::{Stream, Target};

/// How long an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// The sample of RFC 6455 section 1.3, and what a server must make of it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub(super) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Any mask will do (section 5.3); this one has no zero byte, so that an unmasked payload would be seen.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// More than a server of the channel sends in one frame.
const PAYLOAD_MAX: u64 = 1 << 20;

/// Opcodes of section 5.2.
pub(super) mod opcode {
    pub(in super::super) const CONTINUATION: u8 = 0x0;
    pub(in super::super) const TEXT: u8 = 0x1;
    pub(in super::super) const BINARY: u8 = 0x2;
    pub(in super::super) const CLOSE: u8 = 0x8;
    pub(in super::super) const PING: u8 = 0x9;
    pub(in super::super) const PONG: u8 = 0xa;
}

/// The bit that ends a message.
pub(super) const FIN: u8 = 0x80;

/// A masked frame with this first byte.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64, true);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// A whole text message in one frame.
pub(super) fn text(payload: &str) -> Vec<u8> {
    frame(FIN | opcode::TEXT, payload.as_bytes())
}

/// The head of a frame: first byte, length in as few bytes as section 5.2 allows, mask.
pub(super) fn header(first: u8, length: u64, masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => bytes.push(bit | short),
        (_, Ok(middle)) => {
            bytes.push(bit | 0x7e);
            bytes.extend(middle.to_be_bytes());
        }
        _ => {
            bytes.push(bit | 0x7f);
            bytes.extend(length.to_be_bytes());
        }
    }
    if masked {
        bytes.extend(MASK);
    }
    bytes
}

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) first: u8,
    pub(super) payload: Vec<u8>,
}

impl Heard {
    pub(super) fn opcode(&self) -> u8 {
        self.first & 0x0f
    }

    /// The code of a close frame; 1005 for one that carries none (section 7.1.5).
    pub(super) fn close_code(&self) -> u16 {
        match self.payload[..] {
            [high, low, ..] => u16::from_be_bytes([high, low]),
            _ => 1005,
        }
    }
}

/// A connection.
pub(super) struct Peer {
    stream: Stream,
    read: Vec<u8>,
}

impl Peer {
    /// A connection on which nothing was said.
    pub(super) async fn dial(target: &Target) -> io::Result<Self> {
        Ok(Self { stream: target.dial(None).await?, read: Vec::new() })
    }

    /// The request of a good handshake, by line, so that a case can alter one.
    pub(super) fn request(target: &Target, token: &str) -> Vec<String> {
        vec![
            "GET /ws HTTP/1.1".into(),
            format!("Host: {}", target.authority()),
            "Upgrade: websocket".into(),
            "Connection: Upgrade".into(),
            "Sec-WebSocket-Version: 13".into(),
            format!("Sec-WebSocket-Key: {KEY}"),
            format!("Sec-WebSocket-Protocol: {}", shared::protocol::SUBPROTOCOL_JSON),
            format!("Authorization: Bearer {token}"),
        ]
    }

    /// Asks and answers the head of the response.
    pub(super) async fn ask(&mut self, lines: &[String]) -> Result<String, String> {
        self.say(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes()).await?;
        loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                let rest = self.read.split_off(end + 4);
                let head = std::mem::replace(&mut self.read, rest);
                return String::from_utf8(head).map_err(|error| format!("the head is no text: {error}"));
            }
            self.more().await?.ok_or("the connection was closed before an answer")?;
        }
    }

    /// Writes bytes. A server that has closed by then is heard by the next read.
    pub(super) async fn say(&mut self, bytes: &[u8]) -> Result<(), String> {
        match tokio::time::timeout(PATIENCE, self.stream.write_all(bytes)).await {
            Ok(_) => self.stream.flush().await.or(Ok(())),
            Err(_) => Err("the server does not read".into()),
        }
    }

    /// Reads some bytes; `None` at the end of the connection.
    async fn more(&mut self) -> Result<Option<()>, String> {
        let mut buffer = [0; 4_096];
        match tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await {
            Err(_) => Err(format!("nothing came within {} s", PATIENCE.as_secs())),
            Ok(Ok(0) | Err(_)) => Ok(None),
            Ok(Ok(count)) => {
                self.read.extend_from_slice(&buffer[..count]);
                Ok(Some(()))
            }
        }
    }

    /// The next frame; `None` at the end of the connection.
    pub(super) async fn hear(&mut self) -> Result<Option<Heard>, String> {
        loop {
            if let Some(heard) = self.take()? {
                return Ok(Some(heard));
            }
            if self.more().await?.is_none() {
                return Ok(None);
            }
        }
    }

    /// A whole frame of what was read.
    fn take(&mut self) -> Result<Option<Heard>, String> {
        let read = &self.read;
        let [first, second, ..] = read[..] else { return Ok(None) };
        if second >= 0x80 {
            return Err("the server masks its frames (section 5.1)".into());
        }
        if first & 0x70 != 0 {
            return Err("the server uses reserved bits (section 5.2)".into());
        }
        let (length, start) = match second {
            126 if read.len() >= 4 => (u64::from(u16::from_be_bytes([read[2], read[3]])), 4),
            127 if read.len() >= 10 => {
                (read[2..10].iter().fold(0, |length, byte| (length << 8) | u64::from(*byte)), 10)
            }
            126 | 127 => return Ok(None),
            short => (u64::from(short), 2),
        };
        if length > PAYLOAD_MAX {
            return Err(format!("the server announces a frame of {length} bytes"));
        }
        let end = start + length as usize;
        if read.len() < end {
            return Ok(None);
        }
        let payload = read[start..end].to_vec();
        self.read.drain(..end);
        Ok(Some(Heard { first, payload }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 6455 section 5.7: a masked "Hello", and lengths of 256 and 65,536 bytes.
    #[test]
    fn the_frames_of_the_standard() {
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert_eq!(text("Hello"), hello);
        assert_eq!(header(0x82, 256, false), [0x82, 0x7e, 0x01, 0x00]);
        assert_eq!(header(0x82, 65_536, false), [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
