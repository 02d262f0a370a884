//! What an import would do: each line of the file beside the account that there is.

use super::file::{BadLine, File};
use crate::store::{KeptAccount, PutAccount};
use domain::AccountId;
use domain::account::{Account, Change, Field, key};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// An account that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    /// The line that says so.
    pub(super) line: u64,
    /// As it would be.
    pub(super) account: Account,
    /// The version it would replace.
    pub(super) replaces: u64,
    /// Which fields, old and new.
    pub(super) changes: Vec<Change>,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Accounts that there are not yet, with their lines; their ids are made when they are written.
    pub(super) new: Vec<(u64, Account)>,
    /// Accounts that would change.
    pub(super) changed: Vec<Changed>,
    /// How many would stay as they are.
    pub(super) same: usize,
    /// Lines that cannot be taken, in the order of the file; while there is one, nothing can.
    pub(super) bad: Vec<BadLine>,
}

impl Plan {
    /// The plan for a file, beside the accounts of its names.
    pub(super) fn new(file: File, kept: Vec<KeptAccount>) -> Self {
        let kept: HashMap<String, KeptAccount> = kept
            .into_iter()
            .map(|kept| (key(&kept.account.name), kept))
            .collect();
        let bad_already: HashSet<u64> = file.bad.iter().map(|bad| bad.line).collect();
        let mut plan = Self {
            bad: file.bad,
            ..Self::default()
        };
        for row in file.rows {
            let name = row.typed.0.get(&Field::Name).map(|name| key(name));
            let before = name.and_then(|name| kept.get(&name));
            let id = before.map_or(AccountId(Uuid::nil()), |kept| kept.account.id);
            match Account::read(id, &row.typed, before.map(|kept| &kept.account)) {
                Ok(_) if bad_already.contains(&row.line) => {}
                Ok(account) => plan.take(row.line, account, before),
                Err(problems) => plan.bad.extend(problems.into_iter().map(|problem| BadLine {
                    line: row.line,
                    column: Some(problem.field.column()),
                    given: row.typed.0.get(&problem.field).cloned().unwrap_or_default(),
                    problem: problem.to_string(),
                })),
            }
        }
        plan.bad.sort_by_key(|bad| bad.line);
        plan
    }

    fn take(&mut self, line: u64, account: Account, before: Option<&KeptAccount>) {
        let Some(before) = before else {
            self.new.push((line, account));
            return;
        };
        let changes = account.changes_from(&before.account);
        if changes.is_empty() {
            self.same += 1;
            return;
        }
        self.changed.push(Changed {
            line,
            account,
            replaces: before.version,
            changes,
        });
    }

    /// Whether it can be carried out, and would do anything.
    pub(super) fn is_ready(&self) -> bool {
        self.bad.is_empty() && !(self.new.is_empty() && self.changed.is_empty())
    }

    /// A fingerprint of the file and of what it would do to the accounts as they are now. Equal
    /// ones mean that who confirms has seen exactly what will happen.
    pub(super) fn seen(&self, file: &[u8]) -> String {
        let mut hash = Sha256::new();
        hash.update(Sha256::digest(file));
        for (line, _) in &self.new {
            hash.update(format!("new {line}\n"));
        }
        for changed in &self.changed {
            let id = changed.account.id;
            hash.update(format!(
                "changed {} {id} {}\n",
                changed.line, changed.replaces
            ));
        }
        hash.update(format!("same {}\n", self.same));
        hex::encode(hash.finalize())
    }

    /// What is to be written. `new_id` gives each new account its id.
    pub(super) fn puts(self, new_id: impl Fn() -> AccountId) -> Vec<PutAccount> {
        let new = self.new.into_iter().map(|(_, account)| PutAccount {
            account: Account {
                id: new_id(),
                ..account
            },
            replaces: 0,
        });
        let changed = self.changed.into_iter().map(|changed| PutAccount {
            account: changed.account,
            replaces: changed.replaces,
        });
        new.chain(changed).collect()
    }
}
