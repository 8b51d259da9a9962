//! One page for people, complete in itself.

use std::fmt::Write;

use super::plot::{Line, Plot, Scale};
use super::{Entry, Report, escape, figure};
use crate::checker::Standing;
use crate::scenario::Finding;
use crate::thresholds::Judged;

const STYLE: &str = "
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2330;--dim:#5b6575;--rule:#dfe3ea;--ok:#0b7a4b;--bad:#b3261e;--c0:#2458d3;--c1:#c2571a;--c2:#0b7a4b;--c3:#7a3fb3}
@media(prefers-color-scheme:dark){:root{--bg:#12161d;--fg:#e6eaf2;--dim:#97a3b6;--rule:#2b3341;--ok:#5cd6a0;--bad:#ff8a80;--c0:#7aa5ff;--c1:#ffab70;--c2:#5cd6a0;--c3:#cfa3ff}}
body{font:16px/1.5 system-ui,sans-serif;background:var(--bg);color:var(--fg);max-width:1180px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;border-top:1px solid var(--rule);padding-top:1.2rem;margin-top:2rem}
.dim,figcaption,.none{color:var(--dim)}.ok{color:var(--ok)}.bad{color:var(--bad);font-weight:600}
table{border-collapse:collapse;margin:.6rem 0;width:100%}th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:1rem}
figure{margin:0}svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:var(--dim)}.end{text-anchor:end}.mid{text-anchor:middle}
.grid{stroke:var(--rule)}polyline{fill:none;stroke-width:1.8}.l0{stroke:var(--c0)}.l1{stroke:var(--c1)}.l2{stroke:var(--c2)}.l3{stroke:var(--c3)}
svg .t0{fill:var(--c0)}svg .t1{fill:var(--c1)}svg .t2{fill:var(--c2)}svg .t3{fill:var(--c3)}
pre{overflow-x:auto;font-size:.8rem;background:color-mix(in srgb,var(--rule) 35%,transparent);padding:.6rem}.wide{overflow-x:auto}
a{color:var(--c0)}summary,h1,p{overflow-wrap:anywhere}td small{display:block;color:var(--dim)}
@media(max-width:40em){body{margin:1rem auto;padding:0 .75rem}th,td{padding-right:.5rem;font-size:.85rem}}";

pub(super) fn page(report: &Report) -> String {
    let verdict = if report.passed { "everything held" } else { "something did not hold" };
    let class = if report.passed { "ok" } else { "bad" };
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>rapid: {verdict}</title><style>{STYLE}</style><h1>rapid: <span class=\"{class}\">{verdict}</span></h1>"
    );
    let _ = write!(
        html,
        "<p class=\"dim\">{} against {}, {} form, seed {}, {} processors, started {}.</p>",
        escape(report.tool),
        escape(&report.target),
        escape(&report.form),
        report.seed,
        report.processors,
        when(report.started_unix_ms)
    );
    if let Some(why) = &report.cut_short {
        let _ = write!(html, "<p class=\"bad\">The run ended early: {}</p>", escape(why));
    }
    for note in &report.notes {
        let _ = write!(html, "<p class=\"dim\">{}</p>", escape(note));
    }
    // A run of the peers alone has neither scenarios nor invariants.
    if !report.scenarios.is_empty() || report.peers.is_empty() {
        overview(&mut html, report);
        invariants(&mut html, report);
    }
    comparison(&mut html, report);
    super::peers::section(&mut html, &report.peers);
    for entry in &report.scenarios {
        scenario(&mut html, entry);
    }
    html.push_str("</html>\n");
    html
}

fn when(unix_ms: u64) -> String {
    let time = time::OffsetDateTime::from_unix_timestamp((unix_ms / 1_000).cast_signed());
    let text = time.ok().and_then(|t| t.format(&time::format_description::well_known::Rfc3339).ok());
    text.unwrap_or_else(|| "at an unknown time".into())
}

fn mark(good: bool, yes: &str, no: &str) -> String {
    if good { format!("<span class=\"ok\">{yes}</span>") } else { format!("<span class=\"bad\">{no}</span>") }
}

