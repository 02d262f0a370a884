//! The audit log: who did what to accounts, rights, passwords, links and the policy.

use domain::{PersonRef, Time};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Somebody was given an account.
    AddPerson,
    /// Somebody's name, title, e-mail or rights were changed.
    ChangePerson,
    /// Somebody was removed.
    RemovePerson,
    /// Somebody's password was taken away, or a link to choose one was made anew.
    ResetPassword,
    /// Somebody chose a password by a link.
    ChoosePassword,
    /// Somebody changed their own password.
    ChangePassword,
    /// A secret link was made.
    MakeLink,
    /// A secret link was revoked.
    RevokeLink,
    /// A customer account was added.
    AddAccount,
    /// A customer account was changed.
    ChangeAccount,
    /// A version of the policy was put in force.
    ChangePolicy,
}

impl Act {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::AddPerson,
        Self::ChangePerson,
        Self::RemovePerson,
        Self::ResetPassword,
        Self::ChoosePassword,
        Self::ChangePassword,
        Self::MakeLink,
        Self::RevokeLink,
        Self::AddAccount,
        Self::ChangeAccount,
        Self::ChangePolicy,
    ];

    /// As it is kept, logged and exported.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AddPerson => "add-person",
            Self::ChangePerson => "change-person",
            Self::RemovePerson => "remove-person",
            Self::ResetPassword => "reset-password",
            Self::ChoosePassword => "choose-password",
            Self::ChangePassword => "change-password",
            Self::MakeLink => "make-link",
            Self::RevokeLink => "revoke-link",
            Self::AddAccount => "add-account",
            Self::ChangeAccount => "change-account",
            Self::ChangePolicy => "change-policy",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::AddPerson => "Added a person",
            Self::ChangePerson => "Changed a person",
            Self::RemovePerson => "Removed a person",
            Self::ResetPassword => "Made a link to choose a password",
            Self::ChoosePassword => "Chose a password by a link",
            Self::ChangePassword => "Changed their password",
            Self::MakeLink => "Made a secret link",
            Self::RevokeLink => "Revoked a secret link",
            Self::AddAccount => "Added a customer account",
            Self::ChangeAccount => "Changed a customer account",
            Self::ChangePolicy => "Changed the policy",
        }
    }

    /// The one of this word; none when a newer program wrote it.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its place, counted from 1.
    pub seq: u64,
    /// When, server time.
    pub at: Time,
    /// Who.
    pub by: PersonRef,
    /// The address that the request came from; empty where none did.
    pub from: String,
    /// What was done, as [`Act::word`] has it.
    pub act: String,
    /// To whom or what.
    pub subject: String,
    /// What else there is to say, e.g. which fields were changed to what. Never a secret.
    pub detail: String,
}

/// Which lines of the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditPage {
    /// The newest first, of those before this place; of all when there is none.
    Before(Option<u64>),
    /// The oldest first, of those after this place.
    After(u64),
}
