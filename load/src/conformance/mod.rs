//! Byte-level conformance of a server's WebSocket: framing, fragmentation, UTF-8, close codes, limits (RFC 6455), on the
//! channel's own terms: what cannot be read is answered with close 4400 or the standard's own code.
//!
//! [`peer`] says the bytes, [`cases`] says which and what must come of them.

mod cases;
mod peer;

use serde_json::{Value as Json, json};

use crate::http::{Http, HttpError};
use crate::net::Target;
use peer::{ACCEPT, Heard, Peer, opcode, text};

/// What must come of a case's bytes.
#[derive(Clone, Debug)]
enum Expect {
    /// The connection goes on as if nothing had been said.
    Alive,
    /// A frame of the channel of this type, and the connection goes on.
    Frame(&'static str),
    /// A pong with this payload, and the connection goes on.
    Pong(Vec<u8>),
    /// A close frame with one of these codes, and the end of the connection.
    Close(&'static [u16]),
    /// The end of the connection, with or without a close frame: where a server that hears no more may not speak either.
    Gone,
}

/// One thing to try.
struct Case {
    name: &'static str,
    /// Where the rule stands.
    rule: &'static str,
    /// What is said after the welcome (or instead of the hello), one write each.
    pieces: Vec<Vec<u8>>,
    /// Whether a hello and its welcome come first.
    welcomed: bool,
    expect: Expect,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub name: &'static str,
    /// Where the rule stands: a section of RFC 6455, or the channel's own contract.
    pub rule: &'static str,
    /// What the server did wrong, if anything.
    pub fault: Option<String>,
}

/// Tries everything, each on a connection of its own and several at a time.
pub async fn run(target: &Target) -> Result<Vec<Outcome>, HttpError> {
    use futures::StreamExt;
    let token = Http::new(target.clone()).session().await?.token;
    let token = token.as_str();
    let shakes = cases::handshakes().into_iter().map(|shake| async move {
        let fault = shake_hands(target, token, &shake).await.err();
        Outcome { name: shake.name, rule: shake.rule, fault }
    });
    let mut outcomes: Vec<_> = futures::stream::iter(shakes).buffered(8).collect().await;
    let tries = cases::cases().into_iter().map(|case| async move {
        let fault = attempt(target, token, &case).await.err();
        Outcome { name: case.name, rule: case.rule, fault }
    });
    outcomes.extend(futures::stream::iter(tries).buffered(8).collect::<Vec<_>>().await);
    Ok(outcomes)
}

/// A request for the upgrade that is altered, and the statuses that are right for it.
struct Shake {
    name: &'static str,
    rule: &'static str,
    alter: fn(&mut Vec<String>),
    statuses: std::ops::RangeInclusive<u16>,
}

async fn shake_hands(target: &Target, token: &str, shake: &Shake) -> Result<(), String> {
    let mut peer = Peer::dial(target).await.map_err(|error| error.to_string())?;
    let mut lines = Peer::request(target, token);
    (shake.alter)(&mut lines);
    let head = peer.ask(&lines).await?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    if !shake.statuses.contains(&status) {
        return Err(format!("the answer was {status}, must be {:?}", shake.statuses));
    }
    Ok(())
}

async fn open(target: &Target, token: &str) -> Result<Peer, String> {
    let mut peer = Peer::dial(target).await.map_err(|error| error.to_string())?;
    let head = peer.ask(&Peer::request(target, token)).await?;
    let lower = head.to_lowercase();
    if !lower.starts_with("http/1.1 101 ") {
        return Err(format!("the upgrade was refused: {}", head.lines().next().unwrap_or_default()));
    }
    for (header, value) in
        [("sec-websocket-accept", ACCEPT), ("sec-websocket-protocol", shared::protocol::SUBPROTOCOL_JSON)]
    {
        if !head
            .lines()
            .any(|line| line.split_once(": ").is_some_and(|(h, v)| h.to_lowercase() == header && v == value))
        {
            return Err(format!("the upgrade does not carry {header}: {value} (sections 4.2.2 and 1.3)"));
        }
    }
    Ok(peer)
}

fn hello() -> String {
    json!({"type": "hello", "client": "00000000-0000-4000-8000-000000000001"}).to_string()
}

async fn attempt(target: &Target, token: &str, case: &Case) -> Result<(), String> {
    let mut peer = open(target, token).await?;
    if case.welcomed {
        peer.say(&text(&hello())).await?;
        expect_frame(&mut peer, "welcome").await?;
    }
    for piece in &case.pieces {
        peer.say(piece).await?;
        // Pieces are meant to arrive apart; a server must not care, so this needs no certainty.
        tokio::task::yield_now().await;
    }
    match &case.expect {
        Expect::Alive => alive(&mut peer).await,
        Expect::Frame(kind) => {
            expect_frame(&mut peer, kind).await?;
            alive(&mut peer).await
        }
        Expect::Pong(payload) => {
            loop {
                let heard = next(&mut peer).await?;
                if heard.opcode() == opcode::PONG {
                    if heard.payload == *payload {
                        break;
                    }
                    return Err("the pong carries another payload than the ping".into());
                }
            }
            alive(&mut peer).await
        }
        Expect::Close(codes) => closed(&mut peer, Some(codes)).await,
        Expect::Gone => closed(&mut peer, None).await,
    }
}

/// Reads until the connection ends. A frame of the channel may say why before the close frame.
async fn closed(peer: &mut Peer, codes: Option<&[u16]>) -> Result<(), String> {
    let mut code = None;
    while let Some(heard) = peer.hear().await? {
        match heard.opcode() {
            opcode::CLOSE => {
                code = Some(heard.close_code());
                // The answer to its close, without which it may wait (section 7.1.1).
                if codes.is_some() {
                    peer.say(&peer::frame(heard.first, &heard.payload)).await?;
                }
            }
            _ if code.is_some() => return Err("the server went on after its close frame (section 5.5.1)".into()),
            _ if said(&heard).is_some_and(|kind| matches!(kind.as_str(), "pong" | "accepted")) => {
                return Err("the server went on as if nothing had been said".into());
            }
            _ => {}
        }
    }
    match (codes, code) {
        (None, _) => Ok(()),
        (Some(codes), Some(code)) if codes.contains(&code) => Ok(()),
        (Some(codes), Some(code)) => Err(format!("closed with {code}, must be one of {codes:?}")),
        (Some(codes), None) => Err(format!("dropped without a close frame, must be one of {codes:?}")),
    }
}

async fn next(peer: &mut Peer) -> Result<Heard, String> {
    let heard = peer.hear().await?.ok_or("the server dropped the connection")?;
    if heard.opcode() == opcode::CLOSE {
        return Err(format!("the server closed with {}", heard.close_code()));
    }
    Ok(heard)
}

/// Waits for a frame of the channel of this type; the others may come before it.
async fn expect_frame(peer: &mut Peer, kind: &str) -> Result<(), String> {
    loop {
        if said(&next(peer).await?).is_some_and(|said| said == kind) {
            return Ok(());
        }
    }
}

/// The type of a frame of the channel.
fn said(heard: &Heard) -> Option<String> {
    let json: Json = serde_json::from_slice(&heard.payload).ok()?;
    Some(json.get("type")?.as_str()?.to_owned())
}

/// Whether the connection still works.
async fn alive(peer: &mut Peer) -> Result<(), String> {
    peer.say(&text(r#"{"type":"ping"}"#)).await?;
    expect_frame(peer, "pong").await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::mock::{Mock, Options};

    #[tokio::test]
    async fn the_mock_conforms() {
        let mock = Mock::start(Options::default(), Clock::start());
        let outcomes = run(&mock.in_memory()).await.unwrap();
        let faults: Vec<_> = outcomes.iter().filter(|outcome| outcome.fault.is_some()).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        assert!(outcomes.len() >= 60, "{}", outcomes.len());
    }

    /// A server that takes every byte for text and knows no rule is told apart.
    #[tokio::test]
    async fn a_server_that_knows_no_rule_is_found() {
        let mock = Mock::start(Options::default(), Clock::start());
        let good = mock.in_memory();
        let token = Http::new(good.clone()).session().await.unwrap().token;
        let wrong = |expect| Case { name: "", rule: "", pieces: vec![text("{}")], welcomed: true, expect };
        for expect in [Expect::Close(&[1002]), Expect::Alive, Expect::Frame("welcome"), Expect::Pong(vec![])] {
            assert!(attempt(&good, &token, &wrong(expect.clone())).await.is_err(), "{expect:?}");
        }
    }
}
