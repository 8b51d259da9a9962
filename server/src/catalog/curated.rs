//! What the price data does not say: which models, their names, their caches, and their published scores.
//!
//! Each score is a single published figure with its source and date. A model without a line here has no published
//! open score, which is shown as such and never guessed. Cache rules: platform.claude.com (prompt caching),
//! openai.com/index/api-prompt-caching, ai.google.dev/gemini-api/docs/caching, as read in November 2026.

/// A benchmark that scores are taken from.
pub(super) struct Publication {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) unit: &'static str,
    pub(super) source: &'static str,
    pub(super) as_of: (i32, u8, u8),
}

/// One score. `measured` names the exact version or effort where it differs from the model's id.
pub(super) struct Figure {
    pub(super) benchmark: &'static str,
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) measured: &'static str,
}

/// One model of the catalog.
pub(super) struct Entry {
    pub(super) vendor: &'static str,
    /// The id in the price data.
    pub(super) source_id: &'static str,
    /// The id in the catalog.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    /// Known to think before it answers, by default.
    pub(super) thinks: bool,
    /// Shortest cached prefix and the step above it, in tokens.
    pub(super) cache: Option<(f64, f64)>,
    pub(super) scores: &'static [Figure],
    pub(super) note: &'static str,
}

const fn source(
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    source: &'static str,
    as_of: (i32, u8, u8),
) -> Publication {
    Publication { id, label, unit, source, as_of }
}

pub(super) const BENCHMARKS: &[Publication] = &[
    source(
        "arena",
        "LMArena text, style control",
        "Arena points",
        "single figures cited from lmarena/arena-catalog c9558b6",
        (2025, 12, 11),
    ),
    source(
        "aider-polyglot",
        "Aider polyglot, solved in two tries",
        "share solved",
        "Aider-AI/aider 5dc9490, polyglot_leaderboard.yml (Apache-2.0); 95 % Wilson interval over 225 cases",
        (2025, 10, 4),
    ),
    source(
        "livebench-coding",
        "LiveBench coding",
        "share solved",
        "single figures cited from LiveBench/livebench.github.io 4bf96c8",
        (2026, 7, 1),
    ),
    source(
        "tau2-banking",
        "tau2-bench 1.0.1 banking knowledge, pass^1",
        "share solved",
        "sierra-research/tau2-bench a2c0247 (MIT)",
        (2026, 8, 4),
    ),
    source(
        "tau2-0.1.3",
        "tau2-bench 0.1.3, mean pass^1 of retail, airline and telecom",
        "share solved",
        "sierra-research/tau2-bench a2c0247 (MIT)",
        (2025, 12, 1),
    ),
    source("mmlu", "MMLU", "share right", "openai/simple-evals ee3b031 (MIT)", (2025, 7, 1)),
    source("drop", "DROP (reading, F1)", "share right", "openai/simple-evals ee3b031 (MIT)", (2025, 7, 1)),
];

const fn arena(value: f64, low: f64, high: f64, measured: &'static str) -> Figure {
    Figure { benchmark: "arena", value, interval: Some((low, high)), measured }
}

const fn plain(benchmark: &'static str, value: f64, measured: &'static str) -> Figure {
    Figure { benchmark, value, interval: None, measured }
}

const fn aider(value: f64, low: f64, high: f64, measured: &'static str) -> Figure {
    Figure { benchmark: "aider-polyglot", value, interval: Some((low, high)), measured }
}

const fn live(value: f64, measured: &'static str) -> Figure {
    plain("livebench-coding", value, measured)
}

const fn banking(value: f64, measured: &'static str) -> Figure {
    plain("tau2-banking", value, measured)
}

const fn tau2(value: f64) -> Figure {
    plain("tau2-0.1.3", value, "")
}

const fn entry(
    vendor: &'static str,
    id: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    scores: &'static [Figure],
) -> Entry {
    Entry { vendor, source_id: id, id, name, aliases, thinks: false, cache: None, scores, note: "" }
}

impl Entry {
    /// The same model, known to think before it answers.
    const fn thinks(mut self) -> Self {
        self.thinks = true;
        self
    }

