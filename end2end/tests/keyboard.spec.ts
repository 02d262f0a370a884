// Everything is done without a mouse.

import type { Locator, Page } from "@playwright/test";
import { enterRoom, timeline } from "../fixtures/room.ts";
import { expect, test } from "../fixtures/test.ts";

const TITLE = "Checkout errors in all regions";
/** No field is further away than this. */
const TABS_MAX = 60;

test("keys lead everywhere, and what is typed into a field is no key", async ({ person }) => {
  const bo = await person("Bo Lind");
  await bo.keyboard.press("?");
  const keys = bo.getByRole("dialog", { name: "Keyboard" });
  await expect(keys).toMatchAriaSnapshot(`
    - dialog "Keyboard":
      - heading "Keyboard" [level=2]
      - button "Close"
      - term: d
      - definition: declare an incident
      - term: u
      - definition: write a customer update
      - term: t
      - definition: say what happened, on the timeline
      - term: b
      - definition: go to the board
      - term: /
      - definition: search incidents
      - term: Esc
      - definition: close; what you typed is kept
      - term: "?"
      - definition: this list
  `);
  // Keys of the page below mean nothing while it is open.
  await bo.keyboard.press("d");
  await expect(keys).toBeVisible();
  await bo.keyboard.press("Escape");
  await expect(keys).toBeHidden();

  await bo.keyboard.press("d");
  await expect(bo).toHaveURL(/\/declare$/);
  await bo.getByLabel("Title").focus();
  await bo.keyboard.type("bud?");
  await expect(bo.getByLabel("Title")).toHaveValue("bud?");
  await expect(bo).toHaveURL(/\/declare$/);
  await bo.getByLabel("Title").blur();
  await bo.keyboard.press("b");
  await expect(bo.getByRole("heading", { level: 1, name: "Board" })).toBeAttached();

  await enterRoom(bo, TITLE);
  const room = new URL(bo.url()).pathname;
  await bo.keyboard.press("t");
  await expect(timeline(bo).getByLabel("What happened")).toBeFocused();
  await bo.keyboard.type("Said without a mouse");
  await bo.keyboard.press("Enter");
  await expect(timeline(bo)).toContainText("Said without a mouse");
  await timeline(bo).getByLabel("What happened").blur();
  await bo.keyboard.press("u");
  await expect(bo).toHaveURL(`${room}/update`);
  await expect(bo.getByLabel("What happens")).toBeVisible();
});

test("a whole declaration by keyboard", async ({ person }) => {
  const bo = await person("Bo Lind");
  await bo.keyboard.press("d");
  await expect(bo.getByRole("heading", { level: 1, name: "Declare an incident" })).toBeVisible();

  await tabTo(bo, bo.getByLabel("Title"));
  await bo.keyboard.type("Sign-in fails for one region");
  await tabTo(bo, bo.getByRole("radio", { name: "SEV-1" }));
  await bo.keyboard.press("ArrowRight");
  await expect(bo.getByRole("radio", { name: "SEV-2" })).toBeChecked();
  await tabTo(bo, bo.getByLabel("What the customer sees"));
  await bo.keyboard.type("Nobody in the north can sign in.");
  await tabTo(bo, bo.getByLabel("now", { exact: true }));
  await bo.keyboard.press("ArrowRight");
  await expect(bo.getByLabel("5 min ago")).toBeChecked();
  await tabTo(bo, bo.getByLabel("Sign-in", { exact: true }));
  await bo.keyboard.press("Space");
  await tabTo(bo, bo.getByRole("button", { name: "Declare SEV-2" }));
  await bo.keyboard.press("Enter");

  await expect(bo.getByRole("heading", { level: 1, name: "Sign-in fails for one region" })).toBeVisible();
  await expect(timeline(bo)).toContainText("Declared SEV-2");

  // And the first step in its room.
  const offer = bo.getByRole("button", { name: "Offer… Incident Commander" });
  await tabTo(bo, offer);
  await bo.keyboard.press("Enter");
  const dialog = bo.getByRole("dialog", { name: "Offer Incident Commander" });
  await expect(dialog.getByLabel("To", { exact: true })).toBeFocused();
  await bo.keyboard.type("Noor");
  await tabTo(bo, dialog.getByRole("button", { name: "Offer", exact: true }));
  await bo.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(bo.getByRole("region", { name: "Roles" })).toContainText("Noor Haddad");
});

/** Presses Tab until this has the focus, and it can be seen that it has. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let i = 0; i < TABS_MAX; i += 1) {
    if (await wanted.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(wanted).toBeFocused();
}
