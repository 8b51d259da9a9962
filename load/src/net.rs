//! Ways to a server: over TCP, in memory, or through faults.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;

use crate::proxy::Proxy;

/// Bytes that fit into an in-memory connection before its writer must wait, as in a small socket buffer.
const MEMORY_BUFFER: usize = 64 * 1024;

/// A connection.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {
    /// Ends it without a goodbye; over TCP with a reset.
    fn abort(self: Box<Self>) {}
}

impl Io for DuplexStream {}

impl Io for TcpStream {
    fn abort(self: Box<Self>) {
        // Zero linger makes the kernel send a reset when the socket is dropped.
        let _ = self.set_zero_linger();
    }
}

/// A connection of any kind.
pub type Stream = Box<dyn Io>;

/// A way to a server.
#[derive(Clone)]
pub struct Target {
    way: Way,
    /// What the `Host` header says.
    authority: Arc<str>,
}

#[derive(Clone)]
enum Way {
    Tcp,
    Memory(mpsc::UnboundedSender<DuplexStream>),
    Faulty(Arc<Proxy>, Arc<Target>),
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not an address.
    #[error("\"{0}\" is not an address; write it as http://127.0.0.1:3000")]
    Malformed(String),
    /// Encrypted.
    #[error(
        "\"{0}\" is encrypted; rapid measures the server, not its TLS: point it at the plain port behind the proxy"
    )]
    Encrypted(String),
}

impl Target {
    /// The server at `url`, such as `http://127.0.0.1:3000` or `ws://host:port/ws`; a path is ignored.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let bad = || TargetError::Malformed(url.into());
        let rest = match url.split_once("://") {
            Some(("http" | "ws", rest)) => rest,
            Some(("https" | "wss", _)) => return Err(TargetError::Encrypted(url.into())),
            Some(_) => return Err(bad()),
            None => url,
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let port = authority.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        if host.is_empty() || matches!(port, Some(Err(_))) || authority.contains(['@', ' ', '?', '#']) {
            return Err(bad());
        }
        let authority = if port.is_some() { authority.into() } else { format!("{authority}:80") };
        Ok(Self { way: Way::Tcp, authority: authority.into() })
    }

    /// A server in this process: it takes the other ends from the receiver.
    pub fn memory() -> (Self, mpsc::UnboundedReceiver<DuplexStream>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { way: Way::Memory(sender), authority: "in-memory:0".into() }, receiver)
    }

    /// The same server behind faults.
    #[must_use]
    pub fn through(&self, proxy: Arc<Proxy>) -> Self {
        Self { way: Way::Faulty(proxy, Arc::new(self.clone())), authority: self.authority.clone() }
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Opens a connection. `receive_buffer` asks the kernel for a buffer of that many bytes, for readers that are
    /// meant to be slow.
    pub async fn dial(&self, receive_buffer: Option<u32>) -> io::Result<Stream> {
        match &self.way {
            Way::Tcp => Ok(Box::new(dial_tcp(&self.authority, receive_buffer).await?)),
            Way::Memory(sender) => {
                let (ours, theirs) = tokio::io::duplex(MEMORY_BUFFER);
                sender.send(theirs).map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
                Ok(Box::new(ours))
            }
            Way::Faulty(proxy, target) => {
                let upstream = Box::pin(target.dial(None)).await?;
                let (ours, theirs) = tokio::io::duplex(MEMORY_BUFFER);
                tokio::spawn(proxy.clone().relay(Box::new(theirs), upstream));
                Ok(Box::new(ours))
            }
        }
    }
}

async fn dial_tcp(authority: &str, receive_buffer: Option<u32>) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in tokio::net::lookup_host(authority).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        match socket.connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_explained() {
        for (url, authority) in [
            ("http://127.0.0.1:3000", "127.0.0.1:3000"),
            ("ws://example.test:80/ws", "example.test:80"),
            ("localhost:3000", "localhost:3000"),
            ("http://example.test/", "example.test:80"),
        ] {
            assert_eq!(Target::parse(url).map(|t| t.authority().to_string()).as_deref(), Ok(authority), "{url}");
        }
        assert!(matches!(Target::parse("https://example.test"), Err(TargetError::Encrypted(_))));
        for url in ["", "http://", "ftp://x", "http://host:99999", "http://a b"] {
            assert!(matches!(Target::parse(url), Err(TargetError::Malformed(_))), "{url}");
        }
    }
}
