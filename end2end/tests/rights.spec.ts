// The end of rights reaches every copy (D4): a laptop that several people use, a network that is not there, a server that
// hangs, a session that ended elsewhere, a tab that was left open.

import { commands, type Device, device, isIn, signOut, token, underTheWorker } from "../fixtures/device.ts";
import { enterRoom, lines, link, load, log, timeline } from "../fixtures/room.ts";
import { expectAccessible, expectNoOverflow } from "../fixtures/screen.ts";
import { expect, minutes, ready, test } from "../fixtures/test.ts";
import type { Locator, Page } from "@playwright/test";

const TITLE = "Checkout errors in all regions";
const LEFT = "Called their CFO from the train";
const HALF = "The second call was about";
const DAYS_15 = minutes(15 * 24 * 60);

const heading = (page: Page): Locator => page.getByRole("heading", { level: 1 });
const said = (page: Page): Locator => timeline(page).getByLabel("What happened");

/** Nothing of the record is on the device, in whatever place; what people wrote is where it was. */
function expectNoRecord(of: Device, theirs: { commands: number; drafts: number }): void {
  const { outbox: _, drafts = [], ...ofRecord } = of.stores;
  expect({ commands: commands(of).length, drafts: drafts.length }).toEqual(theirs);
  expect(Object.keys(ofRecord), "the stores of the record are looked at").toContain("last");
  expect(Object.values(ofRecord).flat()).toEqual([]);
  const { pages } = of;
  const names = Object.keys(pages).filter((path) => !path.startsWith("/pkg/"));
  expect(names.sort(), "pages that the worker keeps").toEqual(["/app-shell", "/signed-out"]);
  for (const [path, text] of Object.entries(pages)) expect(text, path).not.toContain(TITLE);
}

/** As by a bookmark; what opens may lead on before it has loaded. */
async function open(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    // What `ready` waits for is that of the next page.
    delete document.documentElement.dataset.hydrated;
    location.assign(to);
  }, path);
}

