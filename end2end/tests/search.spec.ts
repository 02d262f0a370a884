// Somebody remembers that this has happened before, and finds it.

import { link, load } from "../fixtures/room.ts";
import { expectAccessible, expectNoOverflow } from "../fixtures/screen.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Locator, Page } from "@playwright/test";

const OPEN = "Nightly sync stops on large ledgers";
const CLOSED = "Sign-in by text code fails";

const words = (page: Page): Locator => page.getByRole("searchbox", { name: /^Search/ });
const open = (page: Page): Locator => page.getByRole("region", { name: "Open incidents" });
const closed = (page: Page): Locator => page.getByRole("region", { name: "Closed incidents" });
const titles = (region: Locator): Locator => region.getByRole("listitem").getByRole("link");

test("words find what is open at once and what is closed a moment later", async ({ person }) => {
  const bo = await person("Bo Lind");
  await expect(titles(open(bo))).toHaveCount(3);
  await bo.keyboard.press("/");
  await expect(words(bo)).toBeFocused();
  await bo.keyboard.type("LEDG");
  await expect(titles(open(bo))).toHaveText([OPEN]);
  await expect(bo.getByRole("region", { name: "Then" })).toBeHidden();

  // The customer who called is on the timeline only; a slash in a field is a slash.
  await words(bo).fill("tallis ");
  await bo.keyboard.type("text/code");
  await expect(titles(closed(bo))).toHaveText([CLOSED]);
  await expect(closed(bo).getByRole("status")).toHaveText("1 found.");
  await expect(open(bo)).toContainText("No open incident fits.");
  await expect(bo).toHaveURL(/\/\?q=tallis(%20|\+)text%2Fcode$/);
  await expectAccessible(bo, "a search");

  await titles(closed(bo)).click();
  await expect(bo.getByRole("heading", { level: 1, name: CLOSED })).toBeVisible();
  const number = /INC-\d{4}-\d{4}/.exec(bo.url())?.[0] ?? "";
  await bo.goBack();
  await expect(words(bo)).toHaveValue("tallis text/code");
  await expect(titles(closed(bo))).toHaveText([CLOSED]);

  await words(bo).fill(number.slice(-4));
  await expect(titles(closed(bo)).first()).toHaveText(CLOSED);
  await words(bo).fill("\"NEAR( OR *");
  await expect(closed(bo).getByRole("status")).toContainText("None fits.");
  await words(bo).fill("");
  await expect(titles(open(bo))).toHaveCount(3);
  await expect(bo).toHaveURL(/\/$/);
  await expect(bo.getByRole("region", { name: "Recently closed" }).getByRole("listitem")).toHaveCount(12);
});

test("filters, more, and an address that others can open", async ({ person }) => {
  const [bo, ana] = await Promise.all([person("Bo Lind"), person("Ana Ruiz", { on: "phone" })]);
  await bo.getByLabel("Which").selectOption("Closed");
  await expect(open(bo)).toBeHidden();
  await expect(titles(closed(bo))).toHaveCount(20);
  await expect(closed(bo).getByRole("status")).toHaveText("The newest 20 are listed.");
  await closed(bo).getByRole("button", { name: "Show more" }).click();
  await expect(titles(closed(bo))).toHaveCount(24);
  await expect(closed(bo).getByRole("button", { name: "Show more" })).toBeHidden();

  await bo.getByLabel("Component").selectOption("Sign-in");
  await bo.getByLabel("Severity").selectOption("SEV-2");
  await expect(closed(bo).getByRole("status")).toHaveText("2 found.");
  await expect(titles(closed(bo)).filter({ hasText: CLOSED })).toHaveCount(1);
  await expect(bo).toHaveURL(/show=closed/);
  await expect(bo).toHaveURL(/in=Sign-in/);
  const found = await titles(closed(bo)).allTextContents();

  const { pathname, search } = new URL(bo.url());
  await load(ana, pathname + search);
  await expect(ana.getByLabel("Component")).toHaveValue("Sign-in");
  await expect(titles(closed(ana))).toHaveText(found);
  await expect(open(ana)).toBeHidden();
  // What was looked for stands above what else one could do.
  const reports = ana.getByRole("region", { name: "Reports to triage" });
  await expect(reports).toContainText("No report fits.");
  const top = async (region: Locator) => (await region.boundingBox())?.y ?? NaN;
  expect(await top(reports)).toBeGreaterThan(await top(closed(ana)));
  await expectNoOverflow(ana, "a search on a phone");
  await expectAccessible(ana, "a search on a phone");

  // The name of the product leads to the whole board again.
  await ana.getByRole("link", { name: "Drumbeat" }).click();
  await expect(ana.getByLabel("Component")).toHaveValue("");
  await expect(titles(open(ana))).toHaveCount(3);
});

