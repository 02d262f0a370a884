// Links, the way back, and what the window is called, without a page being loaded.

import type { Page } from "@playwright/test";
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
