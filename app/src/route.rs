//! Where people are: the screen that the address names, and the way to another one without loading a page.
//!
//! Ours, because the download pays for a router by the kilobyte and eight addresses need little of one. What the app
//! does not know is left to the browser, which asks the server.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
pub(crate) use browser::shown;

use crate::parts::dynamic::list;
use crate::parts::memo::{Memo, memo};
use leptos::prelude::*;

/// A screen, as its address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Screen {
    Board,
    /// From a report, or from nothing.
    Declare {
        report: Option<String>,
    },
    Room,
    Update,
    Brief,
    BriefEdit,
    Unknown,
}

impl Screen {
    /// And the incident that it is about, by number or id.
    fn of(path: &str) -> (Self, Option<&str>) {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let parts = [(); 5].map(|()| parts.next().unwrap_or_default());
        match parts {
            ["", ..] => (Self::Board, None),
            ["declare", report, "", ..] => {
                let report = (!report.is_empty()).then(|| report.to_owned());
                (Self::Declare { report }, None)
            }
            ["incidents", key, rest @ ..] if !key.is_empty() => {
                let screen = match rest {
                    ["", ..] => Self::Room,
                    ["update", "", _] => Self::Update,
                    ["brief", "", _] => Self::Brief,
                    ["brief", "edit", ""] => Self::BriefEdit,
                    _ => return (Self::Unknown, None),
                };
                (screen, Some(key))
            }
            _ => (Self::Unknown, None),
        }
    }

    /// One screen is not another one that changed: what it holds goes with it.
    fn key(&self) -> String {
        format!("{self:?}")
    }

    fn draw(self) -> AnyView {
        match self {
            Self::Board => crate::board::Board().into_any(),
            Self::Declare { report } => {
                let report = report.unwrap_or_default();
                crate::declare::Declare(crate::declare::DeclareProps { report }).into_any()
            }
            Self::Room => crate::room::Room().into_any(),
            Self::Update => crate::composer::Composer().into_any(),
            Self::Brief => crate::brief::BriefPage().into_any(),
            Self::BriefEdit => crate::brief::edit::BriefEdit().into_any(),
            Self::Unknown => crate::frame::NotFound().into_any(),
        }
    }
}

/// The address that is shown; copies of it are the same.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// Path, query and the part of the screen, from the first slash.
    at: RwSignal<String>,
    key: Memo<String>,
}

impl Address {
    /// Of a page, e.g. `/incidents/INC-2026-0042/brief?version=2`.
    #[must_use]
    pub fn new(at: &str) -> Self {
        let at = RwSignal::new(at.to_owned());
        // A screen that is being left is still about its own incident.
        let key = move |before: Option<&String>| {
            at.with(|at| {
                let (_, key) = Screen::of(path_of(at));
                key.map(str::to_owned).or_else(|| before.cloned())
            })
            .unwrap_or_default()
        };
        let key = Memo::new(key, PartialEq::eq);
        Self { at, key }
    }

    /// That of the page.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// The number or id of the incident that the screen is about; empty before there was one.
    pub(crate) fn incident(self) -> Memo<String> {
        self.key
    }

    /// Without its query.
    pub(crate) fn path(self) -> String {
        self.at.with(|at| path_of(at).to_owned())
    }

    /// Whether it names any that there is.
    pub(crate) fn is_a_screen(self) -> bool {
        self.at
            .with(|at| Screen::of(path_of(at)).0 != Screen::Unknown)
    }

    /// What its query says under a name.
    pub(crate) fn said(self, name: &str) -> Option<String> {
        self.at.with(|at| {
            let (_, query) = whole_of(at).split_once('?')?;
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        })
    }

    /// The part of the screen that it names, e.g. `roles`; empty for none.
    pub(crate) fn part(self) -> String {
        self.at
            .with(|at| at.split_once('#').map_or("", |(_, part)| part).to_owned())
    }

    /// Names another part of the screen, which is shown from its top. The way back does not lead through parts.
    pub(crate) fn turn_to(self, part: &str) {
        let whole = self.at.with_untracked(|at| whole_of(at).to_owned());
        self.replace(&format!("{whole}#{part}"));
        #[cfg(feature = "hydrate")]
        browser::to_top();
    }

    /// Calls the incident that the screen is about by its number.
    pub(crate) fn rename(self, number: &str) {
        let key = self.key.get_untracked();
        let by = self.at.with_untracked(|at| at.replacen(&key, number, 1));
        self.replace(&by);
    }

