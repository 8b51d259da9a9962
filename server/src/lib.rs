//! The server: what a message meets on its way in (`http`, `channel`), where it is made durable and waits (`inbox`,
//! `store`), how it is answered (`pipeline`), and how the answer leaves (`state`, `channel`).

/// A message costs hundreds of small allocations, made on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod accounts;
pub mod agents;
mod backend;
pub mod catalog;
pub mod channel;
pub mod command;
pub mod config;
pub mod doctor;
pub mod export;
pub mod flow;
pub mod http;
pub mod inbox;
pub mod llm;
pub mod observe;
pub mod pipeline;
pub mod resilience;
pub mod secret;
pub mod serve;
pub mod services;
pub mod sessions;
pub mod state;
pub mod store;
pub mod world;
