//! The people of the demo. They sign in by a click on the sign-in page, so they have no
//! password; their ids are fixed so that a demo started anew knows the same browsers.

use crate::store::Account;
use domain::{Person, PersonId, PersonRef};
use uuid::Uuid;

/// One of them, in a form that a table can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Player {
    nth: u128,
    name: &'static str,
    title: &'static str,
    mailbox: &'static str,
    administrator: bool,
}

const fn player(
    nth: u128,
    name: &'static str,
    title: &'static str,
    mailbox: &'static str,
) -> Player {
    Player {
        nth,
        name,
        title,
        mailbox,
        administrator: false,
    }
}

/// Incident Commander of the outage; the one who may change policy.
pub(super) const ANA: Player = Player {
    administrator: true,
    ..player(1, "Ana Ruiz", "Support lead", "ana.ruiz")
};
pub(super) const BO: Player = player(2, "Bo Lind", "Support engineer, on call", "bo.lind");
pub(super) const CY: Player = player(3, "Cy Tan", "Communications lead", "cy.tan");
pub(super) const DAN: Player = player(4, "Dan Wu", "Staff engineer, platform", "dan.wu");
pub(super) const EVE: Player = player(5, "Eve Okoye", "Security engineering lead", "eve.okoye");
pub(super) const INES: Player = player(6, "Ines Faro", "Customer success manager", "ines.faro");
pub(super) const JON: Player = player(7, "Jon Abara", "Engineer, integrations", "jon.abara");
pub(super) const LEA: Player = player(8, "Lea Novak", "Customer communications", "lea.novak");
pub(super) const MIA: Player = player(9, "Mia Berg", "VP Customer", "mia.berg");
pub(super) const NOOR: Player = player(10, "Noor Haddad", "Incident manager", "noor.haddad");

const ALL: [Player; 10] = [ANA, BO, CY, DAN, EVE, INES, JON, LEA, MIA, NOOR];

impl Player {
    /// As the record names them, and as they sign their commands.
    pub(super) fn who(self) -> PersonRef {
        PersonRef {
            id: self.id(),
            name: self.name.to_owned(),
        }
    }

    fn id(self) -> PersonId {
        // The shape of a UUIDv7 made at the start of 1970, so that none made later is equal.
        PersonId(Uuid::from_u128(
            0x0000_0000_0000_7000_8000_0000_0000_0000 | self.nth,
        ))
    }

    fn account(self) -> Account {
        Account {
            person: Person {
                id: self.id(),
                name: self.name.to_owned(),
                title: self.title.to_owned(),
                administrator: self.administrator,
            },
            email: format!("{}@acme.example", self.mailbox),
            password_hash: None,
        }
    }
}

/// Everybody whom the demo's sign-in page offers.
#[must_use]
pub fn people() -> Vec<Account> {
    ALL.into_iter().map(Player::account).collect()
}