test("a shared laptop: the next person sees nothing of the first, whose unsent words wait and are confirmed", async ({ server, person, watch }) => {
  test.setTimeout(180_000);
  const [laptop, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
  const context = laptop.context();
  for (const page of [laptop, dan]) await enterRoom(page, TITLE);
  await expect(link(laptop)).toHaveText("Live");
  await underTheWorker(laptop);
  const bos = await token(context);
  expect((await device(laptop)).stores.last?.length, "what is looked at below").toBeGreaterThan(0);

  // Chromium decides by itself whether the worker is online, and would let it report the sign-out.
  await laptop.evaluate(() => Reflect.deleteProperty(ServiceWorkerRegistration.prototype, "sync"));
  watch.expectLostNetwork(context);
  await context.setOffline(true);
  await log(laptop, LEFT);
  await said(laptop).fill(HALF);
  await expect(link(laptop)).toHaveText("Offline, 1 waiting");
  await signOut(laptop);
  await expect(heading(laptop)).toHaveText("You are signed out");
  await expect(laptop.getByText("The server is out of reach. This device is locked all the same")).toBeVisible();
  // Asked before a page is opened: the worker asks for it, and one that was started anew may be online.
  expect(await isIn(server, bos), "the server has not heard of it").toBe(true);
  await expectAccessible(laptop, "signed out without a network");
  await expectNoOverflow(laptop, "signed out without a network");
  expectNoRecord(await device(laptop), { commands: 1, drafts: 1 });

  // The board, a room, and the way back open nothing.
  for (const path of ["/", "/declare"]) {
    await open(laptop, path);
    await laptop.waitForURL(`**/signed-out?then=${encodeURIComponent(path)}`);
    await expect(heading(laptop)).toHaveText("You are signed out");
  }
  await laptop.goBack();
  await expect(heading(laptop)).toHaveText("You are signed out");
  await expect(laptop.getByText(TITLE)).toHaveCount(0);
  await context.setOffline(false);
  await expect(heading(laptop)).toHaveText("Who are you?", { timeout: 30_000 });
  expect(await isIn(server, bos)).toBe(false);

  // The next person.
  await laptop.getByRole("button", { name: "Cy Tan" }).click();
  await ready(laptop);
  await load(laptop, "/");
  await enterRoom(laptop, TITLE);
  await expect(link(laptop)).toHaveText("Live");
  await expect(said(laptop)).toHaveValue("");
  await expect(laptop.getByText("was not sent")).toHaveCount(0);
  await log(laptop, "Cy was here");
  await expect(lines(dan).filter({ hasText: "Cy was here" })).toContainText("Cy Tan");
  await expect(lines(dan).filter({ hasText: LEFT })).toHaveCount(0);
  const between = commands(await device(laptop));
  expect(between).toHaveLength(1);
  expect(between[0]).toContain(LEFT);
  await signOut(laptop);
  await expect(heading(laptop)).toHaveText("Who are you?");
  expectNoRecord(await device(laptop), { commands: 1, drafts: 1 });

  // The first one again: asked before it goes.
  await laptop.getByRole("button", { name: "Bo Lind" }).click();
  await ready(laptop);
  const unsent = laptop.getByRole("region", { name: "1 entry was not sent" });
  await expect(unsent).toContainText(LEFT);
  await expectAccessible(laptop, "what was not sent");
  await load(laptop, "/");
  await enterRoom(laptop, TITLE);
  await expect(link(laptop)).toHaveText("Live");
  await expect(said(laptop)).toHaveValue(HALF);
  await expect(lines(laptop).filter({ hasText: LEFT })).toHaveCount(0);
  await log(dan, "Dan says something");
  await expect(lines(laptop).filter({ hasText: "Dan says something" })).toHaveCount(1);
  await expect(lines(dan).filter({ hasText: LEFT }), "exchanged since, and not sent").toHaveCount(0);
  await unsent.getByRole("button", { name: "Send it" }).click();
  await expect(unsent).toBeHidden();
  await expect(lines(dan).filter({ hasText: LEFT })).toContainText("Bo Lind");
  await expect(lines(laptop).filter({ hasText: LEFT })).toHaveCount(1);
  await expect(timeline(laptop).getByText("Waiting to be sent.")).toHaveCount(0);
  await laptop.reload();
  await ready(laptop);
  await expect(lines(laptop).filter({ hasText: LEFT })).toHaveCount(1);
  await expect(unsent).toHaveCount(0);
});

test("what was not sent can be discarded, and stays discarded", async ({ person, watch }) => {
  const bo = await person("Bo Lind");
  await enterRoom(bo, TITLE);
  await underTheWorker(bo);
  watch.expectLostNetwork(bo.context());
  await bo.context().setOffline(true);
  await log(bo, LEFT);
  await log(bo, "And their CTO");
  await signOut(bo);
  await expect(heading(bo)).toHaveText("You are signed out");
  await bo.context().setOffline(false);
  await bo.getByRole("button", { name: "Bo Lind" }).click({ timeout: 30_000 });
  await ready(bo);
  const two = bo.getByRole("region", { name: "2 entries were not sent" });
  await expect(two.getByRole("listitem")).toContainText([LEFT, "And their CTO"]);
  await two.getByRole("listitem").first().getByRole("button", { name: "Discard" }).click();
  await expect(bo.getByRole("region", { name: "1 entry was not sent" })).toContainText("And their CTO");
  await bo.reload();
  await ready(bo);
  await bo.getByRole("button", { name: "Send it" }).click();
  await enterRoom(bo, TITLE);
  await expect(lines(bo).filter({ hasText: "And their CTO" })).toHaveCount(1);
  await expect(lines(bo).filter({ hasText: LEFT })).toHaveCount(0);
});

test("a sign-out without a network whose tab is closed ends the session when a page of ours is opened", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  const context = bo.context();
  await expect(link(bo)).toHaveText("Live");
  await underTheWorker(bo);
  const bos = await token(context);
  watch.expectLostNetwork(context);
  await context.setOffline(true);
  await signOut(bo);
  await expect(heading(bo)).toHaveText("You are signed out");
  await bo.close();
  await context.setOffline(false);
  const next = await context.newPage();
  await next.goto("/accounts");
  await expect(heading(next)).toHaveText("Who are you?");
  expect(await isIn(server, bos)).toBe(false);
  expectNoRecord(await device(next), { commands: 0, drafts: 0 });
});

test("a session that ended elsewhere while the browser was closed leaves nothing on the device", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  const context = bo.context();
  await enterRoom(bo, TITLE);
  await expect(link(bo)).toHaveText("Live");
  await underTheWorker(bo);
  expect((await device(bo)).stores.last?.length, "what is looked at below").toBeGreaterThan(0);
  const headers = { cookie: `drumbeat=${await token(context)}` };
  await bo.close();
  await fetch(`${server.url}/sign-out`, { method: "POST", headers, redirect: "manual" });

  const next = await context.newPage();
  await next.goto("/");
  await expect(heading(next)).toHaveText("Who are you?");
  await expect(async () => expectNoRecord(await device(next), { commands: 0, drafts: 0 })).toPass();
  watch.expectLostNetwork(context);
  await context.setOffline(true);
  await open(next, "/");
  await expect(heading(next)).toHaveText("You are signed out");
});

test("a server that hangs is no network: the device is locked at once, and the session ends when it answers", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  await expect(link(bo)).toHaveText("Live");
  await underTheWorker(bo);
  const bos = await token(bo.context());
  watch.expectLostNetwork(bo.context());
  server.pause();
  await signOut(bo);
  await expect(heading(bo)).toHaveText("You are signed out");
  await open(bo, "/");
  await bo.waitForURL("**/signed-out?then=%2F");
  await expect(heading(bo)).toHaveText("You are signed out");
  expectNoRecord(await device(bo), { commands: 0, drafts: 0 });
  server.resume();
  await expect(heading(bo)).toHaveText("Who are you?", { timeout: 30_000 });
  expect(await isIn(server, bos)).toBe(false);
});

