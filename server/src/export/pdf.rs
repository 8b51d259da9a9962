//! A document as a PDF: A4, selectable text, charts as vectors, tables that go on over pages with their heads.

use app::chart::{Room, draw};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, TextStr};
use shared::format::{Block, Report, Table, markdown};

use super::fonts::{encode, lacks, width, wrap};
use super::paint::{Colour, LINE, MUTED, TEXT};
use super::picture::{self, Place};

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 50.0;
/// Where text must end above the foot.
const BOTTOM: f32 = 60.0;
const ROOM: f32 = WIDTH - 2.0 * MARGIN;
/// Line height over letter size.
const LEADING: f32 = 1.35;
/// Between the columns of a table.
const GAP: f32 = 8.0;
const BODY: f32 = 9.5;
const SMALL: f32 = 8.0;

/// The bytes of the file.
pub(super) fn write(report: &Report) -> Vec<u8> {
    let mut paper = Paper { pages: Vec::new(), content: Content::new(), y: HEIGHT - MARGIN };
    paper.paragraph(&report.title, 20.0, true, TEXT, 0.0);
    paper.paragraph(&report.about, SMALL, false, MUTED, 0.0);
    paper.y -= 6.0;
    for (i, block) in report.blocks.iter().enumerate() {
        match block {
            Block::Heading(text) => paper.heading(text),
            Block::Text(text) if i == 0 => paper.paragraph(text, 11.5, false, TEXT, 0.0),
            Block::Text(text) => paper.paragraph(text, BODY, false, TEXT, 0.0),
            Block::Warning(text) => paper.paragraph(&format!("Note: {text}"), BODY, false, [130, 78, 0], 0.0),
            Block::List(points) => points.iter().for_each(|point| paper.point(point)),
            Block::Table(table) => paper.table(table),
            Block::Chart(chart) => paper.picture(&chart.title, &draw(chart, Room::Wide)),
        }
    }
    if lacks(&markdown(report)) {
        let text = "A question mark may stand for a character that the standard fonts of PDF lack; the export as HTML has them all.";
        paper.paragraph(text, SMALL, false, MUTED, 0.0);
    }
    paper.finish(&report.title)
}

/// The page that is written on, and those before it.
struct Paper {
    pages: Vec<Content>,
    content: Content,
    /// How far down the writing has come, in points from the bottom.
    y: f32,
}

impl Paper {
    fn turn(&mut self) {
        self.pages.push(std::mem::replace(&mut self.content, Content::new()));
        self.y = HEIGHT - MARGIN;
    }

    /// Begins a new page unless there is room for `height`.
    fn need(&mut self, height: f32) {
        if self.y - height < BOTTOM && self.y < HEIGHT - MARGIN {
            self.turn();
        }
    }

    fn paragraph(&mut self, text: &str, size: f32, bold: bool, colour: Colour, indent: f32) {
        for line in wrap(&encode(text), size, bold, ROOM - indent) {
            self.need(size * LEADING);
            self.y -= size * LEADING;
            picture::write(&line, (MARGIN + indent, self.y), (size, bold, colour), &mut self.content);
        }
        self.y -= size * 0.5;
    }

    fn heading(&mut self, text: &str) {
        // With room for what it is the head of.
        self.need(70.0);
        self.y -= 8.0;
        self.paragraph(text, 13.0, true, TEXT, 0.0);
    }

    fn point(&mut self, text: &str) {
        self.need(BODY * LEADING);
        let y = self.y - BODY * LEADING;
        picture::write(b"\x95", (MARGIN + 2.0, y), (BODY, false, TEXT), &mut self.content);
        self.paragraph(text, BODY, false, TEXT, 12.0);
    }

    fn table(&mut self, table: &Table) {
        let widths = column_widths(table);
        self.row(&table.head, &widths, true);
        for row in &table.rows {
            let height = row_height(row, &widths);
            if self.y - height < BOTTOM && self.y < HEIGHT - MARGIN {
                self.turn();
                self.row(&table.head, &widths, true);
            }
            self.row(row, &widths, false);
        }
        self.y -= 6.0;
    }

