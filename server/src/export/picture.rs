//! The page's charts in a PDF: the SVG that `app::chart` draws, shape by shape as vectors, its texts as text.

use pdf_writer::{Content, Name, Str};
use roxmltree::{Document, Node};

use super::fonts::{encode, width};
use super::paint::{Colour, lettering, paint};

/// A circle as four Bézier curves: how far the handles reach, as a share of the radius.
const HANDLE: f32 = 0.552_284_8;

/// Where a picture is put.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The left edge in points.
    pub(super) left: f32,
    /// The upper edge in points from the bottom of the page.
    pub(super) top: f32,
    /// Points of a unit of the drawing.
    pub(super) scale: f32,
}

/// The width and height of a drawing; `None` if it is none.
pub(super) fn size(svg: &str) -> Option<(f32, f32)> {
    let document = Document::parse(svg).ok()?;
    let mut parts = document.root_element().attribute("viewBox")?.split(' ').skip(2).map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?)).filter(|(w, h): &(f32, f32)| *w > 0.0 && *h > 0.0)
}

/// Draws it.
pub(super) fn draw(svg: &str, place: Place, content: &mut Content) {
    let Ok(document) = Document::parse(svg) else { return };
    content.save_state();
    // The drawing's y grows downwards. Only shapes are turned; texts would stand on their heads.
    for node in document.root_element().children().filter(Node::is_element) {
        shape(&node, place, content);
    }
    content.restore_state();
}

fn shape(node: &Node<'_, '_>, place: Place, content: &mut Content) {
    let number = |name: &str| node.attribute(name).and_then(|text| text.parse::<f32>().ok()).unwrap_or(0.0);
    let at = |x: f32, y: f32| (place.left + x * place.scale, place.top - y * place.scale);
    let classes = node.attribute("class").unwrap_or_default();
    match node.tag_name().name() {
        "rect" => {
            let (x, y) = at(number("x"), number("y") + number("height"));
            finish(classes, place.scale, content, |content| {
                content.rect(x, y, number("width") * place.scale, number("height") * place.scale);
            });
        }
        "circle" => {
            let ((x, y), r) = (at(number("cx"), number("cy")), number("r") * place.scale);
            finish(classes, place.scale, content, |content| circle(x, y, r, content));
        }
        "path" => finish(classes, place.scale, content, |content| {
            path(node.attribute("d").unwrap_or_default(), at, content);
        }),
        "text" => {
            let (size, bold, colour) = lettering(classes);
            let text = encode(node.text().unwrap_or_default());
            let size = size * place.scale;
            let long = width(&text, size, bold);
            let (x, y) = at(number("x"), number("y"));
            let x = match node.attribute("text-anchor") {
                Some("end") => x - long,
                Some("middle") => x - long / 2.0,
                _ => x,
            };
            write(&text, (x, y), (size, bold, colour), content);
        }
        _ => {}
    }
}

/// Fills and strokes what `draw` describes, as its classes say.
fn finish(classes: &str, scale: f32, content: &mut Content, draw: impl FnOnce(&mut Content)) {
    let paint = paint(classes);
    if let Some(colour) = paint.fill {
        set_fill(colour, content);
    }
    if let Some(([r, g, b], wide)) = paint.stroke {
        let part = |c: u8| f32::from(c) / 255.0;
        content.set_stroke_rgb(part(r), part(g), part(b)).set_line_width(wide * scale);
        content.set_dash_pattern(paint.dash.iter().map(|length| length * scale), 0.0);
    }
    draw(content);
    match (paint.fill, paint.stroke) {
        (Some(_), Some(_)) => content.fill_nonzero_and_stroke(),
        (Some(_), None) => content.fill_nonzero(),
        (None, Some(_)) => content.stroke(),
        (None, None) => content.end_path(),
    };
}

/// `M1 2L3 4Z`, which is all that the charts use.
fn path(d: &str, at: impl Fn(f32, f32) -> (f32, f32), content: &mut Content) {
    let mut rest = d;
    while let Some(command) = rest.chars().next().filter(char::is_ascii) {
        let body = &rest[1..];
        let (step, after) = body.split_at(body.find(['M', 'L', 'Z']).unwrap_or(body.len()));
        let mut parts = step.split_ascii_whitespace().filter_map(|part| part.parse::<f32>().ok());
        match (command, parts.next(), parts.next()) {
            ('M', Some(x), Some(y)) => {
                let (x, y) = at(x, y);
                content.move_to(x, y);
            }
            ('L', Some(x), Some(y)) => {
                let (x, y) = at(x, y);
                content.line_to(x, y);
            }
            ('Z', ..) => _ = content.close_path(),
            _ => {}
        }
        rest = after;
    }
}

fn circle(x: f32, y: f32, r: f32, content: &mut Content) {
    let h = r * HANDLE;
    content
        .move_to(x + r, y)
        .cubic_to(x + r, y + h, x + h, y + r, x, y + r)
        .cubic_to(x - h, y + r, x - r, y + h, x - r, y)
        .cubic_to(x - r, y - h, x - h, y - r, x, y - r)
        .cubic_to(x + h, y - r, x + r, y - h, x + r, y)
        .close_path();
}

pub(super) fn set_fill([r, g, b]: Colour, content: &mut Content) {
    content.set_fill_rgb(f32::from(r) / 255.0, f32::from(g) / 255.0, f32::from(b) / 255.0);
}

/// Writes encoded text with its baseline at a point.
pub(super) fn write(text: &[u8], (x, y): (f32, f32), (size, bold, colour): (f32, bool, Colour), content: &mut Content) {
    set_fill(colour, content);
    content
        .begin_text()
        .set_font(Name(if bold { b"B" } else { b"R" }), size)
        .next_line(x, y)
        .show(Str(text))
        .end_text();
}
