//! Small pieces that several screens share. Each has one job.

pub mod asked;
pub mod beats;
pub mod countdown;
pub mod dialog;
pub mod dynamic;
pub mod el;
pub mod focus;
pub mod form;
pub(crate) mod kept;
pub mod memo;
pub mod notice;
pub mod on_its_way;
pub(crate) mod readers;
pub mod severity;
pub mod share;
mod upload;
pub mod when;