test("without a network the app opens for a session that is open, also after a hang", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  await expect(link(bo)).toHaveText("Live");
  await underTheWorker(bo);
  watch.expectLostNetwork(bo.context());
  server.pause();
  await open(bo, "/");
  await ready(bo);
  await expect(bo.getByRole("region", { name: "Open incidents" })).toContainText(TITLE);
  server.resume();
  await expect(link(bo)).toHaveText("Live", { timeout: 45_000 });
});

test("of several tabs none shows anything after one has signed out, and the way back leads nowhere", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  const context = bo.context();
  const [board, accounts, frozen] = [await context.newPage(), await context.newPage(), await context.newPage()];
  watch.expectSignedOut(context);
  await accounts.goto("/accounts");
  await expect(heading(accounts)).toHaveText("Accounts");
  for (const page of [board, frozen]) {
    await load(page, "/");
    await expect(page.getByRole("region", { name: "Open incidents" })).toContainText(TITLE);
  }
  const life = await context.newCDPSession(frozen);
  await life.send("Page.setWebLifecycleState", { state: "frozen" });
  await enterRoom(bo, TITLE);
  const bos = await token(context);
  await signOut(bo);
  for (const page of [bo, board, accounts]) await expect(heading(page)).toHaveText("Who are you?");
  await life.send("Page.setWebLifecycleState", { state: "active" });
  await expect(heading(frozen)).toHaveText("Who are you?");
  expect(await isIn(server, bos)).toBe(false);
  await bo.goBack();
  await expect(heading(bo)).toHaveText("Who are you?");
  await expect(bo.getByText(TITLE)).toHaveCount(0);

  // Somebody else signs in: what was open in another tab is theirs from then on.
  await bo.getByRole("button", { name: "Cy Tan" }).click();
  await ready(bo);
  await load(board, "/");
  await expect(board.locator("summary").getByText("Cy Tan")).toBeVisible();
});

test("a tab of one person leaves when another signs in beside it", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  watch.expectSignedOut(bo.context());
  await enterRoom(bo, TITLE);
  const bos = await token(bo.context());
  const door = await bo.context().newPage();
  await door.goto("/sign-in");
  await door.getByRole("button", { name: "Cy Tan" }).click();
  await ready(door);
  await expect(bo.locator("summary").getByText("Cy Tan")).toBeVisible();
  expect(await isIn(server, bos), "one browser has one session").toBe(false);
});

test("a session whose time is over leaves nothing on the device", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  await enterRoom(bo, TITLE);
  await expect(link(bo)).toHaveText("Live");
  await underTheWorker(bo);
  watch.expectSignedOut(bo.context());
  await server.advance(DAYS_15);
  await expect(heading(bo)).toHaveText("Who are you?", { timeout: 30_000 });
  expectNoRecord(await device(bo), { commands: 0, drafts: 0 });
});

test("a page without a stream asks, and leaves when its session was ended elsewhere", async ({ server, person, watch }) => {
  const [bo, elsewhere] = await Promise.all([person("Bo Lind"), person("Bo Lind")]);
  await enterRoom(bo, TITLE);
  await expect(link(bo)).toHaveText("Live");
  await underTheWorker(bo);
  await bo.goto("/accounts");
  await expect(heading(bo)).toHaveText("Accounts");
  expect((await device(bo)).stores.last?.length, "what is looked at below").toBeGreaterThan(0);
  for (const page of [bo, elsewhere]) watch.expectSignedOut(page.context());

  // Out of reach is no answer.
  watch.expectLostNetwork(bo.context());
  await bo.context().setOffline(true);
  const lost = bo.waitForEvent("requestfailed", (request) => request.url().endsWith("/session"));
  await bo.evaluate(() => dispatchEvent(new Event("focus")));
  await lost;
  await bo.context().setOffline(false);
  const open = bo.waitForResponse((response) => response.url().endsWith("/session"));
  await bo.evaluate(() => dispatchEvent(new Event("focus")));
  expect((await open).status()).toBe(204);
  await expect(heading(bo)).toHaveText("Accounts");

  const bos = await token(bo.context());
  await elsewhere.evaluate(() => fetch("/sign-out-everywhere", { method: "POST" }));
  expect(await isIn(server, bos)).toBe(false);
  await bo.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(heading(bo)).toHaveText("Who are you?");
  expectNoRecord(await device(bo), { commands: 0, drafts: 0 });
});

test("the page of who is signed out leads to a page of ours and nowhere else", async ({ person, server }) => {
  const ana = await person("Ana Ruiz");
  for (const then of ["/%09/evil.example", "/%0a/evil.example", "//evil.example", "/%5cevil.example", "https://evil.example"]) {
    await ana.goto(`/signed-out?then=${then}`);
    await ana.waitForURL(`${server.url}/`);
  }
  await ana.goto("/signed-out?then=%2Fpolicy%3Fversion%3D1");
  await ana.waitForURL(`${server.url}/policy?version=1`);
});
