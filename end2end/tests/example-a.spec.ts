// Worked example A (RUNBOOK §13) as three people live it, two more join them, and a customer without JavaScript beside them:
// mitigated in 72 minutes, guardrails shipped within 48 hours, no churn, one credit.
// The server's clock is moved; the clocks of the people's devices are a day off, one ahead and two behind.

import type { Locator, Page } from "@playwright/test";
import { expectCountdown, hm, input } from "../fixtures/clock.ts";
import { answer, field, fill } from "../fixtures/form.ts";
import { accept, account, approve, calculated, card, decide, enterRoom, gate, lines, link, load, mitigations, move, offer, pickCustomer, proves, showPart, timeline, write } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, minutes, test } from "../fixtures/test.ts";

const DAY_MS = 24 * 60 * 60_000;
const TITLE = "Orders fail in all regions";
const REPORT = "Read latency p99 is 2.8 s in all regions";

test("example A: mitigated in 72 minutes, and followed through for two days", async ({ server, person, visitor }) => {
  test.setTimeout(300_000);
  await server.advanceToMorning();
  const began = Math.floor(server.now() / 60_000) * 60_000;
  const at = (min: number) => began + minutes(min);
  const reach = (min: number) => server.advanceTo(at(min));

  const [ana, dan, cy, customer] = await Promise.all([
    person("Ana Ruiz", { clockAheadMs: DAY_MS }),
    person("Dan Wu", { clockAheadMs: -DAY_MS }),
    person("Cy Tan", { clockAheadMs: -DAY_MS, on: "phone" }),
    visitor({ script: false, on: "phone" }),
  ]);
  for (const [page, offMs] of [[ana, DAY_MS], [dan, -DAY_MS], [cy, -DAY_MS]] as const) {
    const device = await page.evaluate(() => Date.now());
    expect(Math.abs(device - server.now() - offMs), "how far the device's clock is from where it should be").toBeLessThan(5_000);
  }
  const nextDue = (page: Page): Locator => page.getByRole("main").getByRole("time").first();
  const otherClock = (page: Page, name: string): Locator =>
    page.getByRole("list", { name: "Other clocks" }).getByRole("listitem").filter({ hasText: name }).getByRole("time");

  await test.step("3 min: a report, and a quarter of an hour to decide", async () => {
    await reach(3);
    await fill(dan, { "Report something": REPORT, "Who says so": "Alertmanager" });
    await dan.getByRole("button", { name: "Report", exact: true }).click();
    const triage = ana.getByRole("region", { name: "Reports to triage" }).getByRole("listitem").filter({ hasText: REPORT });
    await expectCountdown(triage.getByRole("time"), server, at(3 + 15), 10_000);
    await expect(triage).toMatchAriaSnapshot(`
      - listitem:
        - time: /^1[45]:\\d\\d$/
        - paragraph: ${REPORT}
        - paragraph: Alertmanager, 09:03, entered by Dan Wu
        - paragraph:
          - link "Declare"
          - button "Dismiss"
    `);
    await expectAccessible(ana, "the board with a report");
    await reach(12);
    await expectCountdown(triage.getByRole("time"), server, at(3 + 15), 10_000);
    await triage.getByRole("link", { name: "Declare" }).click();
  });

  await test.step("12 min: declared, 9 min after the report", async () => {
    await expect(field(ana, "Title")).toHaveValue(REPORT);
    await expectCountdown(nextDue(ana), server, at(3 + 15), 10_000);
    await fill(ana, {
      "Title": TITLE,
      "What the customer sees": "18 % of sessions get an error when they place an order.",
      "or at": hm(at(0)),
    });
    await ana.getByLabel("Checkout", { exact: true }).check();
    await expectAccessible(ana, "declare");
    await ana.getByRole("button", { name: "Declare SEV-1" }).click();
    await ana.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);
    await expect(timeline(ana)).toContainText("Declared SEV-1, 9 min after the first report");
    await expectCountdown(nextDue(ana), server, at(12 + 15), 30_000);
    await expectCountdown(otherClock(ana, "First customer update"), server, at(12 + 60), 30_000);
    await expect(ana.getByRole("main")).toMatchAriaSnapshot(`
      - heading "${TITLE}" [level=1]
      - list "Status":
        - listitem: Active
        - listitem: Contained
        - listitem: Mitigated
        - listitem: Resolved
        - listitem: Closed
      - time: /^1[45]:\\d\\d$/
      - paragraph: Incident Commander named
      - paragraph: Due 09:27 UTC, no Incident Commander yet
      - img "No update given; the next is due at 10:12 UTC"
      - region "Roles"
      - region "Timeline":
        - list:
          - listitem:
            - time: 09:12
            - text: status
            - paragraph: Declared SEV-1, 9 min after the first report
            - paragraph: Ana Ruiz
          - listitem:
            - time: 09:03
            - text: report
            - paragraph: "Alertmanager: ${REPORT}"
            - paragraph: Dan Wu
      - region "Now"
      - region "Customers"
    `);
    await expectAccessible(ana, "the room");
  });

  await test.step("13 min: three roles, three people", async () => {
    await offer(ana, "Incident Commander", "Ana Ruiz, Support lead");
    await accept(ana, "Incident Commander");

    // Two hats need a reason; without one she is told so and asks somebody else.
    await card(ana, "Comms Lead").getByRole("button", { name: /^Offer…/ }).click();
    const dialog = ana.getByRole("dialog", { name: "Offer Comms Lead" });
    await fill(dialog, { "To": "Ana Ruiz, Incident Commander here" });
    await dialog.getByRole("button", { name: "Offer", exact: true }).click();
    await expect(dialog.getByRole("alert")).toHaveText(
      "Ana Ruiz already is Incident Commander. On a SEV-1 these are different people; give a reason to let one person do both.",
    );
    await expectAccessible(ana, "a refused offer");
    await answer(ana, "Offer Comms Lead", { "To": "Cy Tan, Communications lead" }, "Offer");
    await offer(ana, "Engineering Owner", "Dan Wu, Staff engineer, platform");

    await enterRoom(dan, TITLE);
    await accept(dan, "Engineering Owner");
    await enterRoom(cy, TITLE);
    await showPart(cy, "Roles");
    await expectAccessible(cy, "the roles on a phone");
    await accept(cy, "Comms Lead");

    await expect(ana.getByRole("region", { name: "Roles" })).toMatchAriaSnapshot(`
      - region "Roles":
        - list:
          - listitem:
            - heading "Incident Commander" [level=3]
            - paragraph: Ana Ruiz
            - paragraph: /^accepted 09:1\\d$/
            - paragraph: Owns flow, decisions, the timeline, the status
            - paragraph:
              - button "Hand over… Incident Commander"
          - listitem:
            - heading "Engineering Owner" [level=3]
            - paragraph: Dan Wu
            - paragraph: /^accepted 09:1\\d$/
          - listitem:
            - heading "Comms Lead" [level=3]
            - paragraph: Cy Tan
            - paragraph: /^accepted 09:1\\d$/
          - listitem:
            - heading "CS/Sales Owner" [level=3]
            - paragraph: Nobody
          - listitem:
            - heading "Executive Sponsor" [level=3]
            - paragraph: Nobody
    `);
  });

  await test.step("22 min: customers are told, and when they hear more", async () => {
    await reach(22);
    await expectCountdown(otherClock(dan, "First customer update"), server, at(12 + 60), 30_000);
    await showPart(cy, "Now");
    await cy.getByRole("listitem").filter({ hasText: "Tell customers what is known" }).getByRole("link", { name: "Write update" }).click();
    await expectCountdown(nextDue(cy), server, at(12 + 60), 30_000);
    await write(cy, {
      happens: `Some customers cannot place an order. It began at ${hm(at(0))} UTC.`,
      affected: "18 % of sessions get an error when they place an order. The other 82 % succeed.",
      doing: "We are taking back a change that was released just before it began.",
    });
    await cy.getByRole("button", { name: `${hm(at(22 + 60))} UTC` }).click();
    await expect(cy.getByRole("region", { name: "What the customer will see" })).toContainText(`Next update by ${hm(at(82))} UTC`);
    await expect(cy.getByRole("main")).toMatchAriaSnapshot(`
      - heading "First update" [level=1]
      - status: saved on this device
      - link "Close"
      - time: /^(50|49):\\d\\d$/
      - paragraph: to keep the promise of 10:12 UTC
      - paragraph: Customers have heard nothing yet
      - textbox /^What happens/
      - textbox /^Who is affected/
      - textbox /^What we do/
      - group /^Next update by/:
        - button "10:22 UTC" [pressed]
      - group "Components"
      - group "Who reads it":
        - radio "Public page" [checked]
        - radio "Named customers only"
      - region "What the customer will see"
      - paragraph: Nobody reads it before it is approved.
      - button "Send to Ana Ruiz for approval"
    `);
    await expectAccessible(cy, "the composer on a phone");
    await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
    await expect(cy.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await customer.goto("/status");
    await expect(customer.getByText("Some customers cannot place an order.")).toHaveCount(0);
    await approve(ana, "update");
    await showPart(cy, "Now");
    await cy.getByRole("link", { name: "Publish the update" }).click();
    await expect(cy.getByRole("main")).toContainText("Goes to the public status page and is never edited afterwards.");
    await cy.getByRole("button", { name: "Publish first update" }).click();
    await expect(cy.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await expectCountdown(otherClock(ana, "Next customer update"), server, at(82));

    await customer.goto("/status");
    await expect(customer.getByRole("main")).toContainText("Some customers cannot place an order.");
    await customer.getByRole("link", { name: /^Some customers cannot place/ }).click();
    await expect(customer.getByRole("main")).toContainText(`Next update by ${hm(at(82))} UTC even if nothing has changed`);
    await expect(customer.getByRole("main")).toContainText("We are taking back a change");
    await expect(customer.getByRole("main")).toMatchAriaSnapshot(`
      - heading "Some customers cannot place an order. It began at 09:00 UTC." [level=1]
      - paragraph:
        - text: Next update by
        - time: 10:22 UTC
        - text: even if nothing has changed
      - img "One update given; the next is due at 10:22 UTC"
      - region "Updates"
    `);
    await expect(customer.getByText(TITLE)).toHaveCount(0);
  });

  await test.step("25 to 51 min: the flag does not help, the failover does", async () => {
    await reach(25);
    await decide(ana, {
      lever: "Feature flag",
      what: "Switch off flag pool-per-request",
      risk: "Reads are 0.05 s slower per page",
      otherwise: "Errors stay at 18 % of sessions",
      undo: "Switch the flag on again; takes 20 seconds",
    });
    await reach(35);
    const flag = mitigations(dan).getByRole("listitem").filter({ hasText: "Switch off flag pool-per-request" });
    await flag.getByRole("button", { name: "Result…" }).click();
    await answer(
      dan,
      "What came of it",
      { "Did it work": "It did not work", "What was seen": "write errors still 18 %" },
      "Record the result",
    );
    await reach(38);
    await decide(ana, {
      lever: "Fail over",
      what: "Fail over to the replica in the second region",
      risk: "Writes stop for 40 seconds",
      otherwise: "18 % of orders keep failing",
      undo: "Fail back after the primary has caught up; takes 15 minutes",
    });
    await reach(51);
    const failover = mitigations(dan).getByRole("listitem").filter({ hasText: "Fail over to the replica" });
    await failover.getByRole("button", { name: "Result…" }).click();
    await expectAccessible(dan, "a form over the room");
    await answer(
      dan,
      "What came of it",
      { "Did it work": "It worked", "What was seen": "Write errors fell from 18 % to under 1 % of sessions" },
      "Record the result",
    );
    await expect(mitigations(ana).getByRole("listitem").filter({ hasText: "Fail over to" })).toContainText("Worked: Write errors fell from 18 % to under 1 % of sessions");
    await expect(mitigations(ana).getByRole("listitem").filter({ hasText: "Switch off flag" })).toContainText("Did not work: write errors still 18 %");
  });

  await test.step("52 min: executives get a brief", async () => {
    await reach(52);
    await showPart(cy, "People");
    await cy.getByRole("link", { name: "Executive brief" }).click();
    await expect(cy.getByRole("heading", { level: 1, name: `No brief yet: ${TITLE}` })).toBeVisible();
    await cy.getByRole("link", { name: "Write brief 1" }).click();
    await expectCountdown(nextDue(cy), server, at(12 + 60), 30_000);
    await expect(field(cy, "What happened")).toHaveValue(new RegExp(`^${TITLE}`));
    await fill(cy, {
      "What happened": "A released flag exhausted the connections of the order database. We failed over to the replica.",
      "Risks": "Northwind Retail's sale ends at midnight",
    });
    await expectAccessible(cy, "the brief as it is written, on a phone");
    await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
    await approve(ana, "brief");
    await cy.getByRole("link", { name: "Write brief 1" }).click();
    await cy.getByRole("button", { name: "Publish brief 1" }).click();
    const brief = cy.getByRole("article");
    await expect(brief).toContainText("brief 1");
    await expect(brief).toContainText("We failed over to the replica.");
    await expectCountdown(brief.getByRole("time").filter({ hasText: /^\d:\d\d:\d\d$/ }), server, at(52 + 4 * 60), 30_000);
    await expect(brief).toMatchAriaSnapshot(`
      - article:
        - paragraph: /SEV-1 Active INC-\\d+-\\d+, brief 1/
        - heading "${TITLE}" [level=1]
        - region "What happened":
          - paragraph: A released flag exhausted the connections of the order database. We failed over to the replica.
          - img "One update given; the next is due at 10:22 UTC"
        - region "Impact":
          - term: Impact so far
          - definition: 52 min
        - region "We ask of you"
        - region "When it ends"
        - region "Risks":
          - list:
            - listitem: Northwind Retail's sale ends at midnight
        - region "Changed since the last brief"
    `);
    await expectAccessible(cy, "the brief on a phone");
  });

  await test.step("54 min: no step without its proof", async () => {
    await reach(54);
    await ana.getByRole("button", { name: "Move to Contained" }).click();
    const refused = ana.getByRole("alert");
    await expect(refused).toContainText("Contained needs 1 more.");
    await expect(refused.getByRole("listitem")).toHaveText([/^Proof from logs or metrics that the harm no longer spreads/]);
    await expect(ana.getByRole("region", { name: "To Contained" })).toMatchAriaSnapshot(`
      - region "To Contained":
        - list:
          - listitem:
            - paragraph: "Met: A mitigation decision"
          - listitem:
            - paragraph: "Missing: Proof from logs or metrics that the harm no longer spreads"
            - button "Add… Proof from logs or metrics that the harm no longer spreads"
        - paragraph:
          - button "Move to Contained"
    `);
    await expectAccessible(ana, "a shut gate");
    await refused.getByRole("button", { name: "Supply" }).click();
    const dialog = ana.getByRole("dialog", { name: "Add evidence" });
    await expect(field(dialog, "It proves that").locator("option:checked")).toHaveText("the harm no longer spreads");
    await answer(
      ana,
      "Add evidence",
      {
        "The link, excerpt or statement": "write_errors_ratio T+40 0.181  T+50 0.004  T+54 0.003",
        "What it shows": "Write errors fell from 18 % to 0.3 % and no region rises",
      },
      "Add evidence",
    );
    await move(ana, "Contained");
    for (const page of [ana, dan]) await expect(status(page)).toHaveText("Contained");
    await expect(ana.getByRole("alert")).toHaveCount(0);
  });

  await test.step("66 min: customers hear what changed", async () => {
    await reach(66);
    await cy.getByRole("link", { name: "Room" }).click();
    await showPart(cy, "Now");
    await cy.getByRole("listitem").filter({ hasText: "Tell customers what changed" }).getByRole("link", { name: "Write update" }).click();
    await expectCountdown(nextDue(cy), server, at(82));
    await write(cy, {
      happens: "Checkout accepts orders again. We have moved to our standby database.",
      affected: "0.3 % of sessions still get an error; it was 18 %.",
      doing: "We watch every order for another hour.",
    });
    await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
    await approve(ana, "update");
    await showPart(cy, "Now");
    await cy.getByRole("link", { name: "Publish the update" }).click();
    await cy.getByRole("button", { name: "Publish progress update" }).click();
    await expect(cy.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();

    await customer.reload();
    await expect(customer.getByRole("heading", { level: 1 })).toHaveText("Checkout accepts orders again. We have moved to our standby database.");
    await expect(customer.getByRole("main")).toContainText(`Next update by ${hm(at(66 + 60))} UTC`);
    await expect(customer.getByRole("main")).toContainText("We are taking back a change");
  });

  await test.step("72 min: mitigated", async () => {
    await reach(70);
    await proves(dan, "Mitigated", /^Add… Proof that customers can work again/, {
      "The link, excerpt or statement": "synthetic_checkout last 10 min: 600 of 600 orders placed",
      "What it shows": "Test orders from six regions succeed",
    });
    await reach(72);
    await gate(dan, "Mitigated").getByRole("button", { name: "Add… The time the impact ended" }).click();
    await answer(dan, "When the impact ended", { "Impact ended, UTC": input(at(72)) }, "State the time");
    await move(ana, "Mitigated");
    for (const page of [ana, dan, cy]) await expect(status(page)).toHaveText("Mitigated");
    await expect(lines(ana).first()).toContainText("Mitigated, 72 min after the impact began");
    await expect(ana.getByRole("img", { name: "2 updates given; the next is due at 11:06 UTC" })).toBeVisible();
    await expect(timeline(ana)).toMatchAriaSnapshot(`
      - region "Timeline":
        - list:
          - listitem:
            - time: 10:12
            - paragraph: Mitigated, 72 min after the impact began
          - listitem:
            - time: 10:12
            - paragraph: /^Impact ended at \\d+-\\d+-\\d+ 10:12 UTC$/
          - listitem:
            - time: 10:10
            - paragraph: "Proof that customers can work again: Test orders from six regions succeed"
          - listitem:
            - time: 10:06
            - paragraph: /^Progress update to the public status page/
          - listitem:
            - time: 09:54
            - paragraph: Contained, 54 min after the impact began
    `);
    await expect(ana.getByRole("region", { name: "Now", exact: true })).toMatchAriaSnapshot(`
      - region "Now":
        - region "To Resolved":
          - paragraph:
            - button "Move to Resolved"
            - button "It got worse…"
        - region "Mitigation":
          - list:
            - listitem:
              - 'heading "Fail over: Fail over to the replica in the second region" [level=4]'
              - paragraph: "Worked: Write errors fell from 18 % to under 1 % of sessions"
            - listitem:
              - 'heading "Feature flag: Switch off flag pool-per-request" [level=4]'
              - paragraph: "Did not work: write errors still 18 %"
    `);
    await expect(lines(ana).filter({ hasText: "Feature flag: Switch off" })).toContainText("Did not work: write errors still 18 %");
    await expectAccessible(ana, "the room, mitigated");
    await ana.getByRole("link", { name: "Executive brief" }).click();
    await expect(ana.getByRole("region", { name: "Impact" })).toContainText("Impact so far52 min");
    await expect(ana.getByRole("article")).toContainText("This one is 20 min old");
    await ana.getByRole("link", { name: "Room" }).click();
  });

  const room = new URL(ana.url()).pathname;
  const [ines, mia] = await Promise.all([person("Ines Faro"), person("Mia Berg")]);
  await test.step("90 min: two customers, and neither thinks of leaving", async () => {
    await reach(90);
    await enterRoom(ines, TITLE);
    const calm = { "Sentiment before": "+1", "Sentiment now": "0", "Churn risk before": "low", "Churn risk now": "low" };
    await pickCustomer(ines, "aldgate", "Aldgate Insurance", {
      ...calm,
      "What they see": "Policies could not be paid for 72 minutes",
      "Why this churn risk": "They heard of it from us before their own alarms",
    });
    await pickCustomer(ines, "salt", "Saltmarsh Books", {
      ...calm,
      "What they see": "A few orders were placed twice by hand",
      "Why this churn risk": "They thank us for calling",
    });
    for (const page of [ines, ana]) {
      await expect(account(page, "Aldgate Insurance")).toContainText(/Impact as of the incident, \d+ \w+ 09:00 UTC to 10:12 UTC, 1 h 12 min/);
      await expect(account(page, "Aldgate Insurance")).toContainText("churn risk low: They heard of it from us before their own alarms");
      await expect(account(page, "Saltmarsh Books")).toContainText("churn risk low: They thank us for calling");
      await expect(page.getByText(/churn risk \w+ to \w+/), "no risk was raised").toHaveCount(0);
    }
  });

  await test.step("150 min: resolved, and the cause is stated", async () => {
    await reach(150);
    await proves(dan, "Resolved", /^Add… The check that was run/, {
      "The link, excerpt or statement": "write_errors_ratio last 75 min: 0.000",
      "What it shows": "No write error since the failover",
      "Watched for, minutes": "75",
    });
    await gate(dan, "Resolved").getByRole("button", { name: "Add… The cause, known or under investigation" }).click();
    const cause = "Connection-pool misconfiguration: each server could open 400 connections where 40 were meant";
    await answer(dan, "State the cause", { "The cause, or what is being looked at": cause }, "State the cause");
    await move(ana, "Resolved");
    for (const page of [ana, dan, cy]) await expect(status(page)).toHaveText("Resolved");
    await expect(timeline(ana)).toContainText(`Cause: ${cause}`);
    await load(cy, `${room}/update`);
    await write(cy, { happens: "Every order is accepted again.", affected: "No session gets an error any more.", doing: "We watched every order for an hour." });
    await fill(cy, { "What keeps it from coming back": "No server can open more connections than its share." });
    await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
    await load(ana, `${room}/update`);
    await ana.getByRole("button", { name: "Approve", exact: true }).click();
    await ana.getByRole("link", { name: "Close" }).click();
    await load(cy, `${room}/update`);
    await cy.getByRole("button", { name: "Publish resolution update" }).click();
    await expect(cy.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await customer.reload();
    await expect(customer.getByRole("main")).toContainText("Connection-pool misconfiguration");
  });

  await test.step("one credit: what the SLA gives, approved by another person", async () => {
    const { dialog, amount, working } = await calculated(ines, "Aldgate Insurance");
    expect(amount).toBe("6083.30 EUR");
    expect(working).toContain("Impact: 72 min of this incident + 0 min of others = 72 min.");
    expect(working).toContain("Tier: below 99.9 % gives 10 % of the monthly fee");
    await dialog.getByRole("button", { name: "Decide" }).click();
    await expect(account(ines, "Aldgate Insurance")).toContainText("is proposed by Ines Faro; the VP approves");
    await ines.getByRole("button", { name: "Credit… for Saltmarsh Books" }).click();
    const none = ines.getByRole("dialog", { name: "Credit for Saltmarsh Books" });
    await expect(none.getByRole("status")).toHaveText("Nothing was calculated. The account has no SLA terms.");
    await answer(ines, "Credit for Saltmarsh Books", { "What they get": "none", "Why": "No availability was promised to them" }, "Decide");
    await enterRoom(mia, TITLE);
    await expect(account(mia, "Aldgate Insurance")).toContainText("is proposed by Ines Faro; the VP approves");
    await mia.getByRole("button", { name: "Credit… for Aldgate Insurance" }).click();
    await answer(mia, "A proposed credit", {}, "Say so");
    for (const page of [ines, mia, ana]) {
      await expect(account(page, "Aldgate Insurance")).toContainText(/Credit 6\s083\.30\sEUR: SLA: 10 % of the monthly fee for \w+ \d{4}/);
      await expect(account(page, "Saltmarsh Books")).toContainText("No credit: No availability was promised to them");
      await expect(page.locator("[data-panel=people]").getByText(/^Credit [\d\s]+\.\d\d\sEUR: /), "one credit").toHaveCount(1);
    }
  });

  await test.step("47 h: guardrails are shipped within 48 hours, with proof", async () => {
    await ana.getByRole("button", { name: "Agree an action…" }).click();
    await answer(
      ana,
      "Agree on an action",
      {
        "What": "Guardrails on the size of connection pools",
        "Owner": "Dan Wu, Staff engineer, platform",
        "Due": input(at(48 * 60)).slice(0, 10),
        "Done when": "A release that asks for more connections than its share does not start",
      },
      "Agree",
    );
    await reach(47 * 60);
    await dan.getByRole("button", { name: "Done… Guardrails on the size of connection pools" }).click();
    await answer(dan, "The action is done", { "What shows it": "Release 419 in all regions; a build with 41 connections was refused" }, "Done");
    const shipped = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(at(47 * 60)).replace("Sept", "Sep");
    for (const page of [ana, dan]) {
      const action = page.getByRole("region", { name: "Follow-up" }).getByRole("listitem").filter({ hasText: "Guardrails on the size of connection pools" });
      await expect(action).toContainText(`Done ${shipped} 08:0`);
      await expect(action).toContainText("UTC: Release 419 in all regions; a build with 41 connections was refused");
      await expect(action.getByText("Overdue")).toHaveCount(0);
    }
    await expect(timeline(ana)).toContainText("Done: Guardrails on the size of connection pools. Release 419 in all regions");
    await expect(account(ana, "Aldgate Insurance")).toContainText("churn risk low");
  });

  await test.step("everybody has the same record", async () => {
    await showPart(cy, "Timeline");
    const record = await texts(ana);
    expect(record).toContain("Mitigated, 72 min after the impact began");
    await expect(async () => {
      expect(await texts(dan)).toEqual(record);
      expect(await texts(cy)).toEqual(record);
    }).toPass({ timeout: 10_000 });
    for (const page of [ana, dan, cy]) await expect(link(page)).toHaveText("Live");
  });
});

/** Where the incident stands, of Active to Closed. */
function status(page: Page): Locator {
  return page.getByRole("list", { name: "Status" }).locator("[aria-current=step]");
}

/** What the timeline says, newest first. */
async function texts(page: Page): Promise<string[]> {
  const all = await lines(page).locator("p:first-child").allInnerTexts();
  return all.map((text) => text.trim());
}
