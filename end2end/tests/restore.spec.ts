// A server that goes on from an older copy of its log: browsers show what is there, and send what is not (S3, S5).

import { enterRoom, lines, link, log } from "../fixtures/room.ts";
import { expect, test } from "../fixtures/test.ts";

const TITLE = "Checkout errors in all regions";

test("a tab that is ahead of a restored server shows what the server has, and sends again what was not answered", async ({ server, person, watch }) => {
  const [bo, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
  for (const page of [bo, dan]) await enterRoom(page, TITLE);
  await log(bo, "Before the copy");
  await expect(lines(dan).filter({ hasText: "Before the copy" })).toHaveCount(1);
  const backup = server.backUp();
  await log(bo, "After the copy");
  await expect(lines(dan).filter({ hasText: "After the copy" })).toHaveCount(1);
  await expect(link(bo)).toHaveText("Live");

  for (const page of [bo, dan]) watch.expectLostNetwork(page.context());
  await bo.context().setOffline(true);
  await expect(link(bo)).toHaveText("Offline");
  await log(bo, "While it was away");
  await expect(link(bo)).toHaveText("Offline, 1 waiting");
  await server.restore(backup);
  await expect(link(dan)).toHaveText("Live", { timeout: 45_000 });
  await expect(lines(dan).filter({ hasText: "After the copy" })).toHaveCount(0);
  // The new log grows longer than the lost one was: how far it goes says nothing.
  for (const entry of ["one", "two", "three", "four"]) await log(dan, `Since then ${entry}`);
  await expect(link(dan)).toHaveText("Live");

  await bo.context().setOffline(false);
  await expect(link(bo)).toHaveText("Live", { timeout: 45_000 });
  for (const page of [bo, dan]) {
    await expect(lines(page).filter({ hasText: "Since then" })).toHaveCount(4);
    await expect(lines(page).filter({ hasText: "Before the copy" })).toHaveCount(1);
    await expect(lines(page).filter({ hasText: "While it was away" })).toHaveCount(1);
    await expect(lines(page).filter({ hasText: "After the copy" })).toHaveCount(0);
  }
});