test("the key leads to the search from a room; a dead network leaves what is open", async ({ person, watch }) => {
  const dan = await person("Dan Wu");
  await expect(link(dan)).toHaveText("Live");
  await titles(open(dan)).first().click();
  await expect(dan).toHaveURL(/\/incidents\//);
  await dan.keyboard.press("/");
  await expect(words(dan)).toBeFocused();

  watch.expectLostNetwork(dan.context());
  await dan.context().setOffline(true);
  await expect(link(dan)).toHaveText("Offline");
  await words(dan).fill("ledgers");
  await expect(titles(open(dan))).toHaveText([OPEN]);
  await expect(closed(dan).getByRole("status")).toContainText("older ones need the server");
  await words(dan).fill("sign-in code");
  await expect(titles(closed(dan))).toHaveText([CLOSED]);

  await words(dan).fill("tallis code");
  await expect(titles(closed(dan))).toHaveCount(0);
  await dan.context().setOffline(false);
  await expect(titles(closed(dan))).toHaveText([CLOSED], { timeout: 30_000 });
});

test("an answer that comes late never replaces a newer one", async ({ person }) => {
  const eve = await person("Eve Okoye", { worker: false });
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await eve.route("**/sync/find", async (route) => {
    const asked = route.request().postDataJSON() as { text: string };
    if (asked.text === "exports") await held;
    await route.continue();
  });
  const slow = eve.waitForRequest((r) => r.url().endsWith("/sync/find") && r.postData()?.includes("exports") === true);
  await words(eve).fill("exports");
  await slow;
  await words(eve).fill("tallis code");
  await expect(titles(closed(eve))).toHaveText([CLOSED]);
  const late = eve.waitForResponse((r) => r.request().postData()?.includes("exports") === true);
  release();
  await late;
  // Whatever it does to the page it has done by the next frame but one.
  await eve.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(closed(eve).getByRole("status")).toHaveText("1 found.");
  await expect(titles(closed(eve))).toHaveText([CLOSED]);
});

test("the way back to a search leads to the place where one was", async ({ person }) => {
  const bo = await person("Bo Lind", { on: "phone" });
  await load(bo, "/?show=closed");
  await expect(titles(closed(bo))).toHaveCount(20);
  await closed(bo).getByRole("button", { name: "Show more" }).click();
  await expect(titles(closed(bo))).toHaveCount(24);
  const last = titles(closed(bo)).last();
  await last.scrollIntoViewIfNeeded();
  const at = await bo.evaluate(() => scrollY);
  expect(at).toBeGreaterThan(500);
  const title = await last.innerText();
  await last.click();
  await expect(bo.getByRole("heading", { level: 1, name: title, exact: true })).toBeVisible();
  await bo.goBack();
  await expect(titles(closed(bo))).toHaveCount(24);
  await expect.poll(() => bo.evaluate(() => Math.round(scrollY))).toBe(Math.round(at));
  await expect(closed(bo).getByRole("status")).toHaveText("24 found.");
});
