//! Keeps the log and tells it to the world.

pub mod assets;
pub mod cli;
pub mod clock;
pub mod connections;
pub mod demo;
pub mod http;
mod links;
pub mod log;
mod logging;
pub mod people;
mod public;
mod serve;
pub mod store;
pub mod sweep;
mod zone;
