// A new commander who has read nothing, on a phone: declares, names roles, and customers have a first word. Every tap and
// every key is counted: at a tap in two seconds and three keys a second it must take less than three minutes.

import type { Locator, Page } from "@playwright/test";
import { field } from "../fixtures/form.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, test } from "../fixtures/test.ts";

const TAP_S = 2;
const KEYS_PER_S = 3;
const MAX_S = 180;

class Thumb {
  taps = 0;
  keys = 0;

  async tap(what: Locator): Promise<void> {
    this.taps += 1;
    await what.click();
  }

  async type(into: Locator, text: string): Promise<void> {
    this.taps += 1;
    this.keys += text.length;
    await into.fill(text);
  }

  async choose(from: Locator, label: string): Promise<void> {
    this.taps += 2;
    await from.selectOption({ label });
  }

  get seconds(): number {
    return this.taps * TAP_S + this.keys / KEYS_PER_S;
  }
}

const step = (page: Page, says: RegExp): Locator => page.getByRole("region", { name: "Now", exact: true }).getByRole("listitem").filter({ hasText: says });

test("a new commander declares, names roles and tells customers, within three minutes of taps and keys", async ({ person, visitor }) => {
  test.setTimeout(120_000);
  const thumb = new Thumb();
  const [page, customer] = await Promise.all([person("Bo Lind", { on: "phone" }), visitor({ script: false })]);

  await thumb.tap(page.getByRole("banner").getByRole("link", { name: "Declare" }));
  await thumb.type(field(page, "Title"), "Sign-in fails");
  await thumb.tap(page.getByRole("group", { name: "Users hit" }).getByLabel("many", { exact: true }));
  await thumb.tap(page.getByRole("group", { name: "Strategic customer hit" }).getByLabel("yes", { exact: true }));
  await expect(page.getByText("The matrix proposes SEV-1: A strategic customer is stopped.")).toBeVisible();
  await thumb.type(field(page, "What the customer sees"), "Many customers cannot sign in.");
  await thumb.tap(page.getByLabel("Sign-in", { exact: true }));
  await thumb.tap(page.getByRole("button", { name: "Declare SEV-1" }));
  await page.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);

  // The list of what to do next is what she meets, and each line leads on.
  await thumb.tap(step(page, /^Name an Incident Commander/).getByRole("button"));
  await thumb.choose(field(page.getByRole("dialog"), "To"), "Bo Lind, Support engineer, on call");
  await thumb.tap(page.getByRole("dialog").getByRole("button", { name: "Offer", exact: true }));
  await thumb.tap(step(page, /^Bo Lind: accept or decline Incident Commander/).getByRole("button", { name: /^Accept/ }));
  for (const [role, who] of [
    ["Comms Lead", "Cy Tan, Communications lead"],
    ["Engineering Owner", "Dan Wu, Staff engineer, platform"],
  ] as const) {
    await thumb.tap(step(page, new RegExp(`^Name an? ${role}`)).getByRole("button"));
    await thumb.choose(field(page.getByRole("dialog"), "To"), who);
    await thumb.tap(page.getByRole("dialog").getByRole("button", { name: "Offer", exact: true }));
  }
  await expectAccessible(page, "the room on a phone, with roles on offer");
  await thumb.tap(step(page, /^Tell customers what is known/).getByRole("link", { name: /^Write update/ }));
  // Honest words from triage stand there already; all parts are filled in.
  await expect(field(page, "Who is affected")).toHaveValue("Many users are affected. We are counting how many.");
  await thumb.tap(page.getByRole("button", { name: "Publish first update" }));
  await expect(page.getByRole("heading", { level: 1, name: "Sign-in fails" })).toBeVisible();

  await customer.goto("/status");
  await expect(customer.getByRole("main")).toContainText("Many customers cannot sign in.");
  expect(thumb.seconds, `${thumb.taps} taps and ${thumb.keys} keys`).toBeLessThan(MAX_S);
  console.log(`first update: ${thumb.taps} taps and ${thumb.keys} keys, ${Math.round(thumb.seconds)} s`);
});
