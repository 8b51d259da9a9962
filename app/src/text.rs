//! Every word of the page that does not come from the engine or from a problem, in one place.

use shared::message::{Complexity, Status};

/// The product's name.
pub const NAME: &str = "Exemplar";
/// What it is, in one sentence.
pub const LEAD: &str = "Describe what your AI workload does, how often, and what it costs. You get the bill computed \
    again from list prices, what would lower it, and the formula behind every figure.";
/// The home page's heading.
pub const HOME_HEADING: &str = "What does your AI really cost, and what would lower it?";
/// For search engines.
pub const DESCRIPTION: &str = "Recompute an AI bill from list prices, price every alternative model beside its \
    quality, and see the formula and the source of every figure.";

/// Skips the header.
pub const SKIP: &str = "Skip to the content";
/// The navigation's name.
pub const NAV: &str = "Main";
/// To the composer.
pub const NAV_ASK: &str = "Ask";
/// To the visitor's conversations.
pub const NAV_HISTORY: &str = "History";
/// To the flows.
pub const NAV_FLOWS: &str = "Flows";
/// The theme switch.
pub const THEME: &str = "Colour theme";
/// Its three values: the word stored, the words read.
pub const THEMES: [(&str, &str); 3] = [("system", "As the system"), ("light", "Light"), ("dark", "Dark")];

/// The composer's label.
pub const COMPOSER_LABEL: &str = "Your workload, in your own words";
/// What a message looks like.
pub const COMPOSER_PLACEHOLDER: &str = "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output \
    tokens; cut cost while maintaining quality.";
/// The submit button.
pub const SUBMIT: &str = "Analyse";
/// Its shortcut, in words.
pub const SUBMIT_HINT: &str = "Ctrl or ⌘ + Enter";
/// Over the chips of facts.
pub const FACTS_HEADING: &str = "Read from your text";
/// Before there is a text.
pub const FACTS_EMPTY: &str = "Volumes, token counts, models and amounts appear here as you write. Click one to \
    correct it.";
/// Empties the composer.
pub const CLEAR: &str = "Clear";
/// Over the examples.
pub const EXAMPLES_HEADING: &str = "Or start from an example";
/// Puts an example into the composer.
pub const EDIT_FIRST: &str = "Edit first";
/// The words on an example's button, for those who do not see the card.
pub const RUN_EXAMPLE: &str = "Analyse this example";

/// The words for a complexity.
pub const fn complexity(complexity: Complexity) -> &'static str {
    match complexity {
        Complexity::Basic => "Basic",
        Complexity::Intermediate => "Intermediate",
        Complexity::Advanced => "Advanced",
    }
}

/// The words for a status.
pub const fn status(status: Status) -> &'static str {
    match status {
        Status::Queued => "Waiting",
        Status::Processing => "Working",
        Status::Completed => "Answered",
        Status::Failed => "Failed",
        Status::Cancelled => "Stopped",
    }
}

/// Where a fact came from.
pub mod origin {
    /// From the message.
    pub const GIVEN: &str = "from your text";
    /// From an uploaded log.
    pub const LOG: &str = "measured on your log";
    /// A default.
    pub const DEFAULT: &str = "assumed";
    /// From other fields.
    pub const COMPUTED: &str = "computed";
    /// Typed into a chip.
    pub const EDITED: &str = "set by you";
}

/// The editor of a fact.
pub mod edit {
    /// Keeps the value.
    pub const SET: &str = "Set";
    /// Leaves it as it was.
    pub const CANCEL: &str = "Cancel";
    /// Takes the fact out.
    pub const REMOVE: &str = "Remove";
    /// Adds a fact that the text does not hold.
    pub const ADD: &str = "Add a fact";
    /// The choice of its field.
    pub const ADD_WHICH: &str = "Which fact?";
}

