//! Which incidents the screens are about. What is over leaves the tab, and the device with it, once nobody looks at it.

use super::Replica;
use leptos::prelude::*;

/// Numbers and ids of incidents, each with the look that it is of; copies of it are the same.
#[derive(Clone, Copy)]
pub(super) struct LookedAt {
    looks: StoredValue<Vec<(u32, String)>>,
    last: StoredValue<u32>,
}

/// One screen's look at an incident.
#[derive(Clone, Copy)]
pub struct Look(u32);

impl LookedAt {
    pub(super) fn new() -> Self {
        Self {
            looks: StoredValue::new(Vec::new()),
            last: StoredValue::new(0),
        }
    }
}

impl Replica {
    /// A screen begins to look.
    #[must_use]
    pub fn begin_to_look(self) -> Look {
        self.looked_at.last.update_value(|last| *last += 1);
        Look(self.looked_at.last.get_value())
    }

    /// It is about the incident of this number or id.
    pub fn look_at(self, Look(look): Look, key: String) {
        self.looked_at.looks.update_value(|looks| {
            looks.retain(|(of, _)| *of != look);
            looks.push((look, key));
        });
    }

    /// It is left.
    pub fn look_away(self, Look(look): Look) {
        // The page may be gone already.
        let looks = self.looked_at.looks;
        let _ = looks.try_update_value(|looks| looks.retain(|(of, _)| *of != look));
        // The screen that comes next may be about the same incident: it looks in the same task.
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            self.let_go();
            self.publish();
        });
    }

    /// Lets go of what is over and looked at by no screen.
    #[cfg(feature = "hydrate")]
    pub(super) fn let_go(self) {
        let looks = self.looked_at.looks.get_value();
        let found = looks.iter().filter_map(|(_, key)| self.find_untracked(key));
        let looked_at: Vec<_> = found.map(|incident| incident.id).collect();
        self.core.update_value(|core| core.let_go(&looked_at));
    }
}
