// Nothing is lost: not by a dead network, not by a reload, not by a server that is killed (S2, S5).

import { answer, fill } from "../fixtures/form.ts";
import { lines, link, load, log, enterRoom, timeline, write } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, minutes, ready, test } from "../fixtures/test.ts";
import type { Page } from "@playwright/test";

const TITLE = "Checkout errors in all regions";
const ENTRIES = ["one", "two", "three", "four", "five"].map((n) => `Entry ${n} from the tunnel`);

test("a laptop in a tunnel: five entries survive a reload and reach everybody once, in order", async ({ person, watch }) => {
  const [bo, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
  await enterRoom(bo, TITLE);
  await enterRoom(dan, TITLE);
  await expect(link(bo)).toHaveText("Live");
  // Installed, and from now on it answers page loads.
  await bo.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
    }
  });

  watch.expectLostNetwork(bo.context());
  await bo.context().setOffline(true);
  await expect(link(bo)).toHaveText("Offline");
  for (const entry of ENTRIES) await log(bo, entry);
  await expect(link(bo)).toHaveText("Offline, 5 waiting");
  await expect(bo.getByText("5 entries wait to be sent")).toBeVisible();

  await bo.reload();
  await ready(bo);
  await expect(bo.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
  await expect(link(bo)).toHaveText("Offline, 5 waiting");
  const waiting = lines(bo).filter({ hasText: "Waiting to be sent." });
  await expect(waiting).toHaveCount(5);
  await expect(waiting).toContainText([...ENTRIES].reverse());
  // Chromium may let a push of the page that was just loaded through before it knows that it is offline, and withhold the
  // answer: so nothing is said here of what others see yet, and what arrived twice must be there once below.

  await bo.context().setOffline(false);
  await expect(link(bo)).toHaveText("Live", { timeout: 30_000 });
  for (const page of [bo, dan]) {
    const theirs = lines(page).filter({ hasText: "from the tunnel" });
    await expect(theirs).toHaveCount(5);
    await expect(theirs).toContainText([...ENTRIES].reverse());
    await expect(timeline(page).getByText("Waiting to be sent.")).toHaveCount(0);
  }
  // As the server tells it to somebody who comes now.
  await dan.reload();
  await ready(dan);
  await expect(lines(dan).filter({ hasText: "from the tunnel" })).toContainText([...ENTRIES].reverse());
  await expect(lines(dan).filter({ hasText: "from the tunnel" })).toHaveCount(5);
});

test("a cadence set in a tunnel does not replace a newer one unseen", async ({ person, watch }) => {
  const [bo, ana] = await Promise.all([person("Bo Lind"), person("Ana Ruiz")]);
  for (const page of [bo, ana]) await enterRoom(page, TITLE);
  await expect(link(bo)).toHaveText("Live");
  const set = async (page: Page, min: string, why: string) => {
    await page.getByRole("button", { name: "Change cadence…" }).click();
    await answer(page, "Change the cadence", { "At most every, minutes": min, "Why": why }, "Change it");
  };
  watch.expectLostNetwork(bo.context());
  await bo.context().setOffline(true);
  await expect(link(bo)).toHaveText("Offline");
  await set(bo, "50", "They are in a meeting");
  await expect(link(bo)).toHaveText("Offline, 1 waiting");
  await set(ana, "30", "The board of the customer asks");
  await expect(lines(ana).filter({ hasText: "The board of the customer asks" })).toHaveCount(1);

  await bo.context().setOffline(false);
  const back = bo.getByRole("region", { name: "1 entry could not be applied" });
  await expect(back).toContainText("Ana Ruiz set the cadence to 30 min, where yours says 50 min, at", { timeout: 30_000 });
  await expect(back).toContainText("They are in a meeting");
  await expect(lines(ana).filter({ hasText: "They are in a meeting" })).toHaveCount(0);
  // He has read it, and means it.
  await back.getByRole("button", { name: "Try again" }).click();
  await expect(lines(ana).filter({ hasText: "They are in a meeting" })).toHaveCount(1);
});