/// The page of one message.
pub mod message {
    /// The browser's title before the answer.
    pub const TITLE_WAITING: &str = "Working";
    /// Over the person's words.
    pub const ASKED: &str = "You asked";
    /// Over the steps while they run.
    pub const STEPS: &str = "Progress";
    /// Over the measured steps afterwards.
    pub const STEPS_DONE: &str = "How long each step took, measured";
    /// Before the server has it.
    pub const SENDING: &str = "Sending";
    /// Kept in the browser until the server has it.
    pub const KEPT: &str = "Your message is kept in this browser and goes out as soon as the server answers.";
    /// Taken back while the server, which may have it, cannot be reached.
    pub const STOPS_LATER: &str = "It is stopped as soon as the server can be reached.";
    /// Accepted, its turn not come.
    pub const WAITING: &str = "Accepted and stored; waiting for its turn.";
    /// Running.
    pub const WORKING: &str = "Working on it.";
    /// Ends the run.
    pub const STOP: &str = "Stop";
    /// Its shortcut.
    pub const STOP_HINT: &str = "Esc";
    /// Runs it again.
    pub const RETRY: &str = "Try again";
    /// Opens the composer with the same text.
    pub const EDIT: &str = "Edit and send again";
    /// It was stopped.
    pub const CANCELLED: &str = "You stopped this message before it was answered. Nothing was stored but the message \
        itself.";
    /// Without JavaScript, nothing arrives by itself.
    pub const RELOAD: &str = "Reload to see how far it is";
    /// To the conversation.
    pub const CONVERSATION: &str = "The whole conversation";
    /// A new attempt began.
    pub fn attempt(attempt: u32) -> String {
        format!("Attempt {attempt}")
    }
    /// The answer's summary of the run.
    pub fn took(time: &str, steps: usize) -> String {
        format!("Answered in {time}, {steps} steps")
    }
}

/// The words for a step; an unknown one is shown as it is named.
pub fn stage(stage: &str) -> String {
    match stage {
        "conversation" => "Reading the conversation".into(),
        "stage" => "Choosing the next step of the conversation".into(),
        "template" => "Preparing the reply".into(),
        "extraction" | "extract" => "Reading the facts in your text".into(),
        "agents" | "agent" | "analysis" | "analyze" | "analyse" => "Computing the answer".into(),
        "response" | "respond" => "Writing the answer".into(),
        "commit" => "Storing the answer".into(),
        other => {
            let mut text = other.replace(['_', '-'], " ");
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            text
        }
    }
}

/// The answer.
pub mod result {
    /// Over the figures.
    pub const METRICS: &str = "Figures";
    /// Behind each figure.
    pub const HOW: &str = "How it is computed";
    /// The range of a figure.
    pub fn range(low: &str, high: &str) -> String {
        format!("{low} to {high}")
    }
    /// What a figure is compared with.
    pub fn compared(baseline: &str) -> String {
        format!("against {baseline}")
    }
    /// What a step saves.
    pub fn less(money: &str) -> String {
        format!("-{money}/month")
    }
    /// A cost that is not a month's.
    pub fn a_request(money: &str) -> String {
        format!("{money} a request")
    }
    /// The benchmark that a column of quality is in.
    pub fn quality_in(benchmark: &str) -> String {
        format!("Quality ({benchmark})")
    }
    /// What a reader should know about an option.
    pub fn notes(count: usize) -> String {
        if count == 1 { "1 note".into() } else { format!("{count} notes") }
    }
    /// A typed answer to a question.
    pub fn other(label: &str) -> String {
        format!("Or type it: {label}")
    }
    /// Where the figure comes from.
    pub const SOURCE: &str = "Source";
    /// A figure that does not exist.
    pub const NO_VALUE: &str = "not known";
    /// Over stated against computed.
    pub const RECONCILE: &str = "Your bill does not match your traffic";
    /// What was said.
    pub const STATED: &str = "You stated";
    /// What the list price gives.
    pub const COMPUTED: &str = "List prices give";
    /// Over the options.
    pub const OPTIONS: &str = "Options";
    /// Over the levers.
    pub const LEVERS: &str = "Changes to how you call the model";
    /// Over the models.
    pub const MODELS: &str = "Other models for the same requests";
    /// The columns.
    pub const COLUMN_OPTION: &str = "Option";
    /// Money a month.
    pub const COLUMN_COST: &str = "Cost a month";
    /// Against today.
    pub const COLUMN_SAVING: &str = "Saving";
    /// Points of the benchmark.
    pub const COLUMN_QUALITY: &str = "Quality";
    /// Where no benchmark rates a model.
    pub const NOT_RATED: &str = "not rated";
    /// Where no price is known.
    pub const NO_PRICE: &str = "cannot price";
    /// Marks today's model.
    pub const TODAY: &str = "today";
    /// Over the pictures.
    pub const CHARTS: &str = "Charts";
    /// Beside each picture.
    pub const AS_TABLE: &str = "The same figures as a table";
    /// Over the advice.
    pub const RECOMMENDATIONS: &str = "What we would do";
    /// Over the roadmap.
    pub const ROADMAP: &str = "In which order";
    /// Over the facts.
    pub const FACTS: &str = "What the figures rest on";
    /// How to use them.
    pub const FACTS_HINT: &str = "Change any of these and the figures follow at once, computed in this browser.";
    /// Over the assumptions.
    pub const ASSUMPTIONS: &str = "Taken for granted";
    /// Over the questions.
    pub const QUESTIONS: &str = "Only you can answer";
    /// Another answer than those offered.
    pub const OTHER_ANSWER: &str = "Another value";
    /// Over the warnings.
    pub const WARNINGS: &str = "Mind before you trust the figures";
    /// Less than a full answer.
    pub const DEGRADED: &str = "This answer is simpler than usual.";
    /// Over the sliders.
    pub const WHAT_IF: &str = "What if";
    /// What the sliders do.
    pub const WHAT_IF_HINT: &str = "Move a slider and every figure follows, computed in this browser. The address of \
        the page keeps what you set.";
    /// Where a slider stood at first.
    pub fn before(value: &str) -> String {
        format!("was {value}")
    }
    /// The recomputed state.
    pub const RECOMPUTED: &str = "Computed again in this browser with your changes. Not saved.";
    /// Sends the changes.
    pub const SEND: &str = "Send as a new message";
    /// Drops the changes.
    pub const REVERT: &str = "Back to the saved answer";
    /// The prices' date.
    pub fn prices_of(date: &str, engine: &str) -> String {
        format!("Prices of {date}, engine {engine}")
    }
    /// Folds the dominated options away.
    pub fn dominated(count: usize) -> String {
        match count {
            1 => "1 more option costs more for no more quality".into(),
            n => format!("{n} more options cost more for no more quality"),
        }
    }
    /// Folds the models without a score away.
    pub fn unrated(count: usize) -> String {
        match count {
            1 => "1 model without a published open score".into(),
            n => format!("{n} models without a published open score"),
        }
    }
    /// Weeks of a roadmap step.
    pub fn weeks(from: u32, to: u32) -> String {
        if from == to { format!("Week {from}") } else { format!("Weeks {from} to {to}") }
    }
    /// Copies the page's address.
    pub const COPY_LINK: &str = "Copy link";
    /// Prints, or makes a PDF.
    pub const PRINT: &str = "Print or save as PDF";
}