fn overview(html: &mut String, report: &Report) {
    html.push_str("<div class=\"wide\"><table><tr><th>scenario<th><th>what it shows<th class=\"n\">messages<th class=\"n\">per second<th class=\"n\">accepted p50 / p99 ms<th class=\"n\">ended p50 / p99 ms");
    for entry in &report.scenarios {
        let state = mark(entry.passed(), "passed", "failed");
        let name = entry.scenario;
        let Some(f) = &entry.finding else {
            let why = escape(entry.error.as_deref().unwrap_or_default());
            let _ = write!(html, "<tr><td><a href=\"#{name}\">{name}</a><td>{state}<td>{why}<td><td><td><td>");
            continue;
        };
        let measure = |name: &str| f.measures.iter().find(|m| m.name == name).map_or(f64::NAN, |m| m.value);
        let _ = write!(
            html,
            "<tr><td><a href=\"#{name}\">{name}</a><td>{state}<td>{}<td class=\"n\">{}<td class=\"n\">{}<td class=\"n\">{} / {}<td class=\"n\">{} / {}",
            escape(f.sentence),
            figure(measure("messages")),
            figure(measure("messages_per_s")),
            figure(f.accept.p50),
            figure(f.accept.p99),
            figure(f.whole.p50),
            figure(f.whole.p99)
        );
    }
    html.push_str("</table></div>");
}

/// Each rule over all scenarios: how often it was put to the test, how often it was broken.
fn invariants(html: &mut String, report: &Report) {
    html.push_str("<h2>Invariants</h2><div class=\"wide\"><table><tr><th>rule<th><th>it says<th class=\"n\">tested<th class=\"n\">broken");
    for rule in crate::checker::Rule::ALL {
        let all: Vec<_> = report
            .scenarios
            .iter()
            .filter_map(|e| e.finding.as_ref())
            .flat_map(|f| &f.verdict.rules)
            .filter(|r| r.rule == *rule)
            .collect();
        let (tested, broken) =
            (all.iter().map(|r| r.observed).sum::<u64>(), all.iter().map(|r| r.violations).sum::<u64>());
        let why = all.iter().find_map(|r| if let Standing::Untested(why) = r.standing { Some(why) } else { None });
        let (state, why) = match (tested, broken) {
            (0, 0) => {
                let why = format!("<small>not judged: {}</small>", escape(why.unwrap_or("not run")));
                ("<span class=\"dim\">–</span>".into(), why)
            }
            (_, broken) => (mark(broken == 0, "held", "broken"), String::new()),
        };
        let _ = write!(
            html,
            "<tr><td>{rule}<td>{state}<td>{}{why}<td class=\"n\">{}<td class=\"n\">{broken}",
            escape(rule.title()),
            figure(tested as f64)
        );
    }
    html.push_str("</table></div>");
}

fn comparison(html: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else { return };
    let _ = write!(html, "<h2>Compared with {}</h2>", escape(&comparison.baseline));
    for name in &comparison.broken {
        let _ = write!(html, "<p><span class=\"bad\">worse</span> {} passed before, and does not now.", escape(name));
    }
    for note in &comparison.notes {
        let _ = write!(html, "<p>{}", escape(note));
    }
    if comparison.changes.is_empty() {
        html.push_str("<p class=\"dim\">The two have no scenario in common that ran long enough to compare.</p>");
        return;
    }
    html.push_str("<div class=\"wide\"><table><tr><th>scenario<th>measure<th class=\"n\">before<th class=\"n\">now<th class=\"n\">change<th class=\"n\">interval (all together 95 %)<th>");
    for change in &comparison.changes {
        let percent = |ratio: f64| format!("{:+.1} %", (ratio - 1.0) * 100.0);
        let state = match change.regressed {
            true => "<span class=\"bad\">worse</span>",
            false if change.improved => "<span class=\"ok\">better</span>",
            false => "",
        };
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td class=\"n\">{}<td class=\"n\">{}<td class=\"n\">{}<td class=\"n\">{} to {}<td>{state}",
            escape(&change.scenario),
            escape(&change.measure),
            figure(change.before),
            figure(change.now),
            percent(change.ratio),
            percent(change.low),
            percent(change.high)
        );
    }
    html.push_str("</table></div>");
}

fn scenario(html: &mut String, entry: &Entry) {
    let state = mark(entry.passed(), "passed", "failed");
    let _ = write!(html, "<h2 id=\"{0}\">{0} {state}</h2>", entry.scenario);
    if let Some(error) = &entry.error {
        let _ = write!(html, "<p class=\"bad\">{}</p>", escape(error));
    }
    let Some(finding) = &entry.finding else { return };
    for note in &finding.notes {
        let _ = write!(html, "<p class=\"dim\">{}</p>", escape(note));
    }
    thresholds(html, &entry.thresholds);
    violations(html, finding);
    html.push_str("<div class=\"plots\">");
    for plot in plots(finding) {
        html.push_str(&plot.svg());
    }
    html.push_str("</div><details><summary>All measures</summary><div class=\"wide\"><table>");
    for m in &finding.measures {
        let _ = write!(html, "<tr><td>{}<td class=\"n\">{}<td>{}", m.name, figure(m.value), escape(m.unit));
    }
    html.push_str("</table></div></details>");
}

