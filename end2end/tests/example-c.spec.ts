// Worked example C (RUNBOOK §13): an integration fails at a strategic account. Resolved in 36 hours, with a daily call with
// the customer's CFO, a recovery plan, and a credit that another person approves.

import { input } from "../fixtures/clock.ts";
import { answer, fill } from "../fixtures/form.ts";
import { decide, enterRoom, timeline, write } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, minutes, test } from "../fixtures/test.ts";
import type { Page } from "@playwright/test";

const TITLE = "Nightly sync fails for Halden Foods";
const HOUR = 60;

const gate = (page: Page, to: string) => page.getByRole("region", { name: `To ${to}`, exact: true });

async function proves(page: Page, to: string, of: RegExp, what: Record<string, string>): Promise<void> {
  await gate(page, to).getByRole("button", { name: of }).click();
  await answer(page, "Add evidence", what, "Add evidence");
}

test("example C: calls with the CFO, a recovery plan, a credit, and resolved in 36 hours", async ({ server, person, visitor }) => {
  test.setTimeout(240_000);
  await server.advanceToMorning();
  const began = Math.floor(server.now() / 60_000) * 60_000;
  const reach = (min: number) => server.advanceTo(began + minutes(min));
  const [bo, ines, mia, customer] = await Promise.all([
    person("Bo Lind"),
    person("Ines Faro"),
    person("Mia Berg"),
    visitor({ script: false }),
  ]);

  await test.step("a SEV-2: some users, a strategic customer", async () => {
    await reach(10);
    await bo.getByRole("banner").getByRole("link", { name: "Declare" }).click();
    await bo.getByRole("group", { name: "Users hit" }).getByLabel("some", { exact: true }).check();
    await bo.getByRole("group", { name: "Strategic customer hit" }).getByLabel("yes", { exact: true }).check();
    await expect(bo.getByText("The matrix proposes SEV-2: A key customer is blocked.")).toBeVisible();
    await fill(bo, { "Title": TITLE, "What the customer sees": "Finance cannot close the month.", "or at": "09:00" });
    await bo.getByLabel("Data sync", { exact: true }).check();
    await bo.getByRole("button", { name: "Declare SEV-2" }).click();
    await bo.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);
    await bo.getByRole("link", { name: "Write update" }).first().click();
    await write(bo, { happens: "Last night's sync did not finish for one account.", affected: "1 of 212 accounts.", doing: "We change how large ledgers are read." });
    await bo.getByRole("button", { name: "Publish first update" }).click();
    await expect(bo.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
  });

  await test.step("a daily call with their CFO is planned, held, and planned again", async () => {
    await enterRoom(ines, TITLE);
    await ines.getByRole("button", { name: "Add… a customer" }).click();
    await answer(
      ines,
      "Customer on this incident",
      {
        "Name": "Halden Foods",
        "Tier": "Strategic",
        "Revenue a year, EUR": "2150000",
        "What they see": "Cannot close the month",
        "Sentiment before": "+1",
        "Sentiment now": "−2",
      },
      "Keep",
    );
    await ines.getByRole("button", { name: "Plan a call… with Halden Foods" }).click();
    const at = began + minutes(2 * HOUR);
    await answer(
      ines,
      "Plan a call",
      { "Which call": "executive call", "With whom": "their CFO", "When, UTC": input(at), "How often": "every day until it is over" },
      "Plan it",
    );
    await expect(timeline(bo)).toContainText("Halden Foods: executive call with their CFO");
    await reach(2 * HOUR + 20);
    await ines.getByRole("button", { name: "Write down… the executive call with their CFO" }).click();
    await answer(ines, "What became of the call", { "What was said, or why it is off": "They want figures by 18:00 tomorrow" }, "Write it down");
    const next = ines.getByRole("region", { name: "Halden Foods" }).getByRole("listitem").filter({ hasText: "Executive call with their CFO, every day" });
    await expect(next).toHaveCount(2);
    await expect(next.filter({ hasText: "Held: They want figures by 18:00 tomorrow" })).toHaveCount(1);
    await expectAccessible(ines, "the room with calls");
  });

  await test.step("hotfix, backfill, proof", async () => {
    await decide(bo, { lever: "Hotfix", what: "Read ledgers in pages", risk: "New code", otherwise: "No sync tonight either", undo: "Deploy the release before" });
    await proves(bo, "Contained", /^Add… Proof from logs/, {
      "The link, excerpt or statement": "sync_job_killed_total last 60 min: 0",
      "What it shows": "No job was stopped since the hotfix",
    });
    await bo.getByRole("button", { name: "Move to Contained" }).click();
    await reach(8 * HOUR);
    await proves(bo, "Mitigated", /^Add… Proof that customers can work again/, {
      "Form": "Statement by a named person",
      "The link, excerpt or statement": "All entries are there and the balances match.",
      "Stated by": "Petra Holm",
      "What it shows": "Finance can close the month",
    });
    await gate(bo, "Mitigated").getByRole("button", { name: "Add… The time the impact ended" }).click();
    await answer(bo, "When the impact ended", {}, "State the time");
    await bo.getByRole("button", { name: "Move to Mitigated" }).click();
    await expect(timeline(bo)).toContainText("Mitigated");
  });

  await test.step("a recovery plan with them, and resolved after 36 hours", async () => {
    await ines.getByRole("button", { name: "Plan a step… of the recovery of Halden Foods" }).click();
    const due = input(began + minutes(20 * 24 * HOUR)).slice(0, 10);
    await answer(ines, "Add a step to the recovery plan", { "What": "Sync test with their ledger before each release", "Who of them": "Petra Holm", "Due": due }, "Add");
    await expect(ines.getByRole("region", { name: "Halden Foods" })).toContainText("Plan: Sync test with their ledger before each release");
    await reach(36 * HOUR);
    await proves(bo, "Resolved", /^Add… The check that was run/, {
      "The link, excerpt or statement": "212 of 212 accounts complete, two nights",
      "What it shows": "Two nights without a gap",
      "Watched for, minutes": "1440",
    });
    await gate(bo, "Resolved").getByRole("button", { name: "Add… The cause, known or under investigation" }).click();
    await answer(bo, "State the cause", { "The cause, or what is being looked at": "A release loaded a ledger whole before writing it" }, "State the cause");
    await bo.getByRole("button", { name: "Move to Resolved" }).click();
    await expect(timeline(bo)).toContainText("Resolved, 2160 min after the impact began");
  });

  await test.step("a credit: proposed by one, approved by another", async () => {
    await ines.getByRole("button", { name: "Credit… for Halden Foods" }).click();
    await answer(
      ines,
      "Credit for Halden Foods",
      { "Amount, EUR, or days": "2500.00", "Monthly fee, EUR": "25000", "Why": "10 % of the monthly fee", "How it was worked out": "98.9 % of the month, below 99.9 %" },
      "Decide",
    );
    const account = (page: Page) => page.getByRole("region", { name: "Halden Foods" });
    await expect(account(ines)).toContainText("is proposed by Ines Faro; the VP approves");
    await ines.getByRole("button", { name: "Credit… for Halden Foods" }).click();
    const own = ines.getByRole("dialog", { name: "A proposed credit" });
    await own.getByRole("button", { name: "Say so" }).click();
    await expect(own.getByRole("alert")).toContainText("Nobody approves their own proposal.");
    await own.getByRole("button", { name: "Close" }).click();
    await enterRoom(mia, TITLE);
    await mia.getByRole("button", { name: "Credit… for Halden Foods" }).click();
    await answer(mia, "A proposed credit", {}, "Say so");
    for (const page of [ines, mia]) await expect(account(page)).toContainText(/Credit 2\s500\.00\sEUR: 10 % of the monthly fee/);
  });

  await test.step("customers are told that it is over, and why", async () => {
    await bo.getByRole("link", { name: "Write update" }).first().click();
    await write(bo, { happens: "The sync runs for every account again.", affected: "No account is affected any more.", doing: "We have checked two nights." });
    await fill(bo, { "What keeps it from coming back": "Large ledgers are part of each release's test." });
    await bo.getByRole("button", { name: "Publish resolution update" }).click();
    await expect(bo.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await customer.goto("/status");
    await customer.getByRole("link", { name: "Last night's sync did not finish for one account." }).click();
    await expect(customer.getByRole("main")).toContainText("The sync runs for every account again.");
    await expect(customer.getByText("Halden Foods")).toHaveCount(0);
  });
});