/// Problems.
#[cfg_attr(feature = "ssr", allow(dead_code, reason = "only the browser meets the network"))]
pub mod problem {
    /// Before the id to quote.
    pub const TRACE: &str = "Reference for support";
    /// The browser has no connection.
    pub const NETWORK: &str = "The server cannot be reached. Check your connection; what you wrote is kept here.";
    /// A file of the page's own program could not be loaded.
    pub const NOT_LOADED: &str = "A part of this page could not be loaded. Check your connection, then try again; what \
        you wrote is kept here.";
    /// The page's program has stopped.
    pub const STOPPED: &str = "This page has stopped working because of a fault of ours. What you wrote is kept.";
    /// The way out of it.
    pub const RELOAD: &str = "Reload the page";
    /// The answer could not be read.
    pub const UNREADABLE: &str = "The server's answer could not be read. Reload the page; it may have been updated.";
    /// Waiting before the next try.
    pub fn again_in(ms: u64) -> String {
        match ms.div_ceil(1000) {
            0 | 1 => "Try again in a second.".into(),
            s if s < 120 => format!("Try again in {s} seconds."),
            s => format!("Try again in {} minutes.", s.div_ceil(60)),
        }
    }
}

/// The answer as a file.
pub mod download {
    /// The kind of file.
    pub const FORMAT: &str = "Save as";
    /// Values and words.
    pub const FORMATS: [(&str, &str); 5] =
        [("pdf", "PDF"), ("html", "Web page"), ("md", "Markdown"), ("csv", "CSV"), ("json", "JSON")];
    /// Who reads it.
    pub const MODE: &str = "for";
    /// Values and words.
    pub const MODES: [(&str, &str); 4] = [
        ("detailed", "everyone, in detail"),
        ("summary", "a quick look"),
        ("business", "a manager"),
        ("technical", "an engineer"),
    ];
    /// Fetches it.
    pub const SUBMIT: &str = "Save";
}

