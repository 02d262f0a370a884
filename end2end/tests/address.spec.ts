// Links, the way back, and what the window is called, without a page being loaded.

import type { Page } from "@playwright/test";
import { enterRoom, link, load, showPart, timeline } from "../fixtures/room.ts";
import { expect, test } from "../fixtures/test.ts";

const TITLE = "Checkout errors in all regions";

/** A page that is loaded anew knows nothing of it. */
const mark = (page: Page): Promise<void> => page.evaluate(() => void Object.assign(window, { stays: true }));
const isMarked = (page: Page): Promise<boolean> => page.evaluate(() => "stays" in window);

test("links lead on and the way back leads here", async ({ person }) => {
  const bo = await person("Bo Lind");
  await expect(bo).toHaveTitle("Board");
  await mark(bo);

  await bo.getByRole("link", { name: TITLE }).first().click();
  await expect(bo.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
  await expect(bo).toHaveURL(/\/incidents\/INC-\d{4}-\d{4}$/);
  await expect(bo).toHaveTitle(new RegExp(`^INC-\\d{4}-\\d{4} ${TITLE}$`));
  // The next Tab leads on from the top of the new screen.
  await expect(bo.getByRole("main")).toBeFocused();
  const room = bo.url();

  await bo.keyboard.press("d");
  await expect(bo).toHaveTitle("Declare");
  await bo.getByLabel("Title").fill("Typed and left");
  await bo.goBack();
  await expect(bo).toHaveURL(room);
  await bo.goBack();
  await expect(bo).toHaveURL("/");
  await expect(bo).toHaveTitle("Board");
  await bo.goForward();
  await expect(bo.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
  expect(await isMarked(bo), "no page was loaded").toBe(true);
});

test("what is no screen, and what is meant for another window, is the browser's", async ({ person, watch }) => {
  const bo = await person("Bo Lind");
  const link = bo.getByRole("link", { name: TITLE }).first();
  await expect(link).toBeVisible();
  await mark(bo);
  const [other] = await Promise.all([
    bo.context().waitForEvent("page"),
    link.click({ modifiers: ["ControlOrMeta"] }),
  ]);
  await expect(other).toHaveTitle(new RegExp(TITLE));
  await other.close();
  await expect(bo).toHaveURL("/");

  await bo.getByText("Bo Lind", { exact: true }).click();
  await bo.getByRole("link", { name: "Policy" }).click();
  await expect(bo).toHaveURL("/policy");
  expect(await isMarked(bo), "the server was asked").toBe(false);

  // An address that no incident has: the server is asked in its stead.
  watch.expectNotFound(bo.context());
  await bo.goto("/");
  await mark(bo);
  await bo.evaluate(() => {
    const link = Object.assign(document.createElement("a"), { href: "/incidents/INC-1999-0001", textContent: "old" });
    document.querySelector("main")?.append(link);
    link.click();
  });
  await expect(bo.getByRole("heading", { level: 1, name: "There is nothing here" })).toBeVisible();
  expect(await isMarked(bo), "no page was loaded").toBe(true);
  await bo.getByRole("link", { name: "Go to the board" }).click();
  await expect(bo).toHaveTitle("Board");
});

test("a closed incident is on its way or out of reach, and only the server says that there is none", async ({ server, person, watch }) => {
  const bo = await person("Bo Lind");
  await expect(link(bo)).toHaveText("Live");
  const closed = bo.getByRole("region", { name: "Recently closed" }).getByRole("link");
  const [first = "", second = ""] = await closed.allTextContents();
  const room = (title: string) => bo.getByRole("heading", { level: 1, name: title, exact: true });
  const onItsWay = (title: string) => bo.getByRole("heading", { level: 1, name: new RegExp(`^INC-\\d{4}-\\d{4} ${title}$`) });
  const main = bo.getByRole("main");

  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await bo.route("**/sync/open", async (route) => {
    await held;
    await route.continue();
  });
  await closed.filter({ hasText: first }).first().click();
  await expect(onItsWay(first)).toBeVisible();
  await expect(main.getByRole("status")).toHaveText("Loading…");
  await expect(bo).toHaveTitle(new RegExp(`^INC-\\d{4}-\\d{4} ${first}$`));
  await expect(main).toBeFocused();
  release();
  await expect(room(first)).toBeVisible();
  // The next Tab leads on from the top of the room, which came in the place of the page that waited.
  await expect(main).toBeFocused();

  watch.expectLostNetwork(bo.context());
  await bo.keyboard.press("b");
  await expect(closed.filter({ hasText: second }).first()).toBeVisible();
  await server.kill();
  await closed.filter({ hasText: second }).first().click();
  await expect(main.getByRole("status")).toContainText("The server is out of reach.");
  await expect(onItsWay(second)).toBeVisible();
  await server.restart();
  await expect(room(second)).toBeVisible({ timeout: 45_000 });
  await expect(main).toBeFocused();
});

test("an incident's windows have titles of their own, and an address may be written carelessly", async ({ person }) => {
  const bo = await person("Bo Lind");
  await enterRoom(bo, TITLE);
  const path = new URL(bo.url()).pathname;
  await bo.keyboard.press("u");
  await expect(bo).toHaveTitle(new RegExp(`^Update: INC-\\d{4}-\\d{4} ${TITLE}$`));
  await load(bo, `${path}/brief`);
  await expect(bo).toHaveTitle(new RegExp(`^Brief: INC-\\d{4}-\\d{4} ${TITLE}$`));

  for (const written of [path.replaceAll("-", "%2D"), path.toLowerCase(), `${path}/`]) {
    await load(bo, written);
    await expect(bo.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await expect(bo, written).toHaveURL(path);
  }
});

test("on a phone the address names the part of the room that is shown", async ({ person }) => {
  const bo = await person("Bo Lind", { on: "phone" });
  await enterRoom(bo, TITLE);
  const path = new URL(bo.url()).pathname;
  const part = (name: string) => bo.getByRole("region", { name, exact: true });
  await showPart(bo, "Roles");
  await expect(part("Roles")).toBeVisible();
  await expect(bo).toHaveURL(`${path}#roles`);
  await bo.evaluate(() => scrollTo(0, 600));
  await showPart(bo, "Timeline");
  await expect(part("Timeline")).toBeVisible();
  // From its top.
  expect(await bo.evaluate(() => scrollY)).toBe(0);

  await showPart(bo, "Roles");
  await bo.keyboard.press("u");
  await expect(bo).toHaveURL(`${path}/update`);
  await bo.goBack();
  await expect(part("Roles")).toBeVisible();
  // The parts are one place on the way back.
  await bo.goBack();
  await expect(bo).toHaveURL("/");

  await load(bo, `${path}#roles`);
  await expect(part("Roles")).toBeVisible();
  await expect(part("Timeline")).toBeHidden();
  await bo.keyboard.press("t");
  await expect(timeline(bo).getByLabel("What happened")).toBeFocused();
});

test("the menu closes by Escape, by what is done elsewhere, and on the way to another screen", async ({ person }) => {
  const bo = await person("Bo Lind", { on: "phone" });
  const menu = bo.getByText("Bo Lind", { exact: true });
  const item = bo.getByRole("link", { name: "Policy" });
  const open = async () => {
    await menu.locator("..").click();
    await expect(item).toBeVisible();
  };
  await open();
  await bo.keyboard.press("Escape");
  await expect(item).toBeHidden();
  await expect(bo.locator("summary").filter({ has: menu })).toBeFocused();
  await open();
  await bo.getByRole("heading", { name: "Open incidents" }).click();
  await expect(item).toBeHidden();
  await open();
  await bo.keyboard.press("d");
  await expect(bo.getByRole("heading", { level: 1, name: "Declare an incident" })).toBeVisible();
  await expect(item).toBeHidden();
});
