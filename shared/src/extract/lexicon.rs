//! What words mean, in English and German: one table from words, word beginnings and phrases to [`C`]. Words stand
//! folded (lower case, umlauts without dots, "ss" or "s" for the sharp s). One slip of the keyboard in a longer word
//! is forgiven.

use std::sync::LazyLock;

use super::lex::{Kind, Lexed, Tok};
use crate::message::Task;

/// A stretch of time that rates and sums are stated over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Per {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Per {
    /// Its length in days: weeks have 7, months 30, years 365.
    pub(super) const fn days(self) -> f64 {
        match self {
            Self::Second => 1.0 / 86_400.0,
            Self::Minute => 1.0 / 1_440.0,
            Self::Hour => 1.0 / 24.0,
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 30.0,
            Self::Quarter => 90.0,
            Self::Year => 365.0,
        }
    }

    /// What `value` per this stretch is per day, without the error of dividing by a part of a day.
    pub(super) const fn a_day(self, value: f64) -> f64 {
        match self {
            Self::Second => value * 86_400.0,
            Self::Minute => value * 1_440.0,
            Self::Hour => value * 24.0,
            longer => value / longer.days(),
        }
    }

    /// What `value` per this stretch is per month of 30 days; a year has twelve.
    pub(super) const fn a_month(self, value: f64) -> f64 {
        match self {
            Self::Month | Self::Quarter | Self::Year => value / self.months(),
            shorter => shorter.a_day(value) * 30.0,
        }
    }

    /// Its length in months: a year has twelve, shorter stretches are parts of 30 days.
    pub(super) const fn months(self) -> f64 {
        match self {
            Self::Quarter => 3.0,
            Self::Year => 12.0,
            Self::Month => 1.0,
            shorter => shorter.days() / 30.0,
        }
    }

    /// Its length in milliseconds.
    pub(super) const fn ms(self) -> f64 {
        self.days() * 86_400_000.0
    }
}

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum C {
    // Words that carry structure.
    Other,
    Letter(char),
    Mult(f64),
    Grand,
    NumWord(f64),
    Frac(f64),
    About,
    Per,
    Every,
    Article,
    To,
    Between,
    From,
    And,
    Or,
    But,
    With,
    At,
    Of,
    Is,
    Filler,
    InWord,
    OutWord,
    All,
    Most,
    // Units.
    Time(Per),
    Adv(Per),
    Ms,
    Rate(Per),
    TokRate(Per),
    Percent,
    Dollar,
    Foreign(&'static str),
    Times,
    Tokens,
    Request,
    User,
    Gpus,
    Node,
    // What a figure is about.
    In,
    Out,
    Reason,
    Prefix,
    Rest,
    Context,
    Hit,
    Cache,
    Defer,
    Urgent,
    Dup,
    Easy,
    Util,
    Failure,
    Spend,
    Budget,
    Save,
    Price,
    UpTo,
    More,
    AtLeast,
    Limit,
    Peak,
    Mean,
    Grow,
    Shrink,
    Double(f64),
    Horizon,
    Ttft,
    Tpot,
    Speed,
    P50,
    P95,
    P99,
    Target,
    Latency,
    Timeout,
    Window,
    Seq,
    Par,
    Conc,
    ArrivalScv,
    ServiceScv,
    Quality,
    Arena,
    Accuracy,
    Vendors,
    AsOf,
    // Who says it, when, and whether.
    Not,
    Except,
    If,
    WhatIf,
    Hist,
    Ago,
    LastMonth,
    Now,
    Third,
    First,
    They,
    Expect,
    Future,
    Would,
    Wish,
    Correct,
    Ignore,
    Question,
    // What a message is about.
    Task(Task),
    Vendor(&'static str),
    Gpu(&'static str),
    Switch,
    Versus,
    Use,
}

/// Words of each meaning, divided by `|`; a star stands for any ending.
const WORDS: &[(C, &str)] = &[
    // Structure
    (
        C::About,
        "about|around|roughly|approx|approx.|approximately|circa|ca|ca.|etwa|rund|ungefahr|ungefaehr|some|nearly|almost|knapp|fast|gut|typically|usually|say|sagen wir|so|schatzungsweise|geschatzt|estimated|or so|on average|im schnitt|im mittel|durchschnittlich|im durchschnitt|avg|avg.|average|averages|averaging|mean|mittlere|mittlerer|mittleren|ish|just|only|nur|exactly|genau|well|currently at|maybe|perhaps|vielleicht|something like|or thereabouts|in etwa|sowas wie",
    ),
    (C::Per, "per|pro|je|p."),
    (
        C::Urgent,
        "urgent|time-critical|time critical|zeitkritisch|dringend|latency sensitive|latency-sensitive|time sensitive|time-sensitive|real-time|real time|realtime|eilig|eilt|interactive|interaktiv|immediate|immediately|sofort",
    ),
    (C::Every, "each|every|jede|jeden|jedes|jeder|every single|alle|each and every"),
    (C::Article, "a|an|the|der|die|das|dem|den|des|ein|eine|einen|einem|einer|im|am|in der|in einer|in the|any"),
    (C::To, "to|bis"),
    (C::Between, "between|zwischen"),
    (C::From, "from|von|vom|ab"),
    (C::And, "and|und|plus|sowie|then|danach|und dann"),
    (C::Or, "or|oder|bzw|bzw."),
    (C::But, "but|while|whereas|however|aber|wahrend|waehrend|doch|jedoch|although|though|obwohl"),
    (C::With, "with|mit|having|bei|where|wobei|for|fur|fuer"),
    (C::At, "at|zu"),
    (C::Of, "of|fur je|worth of"),
    (
        C::Is,
        "is|are|was|were|be|being|been|ist|sind|war|waren|has|have|had|hat|haben|hatte|hatten|liegt|liegen|betragt|betraegt|betragen|stands|sits|runs at|comes to|equals|lautet|habe",
    ),
    (
        C::Filler,
        "that|this|which|it|its|it's|there|here|also|very|really|still|already|es|sich|auch|noch|schon|dabei|davon|them|these|those",
    ),
    (C::InWord, "in|rein|hinein|hin"),
    (C::OutWord, "out|raus|heraus|zuruck|retour"),
    (C::All, "all|everything|all of it|all of them|alles|the whole lot|entire"),
    (C::Most, "most|most of|many|some of|viele|die meisten|ein teil|part of|a lot of|lots of"),
    // Numbers
    (C::Mult(1e2), "hundred|hundert"),
    (C::Mult(1e3), "thousand|thousands|tausend|tsd|tsd.|thsd|k"),
    (C::Grand, "grand"),
    (C::Mult(1e5), "lakh|lakhs|lac|lacs"),
    (C::Mult(1e6), "million|millions|mio|mio.|millionen|mn|mm|mln|mil|mill|mill.|mil."),
    (C::Mult(1e7), "crore|crores"),
    (C::Mult(1e9), "billion|billions|bn|mrd|mrd.|milliarde|milliarden|bil"),
    (C::Mult(1e12), "trillion|trillions|billionen|tn"),
    (C::NumWord(0.0), "zero"),
    (C::NumWord(1.0), "einziger|einzigen|einziges|one|single|eins"),
    (C::NumWord(2.0), "two|zwei|couple of"),
    (C::NumWord(3.0), "three|drei"),
    (C::NumWord(4.0), "four|vier"),
    (C::NumWord(5.0), "five|funf|fuenf"),
    (C::NumWord(6.0), "six|sechs"),
    (C::NumWord(7.0), "seven|sieben"),
    (C::NumWord(8.0), "eight|acht"),
    (C::NumWord(9.0), "nine|neun"),
    (C::NumWord(10.0), "ten|zehn"),
    (C::NumWord(11.0), "eleven|elf"),
    (C::NumWord(12.0), "twelve|zwolf|zwoelf|dozen|a dozen|dutzend"),
    (C::NumWord(15.0), "fifteen|funfzehn|fuenfzehn"),
    (C::NumWord(20.0), "twenty|zwanzig"),
    (C::NumWord(25.0), "twenty five|funfundzwanzig"),
    (C::NumWord(30.0), "thirty|dreissig|dreisig"),
    (C::NumWord(40.0), "forty|fourty|vierzig"),
    (C::NumWord(50.0), "fifty|funfzig|fuenfzig"),
    (C::NumWord(60.0), "sixty|sechzig"),
    (C::NumWord(70.0), "seventy|siebzig"),
    (C::NumWord(80.0), "eighty|achtzig"),
    (C::NumWord(90.0), "ninety|neunzig"),
    (C::NumWord(1000.0), "eintausend"),
    (C::NumWord(10_000.0), "zehntausend"),
    (C::NumWord(20_000.0), "zwanzigtausend"),
    (C::NumWord(50_000.0), "funfzigtausend"),
    (C::NumWord(100_000.0), "hunderttausend|einhunderttausend"),
    (C::Frac(0.5), "half|halb|halbe|halben|halfte|haelfte|die halfte|die haelfte|half of"),
    (C::Frac(1.0 / 3.0), "third|thirds|drittel"),
    (C::Frac(0.25), "quarter of|quarters of|a quarter of|viertel"),
    (C::Frac(0.2), "fifth|fifths|funftel|fuenftel"),
    (C::Frac(0.1), "tenth|zehntel"),
    // Units
    (C::Ms, "ms|msec|msecs|millisecond|milliseconds|millis|millisekunde|millisekunden"),
    (C::Time(Per::Second), "second|seconds|sec|secs|sec.|sek|sek.|sekunde|sekunden|secounds"),
    (C::Time(Per::Minute), "minute|minutes|min|mins|min.|minuten"),
    (C::Time(Per::Hour), "hour|hours|hr|hrs|hr.|stunde|stunden|std|std."),
    (
        C::Time(Per::Day),
        "workday|working day|business day|arbeitstag|work day|day|days|tag|tage|tagen|calendar day|weekday|werktag|night|nights|nacht|nachte",
    ),
    (C::Time(Per::Week), "week|weeks|wk|wks|woche|wochen"),
    (C::Time(Per::Month), "month|months|mo|mos|mth|mths|mon|monat|monate|monaten|monats|calendar month"),
    (C::Time(Per::Quarter), "quarter|quarters|quartal|quartale|quartalen"),
    (C::Time(Per::Year), "year|years|yr|yrs|jahr|jahre|jahren|annum"),
    (C::Adv(Per::Second), "sekundlich"),
    (C::Adv(Per::Minute), "minutlich"),
    (C::Adv(Per::Hour), "hourly|stundlich|stuendlich"),
    (
        C::Adv(Per::Day),
        "tagliches|taglicher|every night|each night|jede nacht|pro nacht|per night|every morning|each morning|every evening|daily|taglich|taeglich|tagliche|taglichen|nightly|nachtlich|nachtliche|nachtlichen|every weekday|every workday",
    ),
    (C::Adv(Per::Week), "wochentliche|wochentliches|week over week|weekly|wochentlich|woechentlich"),
    (
        C::Adv(Per::Month),
        "monatliches|monatlichem|month over month|month on month|monthly|monatlich|monatliche|monatlichen|monatlicher|mtl|mtl.|mom|m/m|p.m.",
    ),
    (C::Adv(Per::Quarter), "quarter over quarter|quarterly|vierteljahrlich|qoq"),
    (
        C::Adv(Per::Year),
        "jahrliches|jahrlicher|year over year|year on year|yearly|annual|annually|jahrlich|jaehrlich|jahrliche|jahrlichen|p.a.|p.a|yoy|per annum|annualized|annualised",
    ),
    (C::Rate(Per::Second), "rps|qps|cps"),
    (C::Rate(Per::Minute), "rpm|qpm|rpms"),
    (C::Rate(Per::Hour), "rph|qph"),
    (C::Rate(Per::Day), "rpd|qpd"),
    (C::TokRate(Per::Second), "tps"),
    (C::TokRate(Per::Minute), "tpm|itpm|otpm"),
    (C::Percent, "percent|per cent|pct|prozent|percents|v.h.|procent|perc|percentage points"),
    (C::Dollar, "dollar|dollars|usd|bucks|us dollars|us dollar|us-dollar|dollarn"),
    (C::Foreign("EUR"), "eur|euro|euros|teur"),
    (C::Foreign("GBP"), "gbp|pound|pounds|quid|sterling"),
    (C::Foreign("CHF"), "chf|franken|francs"),
    (C::Foreign("INR"), "inr|rupee|rupees"),
    (C::Foreign("JPY"), "jpy|yen"),
    (C::Foreign("CNY"), "cny|rmb|yuan"),
    (C::Foreign("CAD"), "cad"),
    (C::Foreign("AUD"), "aud"),
    (C::Foreign("SEK"), "kronor|nok|dkk"),
    (C::Foreign("BRL"), "brl|reais"),
    (C::Times, "x|times|fold|mal|fach|fache|fachen|times as much|times as many|times higher"),
    (C::Tokens, "token|tokens|tok|toks|tkn|tkns|tokne|tokns|tokes|tok."),
    (
        C::Request,
        "request|requests|req|reqs|req.|call|calls|query|queries|message|messages|msg|msgs|invocation|invocations|chat|chats|conversation|conversations|ticket|tickets|document|documents|doc|docs|invoice|invoices|email|emails|mail|mails|e-mail|e-mails|inference|inferences|hits|completion requests|api call|api calls|anfrage|anfragen|aufruf|aufrufe|aufrufen|nachricht|nachrichten|dokument|dokumente|dokumenten|rechnungen|gesprach|gesprache|abfrage|abfragen|calls to the api|transaction|transactions|job|jobs|article|articles|page|pages|seite|seiten|review|reviews|contract|contracts|question|questions|frage|fragen|lookup|lookups|session|sessions|report|reports|transcript|transcripts|posts|post|comment|comments|record|records|item|items|vertrage|belege|beleg|api-calls|api-aufrufe|tasks|commits|pull requests|prs|diffs|searches|suchanfragen|turns|interactions|bewertungen|kommentare|vorgange|artikel|kundenanfragen|chatanfragen|supportanfragen|requestes|requets|translations|generations|predictions|interaktionen",
    ),
    (
        C::User,
        "support agents|human agents|call center agents|service agents|sales agents|kundenberater|field agents|user|users|customer|customers|employee|employees|people|person|nutzer|benutzer|kunde|kunden|mitarbeiter|developers|devs|developer|seats|seat|entwickler|subscribers|visitors|students|clients|tenant|tenants|agents seats|hospitals|hospital|shops|stores|schools|branches|filialen|praxen|clinics|restaurants|merchants|firms|agencies|households|schulen|krankenhauser|kliniken|patients|patienten|drivers|players|spieler|readers|leser|members|mitglieder|installations|doctors|arzte|lawyers|anwalte|teachers|lehrer|editors|analysts|engineers|technicians",
    ),
    (C::Gpus, "gpu|gpus|card|cards|karte|karten|grafikkarten|accelerator|accelerators|gpu's"),
    (C::Node, "node|nodes|server|servers|box|knoten|cluster|machine|instance"),
    // Subjects
    (
        C::In,
        "prompt*|input|inputs|prompt|prompts|eingabe|eingabe*|input*|eingehende|eingehend|ingoing|incoming|inp|promt|promts|ctx in|prompttoken*|goes in|go in|going in|come in as input|gehen rein|geht rein|kommen rein",
    ),
    (
        C::Out,
        "antwort*|get back|gets back|comes back|get returned|output|outputs|completion|completions|response|responses|answer|answers|answering|reply|replies|replied|generated|generate|generates|generation|ausgabe|ausgabe*|output*|antwort|antworten|antwortet|ausgehende|outp|outptu|ouput|ouptut|completion*|responds|respond|outgoing|produces|returns|spits out|spit out|spitting out|writes back|sends back|gives back|gibt zuruck|emits|come out|comes out|coming out|kommen raus|kommt raus",
    ),
    (
        C::Reason,
        "thinks|thinks for|denkt|reasoning|thinking|reasoning*|hidden|chain of thought|thinking tokens|reasoning tokens|denktoken*",
    ),
    (
        C::Prefix,
        "identical each time|same each time|the same each time|every time the same|unchanged each time|identical on each|header|vorspann|instruction|instruction block|prefix|system prompt|systemprompt|system-prompt|system prompts|static|fixed|constant|unchanging|same every time|always the same|fixed prefix|shared prefix|fest|feste|fester|festes|festen|gleichbleibend*|konstant|konstante|boilerplate|identical prefix|same prefix|reused|shared|cacheable|cachable|cached prefix|template|prafix|praefix|instructions|never changes|doesn't change|does not change|don't change|few-shot examples|identical across|same across|unverandert|immer gleich|immer gleiche|immer der gleiche|immer identisch|stable|statisch|statische|statischer|repeated prefix|preamble|the same for every|the same on every|same in every|the same across|cached tokens|cached input|stays the same|is the same|identical every time|identical for every|identical in every|identical on every",
    ),
    (
        C::Rest,
        "user part|user message|user messages|user input|user question|user query|user prompt|variable part|dynamic part|nutzerteil|nutzereingabe|nutzerfrage|variabler teil|eigentliche frage",
    ),
    (
        C::Context,
        "context window|context length|context|kontext|kontextfenster|kontextlange|context size|long context|long-context|ctx|kontextlaenge",
    ),
    (
        C::Hit,
        "prefix reads|hit rate|hit ratio|cache hit rate|cache hit|cache hits|cache-hit|cache-hit-rate|hitrate|hit-rate|trefferquote|cache-trefferquote|trefferrate|cache hit ratio|hits the cache|hit the cache|served from cache|read from cache|cache reads|come from the cache|cached already|cache read rate|aus dem cache|cache rate|cache-quote|cache hitrate|prompt cache hit rate",
    ),
    (C::Cache, "cache|caching|cached|caches|gecached|gecacht|prompt caching|prompt-caching"),
    (
        C::Defer,
        "non-urgent|nonurgent|eilt nicht|zeitunkritisch|the next day|the next morning|the following day|following morning|until tomorrow|am nachsten tag|am nachsten morgen|tolerate a delay|tolerates a delay|delay|delays|verspatung|batch|batched|batchable|overnight|wait|waits|deferred|deferrable|defer|offline|asynchronous|async|asynchronously|delayed|delay tolerant|nachts|uber nacht|ueber nacht|warten|zeitunkritisch|batch api|batch job|batch jobs|background|latency-insensitive|time-insensitive|run at night|at night|aufschiebbar|verzogert|kann warten|nightly|in der nacht|stapelverarbeitung|non-realtime|batch-fahig|batchfahig|flexible|tomorrow|next morning|next day|until noon|take until|until morning|until the morning|by the next day|by the next morning|by tomorrow|bis morgen|bis zum morgen|bis mittag|bis zum nachsten tag|the day after",
    ),
    (
        C::Dup,
        "duplicate|duplicates|duplicated|repeat|repeats|repeated|repeated questions|repetitive|same question|same questions|exact repeats|asked before|identical requests|identical questions|wiederholt|wiederholte|wiederholungen|wiederholen sich|doppelt|doppelte|duplikate|dieselben fragen|gleiche fragen|repetitions|recurring|seen before|near-duplicates|near duplicates|identical queries|identical|identisch|identische|are repeats|exact duplicates|wiederkehrend*|dup|dups|dupes|dupe",
    ),
    (
        C::Easy,
        "good enough|easy|easy enough|simple|simple enough|trivial|smaller model|cheaper model|weaker model|small model|cheap model|easier|simpler|einfach|einfache|einfachen|kleineres modell|kleineren modell|billigeres modell|kleines modell|mini model|lightweight model|straightforward|leicht|leichte|triviale|gunstigeres modell|guenstigeres modell|smaller one|cheaper one|weak model|basic questions|weaker one|good enough for|low complexity|easy questions|low-complexity|simple questions",
    ),
    (
        C::Util,
        "loaded|load it|load them|load each|average load factor|utilization|utilisation|util|auslastung|ausgelastet|utilized|utilised|busy|load factor|mfu|gpu utilization|gpu utilisation",
    ),
    (
        C::Failure,
        "error|errors|fail|fails|failure|failed|timeouts|fehler|fehlerrate|error rate|discount|rabatt|sla credit|uptime|availability|verfugbarkeit|margin|vat|tax|mwst|of our users|of users|of customers|churn|conversion|interest|of staff|market share|hallucinate|hallucinations|retry|retries",
    ),
    (
        C::Spend,
        "monatskosten|jahreskosten|tageskosten|wochenkosten|monatsrechnung|jahresrechnung|adds up to|add up to|amounts to|amount to|sums up to|totals|shell out|my invoice|our invoice|the invoice|invoice says|invoice is|invoice of|spend|spends|spending|spent|pay|pays|paying|paid|bill|bills|billed|invoice total|cost|costs|costing|kosten|kostet|zahlen|zahle|zahlt|bezahlen|ausgeben|geben|gibt|rechnung|ausgaben|invoiced|burn|burning|burns|burn through|our invoice|monthly invoice|monatsrechnung|api-rechnung|expense|expenses|charges|charged|charge us|charges us|outlay|spend is|runs us|sets us back|api bill|api spend|monthly cost|blechen|lassen",
    ),
    (
        C::Budget,
        "monatsbudget|jahresbudget|tagesbudget|budget*|get back to|back to|budget|budgets|budgeted|get to|get it down to|get down to|bring it down to|bring down to|reduce to|cut to|cut it to|cap of|ceiling|spending cap|spending limit|cost cap|cost ceiling|kostenlimit|kostenobergrenze|obergrenze|afford|can afford|willing to pay|willing to spend|to spend|stay within|within budget|deckel|unter die|price cap|want to pay|want to spend|money available|available per month|allowance|target spend|target cost|cost target|allowed to spend|ausgeben durfen|maximal ausgeben|budgetobergrenze|leisten",
    ),
    (
        C::Save,
        "save|saves|saving|savings|reduce|reduces|reduced|reducing|cut|cuts|cutting|cheaper|lower by|less|reduction|sparen|einsparen|einsparung|senken|reduzieren|reduzierung|drop by|shave|billiger um|off|weniger|trim|slash|einsparungen|gunstiger",
    ),
    (
        C::Price,
        "list price|per-token price|price per|priced at|prices|price|preis|preise|listenpreis|rate card|charges per",
    ),
    (
        C::UpTo,
        "stick to|stick with|restricted to|restrict to|restrict ourselves to|bleiben bei|under|below|at most|max|max.|maximum|no more than|not more than|up to|less than|fewer than|within|unter|hochstens|hoechstens|maximal|nicht mehr als|bis zu|weniger als|innerhalb|innerhalb von|no higher than|lower than|not exceed|can't exceed|cannot exceed|never exceed|never more than|not above|never above|capped at|cap|unterhalb|stay under|must not exceed|not over|no longer than|not longer than|not go over|don't go over|cannot go above|can't go above|don't want to exceed|nicht uber|nicht ueber|nicht uberschreiten|tops|sub|faster than|quicker than|schneller als|without exceeding|ohne zu uberschreiten|stay below|keep it under|keep it below|keep under|keep below|get it under|get it below|get under|get below|don't exceed|should not exceed|bleiben unter",
    ),
    (C::More, "more than|over|above|exceed|exceeds|exceeding|mehr als|uber|ueber|oberhalb|greater than|upwards of"),
    (
        C::AtLeast,
        "at least|minimum|min of|no less than|not less than|mindestens|wenigstens|not below|never below|not under|nicht unter|floor of|or better|or higher|or more|mind.|stay above|keep above|keeps above|no lower than|not drop below|not fall below|doesn't drop below|don't drop below|don't fall below|above a|minimum of|never drop below|drop below|drops below|fall below|falls below|go below|goes below|dip below|slip below|sink below|sinkt unter|fallen unter",
    ),
    (
        C::Limit,
        "durfen|we may|lets us|let us|erlaubt|gives us|grants us|grants|permits|may send|durfen wir|limit|limits|limited|rate limit|rate limits|ratelimit|rate-limit|rate-limited|quota|quotas|tier|throttled|throttle|throttling|throttled at|allows|allowed|allow|limitiert|kontingent|ratenlimit|begrenzt|begrenzung|beschrankt|our tier|capped|kontingents|account limit|provider limit|grenze|headroom",
    ),
    (
        C::Peak,
        "during lunch|over lunch|at lunch|at noon|abends|in the evening|in the evenings|evenings|mittags|at lunchtime|am wochenende|tagsuber|in december|peak|peaks|peaking|peak hour|peak hours|peak load|at peak|at the peak|peak factor|peak-to-average|peak to average|peak to mean|peak-to-mean|burst|bursts|spike|spikes|spiking|spitze|spitzen|spitzenlast|spitzenfaktor|peakfaktor|stosszeit|stosszeiten|stoszeit|stoszeiten|rush hour|busiest hour|busy hour|lastspitze|lastspitzen|zu stosszeiten|abendspitze|evening peak|surges|surge|spitzenstunde|busiest minute|hauptlastzeit|spitzenzeiten|spitzenzeit|peak traffic|hochlast",
    ),
    (
        C::Mean,
        "mean traffic|mean load|mean rate|average load|average traffic|the average|the mean|baseline|normal|normal load|normal traffic|normally|mittelwert|durchschnitt",
    ),
    (
        C::Grow,
        "grow|grows|growing|grew|growth|growth rate|increase|increases|increasing|wachst|waechst|wachsen|wachstum|wachstumsrate|zuwachs|steigt|steigen|zunahme|rising|rises|climbing|climbs|expands|expanding|going up|goes up|nimmt zu|traffic growth|up by|scaling up by|gaining|compounding|wachstum von|mehr traffic|zulegen|legt zu|adds",
    ),
    (
        C::Shrink,
        "shrink|shrinks|shrinking|decline|declines|declining|falling by|drops by|schrumpft|sinkt|decrease|decreases|decreasing|schrumpfen|fallt|falls|going down by|goes down by",
    ),
    (
        C::Double(2.0),
        "zweifachen|doppelten|double|doubles|doubled|doubling|verdoppelt|verdoppeln|verdopplung|verdoppelung|twice|doppelt so viel|doppelt so hoch|zweifach|zweifache|das doppelte|verdoppelt sich",
    ),
    (
        C::Double(3.0),
        "dreifachen|triple|triples|tripled|tripling|verdreifacht|verdreifachen|dreifach|dreifache|das dreifache|dreimal",
    ),
    (C::Double(4.0), "vierfachen|vierfache|quadruple|quadruples|quadrupled|vervierfacht|vierfach|vierfache|viermal"),
    (C::Double(5.0), "funffachen|funffach|funffache|verfunffacht|fuenffach"),
    (C::Double(10.0), "tenfold|ten-fold|verzehnfacht|zehnfach|zehnfache"),
    (C::Double(0.5), "halves|halve|halbiert"),
    (
        C::Horizon,
        "outlook|ausblick|das nachste|nachste|kommende|das kommende|horizon|planning horizon|planungshorizont|horizont|planning for|plan for|planning period|time frame|timeframe|zeitraum|over the next|for the next|within the next|in the next|the next|over the coming|in den nachsten|in den naechsten|die nachsten|die naechsten|fur die nachsten|fuer die naechsten|uber die nachsten|ueber die naechsten|next|nachsten|naechsten|kommenden|coming|looking ahead|forecast|forecast for|project|projection|look ahead|ahead|prognose|hochrechnung|over a horizon of|plan over|planning over|planen",
    ),
    (
        C::Ttft,
        "ttft|time to first token|time-to-first-token|first token|first token latency|first-token|first-token latency|erstes token|ersten token|erste token|zeit bis zum ersten token|first token after|first byte|erstes zeichen|first word|first word appears|prefill time|first-token time|erstem token|erster token|start talking|starts talking|start speaking|starts speaking|start answering|starts answering|start responding|start streaming|starts streaming|begin to answer|first words|erstes wort|ersten worte|anfangen zu antworten|erstes wort|before anything shows|before anything shows up|before anything appears|before anything happens|until anything appears|until something appears|until something shows up|before text appears|before the first word|until the first word|until the first token|bis etwas erscheint|bis etwas kommt|before it starts|until it starts|bis zum ersten wort",
    ),
    (
        C::Tpot,
        "tpot|time per output token|time per token|inter-token latency|inter token latency|itl|per output token|per token|per further token|per additional token|per subsequent token|between tokens|each further token|each token|each subsequent token|pro token|je token|pro weiterem token|pro ausgabetoken|je weiteres token|for each further token|for each token|every further token|every token|per generated token|each next token|each additional token|jedes weitere token|pro weiteres token|je weiterem token|per-token latency|token-to-token|decode time|for each one after|each one after|each after that|for every one after|every one after",
    ),
    (
        C::Speed,
        "streams|streaming|streaming speed|generation speed|decode speed|output speed|decoding speed|decodes|throughput|durchsatz|generates at|streamt|generiert",
    ),
    (
        C::P50,
        "p50|median|p-50|the median|mediane|medianlatenz|tp50|typical latency|typical response|half of the answers",
    ),
    (C::P95, "p95|p-95|tp95|pct95"),
    (C::P99, "p99|p-99|tp99"),
    (
        C::Target,
        "target|slo|sla|goal|objective|aim|aiming for|ziel|zielwert|latenzziel|zielvorgabe|latency target|want it under|want it below|needs to be|need to be|must be|should be|has to be|must answer|must respond|must finish|need answers|needs to answer|need it in|deadline|target of|latency budget|latency goal|response target|vorgabe|soll|sollen|muss|mussen|muessen|want|we want|need|needs|required|requirement|tolerate|tolerable|acceptable|slo of|must|should|have to|has to|wollen|brauchen|gefordert|zielzeit|zielen|latenzvorgabe|latenzbudget|down to|get it to|bring it to|bring that to|bring this to|runter auf|promised|promise|guarantee|targeting|zugesagt|versprochen|vereinbart|vereinbarte|vereinbarten|agreed|agreed upon|zugesagten|versprochenen|geforderten|contracted|erlaubten|wunschten|gewunschten|gewunscht",
    ),
    (
        C::Latency,
        "latency|latencies|response time|response times|answer time|latenz|latenzen|antwortzeit|antwortzeiten|takes|take|took|end to end|end-to-end|e2e|e2e latency|whole answer|full answer|full response|complete answer|dauert|dauern|request time|round trip|turnaround|finish in|finishes in|done in|completes in|respond in|total latency|gesamtlatenz|waits for",
    ),
    (
        C::Timeout,
        "timeout|time out|ttl|time to live|time-out|expires after|cache ttl|retention|keepalive|backoff|for the past|cold start|kaltstart|old|alt|experience|history|in business|sprint|sprints|refresh|refreshes|notice|meeting",
    ),
    (
        C::Window,
        "turnaround window|batch window|maintenance|24h window|24 hour window|work week|business hours|office hours|shift",
    ),
    (
        C::Seq,
        "sequential|sequentially|one after another|one after the other|in sequence|in series|in a row|back to back|chained|chain of|chain|chains|consecutive|nacheinander|hintereinander|sequenziell|sequentiell|sequenzielle|sequentielle|sequenziellen|serially|serial|aufeinanderfolgende|steps|step|hops|schritte|schritten|one by one|kette|kette von|multi-step|verkettet|verkettete|pipeline of|after each other|round trips|agent loop of|loop of|dependent",
    ),
    (
        C::Par,
        "parallel|in parallel|at once|simultaneously|fan out|fans out|fan-out|fanout|fanning out|gleichzeitig|concurrently per|parallele|parallelen|aufgefachert|at the same time per|scatter|shards|parallelly|branches|scatter-gather|zeitgleich|fanned out|in parallel per|sub-queries|subqueries|sub-calls|subcalls",
    ),
    (
        C::Conc,
        "concurrently|at the same moment|concurrency limit|concurrency|concurrent|concurrent requests|max concurrency|max concurrent|in flight|in-flight|simultaneous|simultaneous requests|slots|slot|worker|workers|places|concurrency cap|nebenlaufige|gleichzeitige anfragen|gleichzeitige|gleichzeitigen|parallelitat|gleichzeitig laufende|at the same time|at a time|open connections|concurrent calls|parallelitatslimit|connection pool|threads|nebenlaufig|nebenlaufigkeit|replicas|max_concurrency|gleichzeitig erlaubt",
    ),
    (
        C::ArrivalScv,
        "squared coefficient of variation|scv|arrival scv|scv of arrivals|arrival_scv|arrivals scv|scv of the arrivals|ca2|ca^2|ca²|burstiness|squared coefficient of variation of arrivals|squared coefficient of variation of the arrivals|squared coefficient of variation of interarrival times|scv of interarrival times|scv of inter-arrival times|interarrival scv|inter-arrival scv|arrivals have an scv|scv der ankunfte|ankunfts-scv|arrivals with an scv|arrivals with scv",
    ),
    (
        C::ServiceScv,
        "service scv|scv of service|service_scv|service time scv|scv of service times|scv of the service times|scv of the service time|cs2|cs^2|cs²|squared coefficient of variation of service|squared coefficient of variation of service times|squared coefficient of variation of the service time|squared coefficient of variation of the service times|scv der bedienzeiten|service times with an scv|service times have an scv|bedien-scv",
    ),
    (
        C::Quality,
        "floor|quality floor|quality|qualitat|qualitaet|min quality|minimum quality|quality bar|score|scores|qualitatsuntergrenze|mindestqualitat|rating|points|punkte|punkten|quality score|benchmark score|quality_floor",
    ),
    (
        C::Arena,
        "arena|elo|lmarena|arena score|arena elo|chatbot arena|lmsys|arena-score|arena-punkte|arena points|lm arena|arena-elo|arena rating|arena-wert|arena punkte",
    ),
    (
        C::Accuracy,
        "accuracy|accurate|correct|correctly|pass rate|success rate|success|genauigkeit|korrekt|erfolgsquote|precision|f1|recall|trefferquote der antworten|right answers|richtig|treffergenauigkeit|erfolgsrate|solve rate|resolved|resolve rate|aider|swe-bench|livebench|tau2|mmlu|bestehensquote|polyglot|solves|solving|solve|lost mindestens|lost|pass@1|pass@2",
    ),
    (
        C::Vendors,
        "vendor|vendors|provider|providers|supplier|suppliers|anbieter|anbietern|provider accounts|lieferanten|model providers|hersteller",
    ),
    (
        C::AsOf,
        "as of|as_of|prices as of|prices of|price list of|stand|preisstand|zum stand|pricing as of|list prices of|mit preisen vom|preise vom|preisen vom|prices from|pricing from|with the prices of|at prices of|prices on|prices dated|price date|stichtag|priced as of|effective",
    ),
    // Who, when, whether
    (
        C::Not,
        "no longer|nicht mehr|nicht langer|not|don't|dont|doesn't|doesnt|isn't|isnt|aren't|arent|wasn't|didn't|didnt|won't|wont|never|nicht|kein|keine|keinen|keiner|keinem|nie|niemals|without|ohne|weder|neither|nor|cannot|can't|cant|haven't|hasn't|no|none|nobody|rather than|instead of|anstatt|statt|forget the|forget about|hardly",
    ),
    (
        C::Except,
        "not only|not just|nicht nur|no doubt|no idea why|why not|no matter|if not|not sure|not yet sure|no rush|no need|no problem|no quality loss|without losing|without loss|without sacrificing|without hurting|without a drop|without compromising|ohne qualitatsverlust|ohne verlust|not including|not counting|ohne einbussen|nicht langer als|nicht sicher|without any|no worse|not worse|nicht schlechter|why don't|why doesn't|warum nicht|can't we|couldn't we|not matter|don't care",
    ),
    (C::If, "if|falls|wenn|sofern|in case|unless|should we ever|whenever we"),
    (
        C::WhatIf,
        "what if|suppose|supposing|imagine|imagining|hypothetically|hypothetical|let's pretend|pretend|was ware wenn|was waere wenn|was ware, wenn|angenommen|stell dir vor|stellen wir uns vor|hypothetisch|theoretically|in theory|theoretisch|thought experiment|gedankenexperiment|mal angenommen|were we to|say we had|let's say we had|assuming we had|assume we had|what would happen if|what happens if|was passiert wenn|was passiert, wenn|wouldn't it|dream of|could theoretically|if we ever",
    ),
    (
        C::Hist,
        "used to have|used to be|used to pay|used to spend|used to run|used to send|used to cost|used to get|used to do|used to use|used to see|used to handle|used to serve|used to make|used to take|used to process|used to receive|before the relaunch|before the migration|before the switch|before the change|before the update|before the move|before we switched|before we moved|before we migrated|at first we|last year|previous year|previously|formerly|back then|originally|initially|in the beginning|at launch|fruher|frueher|ehemals|letztes jahr|letzten jahr|im letzten jahr|im vorjahr|vorjahr|voriges jahr|vorigen jahr|damals|ursprunglich|urspruenglich|anfangs|zu beginn|until recently|before that|two years ago|once had|in the past|earlier this year|historically|vergangenes jahr|im vergangenen jahr|bis vor kurzem|zuvor|vor dem umstieg|last summer|last winter|last spring|last autumn|last fall|last christmas|started at|started with|started out|began with|back when|in former times|vor jahren|last black friday|when we started|when we launched|abgelost|had been|hatten wir noch|war es noch|einst",
    ),
    (C::Ago, "ago|vor"),
    (
        C::LastMonth,
        "last quarter|letztes quartal|letzten quartal|yesterday|gestern|last month|letzten monat|im letzten monat|letzter monat|last week|letzte woche|previous month|vormonat|im vormonat",
    ),
    (
        C::Now,
        "now|today|currently|these days|nowadays|at the moment|at present|right now|jetzt|heute|aktuell|derzeit|momentan|inzwischen|mittlerweile|gerade|zurzeit|this year|this month|by now|since then|seitdem|dieses jahr|present|heutzutage|presently|nun|zur zeit|meanwhile|current|aktuelle|aktuellen|derzeitige",
    ),
    (
        C::Third,
        "a study says|a study shows|a study found|the study says|eine studie zeigt|someone said|someone told|someone pays|someone on|someone claims|somebody said|somebody told|somebody pays|jemand sagt|jemand hat|laut blog|laut einer|laut einem|laut studie|laut anbieter|laut hersteller|laut openai|study says|study shows|blog says|blog post says|blog claims|blog article says|case study says|whitepaper says|analysts say|the competition|article says|article claims|the industry average|claims that|claims to|claim that|claim to|claims they|docs say|documentation says|website says|doku sagt|vendor claim|vendor claims|another vendor|behauptet|behaupten|angeblich|allegedly|supposedly|reportedly|rumored|colleague says|colleague told|kollege sagt|kollege meint|previous employer|former company|last employer|my ex-employer|fruheren arbeitgeber|competitor|competitors|competitor's|rival|rivals|friend|friends|friend's|another company|another team|another startup|other companies|other teams|other people|some companies|read that|heard that|i read|i heard|according to|konkurrenz|konkurrent|konkurrenten|wettbewerber|mitbewerber|andere firma|andere firmen|andere unternehmen|anderes team|anderen team|freund|freundin|bekannter|bekannte|gelesen|gehort|colleague at|neighbour|neighbor|sister company|schwesterfirma|our parent company|peers|most people|vendor claims|sales rep|salesperson|marketing says|their website|the docs say|the documentation says|benchmark says|at my old job|my old company|my previous company|my former employer|my last job|former employer|meiner alten firma|the average company|vendor promises|the vendor says|vertriebler|acme|the company next door|nachbarfirma|report says|on reddit|on twitter|on hacker news|kollege bei|another department|the other department|die andere abteilung|a customer of ours|unser kunde|one of our customers|another vendor|big players|google handles|openai says|openai serves|netflix",
    ),
    (
        C::First,
        "our|my|unser|unsere|unserer|unseren|unserem|unseres|mein|meine|meinem|meiner|we|we're|we've|we'd|we'll|us|ours|i|i'm|i've|i'd|wir|uns|ich",
    ),
    (C::They, "they|they're|they've|their|theirs|he|she|his|her|sie|deren|er|ihre|ihr"),
    (
        C::Expect,
        "expect|expects|expecting|expected|will|plan to|plans to|planning to|planned|erwarten|erwartet|werden|wird|geplant|prognostiziert|anticipate|anticipated|hope to|hoping|predict|forecasting|going to|gonna|launch with|starting with|rechnen mit|will have|soon",
    ),
    (
        C::Future,
        "next year|by next year|nachstes jahr|naechstes jahr|im nachsten jahr|kommendes jahr|eventually|someday|by then|in the future|irgendwann|in zukunft|zukunftig|by the end of the year|by year end|by end of year|by christmas|bis ende|bis jahresende|until christmas|next quarter|nachstes quartal|next summer|nach dem launch|after the launch|after launch|next spring|next month|nachsten monat|tomorrow we",
    ),
    (
        C::Would,
        "would|could|might|wurde|wurden|wuerde|wuerden|hatte gern|ware|waren wir|hatten wir|konnte|konnten|koennte",
    ),
    (
        C::Wish,
        "would like|we'd like|i'd like|would love|would prefer|would want|mochten|moechten|hatten gern|hatten gerne|wurden gern|wurden gerne|could you|would you|konntest du|konnten sie|could we|konnen|wurde gern",
    ),
    (
        C::Correct,
        "no wait|wait no|actually|sorry|i mean|i meant|correction|make that|make it|scratch that|strike that|rather|oops|my mistake|my bad|korrektur|quatsch|moment|ah nein|aeh nein|ne doch|nein|ich meine|ich meinte|besser gesagt|vielmehr|genauer gesagt|stimmt nicht|typo|edit|err|um no|no sorry|pardon|verzeihung|entschuldigung|sondern|to be precise|that should be|should read|nope|correcting myself|let me correct|ach nein|falsch|tippfehler|correct that|let me rephrase|i misspoke|not quite|well let's say|or rather",
    ),
    (
        C::Ignore,
        "ignore the rules|ignore the instructions|ignore the above|ignore the previous|ignore the system|ignore everything|ignore what|ignore this|forget everything|vergiss alles|ignoriere alles|ignore all|ignore your|ignore previous|ignore any|disregard|ignoriere|vergiss alle|system:|you are now|pretend to be|override|jailbreak|forget your|forget all",
    ),
    (
        C::Question,
        "see if|check if|know if|tell me if|tell us if|wonder if|wondering if|ask if|find out if|as if|even if|if possible|if needed|if necessary|if that helps|if it helps|wenn moglich|wenn moeglich|falls moglich|falls notig|ob|unclear if|if any|if you can|if we can|wenn ihr konnt|if so|if you need|if it matters|if you ask|if you want",
    ),
    // Work
    (
        C::Task(Task::Chat),
        "for chat|fur chat|chat model|our chat|unser chat|unseren chat|chat traffic|for a chat|chat-modell|chatbot|chat bot|chatbots|assistant|support chat|customer chat|chat assistant|customer support|kundenservice|kundendienst|kundensupport|support bot|supportbot|chat app|chat application|live chat|kundenchat|support-chat|helpdesk|help desk|conversational|copilot chat|faq bot|voice assistant|voice bot|voicebot|chat product|chat service|chat widget|chat-assistent|assistent|support assistant|faq|virtual assistant|companion app|concierge|support copilot|sales copilot|service copilot|customer copilot",
    ),
    (
        C::Task(Task::Coding),
        "coding|code|code review|code reviews|code completion|code assistant|coding help|coding assistant|coding assistants|programming|pair programming|programmer|ide|software development|autocomplete|code generation|codegen|copilot|pull request review|pr review|refactoring|unit tests|softwareentwicklung|programmieren|code-review|coding agent|coding agents|codebase|developer assistant|code-assistent|coding-assistent|bug fixing|test generation|sql generation|text-to-sql",
    ),
    (
        C::Task(Task::Agents),
        "agentic|ai agent|ai agents|agent workflow|agent workflows|agent run|agent runs|tool use|tool calls|tool calling|tool-calling|multi-agent|agentisch|agentensystem|ki-agent|ki-agenten|agents|agenten|autonomous agents|research agent|browser agent|agent|agent loop|agent pipeline|autonomous|call tools|calls tools|use tools|uses tools|calling tools|using tools",
    ),
    (
        C::Task(Task::Extraction),
        "extractions|pull data|pulling data|data out of|pulls data|extraction|extract|extracts|extracting|data extraction|extract fields|parse invoices|parsing|parse|parses|invoice processing|document processing|information extraction|extrahieren|extrahiert|extraktion|auslesen|datenextraktion|structured data|ocr|entity extraction|rechnungsverarbeitung|belegerfassung|field extraction|structured output|dokumentenverarbeitung|lesen aus|invoice extraction|belegextraktion|invoice reading|form reading",
    ),
    (
        C::Task(Task::Summarization),
        "summaries|fassen|fasst|summarization|summarisation|summarize|summarise|summarizes|summarises|summarizing|summarising|summary|tldr|zusammenfassung|zusammenfassungen|zusammenfassen|zusammenfasst|fasst zusammen|fassen zusammen|meeting notes|digest|digests|summarizer|condense|recap|summarised|summarized|zusammengefasst",
    ),
    (
        C::Task(Task::Classification),
        "classifications|classification|classify|classifies|classifying|categorize|categorise|categorization|categorizing|categorising|labeling|labelling|moderation|content moderation|spam detection|spam filter|sentiment|sentiment analysis|triage|intent detection|klassifizieren|klassifizierung|klassifikation|klassifiziert|kategorisieren|einordnen|ticket routing|tagging|stimmungsanalyse|kategorisierung|toxicity|classifier|detect spam|fraud detection|routing tickets",
    ),
    (
        C::Task(Task::Rag),
        "rag|retrieval|retrieval augmented|retrieval-augmented|retrieval augmented generation|knowledge base|question answering over|wissensdatenbank|semantic search|enterprise search|document search|wissenssuche|retrieved passages|retrieved documents|retrieved chunks|search over our docs|docs search|dokumentensuche",
    ),
    (C::Vendor("openai"), "openai|open ai|openai's"),
    (C::Vendor("anthropic"), "anthropic|anthropic's"),
    (
        C::Vendor("google"),
        "google ai|google api|from google|via google|through google|google bill|google vertex|vertex|vertex ai|google cloud|gcp|ai studio",
    ),
    (C::Vendor("azure"), "azure|azure openai|microsoft azure|azure ai|azure foundry"),
    (C::Vendor("aws"), "bedrock|aws|aws bedrock|amazon bedrock"),
    (C::Vendor("groq"), "groq"),
    (C::Vendor("cerebras"), "cerebras"),
    (C::Vendor("together"), "together ai|together.ai|togetherai"),
    (C::Vendor("fireworks"), "fireworks|fireworks ai|fireworks.ai"),
    (C::Vendor("openrouter"), "openrouter|open router"),
    (C::Vendor("mistral"), "mistral ai|la plateforme"),
    (C::Vendor("x-ai"), "xai|x.ai|x-ai"),
    (C::Vendor("deepseek"), "deepseek api|deepseek's api"),
    (C::Gpu("H100"), "h100|h100s|h-100|nvidia h100|h100-gpus|h100-gpu"),
    (C::Gpu("H200"), "h200|h200s|h-200"),
    (C::Gpu("H20"), "h20|h20s"),
    (C::Gpu("A100"), "a100|a100s|a-100"),
    (C::Gpu("B200"), "b200|b200s"),
    (C::Gpu("B300"), "b300|b300s"),
    (C::Gpu("GB200"), "gb200|gb200s"),
    (C::Gpu("GH200"), "gh200|gh200s"),
    (C::Gpu("L40S"), "l40s|l40"),
    (C::Gpu("L4"), "l4|l4s"),
    (C::Gpu("A10G"), "a10g|a10gs"),
    (C::Gpu("A10"), "a10|a10s"),
    (C::Gpu("A6000"), "a6000|rtx a6000"),
    (C::Gpu("T4"), "t4|t4s"),
    (C::Gpu("V100"), "v100|v100s"),
    (C::Gpu("MI300X"), "mi300x|mi300|mi300xs"),
    (C::Gpu("MI325X"), "mi325x"),
    (C::Gpu("MI355X"), "mi355x"),
    (C::Gpu("RTX 4090"), "rtx 4090|rtx4090|4090"),
    (C::Gpu("RTX 5090"), "rtx 5090|rtx5090|5090"),
    (
        C::Switch,
        "to test|we test|to try|do you support|does it support|unterstutzt ihr|considered|looked at|evaluated|tried|tested|rejected|ruled out|switch|switching|switch to|switching to|move|move to|moving to|migrate|migrate to|migrating to|migration to|replace with|replaced by|replacing it with|alternative|alternatives|alternative to|trying|consider|considering|thinking of|thinking about|evaluate|evaluating|looking at|upgrade to|downgrade to|swap|swap to|swap for|wechseln|wechsel|wechsel auf|wechseln auf|umsteigen|umstieg|umstieg auf|umziehen|ersetzen durch|erwagen|testing|pilot|tempted by|candidates|candidate|options are|for instance with|alternativen|kandidaten|zur auswahl|ersatz|use instead|e.g. with",
    ),
    (
        C::Versus,
        "vs|vs.|versus|compared to|compared with|compare|comparing|compare to|than|gegen|im vergleich zu|vergleichen|verglichen mit|gegenuber|als|beats|beat|better than|as good as",
    ),
    (
        C::Use,
        "use|uses|using|used|on|run|runs|running|via|through|nutzen|nutzt|verwenden|verwendet|auf|uber die|hosted|hosting|our model|powered by|built on|calls to|send|sends|sending|based on|lauft auf|laeuft auf|lauft|laufen|currently use|current model|model is|model|modell|served by|setzen auf|setzen|einsatz|im einsatz|benutzen|fahren|model:",
    ),
    // Asks
];

/// A phrase of the table: its words, and what they mean.
struct Entry {
    words: Vec<&'static str>,
    /// Whether the last word stands for all that begin with it.
    open: bool,
    means: C,
}

/// The table, sorted by first word, longest phrase first.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let split =
        |phrase: &'static str| phrase.split([' ', '-', '_']).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let mut entries: Vec<Entry> = WORDS
        .iter()
        .flat_map(|(means, phrases)| phrases.split('|').map(|phrase| (*means, phrase)))
        .map(|(means, phrase)| Entry { words: split(phrase.trim_end_matches('*')), open: phrase.ends_with('*'), means })
        .filter(|entry| !entry.words.is_empty())
        .collect();
    entries.sort_by(|a, b| a.words[0].cmp(b.words[0]).then(b.words.len().cmp(&a.words.len())));
    entries
});

/// Gives every word its meaning and joins phrases to one token.
pub(super) fn classify(lexed: &mut Lexed) {
    let toks = std::mem::take(&mut lexed.toks);
    let mut out: Vec<Tok> = Vec::with_capacity(toks.len());
    let mut i = 0;
    while let Some(tok) = toks.get(i) {
        let (means, taken) = match tok.kind {
            Kind::Num(number) => {
                let Some(found) = percentile(lexed, &toks[i..], number.value) else {
                    out.push(*tok);
                    i += 1;
                    continue;
                };
                found
            }
            Kind::Word(C::Other) => {
                phrase(lexed, &toks[i..]).or_else(|| single(lexed, &toks, i)).unwrap_or((C::Other, 1))
            }
            _ => {
                out.push(*tok);
                i += 1;
                continue;
            }
        };
        let last = toks.get(i + taken - 1).unwrap_or(tok);
        out.push(Tok { kind: Kind::Word(means), end: last.end, byte_end: last.byte_end, ..*tok });
        i += taken;
    }
    lexed.toks = out;
}

/// "95th percentile", "95. Perzentil", "95er Perzentil".
fn percentile(lexed: &Lexed, toks: &[Tok], value: f64) -> Option<(C, usize)> {
    let means = match value {
        50.0 => C::P50,
        95.0 => C::P95,
        99.0 => C::P99,
        _ => return None,
    };
    let at = |i: usize| toks.get(i).map_or("", |tok| lexed.text(tok));
    let ordinal = usize::from(matches!(at(1), "th" | "er" | "." | "%" | "-" | "ste"));
    let noun = |word: &str| {
        ["percentile", "perzentil", "quantil", "pctl"].iter().any(|n| word.starts_with(n)) || word == "ile"
    };
    if noun(at(1 + ordinal)) {
        Some((means, 2 + ordinal))
    } else {
        (at(1) == "th" && toks[1].glued).then_some((means, 2))
    }
}

/// The longest phrase of the table at the start of `toks`, with the number of tokens it takes.
fn phrase(lexed: &Lexed, toks: &[Tok]) -> Option<(C, usize)> {
    let first = lexed.text(toks.first()?);
    let first = if ENTRIES.binary_search_by(|e| e.words[0].cmp(first)).is_err() {
        first.strip_suffix("'s").unwrap_or(first)
    } else {
        first
    };
    let start = ENTRIES.partition_point(|e| e.words[0] < first);
    ENTRIES[start..]
        .iter()
        .take_while(|e| e.words[0] == first)
        .find_map(|entry| Some((entry.means, follows(lexed, toks, entry)?)))
        .or_else(|| {
            // Word beginnings: the nearest entries before this word in the order of the alphabet.
            ENTRIES[..start]
                .iter()
                .rev()
                .take(12)
                .find(|e| e.open && e.words.len() == 1 && first.starts_with(e.words[0]))
                .map(|e| (e.means, 1))
        })
}

/// How many tokens the words of `entry` take at the start of `toks`; hyphens between words don't count as a difference.
fn follows(lexed: &Lexed, toks: &[Tok], entry: &Entry) -> Option<usize> {
    let mut at = 1;
    for word in &entry.words[1..] {
        if toks.get(at).is_some_and(|t| t.is_sym('-')) {
            at += 1;
        }
        let tok = toks.get(at).filter(|t| matches!(t.kind, Kind::Word(_)))?;
        if lexed.text(tok) != *word {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// A word that is in no phrase: a letter, or a slip of the keyboard.
fn single(lexed: &Lexed, toks: &[Tok], i: usize) -> Option<(C, usize)> {
    let text = lexed.text(toks.get(i)?);
    if let Some(factor) = text.strip_prefix('x').and_then(|rest| rest.parse::<u16>().ok()) {
        return Some((C::Double(f64::from(factor)), 1));
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) => Some((C::Letter(letter), 1)),
        _ => slip(text).map(|means| (means, 1)),
    }
}

/// The words that are worth guessing at: units and subjects whose neighbours are no words of their own.
const SLIPS: &str = "request requests token tokens input output prompt prompts completion completions response responses answers \
    month monthly daily second seconds minute minutes million millions percent latency budget dollars reasoning queries messages \
    requests average cheaper eingabe ausgabe anfragen anfrage antwort antworten monat monatlich taglich millionen prozent \
    utilisation utilization expensive context concurrent sequential parallel median growth";

/// The meaning of the word that `text` is one slip away from; only for words long enough not to be another word.
fn slip(text: &str) -> Option<C> {
    const NO_SLIPS: &[&str] = &["mouth", "growths", "outputs", "inputs", "averaged", "average"];
    if text.len() < 5 || !text.is_ascii() || NO_SLIPS.contains(&text) {
        return None;
    }
    let meant = SLIPS.split_whitespace().find(|word| {
        word.len() >= 5 && word.as_bytes()[0] == text.as_bytes()[0] && one_slip(text.as_bytes(), word.as_bytes())
    })?;
    let at = ENTRIES.partition_point(|e| e.words[0] < meant);
    ENTRIES[at..].iter().take_while(|e| e.words[0] == meant).find(|e| e.words.len() == 1).map(|e| e.means)
}

/// Whether two words differ by one letter missing, added, changed, or by two neighbours exchanged.
fn one_slip(a: &[u8], b: &[u8]) -> bool {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[head..], &b[head..]);
    match a.len().abs_diff(b.len()) {
        0 => x.get(1..) == y.get(1..) || (x.len() >= 2 && x[0] == y[1] && x[1] == y[0] && x[2..] == y[2..]),
        1 if x.len() > y.len() => &x[1..] == y,
        1 => x == &y[1..],
        _ => false,
    }
}

/// Decides which "in" and "out" are directions of tokens ("1200 in / 300 out") and which only join words.
pub(super) fn directions(lexed: &mut Lexed) {
    let toks = &mut lexed.toks;
    let counts = |tok: Option<&Tok>| {
        tok.is_some_and(|t| {
            matches!(t.kind, Kind::Num(_))
                || matches!(t.word(), Some(C::Tokens | C::Mult(_) | C::Letter('k') | C::In | C::Out | C::Context))
        })
    };
    for i in 0..toks.len() {
        let (inward, outward) = (toks[i].is(C::InWord), toks[i].is(C::OutWord));
        if !inward && !outward {
            continue;
        }
        let next = toks.get(i + 1);
        let before = i.checked_sub(1).and_then(|j| toks.get(j));
        let labels = next.is_some_and(|t| matches!(t.kind, Kind::Sym(':' | '=')));
        let ends = next.is_none_or(|t| {
            !matches!(t.kind, Kind::Word(_))
                || matches!(
                    t.word(),
                    Some(C::And | C::OutWord | C::Per | C::Every | C::With | C::Tokens | C::At | C::About | C::But)
                )
        });
        let after_count = counts(before) && ends;
        let before_count = matches!(next.map(|t| t.kind), Some(Kind::Num(_)))
            && toks[i..].iter().skip(2).take(6).any(|t| t.is(C::OutWord) || t.is(C::Out) || inward && t.is(C::Tokens));
        let paired = toks.get(i + 1).is_some_and(|t| t.is_sym('/'))
            && toks.get(i + 2).is_some_and(|t| matches!(t.word(), Some(C::OutWord | C::Out)));
        let after_in = outward
            && toks[..i].iter().rev().take(6).any(|t| t.is(C::In))
            && (counts(before)
                || matches!(next.map(|t| t.kind), Some(Kind::Num(_)))
                || before.is_some_and(|t| t.is_sym('/')));
        let direction = labels || after_count || before_count || paired || after_in;
        toks[i].kind = Kind::Word(match (direction, inward) {
            (true, true) => C::In,
            (true, false) => C::Out,
            (false, true) => C::InWord,
            (false, false) => C::Filler,
        });
    }
}

/// Whether the small words are German ones.
pub(super) fn is_german(lexed: &Lexed) -> bool {
    const GERMAN: &[&str] = &[
        "wir", "und", "der", "die", "das", "mit", "pro", "ist", "sind", "nicht", "im", "am", "zu", "fur", "fuer",
        "auf", "ein", "eine", "von", "den", "unser", "unsere", "kosten", "anfragen", "monat", "tag", "bei", "je",
        "wie", "ca", "haben", "prozent",
    ];
    const ENGLISH: &[&str] = &[
        "we", "and", "the", "is", "are", "with", "per", "our", "of", "to", "for", "in", "on", "a", "how", "what",
        "requests", "month", "day",
    ];
    let count = |words: &[&str]| lexed.toks.iter().filter(|t| words.contains(&lexed.text(t))).count();
    count(GERMAN) > count(ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::lex::lex;

    fn meanings(text: &str) -> Vec<C> {
        let mut lexed = lex(text);
        classify(&mut lexed);
        lexed.toks.iter().filter_map(Tok::word).collect()
    }

    #[test]
    fn longest_phrase_wins() {
        assert_eq!(meanings("time-to-first-token"), [C::Ttft]);
        assert_eq!(meanings("no more than"), [C::UpTo]);
        assert_eq!(meanings("95th percentile"), [C::P95]);
        assert_eq!(meanings("95. Perzentil"), [C::P95]);
    }

    #[test]
    fn one_slip_is_forgiven_in_long_words() {
        for (text, means) in
            [("reqeusts", C::Request), ("tokns", C::Tokens), ("outputt", C::Out), ("montly", C::Adv(Per::Month))]
        {
            assert_eq!(meanings(text), [means], "{text}");
        }
        assert_eq!(meanings("house"), [C::Other]);
    }
}
