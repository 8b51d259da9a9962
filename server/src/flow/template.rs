//! Filling in of templates. Everything a template can do is metered: it has so much fuel, which steps and the text they
//! make use up, and its output has an end. It sees no file and no other template, and a name that nobody knows is an
//! error, never an empty place.

use std::io::{self, Write};

use minijinja::value::{Serde, Value};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;
use shared::limits::{RENDERED_MAX_BYTES, TEMPLATE_FUEL, TEMPLATE_MAX_BYTES};

use super::context::VARIABLES;

/// What is wrong with a template, in words for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// Its fixed name: `syntax`, `unknown_variable`, `fuel`, `too_long`, `failed`.
    pub code: &'static str,
    /// What happened, where, and what to do.
    pub text: String,
}

/// Parses and fills in templates; each is known by a name.
pub struct Engine {
    environment: Environment<'static>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine without templates.
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(TEMPLATE_FUEL));
        // What is made is text for a person or a model; the page escapes what it shows.
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.add_filter("figure", figure);
        environment.add_filter("number", number);
        environment.add_filter("money", money);
        environment.add_filter("percent", percent);
        Self { environment }
    }

    /// Takes in a template.
    ///
    /// # Errors
    /// A [`Fault`] for one that is too long or cannot be parsed.
    pub fn add(&mut self, name: String, body: &str) -> Result<(), Fault> {
        if body.len() > TEMPLATE_MAX_BYTES {
            let text = format!("The template has {} bytes; at most {TEMPLATE_MAX_BYTES} are taken.", body.len());
            return Err(Fault { code: "too_long", text });
        }
        self.environment.add_template_owned(name, body.to_owned()).map_err(|error| explain(&error))
    }

    /// The names a template uses that no context has.
    pub fn unknown(&self, name: &str) -> Vec<String> {
        let Ok(template) = self.environment.get_template(name) else { return Vec::new() };
        let used = template.undeclared_variables(false);
        let known = |name: &String| {
            VARIABLES.contains(&name.as_str()) || self.environment.globals().any(|(global, _)| global == name)
        };
        let mut unknown: Vec<_> = used.into_iter().filter(|name| !known(name)).collect();
        unknown.sort_unstable();
        unknown
    }

    /// Fills in a template.
    ///
    /// # Errors
    /// A [`Fault`] that says what it could not do, with the line.
    pub fn render(&self, name: &str, variables: Value) -> Result<String, Fault> {
        let template = self.environment.get_template(name).map_err(|error| explain(&error))?;
        let mut out = Bounded::default();
        let done = template.render_captured_to(variables, &mut out).map(drop);
        if out.full {
            let text =
                format!("The template makes more than {RENDERED_MAX_BYTES} bytes of text. Shorten what it lists.");
            return Err(Fault { code: "too_long", text });
        }
        done.map_err(|error| explain(&error))?;
        String::from_utf8(out.bytes).map_err(|_| Fault { code: "failed", text: "The text is not UTF-8.".into() })
    }
}

/// Anything that can be written as JSON, as templates see it.
pub(super) fn value(variables: &impl Serialize) -> Value {
    Value::from(Serde(variables))
}

/// An output that ends.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > RENDERED_MAX_BYTES {
            self.full = true;
            return Err(io::Error::other("full"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An error of the engine in words of ours, with the line where it is known.
fn explain(error: &minijinja::Error) -> Fault {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    // Of a chain of errors the first tells the cause.
    let mut kind = error.kind();
    let mut detail = error.detail().map(ToOwned::to_owned);
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<minijinja::Error>() {
            kind = inner.kind();
            detail = inner.detail().map(ToOwned::to_owned).or(detail);
        }
        source = inner.source();
    }
    let said = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
    let (code, text) = match kind {
        ErrorKind::SyntaxError => ("syntax", format!("The template cannot be read{line}{said}.")),
        ErrorKind::OutOfFuel => (
            "fuel",
            format!(
                "The template does more work than a text needs ({TEMPLATE_FUEL} steps) and was stopped{line}. A loop \
                 over too much, or a loop within a loop, is the usual reason."
            ),
        ),
        ErrorKind::UndefinedError => (
            "unknown_variable",
            format!(
                "The template uses a variable that has no value{line}{said}. Known are: {}. `is defined` asks first, \
                 `default(…)` brings another value.",
                VARIABLES.join(", ")
            ),
        ),
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction | ErrorKind::UnknownMethod => {
            ("failed", format!("The template uses something that is not there{line}{said}."))
        }
        _ => ("failed", format!("The template could not be filled in{line}{said}.")),
    };
    Fault { code, text }
}

/// A figure as the page writes it: whole from 100 on, below that up to four digits that matter.
fn figure(value: f64) -> String {
    if value.is_finite() { shared::format::count(value) } else { "unknown".into() }
}

/// A number as people read it: `12345.678` with 1 decimal is `12,345.7`.
fn number(value: f64, decimals: Option<u32>) -> String {
    if !value.is_finite() {
        return "unknown".into();
    }
    let text = format!("{:.*}", decimals.unwrap_or(0).min(9) as usize, value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "-" } else { "" };
    fraction.map_or_else(|| format!("{sign}{grouped}"), |fraction| format!("{sign}{grouped}.{fraction}"))
}

/// Dollars: `$12,346`, and with cents below a hundred.
fn money(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}${}", number(value.abs(), Some(if value.abs() < 100.0 { 2 } else { 0 })))
}

