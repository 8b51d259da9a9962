//! Secrets: one that somebody must know is kept only as its SHA-256; one that we must send is kept and never shown.

use std::hint::black_box;

use sha2::{Digest, Sha256};

/// The hash of a secret. It shows nothing when it is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Keeps `text` as a hash.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Whether `text` is the secret, in a time that does not depend on how much of it is right.
    pub fn is(&self, text: &str) -> bool {
        let other = Self::of(text);
        black_box(self.0.iter().zip(other.0).fold(0, |differing, (a, b)| differing | (a ^ b))) == 0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

/// A secret that has to be sent to somebody, so that it is kept as it is. It shows nothing when it is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(std::sync::Arc<str>);

impl Key {
    /// Keeps `text`.
    pub fn of(text: &str) -> Self {
        Self(text.into())
    }

    /// The secret, for the one it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_it() {
        let secret = Secret::of("correct horse");
        assert!(secret.is("correct horse"));
        for wrong in ["", "correct", "correct horse ", "Correct horse"] {
            assert!(!secret.is(wrong), "{wrong}");
        }
        assert_eq!(format!("{secret:?}"), "(hidden)");
    }
}
