//! Conditions of transitions: one expression in the Common Expression Language, compiled and checked when it is saved.
//!
//! The language has no loops of its own; its one costly part, the macros over lists (`exists`, `all`, …), may not be
//! nested, so that a condition takes time in proportion to its length. A condition over names of few values is tried
//! with all of them, and one that never holds is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use cel::common::ast::operators as op;
use cel::common::ast::{Expr, LiteralValue};
use cel::objects::Value;
use cel::{Env, ExecutionError, IdedExpr, Program};
use serde_json::{Map, Value as Json, json};
use shared::limits::CONDITION_MAX_CHARS;
use shared::message::{Category, Complexity};
use shared::workload::{FIELDS, Kind};

use super::context::{self, CONDITION_VARIABLES, Context};
use super::{Business, Stage};

/// Functions that a condition may use besides the operators, all of which are cheap.
const FUNCTIONS: &[&str] = &["size", "contains", "startsWith", "endsWith", "int", "double", "string"];
/// Operators that make a value out of others, so that trying the values around each literal does not try everything.
const COMPUTING: &[&str] =
    &[op::SUBSTRACT, op::ADD, op::MULTIPLY, op::DIVIDE, op::MODULO, op::INDEX, op::NOT_STRICTLY_FALSE];
/// The other operators of the language: for them it does.
const COMPARING: &[&str] = &[
    op::CONDITIONAL,
    op::LOGICAL_AND,
    op::LOGICAL_OR,
    op::LOGICAL_NOT,
    op::EQUALS,
    op::NOT_EQUALS,
    op::GREATER_EQUALS,
    op::LESS_EQUALS,
    op::GREATER,
    op::LESS,
    op::NEGATE,
    op::IN,
];
/// Combinations of values a condition is tried with; one that needs more is not judged.
const TRIES_MAX: usize = 2_000;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// A condition, compiled.
pub struct Condition {
    program: Option<Program>,
}

/// The variables of conditions, made once for all that are tried.
pub struct Scope(cel::Context<'static, 'static>);

impl Scope {
    /// What is known at a stage of a business.
    pub fn of(context: &Context, business: &Business, stage: &Stage) -> Self {
        let mut scope = cel::Context::with_env(ENV.clone());
        add(&mut scope, "conversation", &context.conversation);
        add(&mut scope, "user", &context.user);
        add(&mut scope, "message", &context.message);
        add(&mut scope, "extracted", &context.extracted);
        add(&mut scope, "catalog", &context.catalog);
        add(&mut scope, "business", &context::business(business));
        add(&mut scope, "stage", &context::stage(stage));
        Self(scope)
    }

    fn of_json(variables: &Map<String, Json>) -> Self {
        let mut scope = cel::Context::with_env(ENV.clone());
        for (name, value) in variables {
            add(&mut scope, name, value);
        }
        Self(scope)
    }
}

fn add(scope: &mut cel::Context<'_, '_>, name: &str, value: &impl serde::Serialize) {
    // These are plain records, which the language has values for.
    if let Ok(value) = cel::to_value(value) {
        scope.add_variable_from_value(name, value);
    }
}

impl Condition {
    /// Compiles and checks a condition; an empty one always holds.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn parse(source: &str) -> Result<Self, String> {
        let source = source.trim();
        if source.is_empty() {
            return Ok(Self { program: None });
        }
        let chars = source.chars().count();
        if chars > CONDITION_MAX_CHARS {
            return Err(format!("has {chars} characters; at most {CONDITION_MAX_CHARS} are taken"));
        }
        let program = Program::compile(source).map_err(|errors| unreadable(&errors))?;
        let seen = Seen::of(program.expression())?;
        let scope = Scope::of_json(&seen.values(|values| values.first().cloned().unwrap_or(Json::Null)));
        match program.execute(&scope.0) {
            Ok(Value::Bool(_)) | Err(_) => {}
            Ok(_) => return Err("gives a value that is neither true nor false; compare it with something".into()),
        }
        if seen.never_holds(&program) {
            return Err(seen.explain_never());
        }
        Ok(Self { program: Some(program) })
    }

    /// Whether it holds whatever there is.
    pub const fn always(&self) -> bool {
        self.program.is_none()
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// A sentence, where it cannot be told for another reason than a fact that is not known: then it just doesn't.
    pub fn holds(&self, scope: &Scope) -> Result<bool, String> {
        let Some(program) = &self.program else { return Ok(true) };
        match program.execute(&scope.0) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Err(ExecutionError::NoSuchKey(_)) => Ok(false),
            Ok(_) => Err("its condition gives neither true nor false".into()),
            Err(error) => Err(format!("its condition cannot be told: {error}")),
        }
    }
}

