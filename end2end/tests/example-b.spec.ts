// Worked example B (RUNBOOK §13): a suspected leak of credentials, told to the customer it concerns and to nobody else, from
// the first sign to Closed: no data left, secrets rotated, playbooks updated.

import type { Page } from "@playwright/test";
import { expectCountdown, hm, input } from "../fixtures/clock.ts";
import { answer, field, fill } from "../fixtures/form.ts";
import { accept, account, decide, enterRoom, gate, load, mitigations, move, offer, pickReader, proves, showPart, timeline, write } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, minutes, test } from "../fixtures/test.ts";

/** The page of Halden Foods, as a link to it names it. */
const HALDEN = "account/00000000-0000-7000-8000-000100000002";
const TITLE = "Tokens of one bank may be in other hands";
const TOLD = "Access tokens of your account were used from a place where you have no staff.";

test("example B: a leak is told to the customer it concerns, to its end, and the public page says nothing", async ({ server, person, visitor }) => {
  test.setTimeout(300_000);
  await server.advanceToMorning();
  const began = Math.floor(server.now() / 60_000) * 60_000;
  const [noor, lea, ines, bank, other, anybody] = await Promise.all([
    person("Noor Haddad"),
    person("Lea Novak", { on: "phone" }),
    person("Ines Faro"),
    visitor({ script: false, on: "phone" }),
    visitor({ script: false }),
    visitor({ script: false }),
  ]);
  let room = "";
  /** The public page knows of nothing, whatever time it is; nor does its address for who guesses it. */
  const expectNothingPublic = async () => {
    await anybody.goto("/status");
    const main = anybody.getByRole("main");
    for (const words of [TITLE, TOLD, "Kite Bank", "tokens"]) await expect(main).not.toContainText(words);
    await expect(main.getByRole("link", { name: /token/i })).toHaveCount(0);
    const answered = await anybody.request.get(`/status/incidents/${room.split("/").pop()}`);
    expect(answered.status()).toBe(404);
  };
  /** Comms writes, the commander approves, Comms publishes. */
  const publishes = async (kind: string) => {
    await lea.getByRole("button", { name: "Send to Noor Haddad for approval" }).click();
    await expect(lea.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await load(noor, `${room}/update`);
    await noor.getByRole("button", { name: "Approve", exact: true }).click();
    await expect(noor.getByText(/approved it at \d\d:\d\d UTC\. Publish it as it is\.$/)).toBeVisible();
    await noor.getByRole("link", { name: "Close" }).click();
    await load(lea, `${room}/update`);
    await expect(lea.getByText("Goes to Kite Bank and is never edited afterwards.")).toBeVisible();
    await lea.getByRole("button", { name: `Publish ${kind} update` }).click();
    await expect(lea.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
  };

  await test.step("triage: signs of an attack and data at risk are taken as true", async () => {
    await noor.getByRole("banner").getByRole("link", { name: "Declare" }).click();
    for (const [question, said] of [
      ["Users hit", "some"],
      ["Data at risk", "suspected"],
      ["Signs of an attack", "suspected"],
      ["Executives watching", "no"],
      ["Strategic customer hit", "yes"],
    ] as const) {
      await noor.getByRole("group", { name: question }).getByLabel(said, { exact: true }).check();
    }
    await expect(noor.getByText(/^The matrix proposes SEV-1: Signs of an attack and data at risk/)).toBeVisible();
    await noor.getByLabel("Named customers only").check();
    await fill(noor, {
      "Title": TITLE,
      "What the customer sees": "Tokens of Kite Bank were used from two regions without staff.",
    });
    await pickReader(noor, "Kite Bank", "Kite Bank", false);
    await expectAccessible(noor, "declare with answers");
    await noor.getByRole("button", { name: "Declare SEV-1" }).click();
    await noor.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);
    room = new URL(noor.url()).pathname;
    await offer(noor, "Incident Commander", "Noor Haddad, Incident manager");
    await accept(noor, "Incident Commander");
    await offer(noor, "Comms Lead", "Lea Novak, Customer communications");
    await enterRoom(lea, TITLE);
    await lea.getByRole("navigation", { name: "Parts of the room" }).getByRole("link", { name: "Roles" }).click();
    await accept(lea, "Comms Lead");
  });

  await test.step("every two hours, with a reason that everybody sees", async () => {
    await noor.getByRole("button", { name: "Change cadence…" }).click();
    await answer(noor, "Change the cadence", { "At most every, minutes": "120", "Why": "Forensic results come every two hours" }, "Change it");
    await expect(timeline(noor)).toContainText("Customer updates every 120 min: Forensic results come every two hours");
    for (const page of [noor, lea]) await expect(page.getByText("Updates at least every 2 h: Forensic results come every two hours (Noor Haddad)")).toBeVisible();
    await expectNothingPublic();
  });

  await test.step("legal is asked, has 30 minutes, and answers on its clock", async () => {
    await noor.getByRole("button", { name: "Ask… another party" }).click();
    const asked = server.now();
    await answer(noor, "Ask another party", { "Who there": "Duty counsel", "What is asked": "Must a regulator be told?" }, "Ask");
    const legal = noor.getByRole("region", { name: "Other parties" }).getByRole("listitem").filter({ hasText: "Duty counsel" });
    await expectCountdown(legal.getByRole("time").first(), server, asked + minutes(30), 60_000);
    await server.advanceTo(began + minutes(12));
    await noor.getByRole("button", { name: /^Answer….*/ }).first().click();
    await answer(noor, "What they say", { "Their answer": "Not while no data was read" }, "Write it down");
    await expect(timeline(noor)).toContainText("Legal (Duty counsel) answered: Not while no data was read");
    await expect(legal.getByRole("time"), "its clock has ended").toHaveCount(0);
  });

  const links: string[] = [];
  await test.step("the bank gets its update on its own page; nobody else does", async () => {
    // The bank has no account: it reads by a link to a page of its own, which is there before the update is.
    await enterRoom(ines, TITLE);
    const bankPage = await ines.getByRole("link", { name: "Share… the page of Kite Bank" }).getAttribute("href");
    for (const path of [bankPage ?? "", `/links?kind=status&target=${encodeURIComponent(HALDEN)}`]) {
      await ines.goto(path);
      await ines.getByRole("button", { name: /^Make/ }).click();
      links.push(new URL(await field(ines, "The link").inputValue(), server.url).pathname);
    }
    await showPart(lea, "Now");
    await lea.getByRole("link", { name: "Write update" }).first().click();
    await write(lea, { happens: TOLD, affected: "4 tokens, 41 logins so far. We have seen no export of data.", doing: "We revoke every token of your account." });
    await expect(lea.getByRole("radio", { name: "Named customers only" })).toBeChecked();
    const told = server.now();
    await publishes("first");

    await load(ines, room);
    await ines.getByRole("button", { name: "Change… Kite Bank" }).click();
    await answer(
      ines,
      "Customer on this incident",
      {
        "Name": "Kite Bank",
        "Tier": "Strategic",
        "Revenue a year, EUR": "900000",
        "What they see": "26 logins with 3 of their tokens",
        "Sentiment before": "+1",
        "Sentiment now": "0",
        "Churn risk before": "low",
        "Churn risk now": "low",
        "Why this churn risk": "They thank us for telling them first",
      },
      "Keep",
    );
    await bank.goto(links[0] ?? "");
    await expect(bank.getByRole("main")).toContainText(TOLD);
    await expect(bank.getByRole("main")).toContainText(`${hm(Math.floor(told / 60_000) * 60_000 + minutes(120))} UTC`);
    const looked = await visitor({ on: "phone" });
    await looked.goto(links[0] ?? "");
    await expectAccessible(looked, "the page of one customer");
    await other.goto(links[1] ?? "");
    await expect(other.getByRole("main")).not.toContainText(TOLD);
    await expectNothingPublic();
  });

  await test.step("tokens rotated, regions blocked, contained with proof", async () => {
    await decide(noor, {
      lever: "Isolate",
      what: "Block sign-ins from the two regions",
      risk: "Staff who travel there cannot sign in",
      otherwise: "The logins go on while we rotate",
      undo: "Take the block off",
    });
    await decide(noor, {
      lever: "Isolate",
      what: "Revoke and rotate every token of the bank",
      risk: "Their integrations stop for half an hour",
      otherwise: "The tokens stay usable",
      undo: "None; the old tokens stay revoked",
    });
    await server.advanceTo(began + minutes(50));
    for (const [what, seen] of [
      ["Block sign-ins", "612 attempts refused, none went through"],
      ["Revoke and rotate", "4 tokens revoked, 4 issued; their integrations run again"],
    ] as const) {
      await mitigations(noor).getByRole("listitem").filter({ hasText: what }).getByRole("button", { name: "Result…" }).click();
      await answer(noor, "What came of it", { "Did it work": "It worked", "What was seen": seen }, "Record the result");
    }
    await expect(mitigations(noor).getByRole("listitem").filter({ hasText: "Revoke and rotate" })).toContainText("Worked: 4 tokens revoked, 4 issued");
    await proves(noor, "Contained", /^Add… Proof from logs/, {
      "The link, excerpt or statement": "revoked_token_used 38 (all refused)",
      "What it shows": "Every use of an old token was refused",
    });
    await move(noor, "Contained");
    await expect(timeline(noor)).toContainText("Contained");
    await expectNothingPublic();
  });

  await test.step("the bank hears every two hours, and can work again: mitigated", async () => {
    await server.advanceTo(began + minutes(100));
    await load(lea, `${room}/update`);
    await write(lea, {
      happens: "Every old token is refused since 09:50 UTC, and new ones are in use.",
      affected: "4 tokens, 41 logins. The export logs of 30 days show no export of data.",
      doing: "We read every request that was made with the old tokens.",
    });
    const told = server.now();
    await publishes("progress");
    await bank.reload();
    await expect(bank.getByRole("heading", { level: 1 })).toHaveText("Every old token is refused since 09:50 UTC, and new ones are in use.");
    await expect(bank.getByRole("main")).toContainText(`${hm(Math.floor(told / 60_000) * 60_000 + minutes(120))} UTC`);
    await proves(noor, "Mitigated", /^Add… Proof that customers can work again/, {
      "Form": "Statement by a named person",
      "The link, excerpt or statement": "Our integrations run with the new tokens.",
      "Stated by": "Helen Marsh, Kite Bank",
      "What it shows": "The bank works again",
    });
    await gate(noor, "Mitigated").getByRole("button", { name: "Add… The time the impact ended" }).click();
    await answer(noor, "When the impact ended", { "Impact ended, UTC": input(began + minutes(80)) }, "State the time");
    await move(noor, "Mitigated");
    await expect(timeline(noor)).toContainText("Mitigated, ");
  });

  await test.step("no data left: proven and stated, and resolved", async () => {
    await server.advanceTo(began + minutes(200));
    await proves(noor, "Resolved", /^Add… The check that was run/, {
      "Form": "Statement by a named person",
      "The link, excerpt or statement": "No data left: 41 logins read, 0 exports, 0 downloads, in the logs of 30 days.",
      "Stated by": "Eve Okoye, Security engineering lead",
      "What it shows": "No data left",
      "Watched for, minutes": "120",
    });
    await gate(noor, "Resolved").getByRole("button", { name: "Add… The cause, known or under investigation" }).click();
    await answer(noor, "State the cause", { "The cause, or what is being looked at": "A supplier's build log held the tokens" }, "State the cause");
    await move(noor, "Resolved");
    await expect(timeline(noor)).toContainText("Resolved, ");
    await expect(timeline(noor)).toContainText("No data left");
    await expectNothingPublic();
  });

  await test.step("the bank is told that it is over, and why; nobody else is", async () => {
    await load(lea, `${room}/update`);
    await write(lea, {
      happens: "Your tokens are replaced, and no data left your account.",
      affected: "4 tokens, 41 logins, no export of data.",
      doing: "We have read every request that was made with the old tokens.",
    });
    await fill(lea, { "What keeps it from coming back": "Build logs are searched for tokens before they are kept." });
    await publishes("resolution");
    await bank.reload();
    await bank.getByRole("link", { name: TOLD }).click();
    await expect(bank.getByRole("main")).toContainText("Your tokens are replaced, and no data left your account.");
    await expect(bank.getByRole("main")).toContainText("A supplier's build log held the tokens");
    await other.reload();
    await expect(other.getByRole("main")).not.toContainText("tokens");
    await expectNothingPublic();
  });

  await test.step("playbooks updated, with proof; and closed", async () => {
    const add = (of: RegExp) => gate(noor, "Closed").getByRole("button", { name: of }).click();
    await add(/^Add… A credit decision for Kite Bank/);
    await answer(noor, "Credit for Kite Bank", { "What they get": "none", "Why": "Availability was kept; they ask for openness, not for money" }, "Decide");
    await expect(account(noor, "Kite Bank")).toContainText("No credit: Availability was kept");
    await add(/^Add… A post-mortem/);
    await answer(noor, "Book the post-mortem", { "Held at, UTC": input(began + minutes(2 * 24 * 60)), "Facilitator": "Ana Ruiz, Support lead" }, "Book");
    await add(/^Add… A remediation action/);
    await answer(
      noor,
      "Agree on an action",
      {
        "What": "Update the leak playbook",
        "Owner": "Eve Okoye, Security engineering lead",
        "Due": input(began + minutes(5 * 24 * 60)).slice(0, 10),
        "Done when": "It says how a supplier's tokens are revoked, and was walked through once",
      },
      "Agree",
    );
    await add(/^Add… A plan/);
    await answer(noor, "Plan the follow-up", { "Plan": "What was learned goes to Kite Bank on Friday" }, "Keep the plan");
    await move(noor, "Closed");
    await expect(timeline(noor)).toContainText("Closed, ");
    // What was agreed goes on after it is closed.
    await server.advanceTo(began + minutes(26 * 60));
    await noor.getByRole("button", { name: "Done… Update the leak playbook" }).click();
    await answer(noor, "The action is done", { "What shows it": "Version 4, walked through on Thursday with the on-call team" }, "Done");
    await expect(followUp(noor)).toContainText(/Done \d+ \w+ \d\d:\d\d UTC: Version 4, walked through on Thursday with the on-call team/);
    await expectAccessible(noor, "the closed room");
    await expect(account(noor, "Kite Bank")).toContainText("churn risk low: They thank us for telling them first");
    await bank.reload();
    await expect(bank.getByRole("main")).toContainText("Your tokens are replaced, and no data left your account.");
    await expectNothingPublic();
  });
});

/** What was agreed for afterwards. */
function followUp(page: Page) {
  return page.getByRole("region", { name: "Follow-up" });
}
