//! `rapid proxy`: the fault proxy on a port.

use tokio::net::TcpListener;

use super::{HELD, ProxyArgs, say};
use crate::net::Target;
use crate::proxy::{Proxy, Weather};

pub(super) async fn proxy(args: ProxyArgs) -> Result<u8, String> {
    let target = Target::parse(&args.target).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(&args.listen).await.map_err(|e| format!("{} cannot be used: {e}", args.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let ProxyArgs { latency, jitter, bandwidth, faults, fault_every, seed, .. } = args;
    let proxy = Proxy::new(Weather { latency, jitter, bandwidth, faults, fault_every }, seed);
    say(&format!("http://{address} leads to {}", args.target));
    tokio::select! {
        ended = proxy.clone().serve(listener, target) => ended.map_err(|error| error.to_string())?,
        _ = tokio::signal::ctrl_c() => {}
    }
    say(&format!("{} connections, {} harmed", proxy.connections(), proxy.faults()));
    Ok(HELD)
}
