//! The server as others meet it: through its real router on a real file database and a free
//! port, or as the real program.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod accounts;
mod audit;
mod builds;
#[cfg(feature = "test-clock")]
mod clock;
mod command_line;
mod commands;
mod connections;
mod cookies;
mod credit;
mod damage;
mod door;
mod edits;
mod export;
mod files;
mod filled;
mod find;
mod first_hours;
mod guessing;
mod half_sent;
mod kill;
mod leaks;
mod links;
mod live;
mod log;
mod marks;
mod older;
mod people;
mod policy;
mod policy_kept;
mod preview;
mod program;
mod public_pages;
mod public_url;
mod removed;
mod rights;
mod seeded;
#[cfg(feature = "test-clock")]
mod simulation;
mod site;
mod sync;
mod zone_table;
