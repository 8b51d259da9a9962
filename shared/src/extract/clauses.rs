//! Who says a figure, when, and whether it is so: a figure that is negated, hypothetical, past or somebody else's is
//! not a fact about this workload.

use super::lex::{Kind, Lexed, Tok};
use super::lexicon::{C, Per};

/// How far the words around a token vouch for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    /// Not a fact about this workload.
    Out,
    /// What would or could be: no fact, except of what may be done ("30 % could wait").
    Supposed,
    /// A fact if nothing better is said: expected, or conditional without being contrary to fact.
    Weak,
    /// Stated.
    Stated,
}

/// The status of every token.
pub(super) fn statuses(lexed: &Lexed) -> Vec<Status> {
    let toks = &lexed.toks;
    let mut status = vec![Status::Stated; toks.len()];
    let mut start = 0;
    let mut third_before = false;
    for end in (0..=toks.len()).filter(|i| toks.get(*i).is_none_or(|t| t.kind == Kind::Stop)) {
        if start < end {
            let sentence = Sentence { lexed, toks: &toks[start..end] };
            third_before = sentence.read(&mut status[start..end], third_before);
        }
        start = end + 1;
    }
    status
}

/// The tokens between two stops.
struct Sentence<'a> {
    lexed: &'a Lexed,
    toks: &'a [Tok],
}

/// What one clause leaves for the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Third,
    Past,
    Hypothetical,
}