fn thresholds(html: &mut String, judged: &[Judged]) {
    if judged.is_empty() {
        return;
    }
    html.push_str(
        "<div class=\"wide\"><table><tr><th>threshold<th><th class=\"n\">measured<th class=\"n\">at least<th class=\"n\">at most",
    );
    for j in judged {
        let show = |value: Option<f64>| value.map_or(String::new(), figure);
        let state = match j.value {
            None => "<span class=\"dim\">not measured</span>".into(),
            Some(_) => mark(j.holds, "holds", "does not hold"),
        };
        let _ = write!(
            html,
            "<tr><td>{}<td>{state}<td class=\"n\">{}<td class=\"n\">{}<td class=\"n\">{}",
            escape(&j.measure),
            show(j.value),
            show(j.bound.min),
            show(j.bound.max)
        );
    }
    html.push_str("</table></div>");
}

fn violations(html: &mut String, finding: &Finding) {
    for violation in &finding.verdict.violations {
        let _ = write!(
            html,
            "<details><summary class=\"bad\">{} broken: {}</summary><pre>",
            violation.rule,
            escape(&violation.summary)
        );
        for proof in &violation.proof {
            let (ms, frame) = (proof.at_us as f64 / 1e3, escape(&proof.frame.to_string()));
            let _ = writeln!(html, "{ms:>12.3} ms  client {}.{}  {frame}", proof.client, proof.connection);
        }
        html.push_str("</pre></details>");
    }
}

fn plots(finding: &Finding) -> Vec<Plot> {
    let line = |name: &str, points: Vec<(f64, f64)>| Line { name: name.into(), points };
    let windows = |of: fn(&crate::stats::Window) -> f64| finding.windows.iter().map(|w| (w.start_s, of(w))).collect();
    let samples = |of: fn(&crate::monitor::Sample) -> Option<f64>| {
        finding.samples.iter().filter_map(|s| Some((s.at_us as f64 / 1e6, of(s)?))).collect::<Vec<_>>()
    };
    let mut plots = vec![
        Plot {
            title: "Latency from the intended send to the end".into(),
            x: ("percentile", Scale::Percentile),
            y: ("ms", Scale::Log),
            lines: vec![line("ended", finding.curve.clone())],
        },
        Plot {
            title: "Throughput".into(),
            x: ("seconds", Scale::Linear),
            y: ("messages/s", Scale::Linear),
            lines: vec![
                line("to be sent", windows(|w| w.sent as f64 / w.length_s)),
                line("ended", windows(|w| w.ended as f64 / w.length_s)),
            ],
        },
        Plot {
            title: "Latency over time".into(),
            x: ("seconds", Scale::Linear),
            y: ("ms", Scale::Linear),
            lines: vec![line("p50", windows(|w| w.p50_ms)), line("p99", windows(|w| w.p99_ms))],
        },
    ];
    let memory: Vec<_> = samples(|s| s.memory_bytes).into_iter().map(|(t, b)| (t, b / 1e6)).collect();
    if memory.len() > 1 {
        let (title, x, y) = ("Memory of the server".into(), ("seconds", Scale::Linear), ("MB", Scale::Linear));
        plots.push(Plot { title, x, y, lines: vec![line("resident", memory)] });
    }
    let counts = |title: &str, unit: &'static str, lines: Vec<Line>| {
        let lines: Vec<_> = lines.into_iter().filter(|line| line.points.len() > 1).collect();
        let (x, y) = (("seconds", Scale::Linear), (unit, Scale::Linear));
        (!lines.is_empty()).then(|| Plot { title: title.into(), x, y, lines })
    };
    plots.extend(counts("Messages waiting in the server", "messages", vec![line("pending", samples(|s| s.pending))]));
    let sockets = vec![line("sockets", samples(|s| s.connections)), line("sessions", samples(|s| s.sessions))];
    plots.extend(counts("Sockets and sessions of the server", "number", sockets));
    let process = vec![line("threads", samples(|s| s.threads)), line("descriptors", samples(|s| s.descriptors))];
    plots.extend(counts("Threads and descriptors of the server", "number", process));
    plots
}
