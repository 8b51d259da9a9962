//! Every bound of the system, named, with its reason. Nothing a client sends is unbounded.

/// Shortest message, in Unicode scalar values: below this there is nothing to analyse.
pub const CONTENT_MIN_CHARS: usize = 10;
/// Longest message, in Unicode scalar values: a workload fits easily, a pasted document does not.
pub const CONTENT_MAX_CHARS: usize = 2_000;
/// Largest JSON body of a call: the longest message at four bytes a character, escaped, with a full workload.
pub const BODY_MAX_BYTES: usize = 64 * 1024;
/// Largest frame a client may send on the channel: one message, like [`BODY_MAX_BYTES`].
pub const FRAME_MAX_BYTES: usize = 64 * 1024;
/// Largest progress frame the server sends.
pub const PROGRESS_MAX_BYTES: usize = 1024;
/// Largest `data` of a durable event; the full result is fetched.
pub const EVENT_DATA_MAX_BYTES: usize = 8 * 1024;
/// Most conversations one `hello` may resume.
pub const RESUME_MAX: usize = 256;
/// Most durable events replayed after a resume; a client further behind gets a snapshot. They are read and written page
/// by page, so the bound protects the client's patience and not the server's memory.
pub const REPLAY_MAX_EVENTS: u64 = 100_000;
/// Most durable events in one answer to `GET /conversations/{id}/events`.
pub const EVENTS_PAGE_MAX: u64 = 1_000;
/// Most messages of a conversation that a snapshot carries, the newest first to stay: where the first one's `sequence` is
/// not 1, the earlier ones are fetched.
pub const SNAPSHOT_MAX_MESSAGES: u32 = 100;
/// Days for which a message id is remembered; an older id is refused as `old`, so a pruned id never runs twice.
pub const ID_WINDOW_DAYS: u64 = 7;
/// How far the clock in an id may be ahead of the server's: one day, in milliseconds.
pub const ID_AHEAD_MAX_MS: u64 = 24 * 3600 * 1000;
/// Longest text field of a workload, such as a model's id.
pub const TEXT_FIELD_MAX_CHARS: usize = 120;
/// Most classes of work in one workload.
pub const CLASSES_MAX: usize = 32;
/// Times a message is attempted before it is given up as failed.
pub const ATTEMPTS_MAX: u32 = 3;
/// Longest `?wait=` in seconds.
pub const WAIT_MAX_S: u64 = 60;
/// Seconds a socket may stay open without a valid `hello`.
pub const HELLO_TIMEOUT_S: u64 = 5;
/// Milliseconds between the server's pings; a peer silent for twice as long is gone.
pub const HEARTBEAT_MS: u64 = 25_000;
/// Frames waiting to be written to one socket; above it the reader is too slow (close 4008).
pub const SEND_QUEUE_FRAMES: usize = 256;
/// Unfinished messages of one connection.
pub const IN_FLIGHT_MAX: u32 = 100;

/// Most of any count or amount that has no bound of its own: a trillion keeps every product exact enough in an `f64`.
pub const AMOUNT_MAX: f64 = 1e12;
/// Most requests a day: about twelve million a second.
pub const REQUESTS_PER_DAY_MAX: f64 = 1e12;
/// Most tokens of one request: ten times the largest context window known.
pub const TOKENS_MAX: f64 = 1e8;
/// Longest latency in milliseconds: one day.
pub const LATENCY_MAX_MS: f64 = 86_400_000.0;
/// Most calls or places at a time.
pub const CONCURRENCY_MAX: f64 = 1e7;
/// Longest horizon in months: ten years.
pub const HORIZON_MAX_MONTHS: f64 = 120.0;
/// Largest usage log: about ten million requests.
pub const USAGE_MAX_BYTES: u64 = 1 << 30;
/// Longest row of a usage log: a log may carry the prompts, and a quote that is never closed must end somewhere.
pub const USAGE_ROW_MAX_BYTES: usize = 1 << 20;
/// Models of a usage log with sums of their own; the rest is one sum.
pub const USAGE_MODELS_MAX: usize = 1_000;
/// Rows kept of a usage log for percentiles and replays: 100 of them are beyond the 99th percentile.
pub const USAGE_SAMPLE_ROWS: usize = 10_000;
/// Rejected rows of a usage log that are shown.
pub const USAGE_REJECTIONS_SHOWN: usize = 10;
/// Days for which a usage log's figures are kept: a new log says more than an old one.
pub const USAGE_KEPT_DAYS: u64 = 90;
/// Usage logs of one user that are kept, the newest: each is about 200 KB.
pub const USAGE_LOGS_MAX: u32 = 20;

/// Businesses of one user: each is a whole flow, and few people run more than a handful.
pub const BUSINESSES_MAX: usize = 20;
/// Members of one business: a product team, with room.
pub const MEMBERS_MAX: usize = 50;
/// Stages of one business: a flow that people can still oversee.
pub const STAGES_MAX: usize = 50;
/// Transitions of one business.
pub const TRANSITIONS_MAX: usize = 300;
/// Templates of one business.
pub const TEMPLATES_MAX: usize = 150;
/// Versions of one template; all are kept, so that it can be seen what was said when.
pub const TEMPLATE_VERSIONS_MAX: u32 = 500;
/// Longest name of a business, stage or template, in Unicode scalar values.
pub const NAME_MAX_CHARS: usize = 80;
/// Longest description, in Unicode scalar values.
pub const DESCRIPTION_MAX_CHARS: usize = 500;
/// Longest condition of a transition, in Unicode scalar values: it is read by people.
pub const CONDITION_MAX_CHARS: usize = 500;
/// Longest text of a template, in bytes: a quarter of what a body may have, so that it fits however it is escaped.
pub const TEMPLATE_MAX_BYTES: usize = 16 * 1024;
/// Longest text that a template may make, in bytes.
pub const RENDERED_MAX_BYTES: usize = 32 * 1024;
/// Work that filling in a template may take. A step costs 1, 64 bytes of text made cost 1: about 20 ms at most.
pub const TEMPLATE_FUEL: u64 = 50_000;
/// Transitions taken for one message: more means that the flow runs in a circle.
pub const TRANSITIONS_PER_MESSAGE_MAX: usize = 8;
/// Lines of the audit log in one page.
pub const AUDIT_PAGE_MAX: u32 = 200;