impl Sentence<'_> {
    /// Writes the status of each token; returns whether the sentence ends about somebody else.
    fn read(&self, status: &mut [Status], third_before: bool) -> bool {
        let has = |c: C| self.toks.iter().any(|t| t.is(c));
        if let Some(at) = self.toks.iter().position(|t| t.is(C::Ignore)) {
            status[at..].fill(Status::Out);
        }
        let mut mode = Mode::Plain;
        if third_before && self.toks.iter().take(2).any(|t| t.is(C::They)) && !has(C::First) {
            mode = Mode::Third;
        }
        // "They pay $5k": whoever they are.
        if self.toks[0].is(C::They) && self.toks.get(1).is_some_and(|t| t.is(C::Spend)) {
            mode = Mode::Third;
        }
        let mut outer = None;
        for (from, to) in self.segments() {
            let cut = from.checked_sub(1).and_then(|i| self.toks.get(i));
            // "but" turns back to what is so; brackets keep what they say to themselves.
            if cut.is_some_and(|t| t.is(C::But)) && mode != Mode::Third {
                mode = Mode::Plain;
            }
            if cut.is_some_and(|t| t.is_sym('(')) {
                outer = Some(mode);
                // "switched off in June (was 5k/day)".
                if self.toks.get(from).is_some_and(|t| matches!(self.lexed.text(t), "was" | "were" | "war" | "waren")) {
                    mode = Mode::Past;
                }
            }
            if cut.is_some_and(|t| t.is_sym(')')) {
                mode = outer.take().unwrap_or(mode);
            }
            mode = self.segment(&mut status[from..to], from, to, mode);
        }
        self.negations(status);
        mode == Mode::Third
    }

    /// Clauses: between commas, brackets, dashes, "but", and "and" before a new subject or time.
    fn segments(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut from = 0;
        for (i, tok) in self.toks.iter().enumerate() {
            let cuts = match tok.kind {
                Kind::Sym(',' | '(' | ')' | '—' | ':') | Kind::Word(C::But) => true,
                Kind::Sym('-') => !tok.glued,
                // "ours are $13k vs the industry's $8k".
                Kind::Word(C::Versus) => self.toks[i + 1..].iter().take(2).any(|t| t.is(C::Third)),
                Kind::Word(C::And) => {
                    self.toks[i + 1..]
                    .iter()
                    .take(3)
                    .any(|t| matches!(t.word(), Some(C::First | C::Third | C::They | C::Now | C::Hist)))
                    // "p95 used to be 2 s and is 5 s".
                    || self.toks.get(i + 1).is_some_and(|t| self.is_present(t))
                }
                _ => false,
            };
            if cuts {
                found.push((from, i));
                from = i + 1;
            }
        }
        found.push((from, self.toks.len()));
        found.retain(|(from, to)| from <= to);
        found
    }

    /// Whether a word is "is" of today.
    fn is_present(&self, tok: &Tok) -> bool {
        matches!(self.lexed.text(tok), "is" | "are" | "ist" | "sind" | "has")
    }

    /// One clause; returns what it leaves for the next.
    fn segment(&self, status: &mut [Status], from: usize, to: usize, before: Mode) -> Mode {
        let toks = &self.toks[from..to];
        let at = |c: C| toks.iter().position(|t| t.is(c));
        let has = |c: C| at(c).is_some();
        let figures = toks
            .iter()
            .any(|t| matches!(t.kind, Kind::Num(_) | Kind::Model(_)) || matches!(t.word(), Some(C::NumWord(_))));
        let lower = |status: &mut [Status], to: Status| status.iter_mut().for_each(|s| *s = (*s).min(to));
        // "acme: 22k requests a day": a name in a list.
        let label = to - from == 1 && self.toks.get(to).is_some_and(|t| t.is_sym(':'));
        if !label && toks.iter().enumerate().any(|(i, t)| t.is(C::Third) && self.speaks(toks, i)) || self.hearsay(toks)
        {
            lower(status, Status::Out);
            return Mode::Third;
        }
        if before == Mode::Third && !has(C::First) {
            lower(status, Status::Out);
            return Mode::Third;
        }
        if let Some(i) = at(C::WhatIf).or_else(|| self.counterfactual(toks)) {
            // "we'd pay $50k if we used B": what would be stands before the condition.
            let would = toks[..i].iter().position(|t| self.would(t)).unwrap_or(i);
            lower(&mut status[would..], Status::Out);
            return Mode::Hypothetical;
        }
        if before == Mode::Hypothetical && !has(C::Now) && !self.asks(toks) {
            lower(status, Status::Out);
            return if has(C::Would) { Mode::Plain } else { Mode::Hypothetical };
        }
        if let Some(i) = at(C::If) {
            lower(&mut status[i..], Status::Weak);
        }
        let past = toks
            .iter()
            .enumerate()
            .position(|(i, t)| t.is(C::Hist) && !self.serves(toks, i))
            .or_else(|| self.years_ago(toks))
            .or_else(|| self.before_something(toks))
            .or_else(|| self.until_then(toks));
        match (past, at(C::Now)) {
            (Some(_), None) => {
                lower(status, Status::Out);
                return Mode::Past;
            }
            (Some(past), Some(now)) if now > past => {
                lower(&mut status[..now], Status::Out);
                return Mode::Plain;
            }
            (Some(past), Some(_)) => {
                lower(&mut status[past..], Status::Out);
                return Mode::Plain;
            }
            (None, None) if before == Mode::Past => {
                let present = has(C::First) && !self.past_tense(toks) || !figures && self.asks(toks);
                let lead_in =
                    from > 0 && self.toks[..from - 1].iter().all(|t| !matches!(t.kind, Kind::Num(_) | Kind::Model(_)));
                let turned = toks.first().is_some_and(|t| self.is_present(t))
                    && from > 0
                    && self.toks[from - 1].is(C::And)
                    && figures;
                if !turned && (!present || lead_in) {
                    lower(status, Status::Out);
                    return Mode::Past;
                }
            }
            (None, _) => {}
        }
        // "from 2M to 5M by next year" says where it starts.
        let spans = at(C::From).is_some_and(|i| {
            toks.get(i + 1).is_some_and(|t| matches!(t.kind, Kind::Num(_)))
                && toks[i..].iter().take(8).any(|t| t.is(C::To))
        });
        // A budget is of what comes.
        if has(C::Future) && !spans && !has(C::Budget) {
            lower(status, Status::Out);
        } else if has(C::Expect) || has(C::LastMonth) {
            lower(status, Status::Weak);
        }
        if let Some(i) = toks.iter().position(|t| self.would(t))
            && !self.asks(&toks[..i])
            && (from + i > 0 || toks[i].is(C::First))
        {
            lower(&mut status[i..], Status::Supposed);
        }
        Mode::Plain
    }

    /// Whether a word for others tells of them: not "according to our invoice", not "competitor analysis".
    fn speaks(&self, toks: &[Tok], at: usize) -> bool {
        const THINGS: &[&str] = &[
            "analysis",
            "analyse",
            "analysen",
            "websites",
            "sites",
            "products",
            "data",
            "research",
            "monitoring",
            "intelligence",
            "reviews",
            "pages",
            "portal",
            "program",
            "programme",
            "network",
            "shops",
            "chat",
            "team",
        ];
        let next = toks.get(at + 1);
        let own = self.lexed.text(&toks[at]) == "according to" && next.is_some_and(|t| t.is(C::First));
        let thing = next.is_some_and(|t| THINGS.contains(&self.lexed.text(t)));
        !own && !thing
    }

    /// "would", "could", "würden": what is not so. German forms count only with their umlaut.
    fn would(&self, tok: &Tok) -> bool {
        let text = self.lexed.text(tok);
        let short = tok.is(C::First) && text.ends_with("'d") && self.toks.iter().any(|t| t.is(C::If));
        short
            || tok.is(C::Would)
                && (self.lexed.has_umlaut(tok)
                    || matches!(self.lexed.text(tok), "would" | "could" | "might" | "wuerde" | "wuerden" | "waere"))
    }

    /// "if we had", "wenn wir hätten": where the condition begins.
    fn counterfactual(&self, toks: &[Tok]) -> Option<usize> {
        let i = toks.iter().position(|t| t.is(C::If))?;
        let contrary = toks[i..].iter().any(|t| {
            let text = self.lexed.text(t);
            matches!(
                text,
                "had"
                    | "were"
                    | "doubled"
                    | "tripled"
                    | "went"
                    | "grew"
                    | "switched"
                    | "moved"
                    | "used"
                    | "could"
                    | "haetten"
                    | "waeren"
                    | "ran"
                    | "sent"
                    | "was"
                    | "made"
                    | "got"
                    | "served"
                    | "processed"
                    | "handled"
                    | "received"
                    | "reached"
                    | "increased"
                    | "added"
                    | "paid"
                    | "spent"
                    | "scaled"
                    | "hosted"
                    | "bought"
            ) || (self.lexed.has_umlaut(t)
                && matches!(text, "hatten" | "hatte" | "waren" | "ware" | "wurden" | "wurde" | "konnten"))
        });
        contrary.then_some(i)
    }

    /// Whether the words ask: "what", "how much", "was", "wie viel".
    fn asks(&self, toks: &[Tok]) -> bool {
        toks.iter().any(|t| {
            matches!(
                self.lexed.text(t),
                "what" | "how" | "which" | "when" | "why" | "wie" | "welche" | "welches" | "wann" | "warum"
            )
        })
    }

    fn past_tense(&self, toks: &[Tok]) -> bool {
        toks.iter().any(|t| {
            matches!(
                self.lexed.text(t),
                "had"
                    | "was"
                    | "were"
                    | "spent"
                    | "paid"
                    | "ran"
                    | "used"
                    | "sent"
                    | "hatten"
                    | "hatte"
                    | "waren"
                    | "war"
                    | "zahlten"
            ) && !self.lexed.has_umlaut(t)
        })
    }

    /// "is used to run …": a purpose, not a past.
    fn serves(&self, toks: &[Tok], at: usize) -> bool {
        self.lexed.text(&toks[at]).starts_with("used to") && at > 0 && toks[at - 1].is(C::Is)
    }

    /// "two years ago", "vor zwei Jahren", "in 2024 we had".
    fn years_ago(&self, toks: &[Tok]) -> Option<usize> {
        // "answered minutes ago" is of today.
        let time = |t: &Tok| matches!(t.word(), Some(C::Time(per)) if per.days() >= 1.0);
        let ago = toks.iter().enumerate().position(|(i, t)| {
            t.is(C::Ago)
                && if self.lexed.text(t) == "ago" {
                    toks[..i].last().is_some_and(time)
                } else {
                    toks[i + 1..].iter().take(3).any(time)
                }
        });
        let year = || {
            let i = toks.iter().position(is_year)?;
            self.past_tense(toks).then_some(i)
        };
        ago.or_else(year)
    }

    /// "before the redesign prompts were 4,000 tokens".
    fn before_something(&self, toks: &[Tok]) -> Option<usize> {
        let leads = |t: &Tok| matches!(self.lexed.text(t), "before" | "bevor" | "prior");
        let i = toks.iter().position(leads)?;
        (i <= 1 && self.past_tense(toks)).then_some(i)
    }

    /// "was 5k requests a day before, now …".
    fn until_then(&self, toks: &[Tok]) -> Option<usize> {
        let last = toks.last().filter(|t| matches!(self.lexed.text(t), "before" | "vorher" | "davor" | "earlier"))?;
        (self.past_tense(toks) && last.start > 0).then_some(0)
    }

    /// "vendor benchmarks say 400 ms": who is not us says something.
    fn hearsay(&self, toks: &[Tok]) -> bool {
        const SAY: &[&str] = &[
            "say",
            "says",
            "said",
            "claim",
            "claims",
            "promise",
            "promises",
            "advertise",
            "advertises",
            "quote",
            "quotes",
            "boast",
            "boasts",
            "state",
            "states",
            "sagt",
            "sagen",
            "verspricht",
            "versprechen",
            "wirbt",
            "behaupten",
        ];
        const WHO: &[&str] = &[
            "vendor",
            "provider",
            "supplier",
            "anbieter",
            "hersteller",
            "benchmark",
            "blog",
            "article",
            "study",
            "studie",
            "website",
            "paper",
            "marketing",
            "sales",
            "analyst",
            "leaderboard",
            "press",
            "media",
            "thread",
            "artikel",
            "brochure",
            "broschure",
            "datasheet",
            "vertrieb",
        ];
        // "the vendor says 300 requests a minute": its limits are what it says.
        if toks
            .iter()
            .any(|t| matches!(t.word(), Some(C::Time(Per::Minute) | C::Rate(Per::Minute) | C::TokRate(Per::Minute))))
        {
            return false;
        }
        let who = |t: &Tok| {
            matches!(t.word(), Some(C::Vendor(_))) || WHO.iter().any(|stem| self.lexed.text(t).starts_with(stem))
        };
        toks.iter().position(|t| SAY.contains(&self.lexed.text(t))).is_some_and(|verb| {
            let subject = &toks[verb.saturating_sub(4)..verb];
            subject.iter().any(who) && !subject.iter().any(|t| t.is(C::First))
        })
    }

    /// Figures behind a "not", up to the end of its clause, unless it is a bound ("not more than").
    fn negations(&self, status: &mut [Status]) {
        for (i, tok) in self.toks.iter().enumerate().filter(|(_, t)| t.is(C::Not)) {
            let reach = match self.lexed.text(tok) {
                // "no caching, 10k requests": only what follows at once.
                "no" | "kein" | "keine" | "keinen" | "keiner" | "without" | "ohne" | "none" => 1,
                "never" | "nie" => 3,
                "instead of" | "rather than" | "statt" | "anstatt" => 4,
                _ => 7,
            };
            let ends = |t: &Tok| {
                matches!(t.kind, Kind::Sym(',' | '(' | ')' | '—' | ':'))
                    || matches!(
                        t.word(),
                        Some(
                            C::But
                                | C::And
                                | C::With
                                | C::Correct
                                | C::More
                                | C::UpTo
                                | C::Target
                                | C::AtLeast
                                | C::Spend
                        )
                    ) && !(t.is(C::Spend) && reach > 3)
            };
            let scope = self.toks[i + 1..].iter().take(reach).take_while(|t| !ends(t)).count();
            // The bound's own figure stays: "don't want to pay more than $5k".
            status[i..=i + scope].fill(Status::Out);
        }
    }
}

/// A year such as 2025, standing after "in", "since" or "by".
pub(super) fn is_year(tok: &Tok) -> bool {
    matches!(tok.kind, Kind::Num(number) if number.plain == Some(4) && (2000.0..=2100.0).contains(&number.value))
}
