//! Tables in text: rows of cells between bars or tabs. Each cell is read with what labels it, so "| input | 950 |" says
//! what "input: 950" says, and below a head of several columns each cell is read with the head of its column.

use super::lex::{Kind, Tok};

/// Rows of a table, and tokens of a cell of its head: heads are repeated, so beyond this a text is read as it stands.
const ROWS_MAX: usize = 50;
const CELL_MAX: usize = 12;

/// A row: the tokens of each of its cells.
type Row<'a> = Vec<&'a [Tok]>;

/// Bars and line ends become what they mean: labels in tables, stops elsewhere.
pub(super) fn spread(toks: &mut Vec<Tok>) {
    if !toks.iter().any(|t| t.is_sym('|')) {
        for tok in toks.iter_mut().filter(|t| t.is_sym('\n')) {
            tok.kind = Kind::Stop;
        }
        return;
    }
    let old = std::mem::take(toks);
    let lines: Vec<&[Tok]> = old.split_inclusive(|t| t.is_sym('\n')).collect();
    let rows: Vec<Row<'_>> = lines.iter().map(|line| cells(line)).collect();
    let mut i = 0;
    while i < lines.len() {
        // Lines that only draw ("|---|---|") and rows of as many cells belong to one table.
        let width = rows[i].len();
        let end = (i..rows.len()).find(|j| !drawn(&rows[*j]) && rows[*j].len() != width).unwrap_or(rows.len());
        let body: Vec<&Row<'_>> = rows[i..end].iter().filter(|row| !drawn(row)).collect();
        let short = body.first().is_some_and(|head| head.iter().all(|cell| cell.len() <= CELL_MAX));
        if width >= 2 && (2..=ROWS_MAX).contains(&body.len()) && short {
            table(&body, toks);
            i = end;
        } else {
            plain(lines[i], toks);
            i += 1;
        }
    }
}

/// The cells of a line.
fn cells(line: &[Tok]) -> Row<'_> {
    let line = line
        .strip_suffix(std::slice::from_ref(line.last().filter(|t| t.is_sym('\n')).unwrap_or(&NONE)))
        .unwrap_or(line);
    let first = line.iter().position(|t| !t.is_sym('|')).unwrap_or(line.len());
    let last = line.iter().rposition(|t| !t.is_sym('|')).map_or(first, |i| i + 1);
    // A first cell left empty counts: "| | today | wanted |".
    let first = if first >= 2 { 1 } else { first };
    line.get(first..last).unwrap_or(&[]).split(|t| t.is_sym('|')).collect()
}

/// No token of any message.
const NONE: Tok = Tok { kind: Kind::Stop, start: 0, end: 0, byte: 0, byte_end: 0, glued: false, copy: true };

/// Whether a row has nothing but lines.
fn drawn(row: &Row<'_>) -> bool {
    row.len() >= 2
        && row
            .iter()
            .all(|cell| !cell.is_empty() && cell.iter().all(|t| matches!(t.kind, Kind::Sym('-' | ':' | '—' | '='))))
}

fn figures(cell: &[Tok]) -> bool {
    cell.iter().any(|t| matches!(t.kind, Kind::Num(_) | Kind::Model(_)))
}

fn sign(sign: char, like: Tok) -> Tok {
    Tok { kind: Kind::Sym(sign), start: like.end, end: like.end, byte: like.byte_end, byte_end: like.byte_end, ..like }
}

/// A line that is in no table.
fn plain(line: &[Tok], out: &mut Vec<Tok>) {
    for tok in line {
        let kind = if matches!(tok.kind, Kind::Sym('|' | '\n')) { Kind::Stop } else { tok.kind };
        out.push(Tok { kind, ..*tok });
    }
}

fn table(rows: &[&Row<'_>], out: &mut Vec<Tok>) {
    let Some((head, body)) = rows.split_first() else { return };
    let labels_left = head.len() == 2 && body.iter().all(|row| !figures(row[0]));
    let headed = !labels_left && !head.iter().any(|cell| figures(cell));
    let rows = if headed { body } else { rows };
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let Some(last) = cell.last() else { continue };
            // A cell of words names its row and needs no head.
            if headed && figures(cell) {
                out.extend(head[column].iter().map(|t| Tok { copy: true, ..*t }));
                if let Some(label) = head[column].last() {
                    out.push(Tok { copy: true, ..sign(':', *label) });
                }
            }
            out.extend_from_slice(cell);
            let follows = row.get(column + 1).is_some_and(|next| !next.is_empty());
            let joint = if labels_left || headed && column == 0 && !figures(cell) { ':' } else { ',' };
            if follows && (labels_left || headed) {
                out.push(sign(joint, *last));
            } else {
                out.push(Tok { kind: Kind::Stop, ..sign(joint, *last) });
            }
        }
    }
}