fn unreadable(errors: &cel::ParseErrors) -> String {
    let Some(first) = errors.errors.first() else { return "cannot be read".into() };
    let said: String = first.msg.lines().next().unwrap_or_default().chars().take(200).collect();
    format!("cannot be read at character {}: {said}", first.pos.1)
}

/// What a condition consists of.
#[derive(Default)]
struct Seen {
    /// The names it uses, as paths.
    paths: BTreeSet<Vec<String>>,
    numbers: Vec<f64>,
    texts: BTreeSet<String>,
    /// Whether it only compares names with literals.
    comparing: bool,
}

impl Seen {
    fn of(expression: &IdedExpr) -> Result<Self, String> {
        let mut seen = Self { comparing: true, ..Self::default() };
        seen.walk(expression, &mut Vec::new(), 0)?;
        Ok(seen)
    }

    fn walk(&mut self, at: &IdedExpr, bound: &mut Vec<String>, depth: usize) -> Result<(), String> {
        if let Some(path) = path(&at.expr) {
            return self.name(path, bound);
        }
        match &at.expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Select(select) => {
                self.comparing = false;
                self.walk(&select.operand, bound, depth)?;
            }
            Expr::Call(call) => {
                let name = call.func_name.as_str();
                if ![COMPARING, COMPUTING, FUNCTIONS].iter().any(|known| known.contains(&name)) {
                    return Err(format!(
                        "uses the function {name}, which is not there; there are {}",
                        FUNCTIONS.join(", ")
                    ));
                }
                self.comparing &= COMPARING.contains(&name);
                for part in call.target.iter().map(|target| &**target).chain(&call.args) {
                    self.walk(part, bound, depth)?;
                }
            }
            Expr::List(list) => {
                for element in &list.elements {
                    self.walk(element, bound, depth)?;
                }
            }
            Expr::Comprehension(all) => {
                self.comparing = false;
                if depth > 0 {
                    return Err("looks through a list for each entry of a list; that may take too long".into());
                }
                self.walk(&all.iter_range, bound, depth)?;
                let outer = bound.len();
                bound.extend([all.iter_var.clone(), all.accu_var.clone()]);
                bound.extend(all.iter_var2.clone());
                for part in [&all.accu_init, &all.loop_cond, &all.loop_step, &all.result] {
                    self.walk(part, bound, depth + 1)?;
                }
                bound.truncate(outer);
            }
            Expr::Map(_) | Expr::Struct(_) => return Err("builds a record; compare single values instead".into()),
            Expr::Ident(_) | Expr::Unspecified => {}
        }
        Ok(())
    }

    /// A name with the fields selected from it.
    fn name(&mut self, path: Vec<String>, bound: &[String]) -> Result<(), String> {
        let Some(root) = path.first() else { return Ok(()) };
        if bound.contains(root) {
            return Ok(());
        }
        if !CONDITION_VARIABLES.contains(&root.as_str()) {
            return Err(format!("uses {root}, which is not known; there are {}", CONDITION_VARIABLES.join(", ")));
        }
        let fields = fields_of(root);
        if let (Some(field), false) = (path.get(1), fields.is_empty())
            && !fields.contains(&field.as_str())
        {
            return Err(format!("uses {root}.{field}, which is not known; {root} has {}", fields.join(", ")));
        }
        self.comparing &= path.len() == 2;
        self.paths.insert(path);
        Ok(())
    }

    fn literal(&mut self, literal: &LiteralValue) {
        match literal {
            LiteralValue::Int(n) => self.numbers.push(*n.inner() as f64),
            LiteralValue::UInt(n) => self.numbers.push(*n.inner() as f64),
            LiteralValue::Double(n) => self.numbers.push(*n.inner()),
            LiteralValue::String(text) => {
                self.texts.insert(text.inner().to_owned());
            }
            LiteralValue::Boolean(_) | LiteralValue::Null | LiteralValue::Bytes(_) => {}
        }
    }

    /// The values a name is tried with. `None` stands for a fact that is not known.
    fn tried(&self, path: &[String]) -> Vec<Option<Json>> {
        let some = |all: Vec<Json>| all.into_iter().map(Some).collect::<Vec<_>>();
        let texts = || {
            let other = [Json::from("\u{1}"), Json::from("")];
            self.texts.iter().map(|text| Json::from(text.as_str())).chain(other).collect::<Vec<_>>()
        };
        match possible(path) {
            Possible::Words(words) => some(words),
            Possible::Text => some(texts()),
            Possible::Number { low, high, whole, missing } => {
                let around = self.numbers.iter().flat_map(|n| {
                    let step = if whole { 1.0 } else { n.abs().max(1.0) * 1e-6 };
                    [*n, n - step, n + step, -n, -n - step, -n + step]
                });
                let mut all: Vec<f64> = around.chain([low, high]).filter(|n| (low..=high).contains(n)).collect();
                all.sort_by(f64::total_cmp);
                all.dedup();
                let json = |n: f64| if whole { json!(n as i64) } else { json!(n) };
                all.into_iter().map(json).map(Some).chain(missing.then_some(None)).collect()
            }
            Possible::Anything => {
                let numbers = self.numbers.iter().flat_map(|n| [json!(n), json!(n - 1.0), json!(n + 1.0)]);
                let all = numbers.chain(texts()).chain([json!(true), json!(false), Json::Null]);
                all.map(Some).chain([None]).collect()
            }
        }
    }

    /// Variables in which each name has a value of those it is tried with.
    fn values(&self, choose: impl Fn(&[Json]) -> Json) -> Map<String, Json> {
        let chosen = self.paths.iter().map(|path| {
            let all: Vec<Json> = self.tried(path).into_iter().flatten().collect();
            (path.as_slice(), Some(choose(&all)))
        });
        variables(chosen)
    }

    /// Whether it is false for all values that its names can have, as far as that can be told.
    fn never_holds(&self, program: &Program) -> bool {
        if !self.comparing {
            return false;
        }
        let all: Vec<(&[String], Vec<Option<Json>>)> =
            self.paths.iter().map(|path| (path.as_slice(), self.tried(path))).collect();
        let combinations = all.iter().try_fold(1_usize, |product, (_, tried)| product.checked_mul(tried.len()));
        let Some(combinations) = combinations.filter(|n| *n <= TRIES_MAX) else { return false };
        (0..combinations).all(|mut number| {
            let chosen = all.iter().map(|(path, tried)| {
                let value = tried[number % tried.len()].clone();
                number /= tried.len();
                (*path, value)
            });
            let scope = Scope::of_json(&variables(chosen));
            !matches!(program.execute(&scope.0), Ok(Value::Bool(true)))
        })
    }

    fn explain_never(&self) -> String {
        let mut text = "never holds: no message could ever take this way".to_owned();
        for path in &self.paths {
            if let Possible::Words(words) = possible(path) {
                let words: Vec<String> = words.iter().map(ToString::to_string).collect();
                text.extend(["; ", &path.join("."), " is one of ", &words.join(", ")]);
            }
        }
        text
    }
}

