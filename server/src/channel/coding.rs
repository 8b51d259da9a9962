//! How the frames of one connection stand on the wire: JSON as text, or CBOR as binary, with the same fields.
//!
//! Inside, a frame is JSON: an event is made once for all its readers. A CBOR connection pays for its own turning.

use axum::extract::ws::{Message, Utf8Bytes};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde_json::{Map, Value as Json};
use shared::protocol::{SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON};

/// The form of one connection's frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// One JSON object in a text frame.
    Json,
    /// One CBOR map in a binary frame.
    Cbor,
}

impl Coding {
    /// The first sub-protocol of a handshake that we speak, because the client names first what it likes best; JSON if
    /// it names none, nothing if it names only others.
    pub(super) fn wished(headers: &HeaderMap) -> Option<Self> {
        let lists = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
        let mut wishes = lists.iter().flat_map(|list| list.as_bytes().split(|byte| *byte == b',')).peekable();
        if wishes.peek().is_none() {
            return Some(Self::Json);
        }
        let forms = [Self::Json, Self::Cbor];
        wishes.find_map(|wish| forms.into_iter().find(|form| form.protocol().as_bytes() == wish.trim_ascii()))
    }

    /// The sub-protocol that stands for it.
    pub(super) const fn protocol(self) -> &'static str {
        match self {
            Self::Json => SUBPROTOCOL_JSON,
            Self::Cbor => SUBPROTOCOL_CBOR,
        }
    }

    /// The message that carries a frame, which is given as JSON.
    pub(super) fn message(self, json: Bytes) -> Message {
        match self {
            // Our JSON is UTF-8.
            Self::Json => Message::Text(Utf8Bytes::try_from(json).unwrap_or_default()),
            Self::Cbor => Message::Binary(cbor(&json).into()),
        }
    }

    /// The fields of a frame, or what is wrong with its form.
    pub(super) fn fields(self, message: &Message) -> Result<Map<String, Json>, &'static str> {
        match (self, message) {
            (Self::Json, Message::Text(text)) => {
                serde_json::from_str(text).map_err(|_| "A frame must be one JSON object.")
            }
            (Self::Json, _) => Err("A frame must be text: one JSON object."),
            (Self::Cbor, Message::Binary(bytes)) => {
                let mut rest = bytes.as_ref();
                let fields = ciborium::from_reader(&mut rest).map_err(drop);
                fields.ok().filter(|_| rest.is_empty()).ok_or("A frame must be one CBOR map with text as keys.")
            }
            (Self::Cbor, _) => Err("A frame must be binary: one CBOR map."),
        }
    }
}

/// A frame as CBOR.
fn cbor(json: &[u8]) -> Vec<u8> {
    // The JSON is our own, so both directions succeed.
    let mut frame: Json = serde_json::from_slice(json).unwrap_or_default();
    if frame["type"] == "progress"
        && let Some(ms) = frame["at_ms"].as_f64()
    {
        // Microseconds of a deadline's length fit into half the bytes of a double.
        frame["at_ms"] = f64::from(ms as f32).into();
    }
    let mut bytes = Vec::with_capacity(json.len());
    let _ = ciborium::into_writer(&frame, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn binary(bytes: &[u8]) -> Message {
        Message::Binary(Bytes::copy_from_slice(bytes))
    }

    #[test]
    fn a_frame_is_the_same_in_both_forms() {
        let frame =
            json!({"type": "event", "offset": 3, "data": {"value": 0.123_456_789, "list": [null, true, -5, "é"]}});
        for coding in [Coding::Json, Coding::Cbor] {
            let message = coding.message(frame.to_string().into());
            assert_eq!(Some(&coding.fields(&message).unwrap()), frame.as_object());
        }
    }

    #[test]
    fn the_form_of_rfc_8949() {
        let message = Coding::Cbor.message(Bytes::from_static(br#"{"type":"pong"}"#));
        // A map of one pair, a text of four bytes, a text of four bytes (RFC 8949, section 3).
        assert_eq!(message, binary(b"\xa1\x64type\x64pong"));
    }

    #[test]
    fn each_form_refuses_the_other() {
        let text = Message::text(r#"{"type":"ping"}"#);
        let bytes = Coding::Cbor.message(Bytes::from_static(br#"{"type":"ping"}"#));
        assert!(Coding::Json.fields(&text).is_ok() && Coding::Cbor.fields(&bytes).is_ok());
        assert!(Coding::Json.fields(&bytes).is_err() && Coding::Cbor.fields(&text).is_err());
    }

    #[test]
    fn odd_cbor_is_refused() {
        for odd in [
            &b""[..],
            b"\xa1",                                          // a map that ends
            b"\x80",                                          // a list
            b"\xa1\x01\x02",                                  // a number as a key
            b"\xa0\xa0",                                      // two frames in one
            b"\xa1\x61a\x5b\xff\xff\xff\xff\xff\xff\xff\xff", // bytes of an absurd length
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",          // a map of an absurd length
            &[0x81; 4_096],                                   // lists in lists
        ] {
            assert!(Coding::Cbor.fields(&binary(odd)).is_err(), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Coding::Cbor.fields(&binary(&bytes));
        }
    }
}
