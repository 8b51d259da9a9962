//! What it costs and how it costs less: the words that ask for it, the facts that speak for it, the facts it cannot do without.

use super::{Asks, none};
use crate::message::Category;

/// What asks for [`Category::Cost`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Cost,
    cues: &[
        (
            2.0,
            "how much would we save|how much do we save|how much could we save|how much would that save|would we save|wie viel sparen wir|wieviel sparen wir|reduce spend|reduce spending|reduce our spend|lower spend|lower spending|cut spend|cut spending|spend review|spend down|what is cheaper|what's cheaper|was ist gunstiger|financially|finanziell|total cost|price check|cost estimate|$ per month|usd per month|dollars per month|how much per month|how much is that|how much would that be|how much a month|how much do we|cheaper alternative*|gunstigere alternative*|too expensive|expensive|too much money|overpay*|zu teuer|teuer|teurer|cut cost*|cut our cost*|cut the cost*|reduce cost*|reduce our cost*|reduce the cost*|lower cost*|lower our cost*|lower the cost*|cost reduction|cost optim*|kosten senken|kosten sparen|kosten reduzieren|kosten zu senken|kosten runter|kostenoptimierung|kostensenkung|sparpotenzial|sparpotential|einsparpoten*|save money|saving money|lower the bill|lower our bill|reduce the bill|reduce our bill|cut the bill|cut our bill|what does it cost|what does that cost|what would it cost|was kostet|wie teuer|where does the money go|where is the money|spend less|pay less|too pricey|pricey|weniger zahlen|weniger ausgeben|cost check|cost saving*|cost-saving*|waste of money|burning|monthly cost*|monthly price|cost per month|costs per month|price per month|monatliche kosten|bring the cost*|bring down the cost*|bring our cost*|bring it down|llm bill|bill down|costs down|cost down",
        ),
        (
            1.2,
            "cheaper|gunstiger|guenstiger|billiger|save|saves|saving|savings|sparen|einsparen|einsparung*|cost|costs|kosten|kostet|costing|how much do we pay|price|kostentreiber|tokenkosten|cost-effective|expense*|caching save|batching save|was sparen wir|ausgaben",
        ),
        (
            0.6,
            "reduce|senken|lower|cut|cheap|cheapest|gunstigste*|billigste*|bill|invoice|rechnung|pay|paying|zahlen|spend|spending|pricing|prices|preis|preise|budget|money|batch api|discount|usd|dollar*|cost us",
        ),
    ],
    hints: &[
        ("monthly_spend_usd", 0.8),
        ("budget_usd_per_month", 0.3),
        ("deferrable_share", 0.7),
        ("cached_prefix_tokens", 0.6),
        ("cache_hit_rate", 0.4),
        ("duplicate_share", 0.7),
        ("weak_accept_share", 0.7),
        ("as_of", 0.4),
    ],
    essential: &["model", "requests_per_day", "input_tokens", "output_tokens"],
    signs: none,
};
