//! How often each thing happened: what never happens is not tried.

/// Something that a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    Accepted,
    Returned,
    Closed,
    Reopened,
    ReportJoined,
    LetGo,
    AskedForByName,
    Abridged,
    QuestionOrAnswerLost,
    WriteOfDeviceLost,
    TabCrashed,
    ServerRestarted,
    ServerCrashed,
    Restored,
    /// A command was undone by a restore, and sent again by its device.
    SentAgain,
    /// A command was undone by a restore, and its device had let go of it.
    Forgotten,
    ClockJumped,
    ClockConfirmed,
    /// A tab was asked to decide on what its build does not know.
    BeyondBuild,
}

use Happening as H;

const ALL: [Happening; 19] = [
    H::Accepted,
    H::Returned,
    H::Closed,
    H::Reopened,
    H::ReportJoined,
    H::LetGo,
    H::AskedForByName,
    H::Abridged,
    H::QuestionOrAnswerLost,
    H::WriteOfDeviceLost,
    H::TabCrashed,
    H::ServerRestarted,
    H::ServerCrashed,
    H::Restored,
    H::SentAgain,
    H::Forgotten,
    H::ClockJumped,
    H::ClockConfirmed,
    H::BeyondBuild,
];

#[derive(Debug, Default)]
pub struct Tally(std::collections::BTreeMap<Happening, u64>);

impl Tally {
    pub fn count(&mut self, what: Happening, times: usize) {
        *self.0.entry(what).or_default() += times as u64;
    }

    pub fn add(&mut self, other: Self) {
        for (what, times) in other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    pub fn never(&self) -> Vec<Happening> {
        let is_never = |what: &Happening| self.0.get(what).is_none_or(|times| *times == 0);
        ALL.into_iter().filter(is_never).collect()
    }
}
