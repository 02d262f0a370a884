//! Sentences that are marked, and sentences that must not be.

use super::*;

fn watch() -> Watch {
    Watch {
        jargon: vec!["Zebra bus".to_owned()],
        names: ["Ana Ruiz", "Bo Lind", "J Doe", "INC-2026-0042"]
            .map(str::to_owned)
            .to_vec(),
        resolved: false,
    }
}

fn found(text: &str) -> Vec<(String, Fault)> {
    marks(text, &watch())
        .into_iter()
        .map(|m| (m.words, m.fault))
        .collect()
}

#[test]
fn each_rule_marks_what_breaks_it() {
    for (text, words, fault) in [
        ("It will be fixed soon.", "soon", Fault::Vague),
        (
            "We reply As Soon As Possible",
            "As Soon As Possible",
            Fault::Vague,
        ),
        ("ASAP", "ASAP", Fault::Vague),
        ("İ soon", "soon", Fault::Vague),
        (
            "Back in the near\nfuture",
            "in the near\nfuture",
            Fault::Vague,
        ),
        ("It seems\tstable.", "seems\tstable", Fault::Unproven),
        (
            "The service seems stable now.",
            "seems stable",
            Fault::Unproven,
        ),
        ("It should be fixed.", "should be fixed", Fault::Unproven),
        ("Hopefully that was it", "Hopefully", Fault::Unproven),
        (
            "It will be fixed by 15:00 UTC",
            "will be fixed by 15:00",
            Fault::FixTime,
        ),
        ("This was human error.", "human error", Fault::Blame),
        ("An engineer forgot to renew it", "forgot to", Fault::Blame),
        ("It was the vendor’s fault", "’s fault", Fault::Blame),
        ("The K8s nodes restart", "K8s", Fault::Jargon),
        ("The zebra bus is full", "zebra bus", Fault::Jargon),
        ("Our SEV-1 goes on", "SEV-1", Fault::Jargon),
        ("ana ruiz is looking", "ana ruiz", Fault::Internal),
        ("We asked Ana to look", "Ana", Fault::Internal),
        ("We asked Bo to look", "Bo", Fault::Internal),
        ("See INC-2026-0042", "INC-2026-0042", Fault::Internal),
        (
            "Ask in #inc-checkout, please",
            "#inc-checkout",
            Fault::Internal,
        ),
        ("We restart db-prod-3.", "db-prod-3", Fault::Internal),
        ("Traffic from 10.0.3.7 stops", "10.0.3.7", Fault::Internal),
        ("(cache.internal)", "cache.internal", Fault::Internal),
    ] {
        assert_eq!(found(text), [(words.to_owned(), fault)], "{text}");
    }
}

