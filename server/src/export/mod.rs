//! Answers as files to keep: the document and its data formats are `shared::format`'s; here they get their charts, which
//! are the page's own (`app::chart`), and become a PDF.

mod fonts;
mod paint;
mod pdf;
mod picture;

use app::chart::{Room, draw};
use shared::format::{Depth, Report, Subject, csv, html, markdown};
use shared::message::Format;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The whole result, for programs.
    Json,
    /// One table, for spreadsheets.
    Csv,
    /// Markdown.
    Markdown,
    /// One page that needs nothing else.
    Html,
    /// A document to print or pass on.
    Pdf,
}

impl Form {
    /// Every form with its name.
    pub const ALL: [(&'static str, Self); 5] =
        [("json", Self::Json), ("csv", Self::Csv), ("md", Self::Markdown), ("html", Self::Html), ("pdf", Self::Pdf)];

    /// The form of this name.
    ///
    /// # Errors
    /// What the names are.
    pub fn named(word: &str) -> Result<Self, String> {
        let names = Self::ALL.map(|(name, _)| name).join(", ");
        let found = Self::ALL.iter().find(|(name, _)| *name == word);
        found.map(|(_, form)| *form).ok_or_else(|| format!("must be one of: {names}"))
    }

    /// The ending of a file's name.
    pub fn ending(self) -> &'static str {
        Self::ALL.iter().find(|(_, form)| *form == self).map_or("", |(name, _)| name)
    }

    /// The content type.
    pub const fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }
}

/// The file of a document; `None` for JSON, which is not one.
pub fn file(subject: &Subject<'_>, form: Form, mode: Format, depth: Depth) -> Option<Vec<u8>> {
    let report = || Report::of(subject, mode, depth);
    Some(match form {
        Form::Json => return None,
        // The mark at the beginning tells spreadsheet programs that it is UTF-8.
        Form::Csv => format!("\u{feff}{}", csv(subject.result, mode)).into_bytes(),
        Form::Markdown => markdown(&report()).into_bytes(),
        Form::Html => html(&report(), &paint::style_sheet(), &|chart| draw(chart, Room::Wide)).into_bytes(),
        Form::Pdf => pdf::write(&report()),
    })
}
