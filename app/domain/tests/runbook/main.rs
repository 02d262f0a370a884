//! RUNBOOK.md as cases, and the log's promises (DESIGN §3, L2 to L4). Everything here goes
//! through the public API, as the browser and the server do.

#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by failing; helpers too"
)]

mod account;
mod agreed;
mod allowed;
mod approvals;
mod briefs;
mod calls;
mod checklist;
mod clocks;
mod clocks_close;
mod clocks_fix;
mod commands;
mod corrections;
mod covered;
mod credits;
mod customer;
mod drafts;
mod driver;
mod fixing;
mod follow;
mod gates;
mod golden;
mod json;
mod json_written;
mod kept;
mod left_out;
mod matrices;
mod next_steps;
mod overtaken;
mod pairs;
mod past;
mod play;
mod pressing;
mod promises;
mod public;
mod readers;
mod readers_left_out;
mod record;
mod recount;
mod recurring;
mod reopened;
mod report;
mod retimed;
mod roles;
mod room;
mod seats;
mod settings;
mod shown;
mod size;
mod sound;
mod status;
mod stopped;
mod told;
mod triage;
mod tries;
mod turns;
mod wild;
mod words;
mod written;
mod zones;
