// Worked example B (RUNBOOK §13): a suspected leak of credentials, told to the customer it concerns and to nobody else.

import { expectCountdown, hm } from "../fixtures/clock.ts";
import { answer, field, fill } from "../fixtures/form.ts";
import { accept, approve, decide, enterRoom, offer, timeline, write } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, minutes, test } from "../fixtures/test.ts";

const TITLE = "Tokens of one bank may be in other hands";
const TOLD = "Access tokens of your account were used from a place where you have no staff.";

test("example B: a leak is told to the customer it concerns, and the public page says nothing", async ({ server, person, visitor }) => {
  test.setTimeout(180_000);
  await server.advanceToMorning();
  const [noor, lea, ines, bank, other, anybody] = await Promise.all([
    person("Noor Haddad"),
    person("Lea Novak", { on: "phone" }),
    person("Ines Faro"),
    visitor({ script: false, on: "phone" }),
    visitor({ script: false }),
    visitor({ script: false }),
  ]);
  await anybody.goto("/status");
  const before = await anybody.getByRole("main").innerText();

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
      "Which customers": "Kite Bank",
    });
    await expectAccessible(noor, "declare with answers");
    await noor.getByRole("button", { name: "Declare SEV-1" }).click();
    await noor.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);
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
    await expect(lea.getByText("Forensic results come every two hours").first()).toBeAttached();
  });

  await test.step("legal is asked, has 30 minutes, and answers", async () => {
    await noor.getByRole("button", { name: "Ask… another party" }).click();
    const asked = server.now();
    await answer(noor, "Ask another party", { "Who there": "Duty counsel", "What is asked": "Must a regulator be told?" }, "Ask");
    const due = noor.getByRole("region", { name: "Other parties" }).getByRole("listitem").filter({ hasText: "Duty counsel" }).getByRole("time").first();
    await expectCountdown(due, server, asked + minutes(30), 60_000);
    await noor.getByRole("button", { name: /^Answer….*/ }).first().click();
    await answer(noor, "What they say", { "Their answer": "Not while no data was read" }, "Write it down");
    await expect(timeline(noor)).toContainText("Legal (Duty counsel) answered: Not while no data was read");
  });

  await test.step("the bank gets its update on its own page; nobody else does", async () => {
    await lea.getByRole("navigation", { name: "Parts of the room" }).getByRole("link", { name: "Now" }).click();
    await lea.getByRole("link", { name: "Write update" }).first().click();
    await write(lea, { happens: TOLD, affected: "4 tokens, 41 logins so far. We have seen no export of data.", doing: "We revoke every token of your account." });
    await expect(lea.getByRole("radio", { name: "Named customers only" })).toBeChecked();
    await lea.getByRole("button", { name: "Send to Noor Haddad for approval" }).click();
    await expect(lea.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await approve(noor, "update");
    await lea.getByRole("navigation", { name: "Parts of the room" }).getByRole("link", { name: "Now" }).click();
    await lea.getByRole("link", { name: "Publish the update" }).click();
    await expect(lea.getByText("Goes to Kite Bank and is never edited afterwards.")).toBeVisible();
    const told = server.now();
    await lea.getByRole("button", { name: "Publish first update" }).click();
    await expect(lea.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();

    await enterRoom(ines, TITLE);
    await ines.getByRole("button", { name: "Add… a customer" }).click();
    await answer(
      ines,
      "Customer on this incident",
      { "Name": "Kite Bank", "Tier": "Strategic", "Revenue a year, EUR": "900000", "What they see": "26 logins with 3 of their tokens" },
      "Keep",
    );
    const links: string[] = [];
    for (const name of ["Kite Bank", "Halden Foods"]) {
      await ines.goto(`/links?kind=status&target=${encodeURIComponent(name)}`);
      await ines.getByRole("button", { name: /^Make/ }).click();
      links.push(new URL(await field(ines, "The link").inputValue(), server.url).pathname);
    }
    await bank.goto(links[0] ?? "");
    await expect(bank.getByRole("main")).toContainText(TOLD);
    await expect(bank.getByRole("main")).toContainText(`${hm(Math.floor(told / 60_000) * 60_000 + minutes(120))} UTC`);
    const looked = await visitor({ on: "phone" });
    await looked.goto(links[0] ?? "");
    await expectAccessible(looked, "the page of one customer");
    await other.goto(links[1] ?? "");
    await expect(other.getByRole("main")).not.toContainText(TOLD);
    await anybody.reload();
    await expect(anybody.getByRole("main")).not.toContainText(TOLD);
    await expect(anybody.getByRole("main")).not.toContainText("Kite Bank");
    expect((await anybody.getByRole("main").innerText()).replace(/\d\d:\d\d/g, ""), "the public page is what it was").toBe(before.replace(/\d\d:\d\d/g, ""));
  });

  await test.step("tokens rotated, regions blocked, contained with proof", async () => {
    await decide(noor, {
      lever: "Isolate",
      what: "Revoke and rotate every token of the bank",
      risk: "Their integrations stop for half an hour",
      otherwise: "The tokens stay usable",
      undo: "None; the old tokens stay revoked",
    });
    await noor.getByRole("region", { name: "To Contained" }).getByRole("button", { name: /^Add… Proof from logs/ }).click();
    await answer(
      noor,
      "Add evidence",
      { "The link, excerpt or statement": "revoked_token_used 38 (all refused)", "What it shows": "Every use of an old token was refused" },
      "Add evidence",
    );
    await noor.getByRole("button", { name: "Move to Contained" }).click();
    await expect(timeline(noor)).toContainText("Contained");
  });
});