#[test]
fn honest_sentences_pass() {
    for text in [
        "By 15:10 UTC",
        "No sooner than 15:10",
        "The monsoon season",
        "…soonest",
        "18 % of sessions get an error when they save.",
        "Error rate is back under 0.1 % since 12:26 UTC, measured for 30 minutes.",
        "Ana: a name at the head of a sentence may be a word.",
        "We rolled back the change of 11:05 UTC.",
        "Week-on-week numbers, up-to-date, end-to-end",
        "On 2026-11-23 and since COVID-19",
        "We asked J to look, and B too.",
        "Version 2.4.1 and 99.95 % and issue #7",
        "We forgot nothing.",
        "عطل في الدفع 🧨",
        "",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn stretches_that_overlap_are_one_mark_and_stand_in_order() {
    assert_eq!(
        found("Soon, as soon as possible, it should be fixed"),
        [
            ("Soon".to_owned(), Fault::Vague),
            ("as soon as possible".to_owned(), Fault::Vague),
            ("should be fixed".to_owned(), Fault::Unproven),
        ]
    );
}

#[test]
fn a_very_long_paste_is_read_in_one_go() {
    let long = "ordinary words ".repeat(500) + "soon";
    assert_eq!(found(&long).len(), 1);
}

/// What a trial found unmarked, and its like.
#[test]
fn what_people_say_in_other_words_is_marked_too() {
    for (text, words, fault) in [
        ("Bo is looking at it.", "Bo", Fault::Internal),
        ("We restart host db-07.", "db-07", Fault::Internal),
        ("We moved off web01, it is slow", "web01", Fault::Internal),
        ("The server eu3 answers", "eu3", Fault::Internal),
        (
            "The fix will be live by 14:00 UTC.",
            "will be live by 14:00",
            Fault::FixTime,
        ),
        (
            "We’ll have this resolved tonight.",
            "We’ll have this resolved tonight",
            Fault::FixTime,
        ),
        (
            "We expect sign-in to be back at about 2pm",
            "expect sign-in to be back at about 2pm",
            Fault::FixTime,
        ),
        (
            "It should be restored within 30 minutes",
            "should be restored within 30 minutes",
            Fault::FixTime,
        ),
        (
            "We hope to be back in a few minutes.",
            "in a few minutes",
            Fault::Vague,
        ),
        (
            "It will be fixed in a few hours",
            "in a few hours",
            Fault::Vague,
        ),
        ("Back in a few minutes.", "in a few minutes", Fault::Vague),
        (
            "In a couple of hours we write again.",
            "In a couple of hours",
            Fault::Vague,
        ),
        (
            "An update follows in a few minutes",
            "in a few minutes",
            Fault::Vague,
        ),
        (
            "All affected customers hear from us in a couple of hours.",
            "in a couple of hours",
            Fault::Vague,
        ),
        (
            "Delayed orders arrive within the next few hours.",
            "within the next few hours",
            Fault::Vague,
        ),
        (
            "We rolled back the change and report in a few minutes",
            "in a few minutes",
            Fault::Vague,
        ),
        (
            "We restarted the database, more in a few minutes",
            "in a few minutes",
            Fault::Vague,
        ),
        (
            "The fix is tested and deployed in a few hours",
            "in a few hours",
            Fault::Vague,
        ),
        (
            "It was slow, and will be tested and deployed in a few hours",
            "in a few hours",
            Fault::Vague,
        ),
        (
            "We planned the next step in a couple of hours",
            "in a couple of hours",
            Fault::Vague,
        ),
        (
            "Sign-in recovered. In the next minutes we look at the rest.",
            "In the next minutes",
            Fault::Vague,
        ),
        ("We need you in a few hours", "in a few hours", Fault::Vague),
        ("It is over!", "It is over", Fault::Unproven),
        (
            "It is over, 18 customers were hit",
            "It is over",
            Fault::Unproven,
        ),
        ("It is over. 18 % felt it", "It is over", Fault::Unproven),
        (
            "The incident is over for all",
            "incident is over",
            Fault::Unproven,
        ),
        (
            "An update follows later today.",
            "later today",
            Fault::Vague,
        ),
        (
            "More by the end of the day",
            "by the end of the day",
            Fault::Vague,
        ),
        (
            "This was caused by our vendor.",
            "caused by our vendor",
            Fault::Blame,
        ),
        (
            "due to our cloud provider’s change",
            "due to our cloud provider’s",
            Fault::Blame,
        ),
        (
            "Our DBA made a mistake.",
            "DBA made a mistake",
            Fault::Blame,
        ),
        (
            "An engineer accidentally removed it",
            "engineer accidentally",
            Fault::Blame,
        ),
        (
            "Everything is back to normal.",
            "Everything is back to normal",
            Fault::Unproven,
        ),
        (
            "The issue has been resolved",
            "issue has been resolved",
            Fault::Unproven,
        ),
        (
            "Everything works again!",
            "Everything works again",
            Fault::Unproven,
        ),
    ] {
        assert_eq!(found(text), [(words.to_owned(), fault)], "{text}");
    }
}

/// As near to those as honest sentences come.
#[test]
fn what_only_looks_alike_is_not_marked() {
    for text in [
        "Next update by 14:00 UTC.",
        "We will tell you more by 14:00 UTC.",
        "The next update will be live by 14:00 UTC.",
        "We will be here with news of what is fixed today.",
        "We will roll back the change at 14:00 UTC.",
        "The fix is live since 14:00 UTC.",
        "Sign-in was back by 14:00 UTC. We keep watching.",
        "A fix will follow. At 14:00 UTC we look again.",
        "Sign-in recovered in a few minutes.",
        "Sign-in recovered in a few minutes",
        "Checkout recovered for all customers within the next few minutes.",
        "Error rates returned to normal in a couple of hours.",
        "When we rolled back, saving was fast again in a few minutes.",
        "We rolled back the change and recovered in a few minutes.",
        "The cause is known: sign-in came back in a few minutes.",
        "Orders have arrived late, and all were delivered in a couple of hours.",
        "It is over 18 % of sessions.",
        "It is now over half of all sessions.",
        "The outage is over €5 000 an hour for some.",
        "All are over 2 s.",
        "Tonight’s sync runs as planned.",
        "It began a few minutes ago and lasted for a few minutes.",
        "Checkout failed for 12 minutes within the first hour.",
        "We go on account by account, about 40 minutes each.",
        "We made a mistake, and we are sorry.",
        "We asked our vendor for their logs.",
        "It was not caused by our vendor.",
        "Caused by a wrong setting. Our provider is not involved.",
        "Until everything is back to normal we stay on the replica.",
        "We write again once the issue is resolved.",
        "The issue is not resolved.",
        "Error rates are back under 0.1 % since 12:26 UTC.",
        "Saving works again for all since 12:26 UTC.",
        "Will is a word, and Bolivia is a country.",
        "Ask Bobby.",
        "UTF-8, COVID-19, ISO-8601, step-2 and web3",
        "The server answers 3 of 4 requests.",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn once_it_was_shown_to_be_over_one_may_say_so() {
    let watch = Watch {
        resolved: true,
        ..watch()
    };
    assert_eq!(marks("Everything is back to normal.", &watch), []);
    assert_eq!(marks("It seems stable.", &watch).len(), 1);
}

/// A reason lets a promised fix time stay; the vague time within it has to go all the same.
#[test]
fn what_can_never_stay_is_not_hidden_by_what_may() {
    let found = found("They will be fixed in a few days, by mistake.");
    let faults: Vec<Fault> = found.into_iter().map(|(_, fault)| fault).collect();
    assert_eq!(faults, [Fault::Vague, Fault::Blame]);
}
