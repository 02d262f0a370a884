// A team comes together by links, and one of them is removed while holding a role.

import { device } from "../fixtures/device.ts";
import { answer, field, fill } from "../fixtures/form.ts";
import { accept, card, declare, lines, link, load, log, offer, showPart, timeline } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, ready, test } from "../fixtures/test.ts";
import type { Page } from "@playwright/test";

test.use({ demo: false });

const TITLE = "Sign-in fails";
const HALF = "The pool of connections is the";

/** Adds somebody and tells their link, which is shown this once. */
async function add(admin: Page, name: string, does: string): Promise<string> {
  await admin.goto("/people");
  await admin.getByRole("link", { name: "Add somebody" }).click();
  const email = `${name.split(" ")[0]?.toLowerCase()}@acme.example`;
  await fill(admin, { "Name": name, "What they do": does, "E-mail": email });
  await expectAccessible(admin, "the form of somebody new");
  await admin.getByRole("button", { name: "Add them" }).click();
  await expectAccessible(admin, "a link for somebody new");
  return admin.getByLabel("The link").inputValue();
}

/** Comes in by a link. */
async function enter(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expectAccessible(page, "choosing a password");
  await fill(page, { "Password": "correct horse battery" });
  await page.getByRole("button", { name: "Choose it and sign in" }).click();
  await ready(page);
}

test("somebody comes by a link, takes a seat, is removed: the seat is empty for all, and his words are kept", async ({ server, visitor, watch }) => {
  test.setTimeout(180_000);
  const vera = await visitor();
  await vera.goto(server.setupUrl ?? "");
  await fill(vera, { "Your name": "Vera Admin", "E-mail": "vera@acme.example", "Password": "correct horse battery" });
  await vera.getByRole("button", { name: "Make the administrator" }).click();
  await ready(vera);
  await declare(vera, TITLE, "Nobody can sign in.");
  const room = new URL(vera.url()).pathname;

  // Her room stays open in one tab; people are added in another.
  const admin = await vera.context().newPage();
  const [bo, cy] = await Promise.all([visitor(), visitor({ on: "phone" })]);
  const bosLink = await add(admin, "Bo Lind", "Support engineer");
  await enter(bo, bosLink);
  await enter(cy, await add(admin, "Cy Tan", "Communications lead"));
  watch.expectNotFound(cy.context());
  await cy.goto(bosLink);
  await expect(cy.getByRole("heading", { level: 1 })).toHaveText("This link opens nothing any more");
  await expectAccessible(cy, "a link that was used");

  // Nobody has reloaded the room, and he can be asked there.
  await offer(vera, "Comms Lead", "Bo Lind, Support engineer");
  await load(bo, room);
  await accept(bo, "Comms Lead");
  await load(cy, room);
  await showPart(cy, "Roles");
  await expect(card(cy, "Comms Lead")).toContainText("Bo Lind");

  // He is in a tunnel: one line waits, another is half written.
  watch.expectLostNetwork(bo.context());
  watch.expectSignedOut(bo.context());
  await bo.context().setOffline(true);
  await log(bo, "Asked the database team to look");
  await timeline(bo).getByLabel("What happened").fill(HALF);
  await expect(link(bo)).toHaveText("Offline, 1 waiting");

  await admin.goto("/people");
  await expect(admin.getByRole("listitem").filter({ hasText: "Bo Lind" }).first()).toContainText("Comms Lead");
  await expectAccessible(admin, "the list of people");
  await admin.getByRole("link", { name: "Bo Lind" }).click();
  await expectAccessible(admin, "the page of one person");
  await admin.getByRole("link", { name: "Remove…" }).click();
  await expect(admin.getByRole("region", { name: "Seats that are empty afterwards" })).toContainText(TITLE);
  await expectAccessible(admin, "before a removal");
  await admin.getByRole("button", { name: "Remove Bo Lind" }).click();
  await expect(admin.getByRole("status")).toContainText("Bo Lind is removed");

  for (const page of [vera, cy]) {
    await expect(card(page, "Comms Lead")).toContainText("Nobody");
    await expect(card(page, "Comms Lead")).toContainText("Core roles named");
  }
  await expect(vera.getByRole("region", { name: "Now", exact: true })).toContainText("Name a Comms Lead");
  await expect(lines(vera).first()).toContainText("Bo Lind left Comms Lead empty: Removed from Drumbeat by Vera Admin");
  await card(vera, "Comms Lead").getByRole("button", { name: /^Offer…/ }).click();
  const asked = field(vera.getByRole("dialog"), "To");
  await expect(asked.locator("option")).toHaveText(["Choose…", "Cy Tan, Communications lead", "Vera Admin, Administrator"]);
  await expectAccessible(vera, "an empty seat, offered to who is left");
  await answer(vera, "Offer Comms Lead", { "To": "Cy Tan, Communications lead" }, "Offer");
  await accept(cy, "Comms Lead");

  // Out of the tunnel he is out, and nothing of the record is on his device. What he wrote is, and on nobody else's.
  await bo.context().setOffline(false);
  await expect(bo.getByRole("heading", { level: 1 })).toHaveText("Sign in", { timeout: 30_000 });
  await expect(bo.getByText(TITLE)).toHaveCount(0);
  const { stores } = await device(bo);
  const { outbox = [], drafts = [], ...ofRecord } = stores;
  expect(outbox.join()).toContain("Asked the database team to look");
  expect(drafts.join()).toContain(HALF);
  expect(Object.values(ofRecord).flat()).toEqual([]);
  await expect(lines(vera).filter({ hasText: "Asked the database team" })).toHaveCount(0);
  await fill(bo, { "E-mail": "bo@acme.example", "Password": "correct horse battery" });
  await bo.getByRole("button", { name: "Sign in" }).click();
  await expect(bo.getByRole("alert")).toHaveText("That e-mail and password do not belong together.");
});
