// A tab of this build, and the server of the next one in the place of its own (S8): two programs on one log.

import { enterRoom, lines, link, log } from "../fixtures/room.ts";
import { expect, ready, test } from "../fixtures/test.ts";

const TITLE = "Checkout errors in all regions";

test("a tab is asked to reload when the next build serves, sends what it has, and is of that build then", async ({ server, person, watch }) => {
  const [bo, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
  for (const page of [bo, dan]) {
    await enterRoom(page, TITLE);
    watch.expectLostNetwork(page.context());
  }
  const program = (page: typeof bo) => page.locator("script[type=module][src*='/pkg/']").first().getAttribute("src");
  const before = await program(bo);
  await bo.context().setOffline(true);
  await expect(link(bo)).toHaveText("Offline");
  await log(bo, "By the old tab, away");
  await server.upgrade();
  await bo.context().setOffline(false);

  for (const page of [bo, dan]) {
    const says = page.getByRole("alert").filter({ hasText: "A newer Drumbeat is here: reload. What is unsent is kept." });
    await expect(says).toBeVisible({ timeout: 45_000 });
  }
  await log(dan, "By the old tab, there");
  for (const page of [bo, dan]) {
    await page.getByRole("alert").getByRole("button", { name: "Reload" }).click();
    await ready(page);
    await expect(link(page)).toHaveText("Live", { timeout: 45_000 });
    await expect(page.getByRole("alert").filter({ hasText: "A newer Drumbeat" })).toBeHidden();
  }
  expect(await program(bo)).not.toBe(before);
  for (const page of [bo, dan]) {
    for (const line of ["By the old tab, away", "By the old tab, there"]) {
      await expect(lines(page).filter({ hasText: line })).toHaveCount(1);
    }
  }
  await log(bo, "By the new tab");
  await expect(lines(dan).filter({ hasText: "By the new tab" })).toHaveCount(1);
});
