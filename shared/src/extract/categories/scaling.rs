//! How much it can carry, until when and on what: the words that ask for it, the facts that speak for it, the facts it cannot do without.

use super::{Asks, none};
use crate::message::Category;

/// What asks for [`Category::Scaling`].
pub(super) const ASKS: Asks = Asks {
    category: Category::Scaling,
    cues: &[
        (
            2.4,
            "can our setup handle|setup handle|can handle|how much concurrency|in flight|concurrent connections|parallel connections|host the model|host it|host ourselves|host our own|hosting it|higher tier|next tier|more replicas|replicas|wie viele gleichzeitige|wie viele verbindungen|how many parallel|how many simultaneous|how many requests in parallel|wie viele parallele|wie viele anfragen gleichzeitig|wie viele anfragen parallel|how many connections|how many concurrent|how many slots|how many gpus|how many servers|how many instances|how many replicas|how many cards|wie viele gpus|wie viele server|wieviele gpus|wieviele server|servers needed|gpus needed|capacity|capacity planning|kapazitat*|scale|scaling|scale up|skalier*|self-host*|self host*|selfhost*|own hosting|eigenes hosting|eigenbetrieb|selbst hosten|selber hosten|selbst betreiben|on-prem*|break-even|break even|breakeven|rentiert|hit the limit*|hit our limit*|hit our rate limit*|hit the rate limit*|hit limits|reach the limit|limit reached|limit erreicht|limit hold|limits hold|stossen wir an|run out|running out|outgrow|headroom|handle the load|handle the traffic|handle the growth|sizing|dimensionier*|gpu sizing|does that last|how long does that|how long will that|wie lange reicht|wann reicht|reicht das|throttled|keep up|does it hold|will it hold|make it through|capacity question|autoscal*|load test*|saturat*|overload*|uberlast|usage develop|enough capacity|wann stossen|rate limit*|ratenlimit|when is it reached|can we handle|black friday|provision*",
        ),
        (
            1.0,
            "carry|carries|handle|verkraft*|aushalten|bewaltig*|growth|grow|grows|growing|wachst|wachsen|wachstum|doubles|double|verdopp*|triple|triples|throughput|durchsatz|gpus|limits|servers|how long until|how long will|when do we|wann ist schluss|forecast|projection|prognose|are we fine|enough|shrink|survive|run into the limit*|throttl*",
        ),
        (0.5, "traffic|quota|rpm|tpm|peak|gpu|limit|server|concurrency limit|slots"),
    ],
    hints: &[
        ("growth_per_month", 1.5),
        ("rpm_limit", 1.2),
        ("tpm_limit", 1.2),
        ("peak_factor", 0.6),
        ("gpu", 1.5),
        ("tokens_per_second_per_gpu", 1.0),
        ("gpu_usd_per_hour", 0.8),
        ("horizon_months", 0.8),
    ],
    essential: &["requests_per_day", "input_tokens", "output_tokens"],
    signs: none,
};
