// A tab that is older than its server (S8). The server's answers are those of a build that this one cannot read.

import { enterRoom, lines, link, log } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, ready, test } from "../fixtures/test.ts";

const TITLE = "Checkout errors in all regions";
const BUILD = "x-drumbeat-build";

for (const readable of [true, false]) {
  const answers = readable ? "can still be read" : "cannot be read";
  test(`a tab whose server is newer, and whose answers ${answers}, says so, keeps what is unsent and reloads`, async ({ person }) => {
    const [bo, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
    for (const page of [bo, dan]) await enterRoom(page, TITLE);
    await expect(link(bo)).toHaveText("Live");
    await bo.route("**/sync/**", async (route) => {
      const answer = await route.fetch();
      const build = String(Number(answer.headers()[BUILD]) + 1);
      const body = readable ? await answer.text() : JSON.stringify({ of: "another shape" });
      await route.fulfill({ status: answer.status(), headers: { [BUILD]: build }, contentType: "application/json", body });
    });

    await log(bo, "By the old tab");
    const says = bo.getByRole("alert").filter({ hasText: "A newer Drumbeat is here: reload. What is unsent is kept." });
    await expect(says).toBeVisible();
    await expect(link(bo)).toHaveText(readable ? "Live" : "Reconnecting, 1 waiting");
    await expectAccessible(bo, "a tab older than its server");
    // The server has it, if it could read it, and acts once.
    await expect(lines(dan).filter({ hasText: "By the old tab" })).toHaveCount(1);

    await bo.unroute("**/sync/**");
    await says.getByRole("button", { name: "Reload" }).click();
    await expect(says).toBeHidden();
    await ready(bo);
    await expect(link(bo)).toHaveText("Live");
    for (const page of [bo, dan]) await expect(lines(page).filter({ hasText: "By the old tab" })).toHaveCount(1);
  });
}
