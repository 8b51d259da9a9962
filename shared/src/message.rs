//! A message and the words around it: what a person sends, and what becomes of it.

/// Declares an enum whose wire form is a fixed word, with `ALL`, `as_str`, `Display` and `FromStr`.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in its natural order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("must be one of: {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a message asks for.
    Category {
        /// Spend less for the same answers.
        Cost = "cost-optimization",
        /// Answer sooner.
        Latency = "latency-optimization",
        /// Choose a model.
        Selection = "model-selection",
        /// Serve more.
        Scaling = "scaling",
        /// All at once, under constraints.
        Advanced = "advanced",
    }
}

impl Category {
    /// The categories that are built; only these are shown and accepted.
    pub const BUILT: &[Self] = Self::ALL;

    /// The name that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Cost => "Cost",
            Self::Latency => "Latency",
            Self::Selection => "Model selection",
            Self::Scaling => "Scaling",
            Self::Advanced => "Advanced",
        }
    }
}

words! {
    /// How much a message asks at once.
    Complexity {
        /// One lever, few facts.
        Basic = "basic",
        /// Several facts that act on each other.
        Intermediate = "intermediate",
        /// Many facts, constraints or classes of work.
        Advanced = "advanced",
    }
}

words! {
    /// Which message is taken first when several conversations wait; never reorders one conversation.
    Priority {
        /// Can wait.
        Low = "low",
        /// As it comes.
        Normal = "normal",
        /// Before the others, and the last to be refused.
        High = "high",
    }
}

words! {
    /// Where a message stands.
    Status {
        /// Durable, waiting for its turn.
        Queued = "queued",
        /// Being worked on.
        Processing = "processing",
        /// Answered.
        Completed = "completed",
        /// Ended with a problem.
        Failed = "failed",
        /// Ended by its sender.
        Cancelled = "cancelled",
    }
}

impl Status {
    /// Whether nothing more will happen to the message.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

words! {
    /// How a result is told.
    Format {
        /// Everything.
        Detailed = "detailed",
        /// The headline and the figures behind it.
        Summary = "summary",
        /// Savings, return and a roadmap, for a manager.
        Business = "business",
        /// Formulas, inputs and sources, for an engineer.
        Technical = "technical",
    }
}

words! {
    /// The kind of work the model does, which decides the benchmark that fits.
    Task {
        /// Conversation and general assistance.
        Chat = "chat",
        /// Writing and changing code.
        Coding = "coding",
        /// Acting with tools over several steps.
        Agents = "agents",
        /// Pulling fields out of documents.
        Extraction = "extraction",
        /// Shortening texts.
        Summarization = "summarization",
        /// Choosing a label.
        Classification = "classification",
        /// Answering from retrieved passages.
        Rag = "rag",
    }
}

/// The id of a message, chosen by its sender; version 7, so that it carries the time it was made.
pub type MessageId = uuid::Uuid;
/// The id of a conversation.
pub type ConversationId = uuid::Uuid;

/// A version-7 id from a clock and randomness that the caller brings.
pub fn id_at(unix_ms: u64, random: [u8; 10]) -> uuid::Uuid {
    uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid()
}

/// The milliseconds since 1970 that a version-7 id carries; `None` for other versions.
pub fn id_unix_ms(id: uuid::Uuid) -> Option<u64> {
    (id.get_version_num() == 7).then(|| (id.as_u128() >> 80) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_time() {
        let id = id_at(1_795_305_600_123, [7; 10]);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id_unix_ms(id), Some(1_795_305_600_123));
        assert_eq!(id_unix_ms(uuid::Uuid::nil()), None);
    }

    #[test]
    fn words_are_the_same_in_text_and_json() {
        for category in Category::ALL {
            assert_eq!(category.as_str().parse(), Ok(*category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.as_str());
        }
        assert!("cost".parse::<Category>().unwrap_err().contains("cost-optimization"));
    }
}