    fn row(&mut self, cells: &[String], widths: &[f32], bold: bool) {
        let top = self.y;
        let mut x = MARGIN;
        let mut lowest = top;
        for (cell, room) in cells.iter().zip(widths) {
            let mut y = top;
            for line in wrap(&encode(cell), SMALL, bold, *room) {
                y -= SMALL * LEADING;
                // A cell that is longer than a page is cut; the other formats have it whole.
                if y < BOTTOM - 20.0 {
                    break;
                }
                picture::write(&line, (x, y), (SMALL, bold, if bold { MUTED } else { TEXT }), &mut self.content);
            }
            lowest = lowest.min(y);
            x += room + GAP;
        }
        self.y = lowest - 4.0;
        let part = |c: u8| f32::from(c) / 255.0;
        self.content.set_stroke_rgb(part(LINE[0]), part(LINE[1]), part(LINE[2])).set_line_width(0.5);
        self.content.set_dash_pattern([], 0.0);
        self.content.move_to(MARGIN, self.y).line_to(WIDTH - MARGIN, self.y).stroke();
        self.y -= 1.5;
    }

    fn picture(&mut self, title: &str, svg: &str) {
        let Some((wide, high)) = picture::size(svg) else { return };
        // A long chart becomes smaller rather than be cut.
        let scale = (ROOM / wide).min((HEIGHT - MARGIN - BOTTOM - 40.0) / high);
        self.need(high * scale + 30.0);
        self.paragraph(title, 10.5, true, TEXT, 0.0);
        picture::draw(svg, Place { left: MARGIN, top: self.y, scale }, &mut self.content);
        self.y -= high * scale + 10.0;
    }

    /// Puts the pages together.
    fn finish(mut self, title: &str) -> Vec<u8> {
        self.turn();
        let count = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        let mut next = Ref::new(1);
        let [catalog, tree, plain, bold, info] = [(); 5].map(|()| next.bump());
        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(tree).lang(TextStr("en"));
        root.viewer_preferences().display_doc_title(true);
        root.finish();
        pdf.document_info(info).title(TextStr(title)).creator(TextStr("Exemplar")).finish();
        let ids: Vec<(Ref, Ref)> = self.pages.iter().map(|_| (next.bump(), next.bump())).collect();
        pdf.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(count);
        for (number, (mut content, (id, stream))) in self.pages.into_iter().zip(&ids).enumerate() {
            let foot = encode(&format!("Exemplar · {title} · {} of {count}", number + 1));
            let x = (WIDTH - width(&foot, SMALL, false)) / 2.0;
            picture::write(&foot, (x, 30.0), (SMALL, false, MUTED), &mut content);
            let mut page = pdf.page(*id);
            page.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(*stream);
            page.resources().fonts().pair(Name(b"R"), plain).pair(Name(b"B"), bold);
            page.finish();
            pdf.stream(*stream, content.finish().as_slice());
        }
        for (id, name) in [(plain, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
            pdf.type1_font(id).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        pdf.finish()
    }
}

fn row_height(row: &[String], widths: &[f32]) -> f32 {
    let lines = row.iter().zip(widths).map(|(cell, room)| wrap(&encode(cell), SMALL, false, *room).len());
    lines.max().unwrap_or(1) as f32 * SMALL * LEADING + 6.0
}

/// Columns get what their longest cell wants, and if that is too much, what remains is shared out fairly: no narrow
/// column pays for a wide one.
fn column_widths(table: &Table) -> Vec<f32> {
    let columns = table.head.len().max(1);
    let wanted: Vec<f32> = (0..columns)
        .map(|at| {
            let cells = table.rows.iter().filter_map(|row| row.get(at)).map(|cell| width(&encode(cell), SMALL, false));
            let head = table.head.get(at).map_or(0.0, |head| width(&encode(head), SMALL, true));
            cells.fold(head, f32::max) + 1.0
        })
        .collect();
    let mut room = ROOM - GAP * (columns - 1) as f32;
    let mut widths = vec![0.0; columns];
    let mut open: Vec<usize> = (0..columns).collect();
    loop {
        let fair = room / open.len().max(1) as f32;
        let (modest, greedy): (Vec<usize>, Vec<usize>) = open.iter().partition(|at| wanted[**at] <= fair);
        for at in &modest {
            widths[*at] = wanted[*at];
            room -= wanted[*at];
        }
        if modest.is_empty() || greedy.is_empty() {
            for at in &greedy {
                widths[*at] = fair;
            }
            return widths;
        }
        open = greedy;
    }
}
