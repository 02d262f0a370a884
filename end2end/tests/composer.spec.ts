// What a customer would get, before they get it; and where the cursor is once a form is closed.

import { fill } from "../fixtures/form.ts";
import { card, enterRoom, load } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, minutes, ready, test } from "../fixtures/test.ts";

const TITLE = "Checkout errors in all regions";

test("the exact page and the e-mail stand beside the words, and go when the words change", async ({ person }) => {
  const cy = await person("Cy Tan");
  await enterRoom(cy, TITLE);
  const room = cy.url();
  await load(cy, `${room}/update`);
  const happens = cy.getByLabel("What happens");
  await happens.fill("Orders fail for some customers.\nWe count how many.");

  const frame = cy.frameLocator("iframe[name=exact]");
  await cy.getByRole("button", { name: "Show the exact page" }).click();
  await expect(frame.getByRole("heading", { level: 1 })).toContainText("Orders fail for some customers.");
  await expect(frame.getByText("even if nothing has changed")).toBeVisible();
  await cy.getByRole("button", { name: "Show the e-mail" }).click();
  await expect(frame.getByRole("heading", { level: 1 })).toHaveText(/^\[Acme\] Orders fail for some customers. We count how many \(next update by (\d{1,2} \w+, )?\d\d:\d\d UTC\)$/);
  await expectAccessible(cy, "the frame of the preview");

  // What is shown is never what was written before.
  await happens.fill("Orders fail for 18 % of customers.");
  await expect(cy.locator("iframe[name=exact]")).toBeHidden();
  await cy.locator("#next-text").fill("soon");
  await cy.getByRole("button", { name: "Show the exact page" }).click();
  await expect(cy.getByRole("alert")).toContainText("Next update");
  await expect(cy.locator("iframe[name=exact]")).toBeHidden();

  // Two looks are no two steps back.
  await cy.goBack();
  await expect(cy).toHaveURL(room);
});

test("while the commander reads it, its author sees that it waits, until they change it", async ({ server, person }) => {
  const cy = await person("Cy Tan");
  await enterRoom(cy, TITLE);
  const room = cy.url();
  await load(cy, `${room}/update`);
  await cy.getByLabel("What happens").fill("Orders fail for some customers.");
  const promised = await cy.locator(".promise .by").innerText();
  await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
  // He cannot approve it, and is not asked to.
  await expect(cy.getByRole("link", { name: "Read the update", exact: true })).toBeVisible();
  await load(cy, "/");
  await expect(cy.getByRole("main")).toContainText(/Waits for Ana Ruiz to approve it, INC-\d{4}-\d{4}/);

  // The times that are offered have moved on; what he promised stands.
  await server.advance(minutes(3));
  await load(cy, `${room}/update`);
  await expect(cy.getByText(/^It waits for Ana Ruiz to approve it, since (\d{1,2} \w+, )?\d\d:\d\d UTC\.$/)).toBeVisible();
  await expect(cy.getByRole("button", { name: "Waits for Ana Ruiz" })).toBeDisabled();
  const chosen = cy.getByRole("button", { name: promised, exact: true });
  await expect(chosen).toHaveAttribute("aria-pressed", "true");
  await expectAccessible(cy, "the composer while it waits");

  // Another time is another question to her; the same one is not.
  const ask = cy.getByRole("button", { name: "Send to Ana Ruiz for approval" });
  await cy.locator(".chips").getByRole("button").last().click();
  await expect(ask).toBeEnabled();
  await chosen.click();
  await expect(cy.getByRole("button", { name: "Waits for Ana Ruiz" })).toBeDisabled();
  await cy.getByLabel("What we do").fill("We move to the second database.");
  await expect(ask).toBeEnabled();

  // A time that has passed is promised to nobody.
  await server.advance(minutes(24 * 60));
  await load(cy, `${room}/update`);
  await expect(cy.getByText("No time is promised yet")).toBeVisible();
  await expect(cy.locator(".chips").getByRole("button", { pressed: true })).toHaveCount(0);
});