/// A log of requests.
#[cfg_attr(feature = "ssr", allow(dead_code, reason = "only the browser sends one"))]
pub mod log {
    /// The place for it.
    pub const HEADING: &str = "Request log";
    /// Chooses a file.
    pub const PICK: &str = "Attach a request log";
    /// What it is and what happens with it.
    pub const HINT: &str = "CSV or JSON lines, up to 1 GB. Drop it here or choose it; only its figures are kept.";
    /// The bar.
    pub const PROGRESS: &str = "Sent so far";
    /// While it is sent.
    pub fn sending(share: &str) -> String {
        format!("{share} sent")
    }
    /// After the last byte.
    pub const READING: &str = "Sent; the rest is being read";
    /// Takes it off the message.
    pub const REMOVE: &str = "Remove";
    /// Rows that were read.
    pub const ROWS: &str = "rows";
    /// Rows that could not be read.
    pub const REJECTED: &str = "rows left out";
    /// From the first request to the last.
    pub const SPAN: &str = "time covered";
    /// Different models.
    pub const MODELS: &str = "models";
    /// Mean input.
    pub const INPUT: &str = "mean input tokens";
    /// Mean output.
    pub const OUTPUT: &str = "mean output tokens";
    /// A whole answer.
    pub const LATENCY: &str = "95th percentile latency";
    /// The busiest moment.
    pub const PEAK: &str = "peak over mean";
    /// Over the reasons.
    pub const FIRST_REJECTED: &str = "Why rows were left out";
    /// A place in the file.
    pub fn line(line: u64) -> String {
        format!("line {line}")
    }
    /// The message where nothing was written.
    pub const CONTENT: &str = "What does the work in the attached log cost, and what would lower it?";
}

/// A page whose program could not be loaded.
pub mod not_loaded {
    /// The heading.
    pub const HEADING: &str = "This page is not here yet";
    /// Tries again.
    pub const AGAIN: &str = "Load it again";
}

/// The connection to the progress channel.
pub mod link {
    /// Open and up to date.
    pub const LIVE: &str = "Live";
    /// Opening.
    pub const CONNECTING: &str = "Connecting";
    /// Open, past events arriving.
    pub const CATCHING_UP: &str = "Catching up";
    /// Cut; another try follows.
    pub const OFFLINE: &str = "Offline";
    /// Tries again at once.
    pub const RECONNECT: &str = "Reconnect";
    /// Refused; no further try.
    pub const STOPPED: &str = "Disconnected";
}

/// The list of conversations.
pub mod history {
    /// Its heading.
    pub const HEADING: &str = "Your conversations";
    /// Nothing there.
    pub const EMPTY: &str = "Nothing here yet. What you ask appears in this list, in this browser.";
    /// To the composer.
    pub const START: &str = "Ask something";
    /// Cut after fifty.
    pub const NEWEST: &str = "The newest 50.";
    /// How many messages.
    pub fn messages(count: u64) -> String {
        if count == 1 { "1 message".into() } else { format!("{count} messages") }
    }
}

