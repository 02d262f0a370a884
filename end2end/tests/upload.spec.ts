// A file is sent when it is chosen, so a slow one may arrive after the one that was chosen in its place.

import { enterRoom } from "../fixtures/room.ts";
import { field } from "../fixtures/form.ts";
import { expect, test } from "../fixtures/test.ts";

test("of two files in one form the one that was chosen last counts", async ({ person }) => {
  const cy = await person("Cy Tan");
  await enterRoom(cy, "Nightly sync stops on large ledgers");
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await cy.route("**/files?name=first.txt", async (route) => {
    await held;
    await route.continue();
  });
  await cy.getByRole("button", { name: /^Add… / }).first().click();
  const dialog = cy.getByRole("dialog", { name: "Add evidence" });
  const choose = (name: string) =>
    field(dialog, "File").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(`This is ${name}.`) });
  const slow = cy.waitForRequest("**/files?name=first.txt");
  await choose("first.txt");
  await slow;
  await choose("second.txt");
  await expect(dialog.getByText("second.txt is uploaded.")).toBeVisible();
  const late = cy.waitForResponse("**/files?name=first.txt");
  release();
  await late;
  // Whatever it does to the page it has done by the next frame but one.
  await cy.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(dialog.getByText("second.txt is uploaded.")).toBeVisible();
  await expect(dialog.getByText("first.txt")).toHaveCount(0);
});
