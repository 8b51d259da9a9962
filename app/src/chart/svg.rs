//! Writes SVG; every text in it is escaped.

use std::fmt::Write;

use shared::format::escape;

/// A drawing in the making.
pub(super) struct Svg {
    out: String,
}

/// Where a text is anchored.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A coordinate: finite, and not longer than a tenth of a unit needs.
fn n(value: f64) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

impl Svg {
    /// A drawing of this size that is called `name`.
    pub(super) fn new(name: &str, width: f64, height: f64) -> Self {
        let mut out = format!(r#"<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label=""#, n(width), n(height));
        out.push_str(&escape(name));
        out.push_str("\">");
        Self { out }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }

    pub(super) fn rect(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2], title: &str) {
        let (w, h) = (n(width.max(1.0)), n(height.max(0.0)));
        let _ = write!(self.out, r#"<rect class="{class}" x="{}" y="{}" width="{w}" height="{h}">"#, n(x), n(y));
        self.title(title);
        self.out.push_str("</rect>");
    }

    pub(super) fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let (x1, y1, x2, y2) = (n(x1), n(y1), n(x2), n(y2));
        let _ = write!(self.out, r#"<path class="{class}" d="M{x1} {y1}L{x2} {y2}"/>"#);
    }

    /// A line through all points, closed into an area if `closed`.
    pub(super) fn path(&mut self, class: &str, points: &[[f64; 2]], closed: bool) {
        let _ = write!(self.out, r#"<path class="{class}" d=""#);
        for (i, [x, y]) in points.iter().enumerate() {
            let _ = write!(self.out, "{}{} {}", if i == 0 { 'M' } else { 'L' }, n(*x), n(*y));
        }
        self.out.push_str(if closed { "Z\"/>" } else { "\"/>" });
    }

    pub(super) fn dot(&mut self, class: &str, [x, y]: [f64; 2], radius: f64, title: &str) {
        let _ = write!(self.out, r#"<circle class="{class}" cx="{}" cy="{}" r="{}">"#, n(x), n(y), n(radius));
        self.title(title);
        self.out.push_str("</circle>");
    }

    pub(super) fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y) = (n(x), n(y));
        let _ = write!(self.out, r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">"#);
        self.out.push_str(&escape(text));
        self.out.push_str("</text>");
    }

    fn title(&mut self, title: &str) {
        if !title.is_empty() {
            self.out.push_str("<title>");
            self.out.push_str(&escape(title));
            self.out.push_str("</title>");
        }
    }
}

/// About how wide a text is at the size that labels have; a proportional font averages 0.53 em.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars().count() as f64 * 6.9
}

/// The text, cut with an ellipsis so that it fits into `width`.
pub(super) fn fit(text: &str, width: f64) -> String {
    let most = (width / 6.9) as usize;
    if text.chars().count() <= most {
        return text.to_string();
    }
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}
