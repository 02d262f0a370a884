//! One incident's own page: every word that its reader was told, and how the promises went.

use super::promise::{Promised, Since};
use super::told::{Length, Updates};
use super::{Frame, Home};
use crate::parts::beats::Beats;
use domain::Time;
use domain::public::PublicIncident;
use leptos::prelude::*;

/// The page of one incident.
#[component]
pub fn IncidentPage(
    /// The page's name.
    page_name: String,
    /// Whose page it is.
    #[prop(optional)]
    home: Home,
    /// Which incident, as its reader knows it.
    incident: PublicIncident,
    /// The moment that the page tells of.
    now: Time,
) -> impl IntoView {
    if incident.is_damaged {
        let headline = incident.headline().to_owned();
        return view! {
            <Frame page_name home now>
                <h1 class="now-line">{headline}</h1>
                <p>"A part of its record cannot be read. Please look again later, or ask us."</p>
            </Frame>
        }
        .into_any();
    }
    let strip = incident.strip(now);
    let headline = incident.headline().to_owned();
    let count = incident.updates.len();
    view! {
        <Frame page_name home now>
            <Since incident=incident.clone() now />
            <h1 class="now-line">{headline}</h1>
            <Promised incident=incident.clone() now />
            <Beats strip />
            <section aria-labelledby="u">
                <h2 id="u">"Updates"</h2>
                <Updates incident count length=Length::Whole now />
            </section>
        </Frame>
    }
    .into_any()
}
