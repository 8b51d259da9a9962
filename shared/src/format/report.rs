//! An answer as a document: what each mode tells and in which order, before it is written as markdown, HTML or PDF.

use super::sections as s;
use crate::message::Format;
use crate::result::{AnalysisResult, Chart};

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// The head of a section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Something to know before trusting a figure.
    Warning(String),
    /// Points.
    List(Vec<String>),
    /// Figures in rows.
    Table(Table),
    /// A picture.
    Chart(Chart),
}

/// Figures in rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these heads.
    pub(super) fn with(head: &[&str]) -> Self {
        Self { head: head.iter().map(|text| (*text).to_string()).collect(), rows: Vec::new() }
    }
}

/// What a document is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The question, in the words of its sender.
    pub question: &'a str,
    /// When it was asked, RFC 3339.
    pub asked_at: &'a str,
    /// The answer.
    pub result: &'a AnalysisResult,
}

/// How many options a document lists; the data formats have all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The first 20: for guests.
    Short,
    /// All: for people with an account.
    Full,
}

impl Depth {
    /// The depth for a tier.
    pub fn of_tier(tier: &str) -> Self {
        if tier == "guest" { Self::Short } else { Self::Full }
    }

    /// How many options are listed.
    pub(super) const fn options(self) -> usize {
        match self {
            Self::Short => 20,
            Self::Full => usize::MAX,
        }
    }
}

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// One line about what it rests on.
    pub about: String,
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Report {
    /// The document of `mode`.
    pub fn of(subject: &Subject<'_>, mode: Format, depth: Depth) -> Self {
        let result = subject.result;
        let mut blocks = vec![Block::Text(result.headline.clone())];
        blocks.extend(result.wording.as_ref().map(|wording| Block::Text(wording.text.clone())));
        match mode {
            Format::Detailed => {
                s::question(subject, &mut blocks);
                s::warnings(result, &mut blocks);
                s::figures(result, usize::MAX, &mut blocks);
                s::charts(result, usize::MAX, &mut blocks);
                s::recommendations(result, usize::MAX, &mut blocks);
                s::routing(result, &mut blocks);
                s::options(result, depth.options(), &mut blocks);
                s::roadmap(result, &mut blocks);
                s::assumptions(result, &mut blocks);
                s::questions(result, &mut blocks);
                s::inputs(result, &mut blocks);
                s::formulas(result, &mut blocks);
            }
            Format::Summary => {
                s::warnings(result, &mut blocks);
                s::figures(result, 6, &mut blocks);
                s::recommendations(result, 2, &mut blocks);
                s::options(result, 3, &mut blocks);
                s::charts(result, 1, &mut blocks);
            }
            Format::Business => {
                s::money(result, &mut blocks);
                s::recommendations(result, usize::MAX, &mut blocks);
                s::roadmap(result, &mut blocks);
                s::charts(result, 2, &mut blocks);
                s::options(result, 8, &mut blocks);
                s::warnings(result, &mut blocks);
                s::questions(result, &mut blocks);
            }
            Format::Technical => {
                s::question(subject, &mut blocks);
                s::warnings(result, &mut blocks);
                s::formulas(result, &mut blocks);
                s::inputs(result, &mut blocks);
                s::assumptions(result, &mut blocks);
                s::routing(result, &mut blocks);
                s::options(result, depth.options(), &mut blocks);
                s::charts(result, usize::MAX, &mut blocks);
                s::sources(result, &mut blocks);
            }
        }
        let about = format!(
            "{} report. Asked {}, prices of {}, engine {}.",
            capital(mode.as_str()),
            subject.asked_at,
            result.catalog_as_of,
            result.engine_version
        );
        Self { title: result.category.label().into(), about, blocks }
    }
}

/// A word with a capital letter.
fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
