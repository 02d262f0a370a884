// An administrator brings the customers in from a file: a bad line is named, the corrected file is checked and imported,
// an account is opened and changed. At each stop axe finds nothing and nothing sticks out, on a laptop and on a phone.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expectAccessible, expectNoOverflow } from "../fixtures/screen.ts";
import { expect, test } from "../fixtures/test.ts";

const FOLDER = join(import.meta.dirname, "../test-results/looks");
const HEADER = "Name;Tier;Strategic;Currency;Annual revenue;Monthly fee;Contacts;SLA;Region";

/** Looks at a page in both schemes, and on a phone also at the narrowest width. */
async function look(page: Page, on: "laptop" | "phone", name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(FOLDER, `${name}-${on}-${colorScheme}.png`), animations: "disabled", fullPage: true });
    await expectAccessible(page, `${name}, ${on}, ${colorScheme}`);
  }
  await expectNoOverflow(page, `${name}, ${on}`);
  const size = page.viewportSize();
  if (on === "phone" && size) {
    await page.setViewportSize({ width: 360, height: size.height });
    await expectNoOverflow(page, `${name} at 360 px`);
    await page.setViewportSize(size);
  }
}

/** Chooses a file of these lines and has it checked. */
async function check(page: Page, lines: string[]): Promise<void> {
  const buffer = Buffer.from(`\u{feff}${[HEADER, ...lines].join("\r\n")}\r\n`);
  await page.getByLabel("CSV file").setInputFiles({ name: "accounts.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Check the import" })).toBeVisible();
}

for (const on of ["laptop", "phone"] as const) {
  test(`accounts come from a file, ${on}`, async ({ person, watch }) => {
    const ana = await person("Ana Ruiz", { on });
    watch.expectRefused(ana.context());
    await ana.goto("/accounts");
    await look(ana, on, "accounts");
    await ana.getByRole("link", { name: "Import CSV" }).click();
    await look(ana, on, "accounts-import");

    const fresh = "Corvid Press;Growth;no;EUR;84000;7000;\"Jo Park; CFO; jo@corvid.example\r\nAl Roe; CTO\";99.9: 10 | 99: 25;EU";
    await check(ana, ["Orchard Bank;Strategic;yes;EUR;1780000;1,5;;;EU", fresh]);
    await expect(ana.getByText("1 new, 0 changed, 0 the same, 1 line to correct")).toBeVisible();
    await expect(ana.getByRole("row", { name: /^2 monthly_fee 1,5 Monthly fee must be an amount/ })).toBeVisible();
    await expect(ana.getByRole("button", { name: /^Import/ })).toHaveCount(0);
    await look(ana, on, "accounts-bad-lines");

    await ana.getByText("Check again", { exact: true }).click();
    await check(ana, ["Orchard Bank;Strategic;yes;EUR;1780000;150000;Helen Marsh;99.9: 10;EU", fresh]);
    await expect(ana.getByText("Columns that mean nothing here and are passed over: Region.")).toBeVisible();
    await expect(ana.getByRole("row", { name: "2 Orchard Bank Monthly fee 148333.00 150000.00" })).toBeVisible();
    await look(ana, on, "accounts-check");
    await ana.getByRole("button", { name: "Import 1 new account and 1 changed account" }).click();
    await expect(ana.getByRole("status")).toHaveText("Imported: 1 new, 1 changed, 0 the same.");

    await ana.getByLabel("Search accounts").fill("corvid");
    await ana.getByRole("button", { name: "Search" }).click();
    await expect(ana.getByRole("listitem")).toHaveCount(1);
    await ana.getByRole("link", { name: "Corvid Press" }).click();
    await expect(ana.getByRole("region", { name: "Contacts" }).getByRole("listitem")).toHaveText([/Jo Park.*CFO/, /Al Roe.*CTO/]);
    await ana.getByLabel("Month", { exact: false }).first().fill("2026-11");
    await ana.getByLabel("Impact of the incident, minutes").fill("433");
    await ana.getByRole("button", { name: "Calculate" }).click();
    await expect(ana.getByRole("listitem").last()).toHaveText(/Credit: 25 % of 7\s000\.00\sEUR = 1\s750\.00\sEUR/);
    await look(ana, on, "account");

    await ana.getByRole("link", { name: "Edit" }).click();
    await ana.getByLabel("Renews on").fill("31.01.2027");
    await ana.getByRole("button", { name: "Save" }).click();
    await expect(ana.getByLabel("Renews on")).toHaveAccessibleDescription(/must be a day written year-month-day/);
    await look(ana, on, "account-edit");
    await ana.getByLabel("Renews on").fill("2027-01-31");
    await ana.getByRole("button", { name: "Save" }).click();
    await expect(ana.getByText("31 January 2027")).toBeVisible();
  });
}

test("who is no administrator sees accounts and cannot change them, without script too", async ({ visitor }) => {
  const bo = await visitor({ script: false });
  await bo.goto("/sign-in?then=/accounts");
  await bo.getByRole("button", { name: "Bo Lind" }).click();
  await expect(bo.getByRole("heading", { level: 1, name: "Accounts" })).toBeVisible();
  await expect(bo.getByRole("link", { name: "Import CSV" })).toHaveCount(0);
  await bo.getByRole("link", { name: "Halden Foods" }).click();
  await expect(bo.getByRole("heading", { level: 1, name: "Halden Foods" })).toBeVisible();
  await expect(bo.getByRole("link", { name: "Edit" })).toHaveCount(0);
});
