//! The cases. Their numbers are sections of RFC 6455, after which the standard's own test suite (Autobahn) is built too.

use shared::limits::FRAME_MAX_BYTES;

use super::peer::{FIN, frame, header, opcode, text};
use super::{Case, Expect, Shake, hello};

/// Against the framing: the standard's code, or the channel's for a frame that cannot be read.
const PROTOCOL: Expect = Expect::Close(&[1002, 4400]);
/// Not UTF-8.
const NOT_TEXT: Expect = Expect::Close(&[1007, 4400]);
/// Too long.
const TOO_LONG: Expect = Expect::Close(&[1009, 4400]);
/// What the channel cannot read.
const BAD_FRAME: Expect = Expect::Close(&[4400]);

pub(super) fn handshakes() -> Vec<Shake> {
    fn without(lines: &mut Vec<String>, header: &str) {
        lines.retain(|line| !line.starts_with(header));
    }
    fn with(lines: &mut Vec<String>, header: &str, value: &str) {
        without(lines, header);
        lines.push(format!("{header}: {value}"));
    }
    let shake = |name, rule, statuses, alter| Shake { name, rule, alter, statuses };
    vec![
        shake("a good handshake", "4.2", 101..=101, |_| ()),
        shake("header names in another case", "4.2.1", 101..=101, |l| {
            for line in l {
                *line = line.replacen("Sec-WebSocket", "sec-websocket", 1);
            }
        }),
        shake("Upgrade among other tokens", "4.2.1", 101..=101, |l| with(l, "Connection", "keep-alive, Upgrade")),
        shake("no key", "4.2.1", 400..=426, |l| without(l, "Sec-WebSocket-Key")),
        shake("no Upgrade", "4.2.1", 400..=426, |l| without(l, "Upgrade")),
        shake("no Connection: Upgrade", "4.2.1", 400..=426, |l| with(l, "Connection", "keep-alive")),
        shake("an old version", "4.2.2", 400..=426, |l| with(l, "Sec-WebSocket-Version", "8")),
        shake("POST", "4.2.1", 400..=426, |l| l[0] = "POST /ws HTTP/1.1".into()),
        shake("a token that nobody was given", "contract 4", 401..=401, |l| {
            with(l, "Authorization", "Bearer 0123456789abcdef0123456789abcdef");
        }),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [framing(), fragments(), control(), utf8(), closing(), limits(), channel()].into_iter().flatten().collect()
}

fn case(name: &'static str, rule: &'static str, pieces: Vec<Vec<u8>>, expect: Expect) -> Case {
    Case { name, rule, pieces, welcomed: true, expect }
}

/// In place of the hello.
fn first(name: &'static str, rule: &'static str, pieces: Vec<Vec<u8>>, expect: Expect) -> Case {
    Case { welcomed: false, ..case(name, rule, pieces, expect) }
}

const PING: &str = r#"{"type":"ping"}"#;
/// A sign of life, which nobody answers.
const PONG: &str = r#"{"type":"pong"}"#;

fn framing() -> Vec<Case> {
    let unmasked = [header(FIN | opcode::TEXT, PING.len() as u64, false), PING.into()].concat();
    let bytewise = text(&hello()).into_iter().map(|byte| vec![byte]).collect();
    let padded = format!("{PING:<200}");
    vec![
        case("a frame without a mask", "5.1", vec![unmasked], PROTOCOL),
        case("reserved bit 1", "5.2", vec![frame(FIN | 0x40 | opcode::TEXT, PING.as_bytes())], PROTOCOL),
        case("reserved bit 2", "5.2", vec![frame(FIN | 0x20 | opcode::TEXT, PING.as_bytes())], PROTOCOL),
        case("reserved bit 3", "5.2", vec![frame(FIN | 0x10 | opcode::TEXT, PING.as_bytes())], PROTOCOL),
        case("opcode 3", "5.2", vec![frame(FIN | 0x3, b"")], PROTOCOL),
        case("opcode 7", "5.2", vec![frame(FIN | 0x7, b"x")], PROTOCOL),
        case("opcode 11", "5.2", vec![frame(FIN | 0xb, b"")], PROTOCOL),
        case("opcode 15", "5.2", vec![frame(FIN | 0xf, b"x")], PROTOCOL),
        case("a length of two bytes", "5.2", vec![text(&padded)], Expect::Frame("pong")),
        first("byte by byte", "5.2", bytewise, Expect::Frame("welcome")),
        case("two frames at once", "5.2", vec![[text(PING), text(PING)].concat()], Expect::Frame("pong")),
        first("hello and more at once", "5.2", vec![[text(&hello()), text(PING)].concat()], Expect::Frame("pong")),
    ]
}

fn fragments() -> Vec<Case> {
    let hello = hello();
    let (a, rest) = hello.as_bytes().split_at(10);
    let (b, c) = rest.split_at(20);
    let start = frame(opcode::TEXT, a);
    let (middle, end) = (frame(opcode::CONTINUATION, b), frame(FIN | opcode::CONTINUATION, c));
    let tiny: Vec<_> = hello
        .bytes()
        .enumerate()
        .map(|(n, byte)| {
            let kind = if n == 0 { opcode::TEXT } else { opcode::CONTINUATION };
            frame(kind | if n + 1 == hello.len() { FIN } else { 0 }, &[byte])
        })
        .collect();
    let (empty, ping) = (frame(opcode::CONTINUATION, b""), frame(FIN | opcode::PING, b"between"));
    let whole = [start.clone(), middle.clone(), end.clone()];
    vec![
        first("three fragments", "5.4", whole.to_vec(), Expect::Frame("welcome")),
        first("three fragments in one write", "5.4", vec![whole.concat()], Expect::Frame("welcome")),
        first("fragments of one byte", "5.4", tiny, Expect::Frame("welcome")),
        first(
            "empty fragments",
            "5.4",
            vec![frame(opcode::TEXT, b""), frame(opcode::CONTINUATION, a), empty, middle.clone(), end.clone()],
            Expect::Frame("welcome"),
        ),
        case(
            "a ping between fragments",
            "5.4",
            vec![
                frame(opcode::TEXT, &PING.as_bytes()[..4]),
                ping,
                frame(FIN | opcode::CONTINUATION, &PING.as_bytes()[4..]),
            ],
            Expect::Pong(b"between".to_vec()),
        ),
        case("an end without a start", "5.4", vec![frame(FIN | opcode::CONTINUATION, b"x")], PROTOCOL),
        case("a continuation without a start", "5.4", vec![frame(opcode::CONTINUATION, b"x")], PROTOCOL),
        case("a text within a text", "5.4", vec![start.clone(), text(PING)], PROTOCOL),
        case("a start within a text", "5.4", vec![start, frame(opcode::TEXT, b"x")], PROTOCOL),
        case("an end too many", "5.4", vec![text(PONG), frame(FIN | opcode::CONTINUATION, b"x")], PROTOCOL),
    ]
}

fn control() -> Vec<Case> {
    let ping = |payload: &[u8]| frame(FIN | opcode::PING, payload);
    let long = vec![b'x'; 125];
    vec![
        case("a ping", "5.5.2", vec![ping(b"")], Expect::Pong(vec![])),
        case("a ping with a payload", "5.5.2", vec![ping(b"Hello")], Expect::Pong(b"Hello".to_vec())),
        case(
            "a ping with bytes that are no text",
            "5.5.2",
            vec![ping(&[0, 255, 254])],
            Expect::Pong(vec![0, 255, 254]),
        ),
        case("the longest ping", "5.5", vec![ping(&long)], Expect::Pong(long.clone())),
        case("a ping too long", "5.5", vec![ping(&[b'x'; 126])], PROTOCOL),
        case("a ping in fragments", "5.5", vec![frame(opcode::PING, b"a")], PROTOCOL),
        case("a pong that nobody asked for", "5.5.3", vec![frame(FIN | opcode::PONG, b"unasked")], Expect::Alive),
        case("a pong too long", "5.5", vec![frame(FIN | opcode::PONG, &[b'x'; 126])], PROTOCOL),
        case("a close too long", "5.5", vec![frame(FIN | opcode::CLOSE, &[0x03; 126])], PROTOCOL),
    ]
}

fn utf8() -> Vec<Case> {
    let bad = |bytes: &'static [u8]| vec![frame(FIN | opcode::TEXT, bytes)];
    let spelled = r#"{"type":"ping","note":"Grüße, 日本, 🦀"}"#.as_bytes();
    // In the middle of the first character of four bytes.
    let cut = spelled.iter().position(|byte| *byte >= 0xf0).unwrap_or(1) + 2;
    let parts = vec![frame(opcode::TEXT, &spelled[..cut]), frame(FIN | opcode::CONTINUATION, &spelled[cut..])];
    vec![
        case("text of many scripts", "8.1", vec![frame(FIN | opcode::TEXT, spelled)], Expect::Frame("pong")),
        case("a character cut by fragments", "8.1", parts, Expect::Frame("pong")),
        case("a stray continuation byte", "8.1", bad(b"{\"type\":\"\x80\"}"), NOT_TEXT),
        case("a character cut at the end", "8.1", bad(b"{\"type\":\"ping\xe2\x82"), NOT_TEXT),
        case("an overlong form", "8.1", bad(b"{\"type\":\"\xc0\xaf\"}"), NOT_TEXT),
        case("half a surrogate pair", "8.1", bad(b"{\"type\":\"\xed\xa0\x80\"}"), NOT_TEXT),
        case("beyond U+10FFFF", "8.1", bad(b"{\"type\":\"\xf4\x90\x80\x80\"}"), NOT_TEXT),
        case("bytes that never occur", "8.1", bad(b"{\"type\":\"\xfe\xff\"}"), NOT_TEXT),
        case(
            "no text across fragments",
            "8.1",
            vec![frame(opcode::TEXT, b"{\"\xe2\x82"), frame(FIN | opcode::CONTINUATION, b"x\":1}")],
            NOT_TEXT,
        ),
    ]
}

fn closing() -> Vec<Case> {
    let close =
        |code: u16, reason: &[u8]| vec![frame(FIN | opcode::CLOSE, &[&code.to_be_bytes()[..], reason].concat())];
    vec![
        case("a close", "7.1.2", close(1000, b""), Expect::Close(&[1000])),
        case("a close with a reason", "7.1.6", close(1000, b"done for today"), Expect::Close(&[1000])),
        case("a close without a code", "7.1.5", vec![frame(FIN | opcode::CLOSE, b"")], Expect::Close(&[1000, 1005])),
        case("a close for going away", "7.4.1", close(1001, b""), Expect::Close(&[1001])),
        case("a close of a library's own", "7.4.2", close(3000, b""), Expect::Close(&[3000])),
        case("a close of a program's own", "7.4.2", close(4999, b""), Expect::Close(&[4999])),
        case("half a code", "5.5.1", vec![frame(FIN | opcode::CLOSE, &[3])], PROTOCOL),
        case("code 0", "7.4.2", close(0, b""), PROTOCOL),
        case("code 999", "7.4.2", close(999, b""), PROTOCOL),
        case("code 1005, which is never sent", "7.4.1", close(1005, b""), PROTOCOL),
        case("code 1006, which is never sent", "7.4.1", close(1006, b""), PROTOCOL),
        case("code 1015, which is never sent", "7.4.1", close(1015, b""), PROTOCOL),
        case("a reason that is no text", "5.5.1", close(1000, b"\xff\xfe"), NOT_TEXT),
        case("a ping after the close", "5.5.1", [close(1000, b""), vec![text(PING)]].concat(), Expect::Gone),
    ]
}

fn limits() -> Vec<Case> {
    let most = PING.to_owned() + &" ".repeat(FRAME_MAX_BYTES - PING.len());
    let parts = |count: usize| {
        let fill = vec![b' '; FRAME_MAX_BYTES / 4];
        let mut frames = vec![frame(opcode::TEXT, PING.as_bytes())];
        frames.extend((0..count).map(|_| frame(opcode::CONTINUATION, &fill)));
        frames.push(frame(FIN | opcode::CONTINUATION, b""));
        frames
    };
    vec![
        case("the largest frame", "contract 4", vec![text(&most)], Expect::Frame("pong")),
        case("one byte more", "contract 4", vec![text(&format!("{most} "))], TOO_LONG),
        case("announced and never sent", "contract 4", vec![header(FIN | opcode::TEXT, 1 << 30, true)], TOO_LONG),
        case("a length of more than 63 bits", "5.2", vec![header(FIN | opcode::TEXT, u64::MAX, true)], Expect::Gone),
        case("long by fragments, just allowed", "contract 4", parts(3), Expect::Frame("pong")),
        case("too long by fragments", "contract 4", parts(5), TOO_LONG),
    ]
}

fn channel() -> Vec<Case> {
    let said = |json: &str| vec![text(json)];
    let deep = "[".repeat(10_000);
    vec![
        case("a field that nobody knows", "contract 4", said(r#"{"type":"ping","x":[1]}"#), Expect::Frame("pong")),
        case("a type that nobody knows", "contract 4", said(r#"{"type":"sing"}"#), Expect::Frame("error")),
        case("fields of the wrong kind", "contract 4", said(r#"{"type":"ack","offset":"x"}"#), Expect::Frame("error")),
        case("no JSON", "contract 4", said("hello"), BAD_FRAME),
        case("an empty text", "contract 4", said(""), BAD_FRAME),
        case("a list", "contract 4", said("[]"), BAD_FRAME),
        case("no type", "contract 4", said("{}"), BAD_FRAME),
        case("ten thousand brackets", "contract 4", said(&deep), BAD_FRAME),
        case("binary on the JSON channel", "contract 4", vec![frame(FIN | opcode::BINARY, PING.as_bytes())], BAD_FRAME),
    ]
}
