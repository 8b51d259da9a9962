//! `rapid mock`: the mock on a port.

use tokio::net::TcpListener;

use super::run::Interrupt;
use super::{HELD, MockArgs, say};
use crate::clock::Clock;
use crate::mock::{Misbehaviour, Mock, Occasion, Options};

pub(super) async fn mock(args: MockArgs) -> Result<u8, String> {
    if args.list {
        for misbehaviour in Misbehaviour::ALL {
            let rule = misbehaviour.breaks().map_or_else(|| "a threshold".into(), |rule| rule.to_string());
            let needs = match misbehaviour.occasion() {
                Occasion::Messages => "",
                Occasion::FullQueue => " (its queue is small then)",
                Occasion::LongAnswers => " (its answers are long then)",
                Occasion::Exclusive => " (give `rapid run` --exclusive)",
                Occasion::Kills => " (seen where the mock is killed: in the tests, which run it within themselves)",
            };
            say(&format!("{:<22} {:<12} {}{needs}", misbehaviour.word(), rule, misbehaviour.sentence()));
        }
        return Ok(HELD);
    }
    let [from, to] = args.step_us[..] else { return Err("--step-us takes two numbers".into()) };
    let options = Options {
        seed: args.seed,
        workers: args.workers.max(1),
        steps: args.steps,
        step_us: (from, to.max(from)),
        queue_limit: args.queue_limit,
        in_flight: args.in_flight,
        backlog_bytes: args.backlog_bytes,
        misbehave: args.misbehave.clone(),
        every: args.every,
        ..Options::default()
    }
    .with_occasions();
    let listener = TcpListener::bind(&args.addr).await.map_err(|e| format!("{} cannot be used: {e}", args.addr))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let mut interrupt = Interrupt::listen()?;
    let mock = Mock::start(options, Clock::start());
    say(&format!("The mock listens at http://{address}"));
    for misbehaviour in &args.misbehave {
        say(&format!("It {} (every {}. time).", misbehaviour.sentence(), args.every));
    }
    tokio::select! {
        ended = mock.listen(listener) => ended.map_err(|error| error.to_string())?,
        () = interrupt.came() => mock.terminate().await,
    }
    Ok(HELD)
}