/// Variables with these values.
fn variables<'a>(chosen: impl Iterator<Item = (&'a [String], Option<Json>)>) -> Map<String, Json> {
    let mut roots: BTreeMap<String, Map<String, Json>> =
        CONDITION_VARIABLES.iter().map(|name| ((*name).to_owned(), Map::new())).collect();
    for (path, value) in chosen {
        if let ([root, field, ..], Some(value)) = (path, value) {
            roots.entry(root.clone()).or_default().insert(field.clone(), value);
        }
    }
    roots.into_iter().map(|(name, fields)| (name, fields.into())).collect()
}

/// `a.b.c` as its parts; `None` for anything else. `has(a.b)` names `a.b` too.
fn path(mut expression: &Expr) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    loop {
        match expression {
            Expr::Ident(name) => {
                parts.push(name.clone());
                parts.reverse();
                return Some(parts);
            }
            Expr::Select(select) => {
                parts.push(select.field.clone());
                expression = &select.operand.expr;
            }
            _ => return None,
        }
    }
}

/// The fields of a variable; none where it may have any.
fn fields_of(root: &str) -> &'static [&'static str] {
    match root {
        "conversation" => &["id", "messages", "in_stage", "version"],
        "user" => &["id", "tier"],
        "message" => &["id", "content", "text", "category", "complexity", "confidence", "questions"],
        "business" => &["id", "name", "description"],
        "stage" => &["id", "name", "description", "category"],
        "catalog" => &["as_of", "models"],
        _ => &[],
    }
}

/// What a name can hold.
enum Possible {
    Words(Vec<Json>),
    Text,
    Number { low: f64, high: f64, whole: bool, missing: bool },
    Anything,
}