/// The pages of flows.
pub mod flow {
    /// The heading of the list.
    pub const HEADING: &str = "Flows";
    /// What a flow is.
    pub const LEAD: &str = "A flow says how conversations go: the stages they pass through, what leads from one to the \
        next, and the templates that word the answers. Yours are seen by you and by the members you add.";
    /// The mark of the one that new conversations follow.
    pub const ACTIVE: &str = "in use";
    /// The mark of one that is being built.
    pub const INACTIVE: &str = "not in use";
    /// The mark of the built-in one.
    pub const BUILTIN: &str = "built in";
    /// Over the form for a new one.
    pub const NEW: &str = "A flow of your own";
    /// Where to begin.
    pub const FROM_BUILTIN: &str = "A copy of the built-in flow";
    /// The other choice.
    pub const FROM_NOTHING: &str = "Nothing";
    /// Makes it.
    pub const CREATE: &str = "Make it";
    /// Over the picture.
    pub const PICTURE: &str = "How the stages lead to each other";
    /// Over the findings.
    pub const FINDINGS: &str = "What to know before it is used";
    /// Over the stages.
    pub const STAGES: &str = "Stages";
    /// Over the templates.
    pub const TEMPLATES: &str = "Templates";
    /// The names of the sections and where they are, for the links at the top.
    pub const SECTIONS: [(&str, &str); 4] =
        [("flow-try", TRY), ("flow-stages", STAGES), ("flow-templates", TEMPLATES), ("flow-settings", SETTINGS)];
    /// What those links are.
    pub const ON_THIS_PAGE: &str = "On this page";
    /// Over what is decided about the flow as a whole.
    pub const SETTINGS: &str = "Members and settings";
    /// Changes a stage, followed by its name.
    pub const EDIT: &str = "Change";
    /// Changes the name of the flow.
    pub const EDIT_FLOW: &str = "Name and description";
    /// How many ways lead on from a stage, and where to.
    pub fn ways(count: usize) -> String {
        if count == 1 { "1 way on".into() } else { format!("{count} ways on") }
    }
    /// Before the condition of a way.
    pub const WHEN: &str = "when";
    /// Asks before something is deleted.
    pub const SURE: &str = "This cannot be undone.";
    /// Does it.
    pub const DELETE_FOR_GOOD: &str = "Delete for good";
    /// Doesn't.
    pub const KEEP: &str = "Keep it";
    /// Deletes the flow.
    pub const DELETE_FLOW: &str = "Delete this flow";
    /// Was deleted.
    pub const DELETED: &str = "Deleted.";
    /// Over the members.
    pub const MEMBERS: &str = "Members";
    /// What they are.
    pub const MEMBERS_LEAD: &str = "Members see and change everything here. Only the owner can delete the flow. Their own \
        conversations stay their own.";
    /// Adds one.
    pub const ADD_MEMBER: &str = "Add a member";
    /// Takes one out.
    pub const REMOVE: &str = "Remove";
    /// Leaves.
    pub const LEAVE: &str = "Leave this flow";
    /// What that means.
    pub const LEAVING: &str = "Only another member can add you again.";
    /// Does it.
    pub const LEAVE_NOW: &str = "Leave now";
    /// A member was taken out.
    pub const REMOVED: &str = "Removed.";
    /// The mark of the visitor among them.
    pub const YOU: &str = "you";
    /// One without an address.
    pub const GUEST: &str = "A guest without an account";
    /// Over the trial.
    pub const TRY: &str = "Try it";
    /// What it does.
    pub const TRY_LEAD: &str = "Write as a customer would and see each step. Nothing is stored, and nobody is told.";
    /// The message.
    pub const TRY_MESSAGE: &str = "A message, as a customer would write it";
    /// What one looks like.
    pub const TRY_EXAMPLE: &str = "We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens; \
        cut cost while maintaining quality.";
    /// What came before it.
    pub const TRY_BEFORE: &str = "What they wrote before (may be empty)";
    /// Where it begins.
    pub const TRY_STAGE: &str = "The conversation is at";
    /// Runs it.
    pub const TRY_RUN: &str = "Run it";
    /// While it runs.
    pub const TRY_RUNNING: &str = "Running";
    /// The headings of what happened.
    pub mod tried {
        /// Which stage came next.
        pub const STAGE: &str = "The stage";
        /// What was understood.
        pub const FACTS: &str = "The facts";
        /// Nothing was.
        pub const NO_FACTS: &str = "No figure was found in the message.";
        /// What was filled in.
        pub const TEMPLATES: &str = "The templates";
        /// What was asked of a model.
        pub const CALLS: &str = "Calls to the language model";
        /// What is said.
        pub const ANSWER: &str = "The answer";
        /// Nobody words it.
        pub const NO_WORDS: &str = "No template words the answer here: its headline and figures stand alone.";
        /// There is none.
        pub const PROBLEM: &str = "There is no answer";
        /// How long each step took.
        pub const TIMES: &str = "How long it took";
        /// What should be known about it.
        pub const WARNINGS: &str = "What to know about it";
        /// The conversation stays where it is.
        pub const STAYS: &str = "stays, because no condition holds";
        /// A condition decided.
        pub const BY_CONDITION: &str = "because its condition holds";
        /// A model decided.
        pub const BY_MODEL: &str = "chosen by the language model";
        /// The name of a step.
        pub const fn step(name: &str) -> &str {
            match name.as_bytes() {
                b"context" => "reading",
                b"select" => "choosing the stage",
                b"extract" => "completing the facts",
                b"agents" => "computing",
                b"respond" => "wording",
                _ => name,
            }
        }
    }
    /// Keeps a change.
    pub const SAVE: &str = "Save";
    /// Was kept.
    pub const SAVED: &str = "Saved.";
    /// Deletes.
    pub const DELETE: &str = "Delete";
    /// A new stage.
    pub const ADD_STAGE: &str = "Add a stage";
    /// A new transition.
    pub const ADD_TRANSITION: &str = "Add a transition";
    /// A new template.
    pub const ADD_TEMPLATE: &str = "Add a template";
    /// New conversations follow it.
    pub const USE: &str = "Use it for new conversations";
    /// They don't any more.
    pub const STOP_USING: &str = "Stop using it";
    /// To the log.
    pub const AUDIT: &str = "Log of changes";
    /// Back to the flow.
    pub const BACK: &str = "Back to the flow";
    /// Conversations begin there.
    pub const START: &str = "Conversations begin here";
    /// Conversations may end there.
    pub const END: &str = "Conversations may end here";
    /// No choice.
    pub const NONE: &str = "none";
    /// Without a condition.
    pub const ALWAYS: &str = "always";
    /// A stage that nothing leads away from.
    pub const NO_WAY: &str = "Nothing leads on from here.";
    /// The labels of fields.
    pub const fn field(name: &str) -> &str {
        match name.as_bytes() {
            b"name" => "Name",
            b"description" => "Description",
            b"category" => "What is analysed",
            b"selection_template_id" => "Template that chooses the next stage",
            b"extraction_template_id" => "Template that reads the facts",
            b"response_template_id" => "Template that words the answer",
            b"from_stage_id" => "From",
            b"to_stage_id" => "To",
            b"condition" => "Condition (CEL; empty for always)",
            b"priority" => "Priority (the lowest is tried first)",
            b"kind" => "What it is for",
            b"body" => "Text",
            b"from" => "Begin with",
            b"email" => "E-mail address of their account",
            _ => name,
        }
    }
    /// Over the live preview.
    pub const PREVIEW: &str = "Preview, filled in with an example";
    /// Before there is one.
    pub const PREVIEW_EMPTY: &str = "The text appears here as you write.";
    /// What templates can speak of.
    pub const VARIABLES: &str = "Known are conversation, user, message, extracted, business, stage, catalog, result and \
        choices; figure, number, money and percent write numbers.";
    /// How many stages.
    pub fn version(version: u32) -> String {
        format!("version {version}")
    }
    /// The heading of the log.
    pub const LOG: &str = "Log of changes";
    /// Its filter.
    pub const FILTER: &str = "Show";
    /// What can be filtered by.
    pub const ACTIONS: [(&str, &str); 8] = [
        ("", "everything"),
        ("business.", "the flow itself"),
        ("stage.", "stages"),
        ("transition.", "transitions"),
        ("template.", "templates"),
        ("member.", "members"),
        ("conversation.", "conversations"),
        ("message.", "messages"),
    ];
    /// Filters by day.
    pub const SINCE: &str = "From";
    /// The same.
    pub const UNTIL: &str = "Until before";
    /// Applies the filter.
    pub const APPLY: &str = "Filter";
    /// Nothing passes.
    pub const LOG_EMPTY: &str = "Nothing was changed.";
    /// More of it.
    pub const OLDER: &str = "Older";
    /// The columns of the log.
    pub const COLUMNS: [&str; 4] = ["When", "Who", "What", "Details"];
    /// The visitor itself cannot be told from others of the business, so a short id stands for each.
    pub const SERVICE: &str = "Exemplar";
}