test("an update written in a tunnel keeps no promise before it is sent, and is written anew if somebody was first", async ({ server, person, watch }) => {
  const mine = { happens: "Entries arrive again.", affected: "14 accounts wait.", doing: "We count every one." };
  const theirs = { happens: "All entries are complete.", affected: "Nobody waits.", doing: "We watch tonight." };
  // Its promise is broken.
  await server.advance(minutes(90));
  const [lea, cy] = await Promise.all([person("Lea Novak"), person("Cy Tan")]);
  for (const page of [lea, cy]) {
    await enterRoom(page, "Nightly sync stops on large ledgers");
    await load(page, `${new URL(page.url()).pathname}/update`);
  }
  watch.expectLostNetwork(lea.context());
  await lea.context().setOffline(true);
  await expect(link(lea)).toHaveText("Offline");
  await write(lea, mine);
  await lea.getByRole("button", { name: "Publish progress update" }).click();
  await expect(lea.getByText("Written, and waits on this device to be sent")).toBeVisible();
  await expect(lea.getByText("Customer update is overdue")).toBeVisible();
  await expect(link(lea)).toHaveText("Offline, 1 waiting");

  await write(cy, theirs);
  await cy.getByRole("button", { name: "Publish progress update" }).click();
  await expect(lines(cy).filter({ hasText: theirs.happens })).toHaveCount(1);
  await lea.context().setOffline(false);
  const back = lea.getByRole("region", { name: "1 entry could not be applied" });
  await expect(back).toContainText("Cy Tan published update", { timeout: 30_000 });
  await back.getByRole("link", { name: "Write it anew" }).click();
  await expect(lea.getByLabel("What happens")).toHaveValue(mine.happens);
  await lea.getByRole("button", { name: "Publish progress update" }).click();
  await expect(lines(cy).filter({ hasText: mine.happens })).toHaveCount(1);
  await expect(back).toBeHidden();
});

test("on a phone that is scrolled it stays in sight that the server is out of reach, and covers nothing", async ({ person, watch }) => {
  const bo = await person("Bo Lind", { on: "phone" });
  await enterRoom(bo, TITLE);
  watch.expectLostNetwork(bo.context());
  await bo.context().setOffline(true);
  const line = bo.getByText("The server is out of reach.");
  await expect(line).toBeVisible();
  await bo.evaluate(() => scrollTo(0, 600));
  await expect(line).toBeInViewport({ ratio: 1 });
  await expect(bo.getByRole("navigation", { name: "Parts of the room" })).toBeInViewport({ ratio: 1 });
  const [said, clocks] = [await line.boundingBox(), await bo.locator(".room-clocks").boundingBox()];
  expect(clocks?.y).toBeGreaterThanOrEqual((said?.y ?? NaN) + (said?.height ?? NaN));
});