/// A share 0..1 as a percentage: `0.4` is `40 %`.
fn percent(value: f64, decimals: Option<u32>) -> String {
    format!("{} %", number(value * 100.0, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn fill(body: &str) -> Result<String, Fault> {
        let mut engine = Engine::new();
        engine.add("t".into(), body)?;
        engine.render(
            "t",
            context! { user => context! { tier => "guest" }, message => context! { text => "é".repeat(500) } },
        )
    }

    fn code(body: &str) -> &'static str {
        fill(body).expect_err(body).code
    }

    #[test]
    fn fills_in_what_is_known() {
        assert_eq!(
            fill("Dear {{ user.tier | upper }}{% if user.tier == 'guest' %}!{% endif %}").unwrap(),
            "Dear GUEST!"
        );
        assert_eq!(
            fill("{{ 1234567.5 | number(1) }} {{ -0.2 | number }} {{ -1234 | money }} {{ 9.5 | money }}").unwrap(),
            "1,234,567.5 0 -$1,234 $9.50"
        );
        assert_eq!(fill("{{ 12000.0 | figure }} {{ 0.0123456 | figure }}").unwrap(), "12,000 0.01235");
        assert_eq!(fill("{{ 0.4 | percent }} {{ 0.1234 | percent(1) }}").unwrap(), "40 % 12.3 %");
    }

    #[test]
    fn an_unknown_name_is_an_error_with_its_line() {
        let fault = fill("one\n{{ user.tier }}\n{{ colour }}").unwrap_err();
        assert_eq!(fault.code, "unknown_variable");
        assert!(fault.text.contains("line 3") && fault.text.contains("conversation"), "{fault}");
        assert_eq!(code("{{ user.shoe_size }}"), "unknown_variable");
        assert_eq!(fill("{{ colour | default('red') }}").unwrap(), "red");
        let mut engine = Engine::new();
        engine.add("t".into(), "{{ colour }} {{ user.tier }} {% for x in range(3) %}{{ x }}{% endfor %}").unwrap();
        assert_eq!(engine.unknown("t"), ["colour"]);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let fault = fill("one\n{% if user %}\ntwo").unwrap_err();
        assert_eq!(fault.code, "syntax");
        assert!(fault.text.contains("line"), "{fault}");
        assert_eq!(code("{{ user | no_such_filter }}"), "failed");
    }

    #[test]
    fn no_template_can_work_for_ever_or_take_all_memory() {
        let nested =
            "{% for a in range(10000) %}{% for b in range(10000) %}{% if b < 0 %}x{% endif %}{% endfor %}{% endfor %}";
        let fault = fill(nested).unwrap_err();
        assert_eq!(fault.code, "fuel");
        assert!(fault.text.contains("loop"), "{fault}");
        // Ways to make much out of little: doubling, repeating, joining, replacing.
        let doubling = format!("{{% set x = message.text %}}{}{{{{ x | length }}}}", "{% set x = x ~ x %}".repeat(60));
        assert_eq!(code(&doubling), "fuel");
        assert_eq!(code("{{ ('a' * 100000000) | length }}"), "fuel");
        assert_eq!(code("{{ range(100000) | join(range(100000) | join) | length }}"), "fuel");
        let replacing = format!("{{{{ message.text{} | length }}}}", " | replace('é', 'éééééééééééééééé')".repeat(40));
        assert_eq!(code(&replacing), "fuel");
        let captured = format!(
            "{{% set x %}}ab{{% endset %}}{}{{{{ x | length }}}}",
            "{% set x %}{{ x }}{{ x }}{% endset %}".repeat(60)
        );
        assert_eq!(code(&captured), "fuel");
        assert_eq!(code("{% for a in range(1000) %}{{ message.text }}{% endfor %}"), "too_long");
        assert_eq!(code(&"x".repeat(TEMPLATE_MAX_BYTES + 1)), "too_long");
    }

    #[test]
    fn no_template_reaches_outside() {
        for body in [
            "{% include '/etc/passwd' %}",
            "{% import 'a' as b %}",
            "{% extends 'a' %}",
            "{% macro a() %}{% endmacro %}",
        ] {
            assert_eq!(code(body), "syntax", "{body}");
        }
    }
}
