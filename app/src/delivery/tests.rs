//! The decisions of the client, without a browser.

use serde_json::{Map, json};
use shared::message::{ConversationId, MessageId, Status, id_at};
use shared::problem::Code;
use shared::protocol::{
    ClientFrame, Event, EventKind, Limits, Position, Progress, Resumed, SUBPROTOCOL_JSON, ServerFrame, close,
};

use super::{Action, Client, Kept, Link, Outgoing};

const T: u64 = 1_795_305_600_000;

fn message(n: u8) -> MessageId {
    id_at(T + u64::from(n), [n; 10])
}

fn conversation(n: u8) -> ConversationId {
    id_at(T, [100 + n; 10])
}

fn outgoing(n: u8) -> Outgoing {
    let mut body = Map::new();
    body.insert("id".into(), json!(message(n).to_string()));
    body.insert("content".into(), json!(format!("message {n}")));
    Outgoing { id: message(n), body }
}

fn welcome(resumed: Vec<Resumed>) -> ServerFrame {
    ServerFrame::Welcome {
        session: "s".into(),
        user: "u".into(),
        expires_at: "2026-11-22T06:00:00Z".into(),
        now: T + 5_000,
        heartbeat_ms: 25_000,
        limits: Limits { frame_bytes: 65_536, content_chars: 2_000, rate_per_min: 100, in_flight: 100 },
        resumed,
    }
}

fn event(n: u8, offset: u64, kind: EventKind) -> ServerFrame {
    let data = if kind == EventKind::Failed { json!({"code": "timeout"}) } else { json!({}) };
    ServerFrame::Event(Event { conversation: conversation(1), epoch: "e1".into(), offset, id: message(n), kind, data })
}

fn accepted(n: u8) -> ServerFrame {
    ServerFrame::Accepted {
        id: message(n),
        conversation: conversation(1),
        sequence: u64::from(n),
        status: Status::Queued,
        duplicate: false,
    }
}

fn error(n: u8, code: Code, retryable: bool, retry_after_ms: Option<u64>) -> ServerFrame {
    ServerFrame::Error { code, retryable, retry_after_ms, id: Some(message(n)), detail: "no".into() }
}

/// A client that is connected and welcomed at `T`.
fn live(outbox: Vec<Outgoing>) -> Client {
    let mut client = Client::new(Kept::default(), outbox);
    client.want(T);
    client.opened(T);
    client.heard(welcome(Vec::new()), T);
    client
}

/// The messages that were sent since the last look.
fn sent(client: &mut Client) -> Vec<String> {
    client
        .take_actions()
        .into_iter()
        .filter_map(|action| match action {
            Action::Send(ClientFrame::Send(body)) => Some(body["content"].as_str()?.to_string()),
            _ => None,
        })
        .collect()
}

fn position(client: &Client) -> Option<u64> {
    client.kept().positions.iter().find(|p| p.conversation == conversation(1)).map(|p| p.offset)
}

#[test]
fn the_first_frame_is_a_hello_with_the_same_name_and_the_positions() {
    let at = Position { conversation: conversation(1), epoch: "e1".into(), offset: 7 };
    let kept = Kept { client: message(9), positions: vec![at.clone()], skew_ms: 0 };
    let mut client = Client::new(kept, Vec::new());
    assert_eq!((client.link(), client.take_actions()), (Link::Idle, vec![]), "nothing to follow, no connection");
    client.want(T);
    assert_eq!(client.take_actions(), [Action::LinkChanged, Action::Connect { check_session: false }]);
    client.opened(T);
    let hello = ClientFrame::Hello { token: None, client: message(9), resume: vec![at] };
    assert_eq!(client.take_actions(), [Action::Send(hello)]);
    assert_eq!(SUBPROTOCOL_JSON, "exemplar.v1.json");
}

