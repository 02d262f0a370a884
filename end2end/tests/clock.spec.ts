// A server whose clock is set forward saves nothing, says so, and goes on when an administrator says that it is right.

import { enterRoom, lines, link, log, timeline } from "../fixtures/room.ts";
import { expectAccessible, expectNoOverflow } from "../fixtures/screen.ts";
import { expect, minutes, ready, test } from "../fixtures/test.ts";

const TITLE = "Checkout errors in all regions";
const WRONG = "The server’s clock is wrong: nothing can be saved until it is set right.";

test("what is written while the server's clock is wrong waits, and is saved when it is right", async ({ server, person, watch }) => {
  const [cy, ana] = await Promise.all([person("Cy Tan", { on: "phone" }), person("Ana Ruiz")]);
  await enterRoom(cy, TITLE);
  await cy.getByRole("navigation", { name: "Parts of the room" }).getByRole("link", { name: "Timeline" }).click();
  for (const page of [cy, ana]) {
    await expect(link(page)).toHaveText("Live");
    await expect(page.getByText(WRONG)).toBeHidden();
    watch.expectUnavailable(page.context());
  }
  await server.setClock(minutes(180));
  for (const page of [cy, ana]) await expect(page.getByRole("alert").filter({ hasText: WRONG })).toBeVisible();
  await expectAccessible(cy, "a wrong clock, on a phone");
  await expectNoOverflow(cy, "a wrong clock, on a phone");
  await log(cy, "Written in the dark");
  await expect(link(cy)).toContainText("1 waiting");
  await expect(timeline(cy).getByText("Waiting to be sent.")).toBeVisible();

  // Cy can read what is wrong, and cannot say that it is right.
  await cy.getByRole("link", { name: "What to do" }).click();
  await expect(cy.getByRole("heading", { level: 1 })).toContainText("The server’s clock says");
  await expect(cy.getByRole("button", { name: /^The time is right/ })).toHaveCount(0);
  await expectAccessible(cy, "the page of the clock, on a phone");
  await cy.goBack();
  await ready(cy);

  await ana.getByRole("link", { name: "What to do" }).click();
  await expect(ana.getByText("it jumped forward by 3 h 0 min")).toBeVisible();
  await expectAccessible(ana, "the page of the clock");
  await ana.getByRole("button", { name: /^The time is right/ }).click();
  await expect(ana.getByText("It is believed")).toBeVisible();

  await expect(cy.getByText(WRONG)).toBeHidden();
  await expect(link(cy)).toHaveText("Live", { timeout: 30_000 });
  await expect(timeline(cy).getByText("Waiting to be sent.")).toHaveCount(0);
  await expect(lines(cy).filter({ hasText: "Written in the dark" })).toHaveCount(1);
});