fn possible(path: &[String]) -> Possible {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let count = |low| Possible::Number { low, high: 1e9, whole: true, missing: false };
    match parts.as_slice() {
        ["message" | "stage", "category"] => {
            Possible::Words(Category::ALL.iter().map(|c| json!(c)).chain([Json::Null]).collect())
        }
        ["message", "complexity"] => Possible::Words(Complexity::ALL.iter().map(|c| json!(c)).collect()),
        ["message", "confidence"] => Possible::Number { low: 0.0, high: 1.0, whole: false, missing: false },
        ["message", "questions"] | ["conversation", "version"] | ["catalog", "models"] => count(0.0),
        ["conversation", "messages" | "in_stage"] => count(1.0),
        ["user", "tier"] => Possible::Words(vec![json!("guest"), json!("registered")]),
        ["extracted", field] => match FIELDS.iter().find(|spec| spec.name == *field).map(|spec| spec.kind) {
            Some(Kind::Number { low, high, .. }) => Possible::Number { low, high, whole: false, missing: true },
            Some(Kind::Text | Kind::Choice(_) | Kind::Day) | None => Possible::Anything,
        },
        [_, _] => Possible::Text,
        _ => Possible::Anything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::builtin;

    fn holds(source: &str) -> bool {
        let parts = builtin();
        let scope = Scope::of(&Context::sample(), &parts.business, &parts.stages[0]);
        Condition::parse(source).map_err(|e| format!("{source}: {e}")).unwrap().holds(&scope).unwrap()
    }

    fn refused(source: &str) -> String {
        Condition::parse(source).err().unwrap_or_else(|| panic!("{source} was taken"))
    }

    #[test]
    fn conditions_are_told_from_the_context() {
        for source in [
            "",
            "true",
            "message.category == 'cost-optimization'",
            "message.category in ['scaling', 'cost-optimization'] && message.confidence > 0.5",
            "extracted.monthly_spend_usd >= 12000 && extracted.monthly_spend_usd < 12000.5",
            "message.text.contains('gpt-4o')",
            "['human', 'gpt'].exists(word, message.text.contains(word))",
            "has(extracted.model) && !has(extracted.gpu)",
            "conversation.messages == 1 || user.tier == 'registered'",
            "size(message.content) > 10",
            "message.questions > 0 ? true : false",
        ] {
            assert!(holds(source), "{source}");
        }
        for source in ["message.category == null", "extracted.gpu == 'H100'", "extracted.budget_usd_per_month > 5"] {
            assert!(!holds(source), "{source}: a fact that is not known is no fault");
        }
    }

    #[test]
    fn what_cannot_be_read_or_is_not_known_is_refused() {
        assert!(refused("message.category ==").contains("cannot be read at character"));
        assert!(refused("colour == 'red'").contains("there are conversation"));
        assert!(refused("message.colour == 'red'").contains("message has id, content"));
        assert!(refused("message.text.matches('(a+)+')").contains("not there"));
        assert!(refused("message.text").contains("neither true nor false"));
        assert!(refused("{'a': 1}.a == 1").contains("record"));
        assert!(refused(&format!("true{}", " && true".repeat(100))).contains("at most 500"));
        // Deep nesting must not end the process.
        refused(&format!("{}true{}", "(".repeat(240), ")".repeat(240)));
        refused(&"!".repeat(499));
    }

    #[test]
    fn lists_within_lists_are_refused() {
        let text = refused("['a'].exists(x, ['b'].exists(y, x == y))");
        assert!(text.contains("too long"), "{text}");
    }

    #[test]
    fn a_condition_that_never_holds_is_refused_and_explained() {
        for source in [
            "false",
            "1 == 2",
            "message.category == 'poetry'",
            "message.category == 'scaling' && message.category == 'advanced'",
            "message.confidence > 1",
            "message.confidence > 0.5 && message.confidence < 0.2",
            "conversation.messages < 1",
            "message.questions > 3 && message.questions < 4",
            "extracted.cache_hit_rate > 1.5",
            "user.tier == 'platinum'",
        ] {
            assert!(refused(source).contains("never holds"), "{source}");
        }
        assert!(refused("message.category == 'poetry'").contains("cost-optimization"));
        for source in [
            "message.confidence > 0.5 && message.confidence < 0.6",
            "extracted.team == 'red' && extracted.size > 5",
            "message.content == 'exactly this' && message.text != ''",
            "message.questions > 3 && message.questions < 5",
            "size(message.content) > 2000000",
        ] {
            assert!(Condition::parse(source).is_ok(), "{source} may hold");
        }
    }
}
