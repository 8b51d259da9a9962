//! The colours of the charts' classes on white: the light theme of the page, as numbers, because a file has no style
//! sheet of ours beside it.

use std::fmt::Write;

/// Red, green and blue, 0 to 255.
pub(super) type Colour = [u8; 3];

/// How shapes of a class are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Paint {
    pub(super) fill: Option<Colour>,
    pub(super) stroke: Option<(Colour, f32)>,
    pub(super) dash: &'static [f32],
}

pub(super) const TEXT: Colour = [29, 28, 25];
pub(super) const MUTED: Colour = [91, 88, 79];
pub(super) const LINE: Colour = [220, 217, 207];
const STRONG: Colour = [143, 140, 128];
const MARKS: [Colour; 4] = [[15, 92, 68], [176, 106, 0], [42, 86, 153], [138, 59, 122]];
const QUIET: Colour = [140, 138, 127];
/// The shades of a heat map.
const CELLS: usize = 9;

const fn fill(colour: Colour) -> Paint {
    Paint { fill: Some(colour), stroke: None, dash: &[] }
}

const fn line(colour: Colour, width: f32, dash: &'static [f32]) -> Paint {
    Paint { fill: None, stroke: Some((colour, width)), dash }
}

/// Every class of shapes but the shades.
const CLASSES: [(&str, Paint); 16] = [
    ("plot__grid", line(LINE, 1.0, &[])),
    ("plot__axis", line(STRONG, 1.0, &[])),
    ("plot__joint", line(STRONG, 1.0, &[2.0, 2.0])),
    ("plot__reference", line(TEXT, 1.5, &[4.0, 3.0])),
    ("plot__bar", fill(QUIET)),
    ("plot__bar--fall", fill(MARKS[0])),
    ("plot__bar--rise", fill(MARKS[1])),
    ("plot__dot", fill(QUIET)),
    ("plot__dot--front", fill(MARKS[0])),
    ("plot__front", line(MARKS[0], 1.5, &[])),
    ("plot__today", line(TEXT, 2.0, &[])),
    ("plot__line--1", line(MARKS[0], 2.0, &[])),
    ("plot__line--2", line(MARKS[1], 2.0, &[6.0, 3.0])),
    ("plot__line--3", line(MARKS[2], 2.0, &[2.0, 3.0])),
    ("plot__line--4", line(MARKS[3], 2.0, &[8.0, 3.0, 2.0, 3.0])),
    ("plot__band", fill([212, 226, 221])),
];

/// A shade between white and the first mark, as the page mixes it.
fn shade(step: usize) -> Colour {
    let share = 0.08 + 0.115 * step as f64;
    MARKS[0].map(|c| (255.0 + share * (f64::from(c) - 255.0)).round() as u8)
}

/// How a shape with these classes is drawn; the last class that is known counts.
pub(super) fn paint(classes: &str) -> Paint {
    let known = |class: &str| {
        let cell = class.strip_prefix("plot__cell--").and_then(|step| step.parse().ok()).filter(|step| *step < CELLS);
        cell.map(|step| fill(shade(step))).or_else(|| CLASSES.iter().find(|(name, _)| *name == class).map(|(_, p)| *p))
    };
    classes.split(' ').filter_map(known).next_back().unwrap_or_default()
}

/// The size, the weight and the colour of a text with these classes.
pub(super) fn lettering(classes: &str) -> (f32, bool, Colour) {
    let is = |class: &str| classes.split(' ').any(|own| own == class);
    let small = is("plot__tick") || is("plot__label");
    let bold = is("plot__name--total") || is("plot__value--total");
    let colour = match (is("plot__value--on"), small) {
        (true, _) => [255, 255, 255],
        (_, true) => MUTED,
        _ => TEXT,
    };
    (if small { 11.5 } else { 12.5 }, bold, colour)
}

/// The same as a style sheet.
pub(super) fn style_sheet() -> String {
    let hex = |[r, g, b]: Colour| format!("#{r:02x}{g:02x}{b:02x}");
    let mut css = format!(
        ".plot text{{font:12.5px system-ui,sans-serif;fill:{}}}.plot .plot__tick,.plot .plot__label{{font-size:11.5px;fill:{}}}\
         .plot .plot__name--total,.plot .plot__value--total{{font-weight:600}}.plot .plot__value--on{{fill:#fff}}",
        hex(TEXT),
        hex(MUTED)
    );
    let mut rule = |name: &str, paint: &Paint| {
        let fill = paint.fill.map_or_else(|| "none".into(), hex);
        let _ = write!(css, ".{name}{{fill:{fill}");
        if let Some((colour, width)) = paint.stroke {
            let dash: Vec<_> = paint.dash.iter().map(ToString::to_string).collect();
            let _ = write!(
                css,
                ";stroke:{};stroke-width:{width};stroke-dasharray:{}",
                hex(colour),
                if dash.is_empty() { "none".into() } else { dash.join(" ") }
            );
        }
        css.push('}');
    };
    for (name, paint) in &CLASSES {
        rule(name, paint);
    }
    for step in 0..CELLS {
        rule(&format!("plot__cell--{step}"), &fill(shade(step)));
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A class that the page's charts use and a file does not know would be drawn as nothing.
    #[test]
    fn every_class_of_the_pages_style_sheet_has_a_colour() {
        let page = include_str!("../../../style/_chart.scss");
        let classes = page.split(['.', ' ', ',', '{', ';']).filter(|word| word.starts_with("plot__"));
        let texts = ["plot__tick", "plot__label", "plot__name", "plot__value", "plot__line"];
        let shapes: Vec<_> = classes
            .filter(|c| !texts.iter().any(|t| c == t || c.starts_with(&format!("{t}--")) && *t != "plot__line"))
            .collect();
        assert!(shapes.len() > 10, "{shapes:?}");
        for class in shapes.into_iter().filter(|class| !class.contains("--#")) {
            assert_ne!(paint(class), Paint::default(), "{class}");
        }
    }

    #[test]
    fn the_more_special_class_counts() {
        assert_eq!(paint("plot__dot plot__dot--front").fill, Some(MARKS[0]));
        assert_eq!(paint("plot__cell plot__cell--0").fill, Some([236, 242, 240]));
        assert_eq!(paint("unknown"), Paint::default());
        assert!(style_sheet().contains(".plot__line--2{fill:none;stroke:#b06a00;stroke-width:2;stroke-dasharray:6 3}"));
    }
}
