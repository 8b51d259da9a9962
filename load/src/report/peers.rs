//! The peers' table on the page.

use std::fmt::Write;

use super::escape;
use crate::peers::Workload;
use crate::peers::figures::Outcome;
use crate::peers::table::{columns, rows};

/// The peers under each workload, if any were measured.
pub(super) fn section(html: &mut String, outcomes: &[Outcome]) {
    if outcomes.is_empty() {
        return;
    }
    html.push_str(
        "<h2>Peers</h2><p class=\"dim\">The same workloads against systems that people would use instead, \
         one after the other on this machine. The stages of the others do nothing; ours are the real analysis.</p>",
    );
    for workload in Workload::ALL.iter().copied() {
        let rows = rows(outcomes, workload);
        if rows.is_empty() {
            continue;
        }
        let columns = columns(workload);
        let _ = write!(
            html,
            "<h3>{}</h3><p class=\"dim\">{}</p><div class=\"wide\"><table><tr><th>system",
            escape(workload.name()),
            escape(workload.sentence())
        );
        for column in columns {
            let _ = write!(html, "<th class=\"n\">{}", escape(column));
        }
        html.push_str("<th>fsync<th>lacks<th>faults");
        for row in rows {
            let _ = write!(html, "<tr><td>{}", escape(row.name));
            match row.cells {
                Ok(cells) => {
                    for cell in cells {
                        let _ = write!(html, "<td class=\"n\">{}", escape(&cell));
                    }
                }
                Err(why) => {
                    let _ = write!(html, "<td colspan=\"{}\">{}", columns.len(), escape(why));
                }
            }
            let faults = escape(&row.faults.join(", "));
            let _ = write!(html, "<td>{}<td>{}<td class=\"bad\">{faults}", escape(row.fsync), escape(&row.lacks));
        }
        html.push_str("</table></div>");
    }
    html.push_str("<h3>What each is</h3><div class=\"wide\"><table><tr><th>system<th>made of<th>better than ours");
    for outcome in outcomes {
        let card = &outcome.card;
        let [name, made_of, better] = [&card.name, &card.made_of, &card.better].map(|text| escape(text));
        let _ = write!(html, "<tr><td>{name}<td>{made_of}<td>{better}");
    }
    html.push_str("</table></div>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::figures::Figures;
    use crate::peers::{Card, Lack};

    #[test]
    fn the_table_shows_figures_reasons_and_what_is_lacking() {
        let card = Card {
            name: "A & B".into(),
            made_of: "parts".into(),
            fsync: "none".into(),
            lacks: vec![Lack { what: "no resume".into(), bears_on: vec![Workload::Kills] }],
            better: "much".into(),
        };
        let figures = Figures { done_per_s: 4_321.0, missing: 3, ..Figures::default() };
        let workloads = vec![(Workload::Kills, Ok(figures)), (Workload::Idle, Err("<no> socket".into()))];
        let mut html = String::new();
        section(&mut html, &[Outcome { card, workloads }]);
        for part in ["A &amp; B", "4321", "3 without an end in time", "no resume", "&lt;no&gt; socket", "much"] {
            assert!(html.contains(part), "{part} in {html}");
        }
        let mut none = String::new();
        section(&mut none, &[]);
        assert!(none.is_empty());
    }
}