test("a break of a moment ends as live, and what others did meanwhile is there", async ({ person, watch }) => {
  const [bo, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
  await enterRoom(bo, TITLE);
  await enterRoom(dan, TITLE);
  await expect(link(bo)).toHaveText("Live");

  watch.expectLostNetwork(bo.context());
  // The network itself stays, so the stream does as well: only the browser says that it is gone and back.
  await bo.evaluate(() => window.dispatchEvent(new Event("offline")));
  await expect(link(bo)).toHaveText("Offline");
  await log(dan, "While Bo was gone");
  await bo.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(link(bo)).toHaveText("Live");
  await expect(lines(bo).filter({ hasText: "While Bo was gone" })).toHaveCount(1);
  await log(dan, "And after it");
  await expect(lines(bo).filter({ hasText: "And after it" })).toHaveCount(1);
});

test("a killed server: the tab says so, keeps what is written, and goes on by itself", async ({ server, person, watch }) => {
  const [bo, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
  await enterRoom(bo, TITLE);
  await enterRoom(dan, TITLE);
  await log(bo, "Before the crash");
  await expect(lines(dan).filter({ hasText: "Before the crash" })).toHaveCount(1);

  watch.expectLostNetwork(bo.context());
  watch.expectLostNetwork(dan.context());
  await server.kill();
  await expect(link(bo)).toHaveText(/^(Offline|Reconnecting)/);
  await log(bo, "While the server was dead");
  await expect(link(bo)).toHaveText("Offline, 1 waiting");

  await server.restart();
  for (const page of [bo, dan]) {
    await expect(link(page)).toHaveText("Live", { timeout: 45_000 });
    await expect(lines(page).filter({ hasText: "Before the crash" })).toHaveCount(1);
    await expect(lines(page).filter({ hasText: "While the server was dead" })).toHaveCount(1);
  }
  await expect(timeline(bo).getByText("Waiting to be sent.")).toHaveCount(0);
});

test("what no longer applies comes back to its author with every word", async ({ person, watch }) => {
  const reason = "The alert was a test of the pager, says the platform team";
  const [bo, ana] = await Promise.all([person("Bo Lind"), person("Ana Ruiz")]);
  const report = bo.getByRole("region", { name: "Reports to triage" }).getByRole("listitem").first();
  const what = (await report.getByRole("paragraph").first().innerText()).trim();

  watch.expectLostNetwork(bo.context());
  await bo.context().setOffline(true);
  await expect(link(bo)).toHaveText("Offline");
  await report.getByRole("button", { name: "Dismiss" }).click();
  await answer(bo, "Dismiss the report", { "Why it is no incident": reason }, "Dismiss");
  await expect(link(bo)).toHaveText("Offline, 1 waiting");

  await ana.getByRole("listitem").filter({ hasText: what }).getByRole("link", { name: "Declare" }).click();
  await fill(ana, { "What the customer sees": "Pages load slowly." });
  await ana.getByRole("button", { name: "Declare SEV-1" }).click();
  await ana.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);

  await bo.context().setOffline(false);
  const back = bo.getByRole("region", { name: "1 entry could not be applied" });
  await expect(back).toMatchAriaSnapshot(`
    - region "1 entry could not be applied":
      - heading "1 entry could not be applied" [level=2]
      - paragraph: Something else happened meanwhile. Nothing you typed is lost.
      - list:
        - listitem:
          - heading /^Dismiss report/ [level=3]
          - paragraph: /^Ana Ruiz declared this incident at \\d\\d:\\d\\d UTC while you were writing/
          - blockquote: ${reason}
          - paragraph:
            - button "Try again"
            - button "Log it on the timeline"
            - button "Discard"
  `);
  await expectAccessible(bo, "what came back");
  await bo.reload();
  await ready(bo);
  await expect(back.getByRole("blockquote")).toHaveText(reason);
  await back.getByRole("button", { name: "Log it on the timeline" }).click();
  await expect(back).toBeHidden();
  await expect(lines(ana).filter({ hasText: reason })).toHaveCount(1);
  await bo.reload();
  await ready(bo);
  await expect(link(bo)).toHaveText("Live");
  await expect(back).toBeHidden();
});

test("a text half written outlives the tab", async ({ person }) => {
  const cy = await person("Cy Tan");
  await enterRoom(cy, TITLE);
  await load(cy, `${new URL(cy.url()).pathname}/update`);
  const words = {
    happens: "Checkout is slow for everybody.",
    affected: "All sessions wait 3 seconds.",
    doing: "We move to the standby database.",
  };
  await write(cy, words);
  await expect(cy.getByText("saved on this device")).toBeVisible();

  await cy.reload();
  await ready(cy);
  await expect(cy.getByLabel("What happens")).toHaveValue(words.happens);
  await expect(cy.getByLabel("Who is affected")).toHaveValue(words.affected);
  await expect(cy.getByLabel("What we do")).toHaveValue(words.doing);

  // A form over the room keeps its words too.
  await cy.getByRole("link", { name: "Close" }).click();
  await cy.getByRole("button", { name: "Add… evidence" }).click();
  await cy.getByRole("dialog").getByLabel("What it shows").fill("Errors fell to 0.3 %");
  await cy.keyboard.press("Escape");
  await expect(cy.getByRole("dialog")).toBeHidden();
  await cy.reload();
  await ready(cy);
  await cy.getByRole("button", { name: "Add… evidence" }).click();
  await expect(cy.getByRole("dialog").getByLabel("What it shows")).toHaveValue("Errors fell to 0.3 %");
});
