//! What a figure is about.

use super::meaning::C;

/// Words of each meaning, divided by `|`; a star stands for any ending.
pub(super) const SUBJECTS: &[(C, &str)] = &[
    (
        C::In,
        "prompt*|input|inputs|prompt|prompts|eingabe|eingabe*|input*|eingehende|eingehend|ingoing|incoming|inp|promt|promts|ctx in|prompttoken*|goes in|go in|going in|come in as input|gehen rein|geht rein|kommen rein",
    ),
    (
        C::Out,
        "gehen raus|geht raus|goes out|going out|go out|geantwortet|geantwortet wird|antwort*|get back|gets back|comes back|get returned|output|outputs|completion|completions|response|responses|answer|answers|answering|reply|replies|replied|generated|generate|generates|generation|ausgabe|ausgabe*|output*|antwort|antworten|antwortet|ausgehende|outp|outptu|ouput|ouptut|completion*|responds|respond|outgoing|produces|returns|spits out|spit out|spitting out|writes back|sends back|gives back|gibt zuruck|emits|come out|comes out|coming out|coming back|kommen raus|kommt raus",
    ),
    (
        C::Reason,
        "thinks|thinks for|denkt|reasoning|thinking|reasoning*|hidden|chain of thought|thinking tokens|reasoning tokens|denktoken*|denk|denkschritte|nachdenken|thought tokens",
    ),
    (
        C::Prefix,
        "in front of every|in front of each|vor jedem|vor jeder|identical across|identical each time|same each time|the same each time|every time the same|unchanged each time|identical on each|header|vorspann|instruction|instruction block|prefix|system prompt|systemprompt|system-prompt|system prompts|static|fixed|constant|unchanging|same every time|always the same|fixed prefix|shared prefix|fest|feste|fester|festes|festen|gleichbleibend*|konstant|konstante|boilerplate|identical prefix|same prefix|reused|shared|cacheable|cachable|cached prefix|template|prafix|praefix|instructions|never changes|doesn't change|does not change|don't change|few-shot examples|identical across|same across|unverandert|immer gleich|immer gleiche|immer der gleiche|immer identisch|stable|statisch|statische|statischer|repeated prefix|preamble|the same for every|the same on every|same in every|the same across|cached tokens|cached input|stays the same|is the same|identical every time|identical for every|identical in every|identical on every|never change|that never change|andern sich nie|andert sich nie|always the same text|immer derselbe|immer dieselbe|immer dasselbe|derselbe text|dieselbe anweisung|bleibt gleich|bleiben gleich|bleibt immer gleich|gleich bleibt|unverander*",
    ),
    (
        C::Rest,
        "user part|user message|user messages|user input|user question|user query|user prompt|variable part|dynamic part|nutzerteil|nutzereingabe|nutzerfrage|variabler teil|eigentliche frage|rest of the prompt|remaining prompt|remainder of the prompt|rest des prompts|varies|variiert",
    ),
    (
        C::Context,
        "context window|context length|context|kontext|kontextfenster|kontextlange|context size|long context|long-context|ctx|kontextlaenge",
    ),
    (
        C::Hit,
        "prefix reads|hit rate|hit ratio|cache hit rate|cache hit|cache hits|cache-hit|cache-hit-rate|hitrate|hit-rate|trefferquote|cache-trefferquote|trefferrate|cache hit ratio|hits the cache|hit the cache|served from cache|read from cache|cache reads|come from the cache|cached already|cache read rate|aus dem cache|cache rate|cache-quote|cache hitrate|prompt cache hit rate|cache-treffer|cachetreffer|aus dem cache bedient|cache-hits|treffer im cache|trifft den cache",
    ),
    (C::Cache, "cache|caching|cached|caches|gecached|gecacht|prompt caching|prompt-caching"),
    (
        C::Defer,
        "non-urgent|nonurgent|eilt nicht|zeitunkritisch|the next day|the next morning|the following day|following morning|until tomorrow|am nachsten tag|am nachsten morgen|tolerate a delay|tolerates a delay|delay|delays|verspatung|batch|batched|batchable|overnight|wait|waits|deferred|deferrable|defer|offline|asynchronous|async|asynchronously|delayed|delay tolerant|nachts|uber nacht|ueber nacht|warten|zeitunkritisch|batch api|batch job|batch jobs|background|latency-insensitive|time-insensitive|run at night|at night|aufschiebbar|verzogert|kann warten|nightly|in der nacht|stapelverarbeitung|non-realtime|batch-fahig|batchfahig|flexible|tomorrow|next morning|next day|until noon|take until|until morning|until the morning|by the next day|by the next morning|by tomorrow|bis morgen|bis zum morgen|bis mittag|bis zum nachsten tag|the day after|bis morgen fruh|till morning|till tomorrow|until the next day|until next morning|until next day|by next morning|by morning|by the morning|over night|can happen later|spater erledigt|spater kommen|spater laufen|nicht sofort|not right away|not immediately|not at once|no hurry|hat zeit|haben zeit|keine eile|in no hurry|not in a hurry|hours later|a day late|a day later|am folgetag|nachtlauf|nachtlaufe|nachts laufen|off-peak|off peak|offpeak|batch-tauglich|batchen|whenever|egal wann|any time|within 24 hours|innerhalb von 24 stunden|im batch|batch-api|could wait|may wait|can be delayed|may be delayed|be delayed|be postponed|verschieb*|verschob*|vertag*|postpon*",
    ),
    (
        C::Dup,
        "wortgleich|wortlich gleich|word for word|asked already|duplicate|duplicates|duplicated|repeat|repeats|repeated|repeated questions|repetitive|same question|same questions|exact repeats|asked before|identical requests|identical questions|wiederholt|wiederholte|wiederholungen|wiederholen sich|doppelt|doppelte|duplikate|dieselben fragen|gleiche fragen|repetitions|recurring|seen before|near-duplicates|near duplicates|identical queries|identical|identisch|identische|are repeats|exact duplicates|wiederkehrend*|dup|dups|dupes|dupe|exact repeat|exakte wiederholung|wiederholung|exact duplicate|verbatim|copy-paste|schon mal gestellt|schon gestellt|schon einmal gestellt|schon beantwortet|asked again|answered before|already answered|exact copies|exact copy|identical to earlier|identical to an earlier|wie schon einmal|duplikat|repetition|doppelung*|dopplung*|kopie*",
    ),
    (
        C::Easy,
        "don't need the big|don't need a big|doesn't need the big|doesn't need a big|don't need a strong|don't need the strong|don't need a large|don't need the large|don't need the expensive|don't need an expensive|need no big|need no large|brauchen kein groses|brauchen kein grosses|braucht kein groses|good enough|accepted|acceptance rate|easy|easy enough|simple|simple enough|trivial|smaller model|cheaper model|weaker model|small model|cheap model|easier|simpler|einfach|einfache|einfachen|kleineres modell|kleineren modell|billigeres modell|kleines modell|mini model|lightweight model|straightforward|leicht|leichte|triviale|gunstigeres modell|guenstigeres modell|smaller one|cheaper one|weak model|basic questions|weaker one|good enough for|low complexity|easy questions|low-complexity|simple questions|small one|little one|little model|cheap one|tiny model|smallest model|weak one|light model|lighter model|akzeptiert|gut genug|wird akzeptiert|werden akzeptiert|kleine modell|das kleine modell|gunstige modell|billige modell|easy ones|simple ones|easy tickets|anspruchslos*",
    ),
    (
        C::Util,
        "loaded|load it|load them|load each|average load factor|utilization|utilisation|util|auslastung|ausgelastet|utilized|utilised|busy|load factor|mfu|gpu utilization|gpu utilisation|hotter than|run hot|heiser als|duty cycle|target load|voll ausgelastet|load target",
    ),
    (
        C::Failure,
        "error|errors|fail|fails|failure|failed|timeouts|fehler|fehlerrate|error rate|discount|rabatt|sla credit|uptime|availability|verfugbarkeit|margin|vat|tax|mwst|of our users|of users|of customers|churn|conversion|interest|of staff|market share|hallucinate|hallucinations|retry|retries",
    ),
    (
        C::Spend,
        "fliesen|fliest|abfliesen|flows out|flow out|monatskosten|jahreskosten|tageskosten|wochenkosten|monatsrechnung|jahresrechnung|adds up to|add up to|amounts to|amount to|sums up to|totals|shell out|my invoice|our invoice|the invoice|invoice says|invoice is|invoice of|spend|spends|spending|spent|pay|pays|paying|paid|bill|bills|billed|invoice total|cost|costs|costing|kosten|kostet|zahlen|zahle|zahlt|bezahlen|ausgeben|geben|gibt|rechnung|ausgaben|invoiced|burn|burning|burns|burn through|our invoice|monthly invoice|monatsrechnung|api-rechnung|expense|expenses|charges|charged|charge us|charges us|outlay|spend is|runs us|sets us back|api bill|api spend|monthly cost|blechen|lassen|monatliche rechnung|expenditure|expenditures|invoices us|abbuchung|abgebucht|abbuchen|burned|costs us|kostet uns|kostet mich|verschlingt|verbrennen|verbrennt|verbraten|berappen|eats up|swallows|aufwendungen|run rate|run-rate|cloud bill|goes out the door|damage is",
    ),
    (
        C::Budget,
        "we may spend|may be spent|ausgeben wollen|we have available|approved|have been approved|has been approved|abgesegnet|monatsbudget|jahresbudget|jahresetat|monatsetat|grant|leaves us|bewilligt|fordermittel|etat|one pot|tagesbudget|budget*|get back to|back to|budget|budgets|budgeted|get to|get it down to|get down to|bring it down to|bring down to|reduce to|cut to|cut it to|cap of|ceiling|spending cap|spending limit|cost cap|cost ceiling|kostenlimit|kostenobergrenze|obergrenze|afford|can afford|willing to pay|willing to spend|to spend|stay within|within budget|deckel|unter die|price cap|want to pay|want to spend|money available|available per month|allowance|target spend|target cost|cost target|allowed to spend|ausgeben durfen|maximal ausgeben|budgetobergrenze|leisten|wallet|purse|pot|topf|stehen bereit|steht bereit|zur verfugung|zur verfuegung|available budget|at our disposal|at my disposal|signed off|earmarked|allocated|set aside|genehmigt|freigegeben|eingeplant|kostenrahmen|finanzrahmen|rahmen|kostendeckel|ausgabengrenze|spend cap|funding|funds|financing|cost limit|joint cap|we can spend|can spend|may spend|allowed to cost|darf kosten|darf es kosten|durfen es kosten|kosten darf|kosten durfen|may cost|can cost|must not cost|darf nicht mehr kosten",
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
        "go past|going past|get past|go beyond|anything over|anything above|anything beyond|anything longer than|everything over|everything above|alles uber|alles ueber|beneath|inside|ubersteigt|ubersteigen|stick to|stick with|restricted to|restrict to|restrict ourselves to|bleiben bei|under|below|at most|max|max.|maximum|no more than|not more than|up to|less than|fewer than|within|unter|hochstens|hoechstens|maximal|nicht mehr als|bis zu|weniger als|innerhalb|innerhalb von|no higher than|lower than|not exceed|can't exceed|cannot exceed|never exceed|never more than|not above|never above|capped at|cap|unterhalb|stay under|must not exceed|not over|no longer than|longer than|langer als|not longer than|not go over|don't go over|cannot go above|can't go above|don't want to exceed|nicht uber|nicht ueber|nicht uberschreiten|tops|sub|faster than|quicker than|schneller als|without exceeding|ohne zu uberschreiten|stay below|keep it under|keep it below|keep under|keep below|get it under|get it below|get under|get below|anything above|anything over|anything beyond|nothing above|nothing over|don't exceed|should not exceed|bleiben unter|at the most|at the very most|at maximum|as a maximum|keinesfalls uber|no slower than|not slower than|nicht langsamer als|slower than|langsamer als|maximum of|max of|not beyond|beyond|jenseits|jenseits von|darf nicht uber|never over|nie uber|nie mehr als|niemals uber|not to exceed|to stay under|kept under|kept below|remain under|remain below|remains under|remains below|stays under|stays below|end up below|end up under|limit of|upper limit|upper bound|darunter bleiben|hochstgrenze|at the latest|spatestens|spaetestens|tops out at|below the",
    ),
    (C::More, "more than|over|above|exceed|exceeds|exceeding|mehr als|uber|ueber|oberhalb|greater than|upwards of"),
    (
        C::AtLeast,
        "at least|minimum|min of|no less than|not less than|mindestens|wenigstens|not below|never below|not under|nicht unter|floor of|or better|or above|or higher|or more|mind|stay above|keep above|keeps above|no lower than|not drop below|not fall below|doesn't drop below|don't drop below|don't fall below|above a|minimum of|never drop below|drop below|drops below|fall below|falls below|go below|goes below|dip below|slip below|sink below|sinkt unter|fallen unter|no worse than|not worse than|not any worse than|nicht schlechter als|keinesfalls unter|nie unter|niemals unter|never under|at a minimum|as a minimum|minimal|minimale|lower bound|untergrenze|untere grenze|ab mindestens|or upwards|and up|and above|upwards|oder besser|oder hoher|oder mehr|darf nicht sinken unter|not sink below|not slip below|not dip below|at or above|must not drop below|must not fall below|stays at or above|floor at",
    ),
    (
        C::Limit,
        "zugesagt|zugesichert|zugestanden|durfen|we may|lets us|let us|erlaubt|gives us|give us|gives me|give me|grants me|grants us|grants|permits|may send|durfen wir|limit|limits|limited|rate limit|rate limits|ratelimit|rate-limit|rate-limited|quota|quotas|tier|throttled|throttle|throttling|throttled at|allows|allowed|allow|limitiert|kontingent|ratenlimit|begrenzt|begrenzung|beschrankt|our tier|capped|kontingents|account limit|provider limit|grenze|headroom|gave us|gave me|gives you|grant us|granted us|allow us|allows us|allowing|entitled to|entitles us to|entitles us|rate cap|rate ceiling|zugelassen|provider cap|api limit|drosselt bei|cuts us off at|cut off at|contract allows|agreement allows|agreement permits|quota of|plan permits|plan allows|tier allows|limit bei|permit*|allot*|drossel*|limitier*|entitle*",
    ),
    (
        C::Peak,
        "during lunch|over lunch|at lunch|at noon|abends|in the evening|in the evenings|evenings|mittags|at lunchtime|am wochenende|tagsuber|in december|peak|peaks|peaking|peak hour|peak hours|peak load|at peak|at the peak|peak factor|peak-to-average|peak to average|peak to mean|peak-to-mean|burst|bursts|spike|spikes|spiking|spitze|spitzen|spitzenlast|spitzenfaktor|peakfaktor|stosszeit|stosszeiten|stoszeit|stoszeiten|rush hour|busiest hour|busy hour|lastspitze|lastspitzen|zu stosszeiten|abendspitze|evening peak|surges|surge|spitzenstunde|busiest minute|hauptlastzeit|spitzenzeiten|spitzenzeit|peak traffic|hochlast|evening factor|peak multiplier|peakfactor|peak ratio|hochbetrieb|ansturm|rush|rushes|prime time|at peak times|zur spitze|in der spitze|in der hauptzeit|hauptzeit|im peak|busiest moments|busy moments|busiest time|busiest times|peak times|peak time|peak day|spitzentag|peak minute|vormittags|nachmittags|montagmorgens|montags|monday mornings|on mondays|on monday|lesson|spitzenw*|spitzenlast*|stosslast*|stossbetrieb*",
    ),
    (
        C::Mean,
        "mean traffic|mean load|mean rate|average load|average traffic|the average|the mean|baseline|normal|normal load|normal traffic|normally|mittelwert|durchschnitt|the usual|usual load|usual traffic|typical load|typical traffic|mean volume|average volume|grundlast|normalbetrieb|normallast|normale last|des mittels|des durchschnitts|des ublichen|der normalen last|the normal load|the normal traffic|the norm",
    ),
    (
        C::Grow,
        "grow|grows|growing|grew|growth|growth rate|increase|increases|increasing|wachst|waechst|wachsen|wachstum|wachstumsrate|zuwachs|steigt|steigen|zunahme|rising|rises|climbing|climbs|expands|expanding|going up|goes up|nimmt zu|traffic growth|up by|scaling up by|gaining|compounding|wachstum von|mehr traffic|zulegen|legt zu|adds|dazu|hinzu|zunimmt|nehmen zu|angestiegen|mehr werden|hinzukommen|dazukommen|dazu kommen|kommen dazu|kommt dazu|we add|adding|mehr jeden monat|mehr pro monat|more every month|more each month|gain|gains|expand|expansion|scales by|zunehm*|ansteig*|anwach*|swell*|steiger*|zuwach*|increment*",
    ),
    (
        C::Shrink,
        "fall by|falls by|falling by|drop by|dropping by|decline by|decrease by|shrink by|sinkt um|sinken um|fallt um|fallen um|schrumpft um|shrink|shrinks|shrinking|decline|declines|declining|falling by|drops by|schrumpft|sinkt|decrease|decreases|decreasing|schrumpfen|fallt|falls|going down by|goes down by|geht zuruck|gehen zuruck|abnimmt|nimmt ab|sinken|losing|dwindl*|zuruckge*",
    ),
    (
        C::Double(2.0),
        "zweifachen|doppelten|double|doubles|doubled|doubling|verdoppelt|verdoppeln|verdopplung|verdoppelung|twice|doppelt so viel|doppelt so hoch|zweifach|zweifache|das doppelte|verdoppelt sich",
    ),
    (
        C::Double(3.0),
        "dreifachen|triple|triples|tripled|tripling|verdreifacht|verdreifachen|dreifach|dreifache|das dreifache|dreimal",
    ),
    (
        C::Double(4.0),
        "fourfold|vierfachen|vierfache|quadruple|quadruples|quadrupled|vervierfacht|vierfach|vierfache|viermal",
    ),
    (C::Double(5.0), "fivefold|funffachen|funffach|funffache|verfunffacht|fuenffach"),
    (C::Double(6.0), "sechsfach|sechsfache|sechsfachen|sixfold"),
    (C::Double(7.0), "siebenfach|siebenfache|siebenfachen|sevenfold"),
    (C::Double(8.0), "achtfach|achtfache|achtfachen|eightfold"),
    (C::Double(20.0), "zwanzigfach|zwanzigfache|zwanzigfachen"),
    (C::Double(10.0), "zehnfachen|tenfold|ten-fold|verzehnfacht|zehnfach|zehnfache"),
    (C::Double(0.5), "halves|halve|halbiert"),
    (
        C::Horizon,
        "outlook|ausblick|throughput for|capacity for|reservation for|reserve for|committed for|commit for|commitment for|for a term of|contract for|laufzeit von|das nachste|nachste|kommende|das kommende|horizon|planning horizon|planungshorizont|horizont|planning for|plan for|planning period|time frame|timeframe|zeitraum|over the next|for the next|within the next|in the next|the next|over the coming|in den nachsten|in den naechsten|die nachsten|die naechsten|fur die nachsten|fuer die naechsten|uber die nachsten|ueber die naechsten|next|nachsten|naechsten|kommenden|coming|looking ahead|forecast|forecast for|project|projection|look ahead|ahead|prognose|hochrechnung|over a horizon of|plan over|planning over|planen|binnen|innerhalb der nachsten|horizon of|planungszeitraum|im laufe der nachsten|bis ende der|by the end of the|for the coming|for the following|the following|the coming|in the coming|the next few|fur die kommenden|in den kommenden|uber die kommenden|out to|zeithorizont|time horizon|over a period of|uber einen zeitraum von",
    ),
    (
        C::Ttft,
        "erste worter|ersten worter|ersten worte|erste wort|ersten wort|ttft|time to first token|time-to-first-token|first token|first token latency|first-token|first-token latency|erstes token|ersten token|erste token|zeit bis zum ersten token|first token after|first byte|erstes zeichen|first word|first word appears|prefill time|first-token time|erstem token|erster token|start talking|starts talking|start speaking|starts speaking|start answering|starts answering|start responding|start streaming|starts streaming|begin to answer|first words|erstes wort|ersten worte|anfangen zu antworten|erstes wort|before anything shows|before anything shows up|before anything appears|before anything happens|until anything appears|until something appears|until something shows up|before text appears|before the first word|until the first word|until the first token|bis etwas erscheint|bis etwas kommt|before it starts|until it starts|bis zum ersten wort|erste wort|erste zeichen|ersten zeichen|erster buchstabe|ersten buchstaben|ersten wort|first character|first letter|first sign of life|first chunk|first output|up front|upfront|starts writing|starts typing|begins typing|begins to type|begins writing|begins to write|begins to speak|begins speaking|begins to answer|begins to stream|begins streaming|begins answering|losschreibt|loslegt|los geht|losgeht|starts to answer|starts to write|starts to type|starts to speak|starts to talk|starts to stream|start typing|start writing|bis etwas passiert|bis es losgeht|bis sich etwas tut|anfangt zu schreiben|anfangt zu sprechen|anfangt zu antworten|zu schreiben beginnt|zu sprechen beginnt|zu antworten beginnt|beginnt zu schreiben|beginnt zu antworten|dead air|der erste nach|the first after|the first one after|first one after|erste nach|initial token|anfangslatenz|startverzogerung|time to first byte|time-to-first-byte|ttfb|prefill|prefill takes|before it says anything|before the answer starts|bevor es losgeht|bevor etwas erscheint|bevor die antwort beginnt|until the answer starts|before typing starts|until typing starts",
    ),
    (
        C::Tpot,
        "inter-token|inter token|inter-token time|inter token time|time between tokens|zeit zwischen tokens|token interval|tpot|time per output token|time per token|inter-token latency|inter token latency|itl|per output token|per token|per further token|per additional token|per subsequent token|between tokens|each further token|each token|each subsequent token|pro token|je token|pro weiterem token|pro ausgabetoken|je weiteres token|for each further token|for each token|every further token|every token|per generated token|each next token|each additional token|jedes weitere token|pro weiteres token|je weiterem token|per-token latency|token-to-token|decode time|for each one after|each one after|each after that|for every one after|every one after|je weiterem|je weiteren|pro weiterem|jedes weitere|je weiteres|for each further|each further|per further|for every further|jeder weitere|after that each|danach je|danach pro|each subsequent|each following token|jedes folgende|jeder folgende|pro folgendem|per following token|decode step|each one|fur jedes weitere token|zwischen zwei tokens|zwischen den tokens|zwischen tokens|zeit pro token|je ausgabetoken|per decoded token",
    ),
    (
        C::Speed,
        "streams|streaming|streaming speed|generation speed|decode speed|output speed|decoding speed|decodes|throughput|durchsatz|generates at|streamt|generiert",
    ),
    (
        C::P50,
        "p50|median|p-50|the median|mediane|medianlatenz|tp50|typical latency|typical response|half of the answers|half of all answers|half of all requests|the typical answer|typical answer|typischerweise|halfte der antworten|die halfte der antworten|die halfte aller antworten|halfte der anfragen|medianwert|mittlere antwortzeit|50th|mediane antwortzeit|tp-50|p 50",
    ),
    (
        C::P95,
        "p95|p-95|tp95|pct95|p 95|95 perzentil|95%ile|95 percentile|perzentil 95|percentile 95|95er perzentil|tp-95",
    ),
    (C::P99, "p99|p-99|tp99|p 99|99 perzentil|99%ile|99 percentile|perzentil 99|percentile 99|99er perzentil|tp-99"),
    (
        C::Target,
        "target|slo|sla|insists on|insist on|besteht auf|bestehen auf|goal|objective|aim|aiming for|ziel|zielwert|latenzziel|zielvorgabe|latency target|want it under|want it below|needs to be|need to be|must be|should be|has to be|must answer|must respond|must finish|need answers|needs to answer|need it in|deadline|target of|latency budget|latency goal|response target|vorgabe|soll|sollen|muss|mussen|muessen|want|we want|need|needs|required|requirement|tolerate|tolerable|acceptable|slo of|must|should|have to|has to|wollen|brauchen|gefordert|zielzeit|zielen|latenzvorgabe|latenzbudget|down to|get it to|bring it to|bring that to|bring this to|runter auf|promised|promise|guarantee|targeting|zugesagt|versprochen|vereinbart|vereinbarte|vereinbarten|agreed|agreed upon|zugesagten|versprochenen|geforderten|contracted|erlaubten|wunschten|gewunschten|gewunscht|live with|put up with|settle for|settles for|wish|wishes|wished|ertraglich|ertragen|expects us to|asks for|asked for|insist|versprechen|versprach|zusichern|vertraglich|committed to|commit to|festgelegt|vorgesehen|anvisiert|angestrebt|anstreben|angepeilt|peilen|soll sein|sein soll|gelten|wurde reichen|ware gut|ware okay|ware in ordnung|would be fine|would be ok|would be okay|would be nice|would feel|ideally|idealerweise|wunsche|wunschwert|sollte|sollten|darf|musste|muesste|mussten|ought to|supposed to|bound to|come down to|goes down to|bring down|drucken auf|drucken|runter unter|hochstdauer|maximaldauer|cut-off|cutoff|accept*|tolera*|tolerier*|akzept*|garant*|guarant*|demand*|verlang*|forder*|zugesich*|zusag*|contractual*|commit*|pledg*|mandat*|stipulat*|hinnehm*|verkraft*|festgeschrieb*|vorgeschrieb*",
    ),
    (
        C::Latency,
        "latency|latencies|response time|response times|answer time|latenz|latenzen|antwortzeit|antwortzeiten|takes|take|took|end to end|end-to-end|e2e|e2e latency|whole answer|full answer|full response|complete answer|dauert|dauern|request time|round trip|turnaround|finish in|finishes in|done in|completes in|respond in|total latency|gesamtlatenz|waits for|dauer|wartezeit|wartezeiten|waiting time|waiting times|wait time|wait times|runtime|lasts|last for|bearbeitungszeit|processing time|processing times|reaction time|time to answer|time to respond|time to complete|time to completion|full reply|whole reply|complete reply|finished answer|fertigen antwort|ganze antwort|ganzen antwort|komplette antwort|vollstandige antwort|vollstandigen antwort|bis zur antwort|antwort fertig|answer is complete|answer is done|answer is finished|fertig ist|to finish|to answer|gesamtdauer|gesamtzeit|total time|wall clock|wall-clock|laufzeit*|reaktionszeit*|verarbeitungszeit*|duration*",
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
        "sequential|sequentially|one after another|one after the other|in sequence|in series|in a row|back to back|chained|chain of|chain|chains|consecutive|nacheinander|hintereinander|sequenziell|sequentiell|sequenzielle|sequentielle|sequenziellen|serially|serial|aufeinanderfolgende|steps|step|hops|schritte|schritten|one by one|kette|kette von|multi-step|verkettet|verkettete|pipeline of|after each other|round trips|agent loop of|loop of|dependent|nacheinander ausgefuhrte|der reihe nach|eins nach dem anderen|each depends on the previous|each waits for the previous|each waiting for the previous|aufeinander folgend|successive|subsequent calls|step chain|back-to-back",
    ),
    (
        C::Par,
        "parallel|in parallel|at once|simultaneously|fan out|fans out|fan-out|fanout|fanning out|gleichzeitig|concurrently per|parallele|parallelen|aufgefachert|at the same time per|scatter|shards|parallelly|branches|scatter-gather|zeitgleich|fanned out|in parallel per|sub-queries|subqueries|sub-calls|subcalls|nebeneinander|side by side|all at once|auf einmal|simultaneous calls|in parallel each",
    ),
    (
        C::Conc,
        "concurrently|at the same moment|concurrency limit|concurrency|concurrent|concurrent requests|max concurrency|max concurrent|in flight|in-flight|simultaneous|simultaneous requests|slots|slot|worker|workers|places|concurrency cap|nebenlaufige|gleichzeitige anfragen|gleichzeitige|gleichzeitigen|parallelitat|gleichzeitig laufende|at the same time|at a time|open connections|concurrent calls|parallelitatslimit|connection pool|threads|nebenlaufig|nebenlaufigkeit|replicas|max_concurrency|gleichzeitig erlaubt|connections open|offene verbindungen|verbindungen gleichzeitig|gleichzeitig offen|simultaneous connections|simultaneous calls allowed|parallel connections|parallel slots|in flight at once",
    ),
    (
        C::ArrivalScv,
        "squared cv|squared cv of interarrival times|squared cv of interarrivals|squared cv of the arrivals|squared coefficient of variation|scv|arrival scv|scv of arrivals|arrival_scv|arrivals scv|scv of the arrivals|ca2|ca^2|ca²|burstiness|squared coefficient of variation of arrivals|squared coefficient of variation of the arrivals|squared coefficient of variation of interarrival times|scv of interarrival times|scv of inter-arrival times|interarrival scv|inter-arrival scv|arrivals have an scv|scv der ankunfte|ankunfts-scv|arrivals with an scv|arrivals with scv",
    ),
    (
        C::ServiceScv,
        "service scv|scv of service|service_scv|service time scv|scv of service times|scv of the service times|scv of the service time|cs2|cs^2|cs²|squared coefficient of variation of service|squared coefficient of variation of service times|squared coefficient of variation of the service time|squared coefficient of variation of the service times|scv der bedienzeiten|service times with an scv|service times have an scv|bedien-scv",
    ),
    (
        C::Quality,
        "floor|threshold|schwelle|messlatte|pass mark|quality floor|quality|qualitat|qualitaet|bar|min quality|minimum quality|quality bar|score|scores|qualitatsuntergrenze|mindestqualitat|rating|points|punkte|punkten|quality score|benchmark score|quality_floor|gute|guete|quality level|quality target|qualitatsniveau|qualitatswert|quality of|quality limit|mindestniveau|quality minimum|quality constraint|qualitatsvorgabe|q|qualitatsgrenze*|qualitatsziel*|gutewert*",
    ),
    (
        C::Arena,
        "arena|elo|lmarena|arena score|arena elo|chatbot arena|lmsys|arena-score|arena-punkte|arena points|lm arena|arena-elo|arena rating|arena-wert|arena punkte|arena point|arena-wertung|arenawert|arenascore|arena value|arena level|arena quality|lmsys score|chatbot-arena|arena ranking|elo score|elo points|elo-punkte|elo-wert|elo rating|arenapunkt*|arena-punkt*",
    ),
    (
        C::Accuracy,
        "accuracy|accurate|korrekte|korrekten|korrekter|fehlerfrei|richtige|richtigen|correct|correctly|pass rate|success rate|success|genauigkeit|korrekt|erfolgsquote|precision|f1|recall|trefferquote der antworten|right answers|richtig|treffergenauigkeit|erfolgsrate|solve rate|resolved|resolve rate|aider|swe-bench|livebench|tau2|mmlu|bestehensquote|polyglot|solves|solving|solve|lost mindestens|lost|pass@1|pass@2|acc|acc.|passrate|pass-rate|hit rate on|treffsicherheit|genauigkeiten|richtig liegt|korrekt beantwortet|korrekt erkannt|richtig erkannt|agreement|ubereinstimmung|agreement with|exact match|f1 score|f1-score|pass@|resolved rate|correctness|korrektheit|success score|score of|rubric|test suite|reliability|zuverlassigkeit|recognition rate|field accuracy|erkennungs*|erfolgsquot*",
    ),
    (
        C::Vendors,
        "vendor|vendors|provider|providers|supplier|suppliers|anbieter|anbietern|provider accounts|lieferanten|model providers|hersteller",
    ),
    (
        C::AsOf,
        "as of|as_of|prices as of|prices of|price list of|stand|preisstand|zum stand|pricing as of|list prices of|mit preisen vom|preise vom|preisen vom|prices from|pricing from|with the prices of|at prices of|prices on|prices dated|price date|stichtag|priced as of|effective",
    ),
];