test("what was refused is told until it is mended, and the cursor outlasts the button that approves", async ({ person }) => {
  const [cy, ana] = await Promise.all([person("Cy Tan"), person("Ana Ruiz")]);
  await enterRoom(cy, TITLE);
  await load(cy, `${cy.url()}/update`);
  const doing = cy.getByLabel("What we do");
  await doing.fill("We reply soon.");
  await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
  await expect(cy.getByRole("alert")).toContainText("“soon” is not a time");
  await doing.fill("We move to the second database.");
  await expect(cy.getByRole("alert")).toHaveCount(0);
  await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();

  await ana.getByRole("link", { name: "Read and approve" }).first().click();
  const approve = ana.getByRole("button", { name: "Approve", exact: true });
  await approve.focus();
  await ana.keyboard.press("Enter");
  await expect(ana.getByText(/^Ana Ruiz approved it at/)).toBeVisible();
  await expect(ana.getByRole("main")).toBeFocused();
});

test("the commander is asked to stay or to hand over when it is time, not before", async ({ server, person }) => {
  const ana = await person("Ana Ruiz");
  await enterRoom(ana, TITLE);
  const stay = card(ana, "Incident Commander").getByRole("button", { name: /^I'm staying…/ });
  await expect(card(ana, "Incident Commander").getByRole("button", { name: /^Hand over…/ })).toBeVisible();
  await expect(stay).toHaveCount(0);
  await server.advance(minutes(5 * 60));
  await expect(stay).toBeVisible();
});

test("every step is shown to who asks for it", async ({ person }) => {
  const ana = await person("Ana Ruiz");
  await load(ana, "/declare");
  await fill(ana, { "Title": "Sign-in fails", "What the customer sees": "Nobody can sign in." });
  await ana.getByRole("button", { name: "Declare SEV-1" }).click();
  const steps = ana.getByRole("region", { name: "Now", exact: true }).locator("ol.next > li");
  await expect(steps).toHaveCount(7);
  const more = ana.getByRole("button", { name: /^Show \d+ more$/ });
  const left = parseInt((await more.innerText()).replace(/\D/g, ""), 10);
  await more.click();
  await expect(steps).toHaveCount(7 + left);
  await expect(more).toHaveCount(0);
});

test("a form that is closed gives the cursor back to what opened it", async ({ person }) => {
  const ana = await person("Ana Ruiz");
  await enterRoom(ana, TITLE);
  const opener = ana.getByRole("button", { name: "Change severity…" });
  await opener.focus();
  await ana.keyboard.press("Enter");
  await expect(ana.getByRole("dialog")).toBeVisible();
  await ana.keyboard.press("Escape");
  await expect(ana.getByRole("dialog")).toHaveCount(0);
  await expect(opener).toBeFocused();
});

test("before the app runs, its forms take no words, and the cursor goes over", async ({ visitor }) => {
  // The first page of all: nothing is kept yet that would start the app without asking the server.
  const bo = await visitor();
  let start = () => {};
  const started = new Promise<void>((resolve) => (start = resolve));
  await bo.route("**/start.js", async (route) => {
    await started;
    await route.continue();
  });
  await bo.goto("/sign-in");
  await bo.getByRole("button", { name: "Bo Lind" }).click({ noWaitAfter: true });
  await expect(bo.getByRole("heading", { name: "Open incidents" })).toBeVisible();
  await expect(bo.locator("html[data-hydrated]")).toHaveCount(0);
  for (const form of ["form.find", "form.report"]) await expect(bo.locator(form)).toHaveAttribute("inert", "");
  const mark = bo.getByRole("link", { name: "Drumbeat" });
  await mark.focus();
  start();
  await bo.locator("html[data-hydrated]").waitFor({ state: "attached" });
  await expect(mark).toBeFocused();
  const search = bo.getByRole("searchbox").first();
  await search.fill("sync");
  await expect(search).toHaveValue("sync");
  await expect(bo.locator("form[inert]")).toHaveCount(0);
});

test("what was unfolded before the app runs stays unfolded", async ({ visitor }) => {
  const bo = await visitor();
  let start = () => {};
  const started = new Promise<void>((resolve) => (start = resolve));
  // The script has seen the page already and waits for the rest.
  await bo.route("**/*.wasm", async (route) => {
    await started;
    await route.continue();
  });
  await bo.goto("/sign-in");
  await bo.getByRole("button", { name: "Bo Lind" }).click({ noWaitAfter: true });
  await bo.getByRole("banner").locator("summary").click();
  const keys = bo.getByRole("banner").getByRole("button", { name: "Keyboard" });
  await expect(keys).toBeVisible();
  await expect(bo.locator("html[data-hydrated]")).toHaveCount(0);
  start();
  await ready(bo);
  await expect(keys).toBeVisible();
  // And it is the app's: on the server's page this button does nothing.
  await keys.click();
  await expect(bo.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
});