#[test]
fn a_message_is_kept_until_it_is_accepted_and_sent_again_in_order() {
    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.submit(outgoing(2), T);
    assert_eq!(sent(&mut client), ["message 1", "message 2"]);
    client.heard(accepted(1), T);
    assert!(client.take_actions().contains(&Action::Forget(message(1))));

    client.closed(1006, T, 0.0);
    client.submit(outgoing(3), T);
    assert_eq!(sent(&mut client), Vec::<String>::new(), "nothing can be sent now");
    client.wake(T, 0.0);
    client.opened(T);
    assert_eq!(sent(&mut client), Vec::<String>::new(), "not before the welcome");
    client.heard(welcome(Vec::new()), T);
    assert_eq!(sent(&mut client), ["message 2", "message 3"]);
}

#[test]
fn the_outbox_of_an_earlier_page_is_sent() {
    assert_eq!(sent(&mut live(vec![outgoing(1), outgoing(2)])), ["message 1", "message 2"]);
}

#[test]
fn the_clock_is_corrected_by_the_welcome() {
    let client = live(Vec::new());
    assert_eq!(client.server_now_ms(T + 10), T + 5_010);
}

#[test]
fn a_refusal_that_may_pass_is_waited_for_and_holds_what_follows() {
    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.heard(error(1, Code::RateLimited, true, Some(3_000)), T);
    client.submit(outgoing(2), T);
    assert_eq!(sent(&mut client), ["message 1"], "the second waits behind the first");
    assert_eq!(client.wake_at_ms(), Some(T + 3_000));
    assert_eq!(client.run(message(1)).unwrap().waiting_for.as_deref(), Some("no"));
    client.wake(T + 2_999, 0.5);
    assert_eq!(sent(&mut client), Vec::<String>::new());
    client.wake(T + 3_000, 0.5);
    assert_eq!(sent(&mut client), ["message 1", "message 2"]);
}

#[test]
fn a_refusal_for_good_ends_the_message_and_says_why() {
    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.heard(error(1, Code::TooShort, false, None), T);
    assert!(client.take_actions().contains(&Action::Forget(message(1))));
    let run = client.run(message(1)).unwrap();
    assert_eq!((run.status, run.problem.as_ref().unwrap().code), (Some(Status::Failed), Code::TooShort));
    assert_eq!(client.waiting(message(1)), None);
}

#[test]
fn without_credit_nothing_is_sent() {
    let mut client = live(Vec::new());
    client.heard(ServerFrame::Flow { credit: 1, reason: "busy".into() }, T);
    client.submit(outgoing(1), T);
    client.submit(outgoing(2), T);
    assert_eq!(sent(&mut client), ["message 1"]);
    client.heard(ServerFrame::Flow { credit: 5, reason: "free".into() }, T);
    assert_eq!(sent(&mut client), ["message 2"]);
}

#[test]
fn events_are_taken_once_in_order_and_acknowledged() {
    let mut client = live(Vec::new());
    client.heard(event(1, 4, EventKind::Accepted), T);
    assert_eq!(position(&client), Some(4), "a conversation that was not named starts with what happens next");
    client.heard(event(1, 5, EventKind::Completed), T);
    let acks = |client: &mut Client| {
        client.take_actions().iter().filter(|a| matches!(a, Action::Send(ClientFrame::Ack { .. }))).count()
    };
    assert_eq!(acks(&mut client), 2);
    client.heard(event(1, 5, EventKind::Completed), T);
    assert_eq!((acks(&mut client), client.run(message(1)).unwrap().endings), (0, 1), "a repeat is dropped");
}

#[test]
fn a_hole_in_the_offsets_is_asked_for_again() {
    let mut client = live(Vec::new());
    client.heard(event(1, 1, EventKind::Accepted), T);
    client.take_actions();
    client.heard(event(1, 3, EventKind::Completed), T);
    assert_eq!(position(&client), Some(1), "what is behind the hole is not taken");
    let actions = client.take_actions();
    assert_eq!(actions.first(), Some(&Action::Disconnect));
    assert!(actions.contains(&Action::Connect { check_session: false }));
    client.opened(T);
    let Some(Action::Send(ClientFrame::Hello { resume, .. })) = client.take_actions().pop() else { panic!("no hello") };
    assert_eq!(resume[0].offset, 1);
}