/// The page of a conversation.
pub mod conversation {
    /// Its heading.
    pub const HEADING: &str = "Conversation";
    /// To the answer.
    pub const OPEN: &str = "Open the answer";
    /// What it means that messages are answered.
    pub const ACTIVE: &str = "New messages of this conversation are answered as they come.";
    /// Ends that.
    pub const STOP: &str = "Stop answering";
    /// What it means that they are not.
    pub const STOPPED: &str = "Answering is stopped: new messages are kept and wait in their order until you resume.";
    /// Goes on.
    pub const RESUME: &str = "Resume answering";
}

/// Nothing at this address.
pub mod not_found {
    /// Its heading.
    pub const HEADING: &str = "There is nothing at this address";
    /// Why, and what to do.
    pub const TEXT: &str = "The link may be mistyped, or what it showed belongs to another browser: conversations can \
        only be opened where they were started.";
    /// To the composer.
    pub const HOME: &str = "Start a new analysis";
}

/// At the foot of every page.
pub mod footer {
    /// What the figures rest on.
    pub const NOTE: &str = "Figures are computed from list prices and published benchmarks, each with its source and \
        date. No figure is guessed.";
    /// To the API's pages.
    pub const API: &str = "API";
    /// To the state of the service.
    pub const HEALTH: &str = "Health";
}

/// While something loads.
pub const LOADING: &str = "Loading";
