//! Who says a figure, when and whether it is so, and what a message is about.

use super::meaning::C;
use crate::message::Task;

/// Words of each meaning, divided by `|`; a star stands for any ending.
pub(super) const CONTEXT: &[(C, &str)] = &[
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
        "back in spring|back in summer|back in autumn|back in fall|back in winter|back in january|back in february|back in march|back in april|back in may|back in june|back in july|back in august|back in september|back in october|back in november|back in december|at first i thought|i first thought|dachte ich zuerst|zuerst dachte ich|in staging|on staging|in the lab|in development|in our test environment|in der testumgebung|im testsystem|used to have|used to be|used to pay|used to spend|used to run|used to send|used to cost|used to get|used to do|used to use|used to see|used to handle|used to serve|used to make|used to take|used to process|used to receive|before the relaunch|before the migration|before the switch|before the change|before the update|before the move|before we switched|before we moved|before we migrated|at first we|last year|previous year|previously|formerly|back then|originally|initially|in the beginning|at launch|fruher|frueher|ehemals|letztes jahr|letzten jahr|im letzten jahr|im vorjahr|vorjahr|voriges jahr|vorigen jahr|damals|ursprunglich|urspruenglich|anfangs|zu beginn|until recently|before that|two years ago|once had|in the past|earlier this year|historically|vergangenes jahr|im vergangenen jahr|bis vor kurzem|zuvor|vor dem umstieg|last summer|last winter|last spring|last autumn|last fall|last christmas|started at|started with|started out|began with|back when|in former times|vor jahren|last black friday|when we started|when we launched|abgelost|had been|hatten wir noch|war es noch|einst",
    ),
    (C::Ago, "ago|vor"),
    (
        C::LastMonth,
        "last quarter|letztes quartal|letzten quartal|yesterday|gestern|last month|letzten monat|im letzten monat|letzter monat|last week|letzte woche|previous month|vormonat|im vormonat",
    ),
    (
        C::Now,
        "seit dem wechsel|since the switch|since switching|since we switched|since moving|since we moved|seit dem umstieg|seit der umstellung|stand heute|actual|actuals|observed|measured|gemessen|tatsachlich|in reality|in production|in prod|im betrieb|now|today|currently|these days|nowadays|at the moment|at present|right now|jetzt|heute|aktuell|derzeit|momentan|inzwischen|mittlerweile|gerade|zurzeit|this year|this month|by now|since then|seitdem|dieses jahr|present|heutzutage|presently|nun|zur zeit|meanwhile|current|aktuelle|aktuellen|derzeitige",
    ),
    (
        C::Third,
        "our partner|a partner|partner company|a study says|a study shows|a study found|the study says|eine studie zeigt|someone said|someone told|someone pays|someone on|someone claims|somebody said|somebody told|somebody pays|jemand sagt|jemand hat|laut blog|laut einer|laut einem|laut studie|laut anbieter|laut hersteller|laut openai|study says|study shows|blog says|blog post says|blog claims|blog article says|case study says|whitepaper says|analysts say|the competition|article says|article claims|the industry average|claims that|claims to|claim that|claim to|claims they|docs say|documentation says|website says|doku sagt|vendor claim|vendor claims|another vendor|behauptet|behaupten|angeblich|allegedly|supposedly|reportedly|rumored|colleague says|colleague told|kollege sagt|kollege meint|previous employer|former company|last employer|my ex-employer|fruheren arbeitgeber|competitor|competitors|competitor's|rival|rivals|friend|friends|friend's|another company|another team|another startup|other companies|other teams|other people|some companies|read that|heard that|i read|i heard|according to|konkurrenz|konkurrent|konkurrenten|wettbewerber|mitbewerber|andere firma|andere firmen|andere unternehmen|anderes team|anderen team|freund|freundin|bekannter|bekannte|gelesen|gehort|colleague at|neighbour|neighbor|sister company|schwesterfirma|our parent company|peers|most people|vendor claims|sales rep|salesperson|marketing says|their website|the docs say|the documentation says|benchmark says|at my old job|my old company|my previous company|my former employer|my last job|former employer|meiner alten firma|the average company|vendor promises|the vendor says|vertriebler|acme|the company next door|nachbarfirma|report says|on reddit|on twitter|on hacker news|kollege bei|another department|the other department|die andere abteilung|a customer of ours|unser kunde|one of our customers|another vendor|big players|google handles|openai says|openai serves|netflix|the industry's|industry's|industry average|the industry pays|the market pays|branchenschnitt|branchendurchschnitt|salesman|laut berater|laut vertrieb|laut verkaufer|verkaufer",
    ),
    (
        C::First,
        "our|my|unser|unsere|unserer|unseren|unserem|unseres|mein|meine|meinem|meiner|we|we're|we've|we'd|we'll|us|ours|i|i'm|i've|i'd|wir|uns|ich",
    ),
    (C::They, "they|they're|they've|their|theirs|he|she|his|her|sie|deren|er|ihre|ihr"),
    (
        C::Expect,
        "expect|expects|expecting|expected|will|plan to|plans to|planning to|planned|erwarten|erwartet|werden|wird|geplant|prognostiziert|anticipate|anticipated|hope to|hoping|predict|forecasting|going to|gonna|launch with|starting with|rechnen mit|will have|soon|angenommen werden|assumed are|rechnet mit|rechne mit|we reckon|reckon|schatzen|geschatzt werden",
    ),
    (
        C::Future,
        "next year|by next year|nachstes jahr|naechstes jahr|im nachsten jahr|kommendes jahr|eventually|someday|by then|in the future|irgendwann|in zukunft|zukunftig|by the end of the year|by year end|by end of year|by christmas|bis ende|bis jahresende|until christmas|next quarter|nachstes quartal|next summer|nach dem launch|after the launch|after launch|next spring|next month|nachsten monat|tomorrow we",
    ),
    (C::Would, "would|could|might|wurde|wurden|wuerde|wuerden|ware|waren wir|hatten wir|konnte|konnten|koennte"),
    (
        C::Wish,
        "would like|we'd like|i'd like|would love|would prefer|would want|mochten|moechten|mochte|moechte|hatte gern|hatte gerne|wurde gern|wurde gerne|hatten gern|hatten gerne|wurden gern|wurden gerne|could you|would you|konntest du|konnten sie|could we|konnen|wurde gern",
    ),
    (
        C::Correct,
        "no wait|wait no|genauer|corrected me|i stand corrected|korrigiert|actually|sorry|i mean|i meant|correction|make that|make it|scratch that|strike that|rather|oops|my mistake|my bad|korrektur|quatsch|moment|ah nein|aeh nein|ne doch|nein|ich meine|ich meinte|besser gesagt|vielmehr|genauer gesagt|stimmt nicht|typo|edit|err|um no|no sorry|pardon|verzeihung|entschuldigung|sondern|to be precise|that should be|should read|nope|correcting myself|let me correct|ach nein|falsch|tippfehler|correct that|let me rephrase|i misspoke|not quite|well let's say|or rather|gemeint sind",
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
        "assistenten|sprachassistent*|telefonassistent*|chatfenster|chat window|kiosk assistant|for chat|fur chat|chat model|our chat|unser chat|unseren chat|chat traffic|for a chat|chat-modell|chatbot|chat bot|chatbots|assistant|support chat|customer chat|chat assistant|customer support|kundenservice|kundendienst|kundensupport|support bot|supportbot|chat app|chat application|live chat|kundenchat|support-chat|helpdesk|help desk|conversational|copilot chat|faq bot|voice assistant|voice bot|voicebot|chat product|chat service|chat widget|chat-assistent|assistent|support assistant|faq|virtual assistant|companion app|concierge|support copilot|sales copilot|service copilot|customer copilot|chatnachrichten|chat-nachrichten|chatverkehr|kundenanfragen beantworten|answers customers|answering customers|beantwortet kunden|support-bot|support-chatbot|website chat|web chat|telefonbot|phone bot|chat-bot|kundendienst-bot|hotline-bot|service-bot|servicebot|faq-bot|faq-fragen",
    ),
    (
        C::Task(Task::Coding),
        "coding|code|fixing bugs|fix bugs|fixes bugs|bugs beheben|typescript|code review|code reviews|code completion|code assistant|coding help|coding assistant|coding assistants|programming|pair programming|programmer|ide|software development|autocomplete|code generation|codegen|copilot|pull request review|pr review|refactoring|unit tests|softwareentwicklung|programmieren|code-review|coding agent|coding agents|codebase|developer assistant|code-assistent|coding-assistent|bug fixing|test generation|sql generation|sql-generierung|sql queries|text-to-sql|programmieraufgaben|code copilot|coding copilot|swe|kodierunterstutzung|coding-hilfe|pull-request-reviews|pull request reviews|pull-request-review|pull-requests prufen|writing sql|writes sql|write sql|schreibt sql|code suggestions|code-vorschlage|code vorschlage|codeassistent|merge requests|merge-requests|code-reviews|unit-tests|ide-plugin|ide plugin|reviewing code|writes code|writing code|write code|generate code|generates code|schreibt code|code schreiben|code-generierung|codegenerierung|refactor*|codereview*|programmier*|codevorschl*|bugfix*",
    ),
    (
        C::Task(Task::Agents),
        "agentic|ai agent|ai agents|agent workflow|agent workflows|agent run|agent runs|tool use|tool calls|tool calling|tool-calling|multi-agent|agentisch|agentensystem|ki-agent|ki-agenten|agents|agenten|autonomous agents|research agent|browser agent|agent|agent loop|agent pipeline|autonomous|call tools|calls tools|use tools|uses tools|calling tools|using tools|agentic workflow|agentic workflows|agentic tasks|agentic loop|ai-agent|ai-agents|llm agents|llm agent|agentenschritte|tool-using|tool-use|function calling|mehrstufigen aufgaben|mehrstufige aufgaben|agentisch*|agentenl*|agentena*",
    ),
    (
        C::Task(Task::Extraction),
        "extractions|line items|reading invoices|pull fields|fields out of|pull data|pulling data|data out of|pulls data|extraction|extract|extracts|extracting|data extraction|extract fields|parse invoices|parsing|parse|parses|invoice processing|document processing|information extraction|extrahieren|extrahiert|extraktion|auslesen|datenextraktion|structured data|ocr|entity extraction|rechnungsverarbeitung|belegerfassung|field extraction|structured output|dokumentenverarbeitung|lesen aus|invoice extraction|belegextraktion|invoice reading|form reading|felder extrahieren|felder aus|pull the fields|ausliest|auslesen von|belege auslesen|rechnungen auslesen|extracted|extracting fields|json extraction|json aus|key-value|fields from|into structured|into json|extrah*|extractor*|herausles*|herauszieh*|datenfeld*",
    ),
    (
        C::Task(Task::Summarization),
        "summariz*|summaris*|meeting minutes|summaries|fassen|fasst|summarization|summarisation|summarize|summarise|summarizes|summarises|summarizing|summarising|summary|tldr|zusammenfassung|zusammenfassungen|zusammenfassen|zusammenfasst|fasst zusammen|fassen zusammen|meeting notes|digest|digests|summarizer|condense|recap|summarised|summarized|zusammengefasst|abstracts|sum up|sums up|summing up|executive summary|summary generation|verdicht*|kondens*|kurzfass*|zusammenfass*|zusammengefass*|condens*|synops*",
    ),
    (
        C::Task(Task::Classification),
        "to label|we label|labels product|label as|label them|labels them|label each|verschlagworten|verschlagwortung|triaging|sortierung|mailsortierung|classifications|classification|classify|classifies|classifying|categorize|categorise|categorization|categorizing|categorising|labeling|labelling|moderation|content moderation|spam detection|spam filter|sentiment|sentiment analysis|triage|intent detection|klassifizieren|klassifizierung|klassifikation|klassifiziert|kategorisieren|einordnen|ticket routing|tagging|stimmungsanalyse|kategorisierung|toxicity|classifier|categories|kategorien|einsortieren|sortieren|sorting|detect spam|fraud detection|routing tickets|sortiert|labels for|labelled as|label incoming|put a label|tagged|fraud yes|yes/no|ja/nein|intent classification|intent-erkennung|intenterkennung|ticket triage|mail triage|ticket-triage|moderated|content filter|kategoris*|klassifi*|categori*|classif*|moderier*|einsort*|einstuf*|zuordn*|einordn*|spam*|triagier*",
    ),
    (
        C::Task(Task::Rag),
        "rag|retrieval|retrieval augmented|retrieval-augmented|retrieval augmented generation|knowledge base|question answering over|wissensdatenbank|semantic search|enterprise search|document search|wissenssuche|retrieved passages|retrieved documents|retrieved chunks|search over our docs|docs search|dokumentensuche|document q|document q&a|knowledge search|frage-antwort-system|vector search|vector database|vector store|vector db|wiki search|wiki-suche|wikisuche|retrieved context|retrieval over|retrieval on|vektor*|wissensbas*",
    ),
    (C::Vendor("openai"), "openai|open ai|openai's|openai-rechnung|openai-konto|openai api|openai-api"),
    (C::Vendor("anthropic"), "anthropic|anthropic's|anthropic api|anthropic-api|anthropic-rechnung|anthropic-konto"),
    (
        C::Vendor("google"),
        "provider: google|anbieter: google|vendor is google|provider is google|anbieter ist google|google ai|google api|from google|via google|through google|google bill|google vertex|vertex|vertex ai|google cloud|gcp|ai studio|at google|bei google|with google|bill at google|google's api|provider google|vendor google|vendor: google|anbieter google|on google|google account|google-rechnung|google-konto|uber google|google ai studio",
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
        "to test|we test|to try|do you support|does it support|unterstutzt ihr|considered|looked at|evaluated|tried|tested|rejected|ruled out|switch|switching|switch to|switching to|move|move to|moving to|migrate|migrate to|migrating to|migration to|replace with|replaced by|replacing it with|alternative|alternatives|alternative to|trying|consider|considering|thinking of|thinking about|evaluate|evaluating|looking at|upgrade to|downgrade to|swap|swap to|swap for|wechseln|wechsel|wechsel auf|wechseln auf|umsteigen|umstieg|umstieg auf|umziehen|ersetzen durch|erwagen|testing|pilot|tempted by|candidates|candidate|options are|for instance with|alternativen|kandidaten|zur auswahl|ersatz|use instead|e.g. with|stick with our|shortlist|engere wahl|in der engeren wahl|in betracht|contenders|contender|umstellen|umstellen auf|umstellung|umstellung auf|opt for|tausch|downgrade|upgrade|stepping down to|step down to|going down to|drop to",
    ),
    (
        C::Versus,
        "vs|vs.|versus|compared to|compared with|compare|comparing|compare to|than|gegen|im vergleich zu|vergleichen|verglichen mit|gegenuber|als|beats|beat|better than|as good as|vergleiche|vergleich|vergleicht|closest to|nearest to|gleichauf mit|mithalten mit|on par with|auf augenhohe mit|gegenuberstellen",
    ),
    (
        C::Use,
        "use|uses|using|used|on|run|runs|running|via|through|nutzen|nutzt|verwenden|verwendet|auf|uber die|hosted|hosting|our model|powered by|built on|calls to|send|sends|sending|based on|lauft auf|laeuft auf|lauft|laufen|currently use|current model|model is|model|modell|served by|setzen auf|setzen|einsatz|im einsatz|benutzen|fahren|model:",
    ),
];