#[test]
fn the_link_is_live_once_the_past_has_arrived() {
    let kept = Kept {
        positions: vec![Position { conversation: conversation(1), epoch: "e1".into(), offset: 1 }],
        ..Kept::default()
    };
    let resumed = |complete| Resumed { conversation: conversation(1), epoch: "e1".into(), from: 2, head: 3, complete };
    let mut client = Client::new(kept.clone(), Vec::new());
    client.want(T);
    client.opened(T);
    client.heard(welcome(vec![resumed(true)]), T);
    assert_eq!(client.link(), Link::CatchingUp);
    client.heard(event(1, 2, EventKind::Accepted), T);
    assert_eq!(client.link(), Link::CatchingUp);
    client.heard(event(1, 3, EventKind::Completed), T);
    assert_eq!(client.link(), Link::Live);

    let mut client = Client::new(kept, Vec::new());
    client.want(T);
    client.opened(T);
    client.heard(welcome(vec![resumed(false)]), T);
    let messages = vec![json!({"id": message(1).to_string(), "status": "completed"})];
    client.heard(ServerFrame::Snapshot { conversation: conversation(1), epoch: "e2".into(), offset: 9, messages }, T);
    assert_eq!((client.link(), position(&client)), (Link::Live, Some(9)));
    assert_eq!(client.run(message(1)).unwrap().status, Some(Status::Completed));
}

#[test]
fn what_happened_while_away_is_asked_for_from_the_beginning() {
    let mut client = Client::new(Kept::default(), Vec::new());
    client.follow(conversation(1), T);
    assert_eq!(position(&client), Some(0));
    let mut client = live(Vec::new());
    client.follow(conversation(1), T);
    assert_eq!(position(&client), None, "a connection tells of all conversations by itself");
}

#[test]
fn reconnects_back_off_and_start_over_after_a_welcome() {
    let mut client = live(Vec::new());
    let mut waits = Vec::new();
    for _ in 0..4 {
        client.closed(1006, T, 1.0);
        assert_eq!(client.link(), Link::Offline);
        let at = client.wake_at_ms().unwrap();
        waits.push(at - T);
        client.wake(at, 1.0);
    }
    assert_eq!(waits, [500, 1_000, 2_000, 4_000]);
    client.opened(T);
    client.heard(welcome(Vec::new()), T);
    client.closed(1006, T, 1.0);
    assert_eq!(client.wake_at_ms(), Some(T + 500));
}

#[test]
fn a_goodbye_names_the_time_to_come_back() {
    let mut client = live(Vec::new());
    client.heard(ServerFrame::Bye { reason: "drain".into(), retry_after_ms: 8_000 }, T);
    client.closed(close::DRAIN, T, 0.25);
    assert_eq!(client.wake_at_ms(), Some(T + 2_000));
}

#[test]
fn a_refused_session_is_opened_anew_once() {
    let mut client = live(Vec::new());
    client.take_actions();
    client.closed(close::UNAUTHENTICATED, T, 0.5);
    assert!(client.take_actions().contains(&Action::Connect { check_session: true }));
    client.closed(close::UNAUTHENTICATED, T, 0.5);
    assert_eq!(client.link(), Link::Stopped(close::UNAUTHENTICATED));
}

#[test]
fn some_closings_are_final_until_the_person_asks() {
    for code in [close::BAD_FRAME, close::FORBIDDEN, close::TOO_MANY] {
        let mut client = live(Vec::new());
        client.closed(code, T, 0.5);
        assert_eq!((client.link(), client.wake_at_ms()), (Link::Stopped(code), None));
        client.want(T);
        assert_eq!(client.link(), Link::Connecting);
    }
}

#[test]
fn silence_for_two_heartbeats_is_a_dead_socket() {
    let mut client = live(Vec::new());
    client.take_actions();
    client.heard(ServerFrame::Ping {}, T + 20_000);
    assert_eq!(client.take_actions(), [Action::Send(ClientFrame::Pong {})]);
    client.wake(T + 69_999, 0.5);
    assert_eq!(client.link(), Link::Live, "any frame counts as life");
    client.wake(T + 70_000, 0.5);
    assert_eq!((client.link(), client.take_actions().first()), (Link::Offline, Some(&Action::Disconnect)));
}