    /// Goes there; the way back leads here.
    pub(crate) fn go(self, to: &str) {
        #[cfg(feature = "hydrate")]
        browser::go(self, to);
        #[cfg(not(feature = "hydrate"))]
        let _ = (self, to);
    }

    /// Calls what is shown by another address.
    pub(crate) fn replace(self, by: &str) {
        #[cfg(feature = "hydrate")]
        browser::replace(self, by);
        #[cfg(not(feature = "hydrate"))]
        let _ = (self, by);
    }
}

fn path_of(at: &str) -> &str {
    at.split(['?', '#']).next().unwrap_or_default()
}

/// Without the part of the screen that it names.
fn whole_of(at: &str) -> &str {
    at.split('#').next().unwrap_or_default()
}

/// Of the window, as the server and the browser name it. `named` is the incident that the address is about.
#[must_use]
pub fn title(at: &str, named: &str) -> String {
    let of = |what: &str| format!("{what}: {named}");
    match Screen::of(path_of(at)).0 {
        Screen::Board => "Board".to_owned(),
        Screen::Declare { .. } => "Declare".to_owned(),
        Screen::Unknown => NOTHING.to_owned(),
        Screen::Room => named.to_owned(),
        Screen::Update => of("Update"),
        Screen::Brief => of("Brief"),
        Screen::BriefEdit => of("Write brief"),
    }
}

/// What an address leads to that names nothing.
pub(crate) const NOTHING: &str = "There is nothing here";

/// The screen that the address names, and its links followed.
pub(crate) fn screen(address: Address) -> AnyView {
    #[cfg(feature = "hydrate")]
    browser::follow(address);
    let screen = memo(move || address.at.with(|at| Screen::of(path_of(at)).0));
    list(move || vec![screen.get()], Screen::key, Screen::draw)
}

#[cfg(test)]
mod tests {
    use super::{Address, Screen, title};
    use leptos::prelude::*;

    #[test]
    fn an_address_names_a_screen_and_its_incident() {
        let number = "INC-2026-0042";
        let of = |rest: &str| format!("/incidents/{number}{rest}");
        for (path, screen) in [
            (of(""), Screen::Room),
            (of("/"), Screen::Room),
            (of("/update"), Screen::Update),
            (of("/brief"), Screen::Brief),
            (of("/brief/edit"), Screen::BriefEdit),
        ] {
            assert_eq!(Screen::of(&path), (screen, Some(number)), "{path}");
        }
        let report = Some("019a".to_owned());
        for (path, screen) in [
            ("/", Screen::Board),
            ("", Screen::Board),
            ("/declare", Screen::Declare { report: None }),
            ("/declare/019a", Screen::Declare { report }),
        ] {
            assert_eq!(Screen::of(path), (screen, None), "{path}");
        }
    }

    #[test]
    fn each_window_of_an_incident_has_a_title_of_its_own() {
        let at = |rest: &str| format!("/incidents/INC-2026-0042{rest}");
        for (rest, says) in [
            ("", "INC-2026-0042 Slow"),
            ("#roles", "INC-2026-0042 Slow"),
            ("/update", "Update: INC-2026-0042 Slow"),
            ("/brief?version=2", "Brief: INC-2026-0042 Slow"),
            ("/brief/edit", "Write brief: INC-2026-0042 Slow"),
        ] {
            assert_eq!(title(&at(rest), "INC-2026-0042 Slow"), says);
        }
        assert_eq!(title("/declare/019a", ""), "Declare");
    }

    #[test]
    fn an_address_says_its_path_its_query_and_its_part() {
        Owner::new().with(|| {
            let address = Address::new("/incidents/INC-2026-0042/brief?version=2#roles");
            assert_eq!(address.path(), "/incidents/INC-2026-0042/brief");
            assert_eq!(address.said("version").as_deref(), Some("2"));
            assert_eq!(address.part(), "roles");
            assert_eq!(Address::new("/?q=a").part(), "");
        });
    }

    #[test]
    fn what_is_no_screen_is_left_to_the_server() {
        for path in [
            "/status",
            "/accounts/kite",
            "/incidents",
            "/incidents/INC-2026-0042/else",
            "/incidents/INC-2026-0042/update/more",
            "/incidents/INC-2026-0042/brief/edit/more",
            "/incidents/INC-2026-0042/brief/else",
            "/declare/019a/more",
            "/boards",
        ] {
            assert_eq!(Screen::of(path), (Screen::Unknown, None), "{path}");
        }
    }
}
