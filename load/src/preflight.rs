//! The first contact: is there a server, does it speak the channel, what does it allow?

use std::time::Duration;

use crate::client::{Client, Settings};
use crate::clock::Clock;
use crate::history::What;
use crate::http::{Http, HttpError};
use crate::net::Target;

/// How long the first welcome may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the server said at the first contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Messages a minute of one user; 0 for no limit.
    pub rate_per_min: u32,
    /// Unfinished messages of one connection.
    pub in_flight: u32,
    /// How far the server's clock is ahead of ours, in milliseconds.
    pub clock_ahead_ms: i64,
}

/// Opens a session and a channel, and closes them again. The error is for the person who gave the address.
pub async fn preflight(target: &Target, clock: Clock) -> Result<Contact, String> {
    let at = target.authority();
    let session = Http::new(target.clone()).session().await.map_err(|error| match error {
        HttpError::Unreachable(..) => format!("{error} Start it, or give its address with --target."),
        HttpError::Status { status, body, .. } => format!(
            "{at} answers, but POST /api/v1/sessions gave {status} ({body}). Is this a server of the progress channel?"
        ),
        HttpError::Unreadable(..) | HttpError::Protocol(..) => {
            format!("{error}. Is this a server of the progress channel?")
        }
        HttpError::Timeout(_) => error.to_string(),
    })?;
    let client = Client::start(target.clone(), session, Settings::default(), clock, std::sync::Arc::default());
    let welcomed = client.until(PATIENCE, |state| state.online).await;
    let dead = client.state().dead;
    let history = client.finish().await;
    if let Some(why) = dead {
        return Err(format!("{at} answers HTTP, but not the channel: {why}"));
    }
    let welcome = history.records.iter().find_map(|record| match &record.what {
        What::Welcome(welcome) => Some((record.at, welcome)),
        _ => None,
    });
    let Some((seen, welcome)) = welcome.filter(|_| welcomed) else {
        let odd = history.records.iter().find_map(|record| match &record.what {
            What::Malformed(frame) => Some(format!(" It sent something else: {}", frame.0)),
            _ => None,
        });
        let odd = odd.unwrap_or_default();
        return Err(format!(
            "{at} opened a WebSocket but did not say welcome to a hello within {} s.{odd}",
            PATIENCE.as_secs()
        ));
    };
    let ours = clock.unix_ms_at_zero() + seen / 1_000;
    Ok(Contact {
        rate_per_min: welcome.rate_per_min,
        in_flight: welcome.in_flight,
        clock_ahead_ms: welcome.now_ms.cast_signed() - ours.cast_signed(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::{Mock, Options};
    use tokio::io::AsyncWriteExt;

    #[tokio::test(start_paused = true)]
    async fn a_mock_is_a_server_of_the_channel() {
        let clock = Clock::at(1_795_305_600_000);
        let target = Mock::start(Options::default(), clock).in_memory();
        let contact = preflight(&target, clock).await.unwrap();
        assert_eq!((contact.rate_per_min, contact.in_flight, contact.clock_ahead_ms), (0, 100, 0));
    }

    #[tokio::test]
    async fn nobody_there_is_said_so() {
        let target = Target::parse(&format!("127.0.0.1:{}", crate::process::free_port().unwrap())).unwrap();
        let error = preflight(&target, Clock::start()).await.unwrap_err();
        assert!(error.contains("nothing answers") && error.contains("--target"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn another_server_is_told_apart() {
        let (target, mut connections) = Target::memory();
        tokio::spawn(async move {
            while let Some(mut stream) = connections.recv().await {
                tokio::spawn(async move {
                    let mut buffer = vec![0; 4_096];
                    while tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await.is_ok_and(|n| n > 0) {
                        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnope").await;
                    }
                });
            }
        });
        let error = preflight(&target, Clock::at(0)).await.unwrap_err();
        assert!(error.contains("404") && error.contains("progress channel"), "{error}");
    }
}