#[test]
fn the_network_coming_back_is_not_waited_for() {
    let mut client = live(Vec::new());
    client.offline();
    assert_eq!(client.link(), Link::Offline);
    client.take_actions();
    client.online(T + 60);
    assert!(client.take_actions().contains(&Action::Connect { check_session: false }));
}

#[test]
fn stopping_takes_an_unsent_message_back_and_asks_the_server_otherwise() {
    let mut client = Client::new(Kept::default(), Vec::new());
    client.submit(outgoing(1), T);
    assert!(client.cancel(message(1)));
    assert_eq!(client.run(message(1)).unwrap().status, Some(Status::Cancelled));
    assert_eq!(client.waiting(message(1)), None);
    assert!(!client.cancel(message(2)), "nothing known, no connection: the call over HTTP must do");

    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.heard(accepted(1), T);
    client.take_actions();
    assert!(client.cancel(message(1)));
    assert_eq!(client.take_actions(), [Action::Send(ClientFrame::Cancel { id: message(1) })]);

    // What the server has refused for now, it does not have.
    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.heard(error(1, Code::Busy, true, Some(5_000)), T);
    assert!(client.cancel(message(1)));
    assert_eq!(client.run(message(1)).unwrap().status, Some(Status::Cancelled));
}

#[test]
fn stopping_what_the_server_may_have_is_told_to_it_when_it_is_back() {
    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.closed(1006, T, 0.5);
    client.take_actions();
    assert!(client.cancel(message(1)));
    assert_eq!(client.run(message(1)).unwrap().status, None, "the server may be answering it");
    assert!(client.waiting(message(1)).is_some());
    client.opened(T + 10);
    client.heard(welcome(Vec::new()), T + 10);
    let told: Vec<_> = client.take_actions().into_iter().filter(|a| matches!(a, Action::Send(_))).collect();
    let [Action::Send(ClientFrame::Hello { .. }), Action::Send(ClientFrame::Send(_)), cancel] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(*cancel, Action::Send(ClientFrame::Cancel { id: message(1) }));
}

#[test]
fn a_new_conversation_is_asked_for_from_its_beginning_if_the_link_breaks_before_its_first_event() {
    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.heard(accepted(1), T);
    client.closed(1006, T, 0.5);
    client.take_actions();
    client.opened(T + 10);
    let Some(Action::Send(ClientFrame::Hello { resume, .. })) = client.take_actions().pop() else { panic!() };
    assert_eq!(resume, [Position { conversation: conversation(1), epoch: String::new(), offset: 0 }]);
}

#[test]
fn only_a_message_that_may_be_sent_wakes() {
    let mut client = live(Vec::new());
    client.submit(outgoing(1), T);
    client.submit(outgoing(2), T);
    client.heard(error(1, Code::Busy, true, Some(5_000)), T);
    client.heard(error(2, Code::Busy, true, Some(100)), T);
    assert_eq!(client.wake_at_ms(), Some(T + 5_000), "the second waits for the first");
    client.heard(ServerFrame::Flow { credit: 0, reason: "in_flight".into() }, T);
    assert!(client.wake_at_ms().unwrap() > T + 5_000, "for the server, not for a time");
}

#[test]
fn progress_of_a_message_is_shown_and_its_ending_wins() {
    let mut client = live(Vec::new());
    let progress = |step: u32, percent: u8| {
        ServerFrame::Progress(Progress {
            id: message(1),
            attempt: 1,
            step,
            stage: format!("s{step}"),
            percent,
            at_ms: f64::from(step),
            skipped: None,
            agent: None,
            text: None,
        })
    };
    client.heard(progress(1, 20), T);
    assert!(client.take_actions().contains(&Action::Changed(message(1))));
    client.heard(event(1, 1, EventKind::Failed), T);
    client.heard(progress(2, 40), T);
    let run = client.run(message(1)).unwrap();
    assert_eq!((run.status, run.percent, run.endings), (Some(Status::Failed), 20, 1));
}