    /// The same model with its shortest cached prefix.
    const fn caches(mut self, min_tokens: f64, step_tokens: f64) -> Self {
        self.cache = Some((min_tokens, step_tokens));
        self
    }

    /// The same model, found under another id in the price data.
    const fn found_as(mut self, source_id: &'static str) -> Self {
        self.source_id = source_id;
        self
    }

    const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}

/// `OpenAI` caches prefixes of at least 1,024 tokens, in steps of 128, for all its models since gpt-4o.
const fn openai(
    id: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    scores: &'static [Figure],
) -> Entry {
    entry("openai", id, name, aliases, scores).caches(1024.0, 128.0)
}

const fn anthropic(
    id: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    scores: &'static [Figure],
) -> Entry {
    entry("anthropic", id, name, aliases, scores)
}

const fn google(id: &'static str, name: &'static str, scores: &'static [Figure]) -> Entry {
    entry("google", id, name, &[], scores)
}

const WEEKENDS: &str = "Weekends are off-peak all day, so a load that includes them costs a little less.";

pub(super) const MODELS: &[Entry] = &[
    openai(
        "gpt-4o",
        "GPT-4o",
        &["gpt-4o-2024-08-06", "gpt-4o-2024-11-20"],
        &[
            arena(1335.8, 1331.7, 1339.8, "gpt-4o-2024-08-06"),
            aider(0.231, 0.181, 0.29, "gpt-4o-2024-08-06"),
            plain("mmlu", 0.887, "gpt-4o-2024-08-06"),
            plain("drop", 0.798, "gpt-4o-2024-08-06"),
        ],
    ),
    openai(
        "gpt-4o-mini",
        "GPT-4o mini",
        &["gpt-4o-mini-2024-07-18"],
        &[
            arena(1317.3, 1313.9, 1320.6, "gpt-4o-mini-2024-07-18"),
            aider(0.036, 0.018, 0.069, "gpt-4o-mini-2024-07-18"),
            plain("mmlu", 0.82, "gpt-4o-mini-2024-07-18"),
            plain("drop", 0.797, "gpt-4o-mini-2024-07-18"),
        ],
    ),
    openai(
        "gpt-4.1",
        "GPT-4.1",
        &["gpt-4.1-2025-04-14"],
        &[
            arena(1412.2, 1408.5, 1415.9, "gpt-4.1-2025-04-14"),
            aider(0.524, 0.459, 0.588, ""),
            tau2(0.5467),
            plain("mmlu", 0.902, "gpt-4.1-2025-04-14"),
            plain("drop", 0.794, "gpt-4.1-2025-04-14"),
        ],
    ),
    openai(
        "gpt-4.1-mini",
        "GPT-4.1 mini",
        &["gpt-4.1-mini-2025-04-14"],
        &[
            arena(1380.9, 1376.6, 1385.2, "gpt-4.1-mini-2025-04-14"),
            aider(0.324, 0.266, 0.388, ""),
            tau2(0.53),
            plain("mmlu", 0.875, "gpt-4.1-mini-2025-04-14"),
            plain("drop", 0.81, "gpt-4.1-mini-2025-04-14"),
        ],
    ),
    openai(
        "gpt-4.1-nano",
        "GPT-4.1 nano",
        &["gpt-4.1-nano-2025-04-14"],
        &[
            arena(1320.8, 1313.1, 1328.5, "gpt-4.1-nano-2025-04-14"),
            aider(0.089, 0.058, 0.133, ""),
            plain("mmlu", 0.801, "gpt-4.1-nano-2025-04-14"),
            plain("drop", 0.822, "gpt-4.1-nano-2025-04-14"),
        ],
    ),
    openai(
        "gpt-5",
        "GPT-5",
        &["gpt-5-2025-08-07"],
        &[arena(1436.8, 1432.2, 1441.3, "gpt-5-high"), aider(0.88, 0.831, 0.916, "high effort"), tau2(0.7997)],
    )
    .thinks(),
    openai(
        "gpt-5-mini",
        "GPT-5 mini",
        &["gpt-5-mini-2025-08-07"],
        &[arena(1392.8, 1388.1, 1397.4, "gpt-5-mini-high"), live(0.682, "high effort")],
    )
    .thinks(),
    openai(
        "gpt-5-nano",
        "GPT-5 nano",
        &["gpt-5-nano-2025-08-07"],
        &[arena(1339.0, 1332.1, 1345.9, "gpt-5-nano-high"), live(0.6239, "high effort")],
    )
    .thinks(),
    openai(
        "gpt-5.1",
        "GPT-5.1",
        &["gpt-5.1-2025-11-13"],
        &[arena(1437.9, 1431.7, 1444.1, ""), live(0.7249, "high effort")],
    )
    .thinks(),
    openai(
        "gpt-5.2",
        "GPT-5.2",
        &["gpt-5.2-2025-12-11"],
        &[live(0.7607, "high effort"), banking(0.3222, "high effort")],
    )
    .thinks(),
    openai(
        "gpt-5.4",
        "GPT-5.4",
        &["gpt-5.4-2026-03-05"],
        &[live(0.7754, "xhigh effort"), banking(0.3943, "xhigh effort")],
    )
    .thinks(),
    openai("gpt-5.4-mini", "GPT-5.4 mini", &["gpt-5.4-mini-2026-03-17"], &[live(0.7162, "xhigh effort")]).thinks(),
    openai("gpt-5.4-nano", "GPT-5.4 nano", &["gpt-5.4-nano-2026-03-17"], &[live(0.7214, "xhigh effort")]).thinks(),
    openai(
        "gpt-5.5",
        "GPT-5.5",
        &["gpt-5.5-2026-04-23", "gpt-5.5-2026-04-24"],
        &[live(0.8247, "xhigh effort"), banking(0.4459, "xhigh effort")],
    )
    .thinks(),
    openai("gpt-5.6-luna", "GPT-5.6 Luna", &[], &[]).thinks(),
    openai("gpt-5.6-terra", "GPT-5.6 Terra", &[], &[]).thinks(),
    openai("gpt-5.6-sol", "GPT-5.6 Sol", &["gpt-5.6"], &[banking(0.4691, "xhigh effort")]).thinks(),
    openai("gpt-6-luna", "GPT-6 Luna", &[], &[]),
    openai("gpt-6-sol", "GPT-6 Sol", &[], &[]),
    openai("gpt-6.1-terra", "GPT-6.1 Terra", &[], &[]),
    openai("gpt-6.1-sol", "GPT-6.1 Sol", &[], &[]),
    openai("gpt-6-astra", "GPT-6 Astra", &[], &[]),
    openai(
        "o3",
        "o3",
        &["o3-2025-04-16"],
        &[
            arena(1433.8, 1430.1, 1437.4, "o3-2025-04-16"),
            aider(0.813, 0.757, 0.859, "high effort"),
            plain("mmlu", 0.929, ""),
            plain("drop", 0.806, ""),
        ],
    )
    .thinks(),
    openai(
        "o4-mini",
        "o4-mini",
        &["o4-mini-2025-04-16", "o4-mini-high"],
        &[
            arena(1391.4, 1387.4, 1395.3, "o4-mini-2025-04-16"),
            aider(0.72, 0.658, 0.775, "high effort"),
            tau2(0.5687),
            plain("mmlu", 0.9, ""),
            plain("drop", 0.777, ""),
        ],
    )
    .thinks(),
    anthropic(
        "claude-haiku-4-5",
        "Claude Haiku 4.5",
        &["claude-haiku-4-5-20251001", "claude-4-5-haiku"],
        &[
            arena(1402.4, 1397.8, 1406.9, "claude-haiku-4-5-20251001"),
            live(0.7281, "claude-haiku-4-5-20251001, thinking 64k"),
        ],
    )
    .caches(4096.0, 1.0),
    anthropic("claude-haiku-5-5", "Claude Haiku 5.5", &["claude-5-5-haiku"], &[]),
    anthropic(
        "claude-sonnet-4-5",
        "Claude Sonnet 4.5",
        &["claude-sonnet-4-5-20250929", "claude-4-5-sonnet"],
        &[
            arena(1445.4, 1440.4, 1450.5, "claude-sonnet-4-5-20250929"),
            live(0.8036, "claude-sonnet-4-5-20250929, thinking 64k"),
            banking(0.2526, "thinking"),
            tau2(0.8473),
        ],
    )
    .caches(1024.0, 1.0),
    anthropic(
        "claude-sonnet-4-6",
        "Claude Sonnet 4.6",
        &["claude-4-6-sonnet"],
        &[live(0.7998, "high effort, thinking")],
    )
    .caches(1024.0, 1.0),
    anthropic("claude-sonnet-5", "Claude Sonnet 5", &["claude-5-sonnet"], &[live(0.7857, "xhigh effort")])
        .caches(1024.0, 1.0),
    anthropic("claude-sonnet-5-5", "Claude Sonnet 5.5", &["claude-5-5-sonnet"], &[]).caches(1024.0, 1.0),
    anthropic(
        "claude-opus-4-5",
        "Claude Opus 4.5",
        &["claude-opus-4-5-20251101", "claude-4-5-opus"],
        &[
            arena(1468.3, 1461.3, 1475.3, "claude-opus-4-5-20251101"),
            live(0.7965, "claude-opus-4-5-20251101, thinking 64k, high effort"),
            banking(0.2474, "high effort"),
        ],
    )
    .caches(4096.0, 1.0),
    anthropic(
        "claude-opus-4-8",
        "Claude Opus 4.8",
        &["claude-4-8-opus"],
        &[live(0.7927, "xhigh effort"), banking(0.3969, "max effort")],
    )
    .caches(1024.0, 1.0),
    anthropic("claude-opus-5", "Claude Opus 5", &["claude-5-opus"], &[banking(0.4871, "max effort")])
        .caches(512.0, 1.0),
    anthropic("claude-opus-5-5", "Claude Opus 5.5", &["claude-5-5-opus"], &[]),
    anthropic("claude-fable-5-1", "Claude Fable 5.1", &[], &[]),
    google("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", &[live(0.6641, "thinking")]).caches(1024.0, 1.0),
    google(
        "gemini-2.5-flash",
        "Gemini 2.5 Flash",
        &[
            arena(1408.4, 1405.1, 1411.8, ""),
            aider(0.551, 0.486, 0.615, "preview-05-20, thinking 24k"),
            live(0.6603, "06-05, thinking"),
        ],
    )
    .thinks()
    .caches(1024.0, 1.0),
    google(
        "gemini-2.5-pro",
        "Gemini 2.5 Pro",
        &[
            arena(1451.0, 1447.5, 1454.4, ""),
            aider(0.831, 0.777, 0.874, "preview-06-05, thinking 32k"),
            live(0.7569, "06-05, thinking"),
            banking(0.1366, "high effort"),
        ],
    )
    .thinks()
    .caches(4096.0, 1.0),
    google("gemini-3.1-flash-lite", "Gemini 3.1 Flash-Lite", &[live(0.6852, "preview, high effort")])
        .caches(4096.0, 1.0),
    google(
        "gemini-3.1-pro-preview",
        "Gemini 3.1 Pro Preview",
        &[live(0.7645, "high effort"), banking(0.2603, "high effort")],
    )
    .thinks()
    .caches(4096.0, 1.0),
    google("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", &[]).caches(4096.0, 1.0),
    google("gemini-3.6-flash", "Gemini 3.6 Flash", &[]).caches(4096.0, 1.0).note(
        "The doubling on 2027-01-01 is in one price source only: a second one (LiteLLM, 2026-08-01) shows the later \
         price as today's.",
    ),
    google("gemini-3.8-flash", "Gemini 3.8 Flash", &[]).caches(4096.0, 1.0),
    google("gemini-4-argon", "Gemini 4 Argon", &[]),
    entry(
        "mistral",
        "mistral-large-2512",
        "Mistral Large 3",
        &["mistral-large-3"],
        &[arena(1414.1, 1405.8, 1422.4, "mistral-large-3")],
    ),
    entry("mistral", "mistral-large-4", "Mistral Large 4", &["mistral-large-4-0"], &[]),
    entry("mistral", "mistral-medium-3-5", "Mistral Medium 3.5", &["mistral-medium-2604"], &[]),
    entry("mistral", "mistral-small-2603", "Mistral Small 4", &["mistral-small-4"], &[]),
    entry("mistral", "ministral-8b-2512", "Ministral 3 8B", &["ministral-3-8b"], &[]),
    entry("deepseek", "deepseek-v4-flash", "DeepSeek V4 Flash", &[], &[live(0.6923, "")]).thinks().note(WEEKENDS),
    entry("deepseek", "deepseek-v4-pro", "DeepSeek V4 Pro", &[], &[live(0.6999, "")]).thinks().note(WEEKENDS),
    entry(
        "deepseek",
        "deepseek-v3.2",
        "DeepSeek V3.2",
        &[],
        &[arena(1415.6, 1407.3, 1423.9, ""), live(0.7569, ""), tau2(0.8037)],
    )
    .note(
        "Doubtful price: the source shows $0.2288 / $0.3432, which is a reseller's old price; other lists show \
         $0.28 / $0.40 to $0.42.",
    ),
    entry(
        "groq",
        "llama-3.3-70b-versatile",
        "Llama 3.3 70B on Groq",
        &["llama-3.3-70b", "llama-3.3-70b-instruct"],
        &[arena(1319.7, 1316.3, 1323.1, "llama-3.3-70b-instruct")],
    ),
    entry(
        "groq",
        "llama-3.1-8b-instant",
        "Llama 3.1 8B on Groq",
        &["llama-3.1-8b", "llama-3.1-8b-instruct"],
        &[plain("mmlu", 0.684, "Llama 3.1 8b"), plain("drop", 0.595, "Llama 3.1 8b")],
    ),
    entry(
        "groq",
        "gpt-oss-120b",
        "gpt-oss-120b on Groq",
        &[],
        &[arena(1352.5, 1348.1, 1356.9, ""), aider(0.418, 0.355, 0.483, "high effort"), live(0.6021, "")],
    )
    .found_as("openai/gpt-oss-120b")
    .thinks(),
    entry("groq", "gpt-oss-20b", "gpt-oss-20b on Groq", &[], &[arena(1318.1, 1311.7, 1324.4, "")])
        .found_as("openai/gpt-oss-20b")
        .thinks(),
    entry(
        "groq",
        "qwen3-32b",
        "Qwen3 32B on Groq",
        &[],
        &[arena(1344.7, 1335.2, 1354.2, ""), aider(0.4, 0.338, 0.465, ""), live(0.6603, "thinking")],
    )
    .found_as("qwen/qwen3-32b")
    .thinks(),
    entry(
        "cerebras",
        "gpt-oss-120b",
        "gpt-oss-120b on Cerebras",
        &[],
        &[arena(1352.5, 1348.1, 1356.9, ""), aider(0.418, 0.355, 0.483, "high effort"), live(0.6021, "")],
    )
    .thinks(),
    entry(
        "cerebras",
        "llama-3.3-70b",
        "Llama 3.3 70B on Cerebras",
        &["llama-3.3-70b-instruct"],
        &[arena(1319.7, 1316.3, 1323.1, "llama-3.3-70b-instruct")],
    )
    .note("The price source marks this model as being withdrawn."),
    entry("x-ai", "grok-4.3", "Grok 4.3", &[], &[live(0.6993, "")]).thinks(),
    entry("x-ai", "grok-4.7", "Grok 4.7", &[], &[]),
    entry("moonshotai", "kimi-k2.6", "Kimi K2.6", &[], &[live(0.7857, "thinking")]).thinks(),
    entry("zai", "glm-5.3", "GLM-5.3", &[], &[]).found_as("GLM-5.3").thinks(),
    entry("zai", "glm-5.3-flash", "GLM-5.3-Flash", &[], &[]).found_as("GLM-5.3-Flash").thinks(),
];
