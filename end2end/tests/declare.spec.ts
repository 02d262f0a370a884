// Declaring: nothing that was typed is lost, and a report is decided on once.

import type { Page } from "@playwright/test";
import { answer, field, fill } from "../fixtures/form.ts";
import { enterRoom, load, pickReader, timeline } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";
import { expect, minutes, ready, test } from "../fixtures/test.ts";

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

/** From the board to the declaration of the first report. Its address, and what it says. */
async function openReport(page: Page): Promise<{ path: string; what: string }> {
  const report = page.getByRole("region", { name: "Reports to triage" }).getByRole("listitem").first();
  const what = (await report.getByRole("paragraph").first().innerText()).trim();
  await report.getByRole("link", { name: "Declare" }).click();
  await expect(heading(page, "Declare an incident")).toBeVisible();
  return { path: new URL(page.url()).pathname, what };
}

test("a declaration half written outlives the way back and a reload", async ({ person }) => {
  const bo = await person("Bo Lind");
  await bo.keyboard.press("d");
  await fill(bo, { "Title": "Sign-in fails", "What the customer sees": "Nobody can sign in." });
  await bo.getByRole("group", { name: "Users hit" }).getByLabel("many", { exact: true }).check();
  await bo.getByRole("radio", { name: "SEV-3" }).check();
  await fill(bo, { "Why another severity": "It is one region" });
  await bo.getByLabel("15 min", { exact: true }).check();
  await bo.getByLabel("Sign-in", { exact: true }).check();
  await bo.getByLabel("Named customers only").check();
  await pickReader(bo, "orchard", "Orchard Bank");

  const isThere = async () => {
    await expect(bo.getByText("What you wrote before is here again.")).toBeVisible();
    await expect(field(bo, "Title")).toHaveValue("Sign-in fails");
    await expect(field(bo, "What the customer sees")).toHaveValue("Nobody can sign in.");
    await expect(bo.getByRole("group", { name: "Users hit" }).getByLabel("many", { exact: true })).toBeChecked();
    await expect(bo.getByRole("radio", { name: "SEV-3" })).toBeChecked();
    await expect(field(bo, "Why another severity")).toHaveValue("It is one region");
    // Fifteen minutes ago is another time by now.
    await expect(bo.getByLabel("15 min", { exact: true })).not.toBeChecked();
    await expect(bo.getByLabel("or at")).toHaveValue(/^\d\d:\d\d$/);
    await expect(bo.getByLabel("Sign-in", { exact: true })).toBeChecked();
    await expect(bo.getByRole("checkbox", { name: "Orchard Bank" })).toBeChecked();
  };
  await bo.goBack();
  await expect(heading(bo, "Board")).toBeAttached();
  await bo.goForward();
  await isThere();
  await bo.reload();
  await ready(bo);
  await isThere();
  await expectAccessible(bo, "a declaration that is here again");

  // Sent, it is kept no more.
  await bo.getByRole("button", { name: "Declare SEV-3" }).click();
  await expect(heading(bo, "Sign-in fails")).toBeVisible();
  await bo.keyboard.press("d");
  await expect(field(bo, "Title")).toHaveValue("");
  await fill(bo, { "Title": "Put aside" });
  await bo.reload();
  await ready(bo);
  await expect(field(bo, "Title")).toHaveValue("Put aside");
  await bo.getByRole("button", { name: "Start over" }).click();
  await expect(field(bo, "Title")).toHaveValue("");
  await expect(field(bo, "Title")).toBeFocused();
});

test("a line of the timeline half written outlives the way back, a reload and the night", async ({ server, person }) => {
  const bo = await person("Bo Lind");
  await enterRoom(bo, "Checkout errors in all regions");
  const room = new URL(bo.url()).pathname;
  await fill(timeline(bo), { "Kind": "Observation", "What happened": "Errors fell", "What came of it": "Half of them", "Did it work": "Unclear" });
  const noted = new Date(server.now());
  const iso = noted.toISOString().slice(0, 16);
  await fill(timeline(bo), { "When": iso.slice(11) });
  await bo.goBack();
  await expect(heading(bo, "Board")).toBeAttached();
  await load(bo, room);
  for (const [label, value] of [["Kind", "observation"], ["What happened", "Errors fell"], ["What came of it", "Half of them"], ["Did it work", "Unclear"]] as const) {
    await expect(field(timeline(bo), label)).toHaveValue(value);
  }
  // A time of day is that of the day on which it was noted.
  await server.advance(minutes(24 * 60));
  await load(bo, room);
  const day = noted.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  await expect(timeline(bo).getByText(`UTC, ${day}, if earlier`)).toBeVisible();
  await timeline(bo).getByRole("button", { name: "Log it" }).click();
  const entry = timeline(bo).getByRole("listitem").filter({ hasText: "Half of them" });
  await expect(entry.locator("time").first()).toHaveAttribute("datetime", new RegExp(`^${iso}`));
  await load(bo, room);
  await expect(field(timeline(bo), "What happened")).toHaveValue("");
});

test("a report half written outlives a reload, and is sent once", async ({ person }) => {
  const bo = await person("Bo Lind");
  await fill(bo, { "Report something": "Exports are slow", "Who says so": "Kite" });
  await bo.reload();
  await ready(bo);
  await expect(field(bo, "Report something")).toHaveValue("Exports are slow");
  await expect(field(bo, "Who says so")).toHaveValue("Kite");
  await bo.getByRole("button", { name: "Report", exact: true }).click();
  const reports = bo.getByRole("region", { name: "Reports to triage" }).getByRole("listitem");
  await expect(reports.filter({ hasText: "Exports are slow" })).toContainText("Kite");
  await expect(field(bo, "Report something")).toHaveValue("");
  await bo.reload();
  await ready(bo);
  await expect(field(bo, "Report something")).toHaveValue("");
});

test("a report that was dismissed says so to everybody, and keeps what others had written", async ({ person }) => {
  const [bo, ana] = await Promise.all([person("Bo Lind"), person("Ana Ruiz")]);
  const { path } = await openReport(bo);
  await load(ana, path);
  await fill(ana, { "What the customer sees": "Pages load slowly." });

  await bo.getByRole("button", { name: "Dismiss the report…" }).click();
  await answer(bo, "Dismiss the report", { "Why it is no incident": "A test of the pager" }, "Dismiss");
  for (const page of [bo, ana]) {
    await expect(heading(page, "This report is dismissed")).toBeVisible();
    await expect(page.getByRole("main")).toContainText(/Bo Lind dismissed it at \d\d:\d\d UTC: A test of the pager/);
    await expect(page.getByRole("button", { name: /^(Declare SEV|Join|Dismiss)/ })).toHaveCount(0);
    await expect(page.getByRole("main")).toBeFocused();
  }
  await expectAccessible(bo, "a report that was dismissed");
  await expect(bo.getByRole("button", { name: /^Declare another/ })).toBeHidden();
  await ana.getByRole("button", { name: /^Declare another/ }).click();
  await expect(field(ana, "What the customer sees")).toHaveValue("Pages load slowly.");
  await ana.getByRole("button", { name: "Declare SEV-1" }).click();
  await ana.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);

  // The device holds it no more.
  await bo.reload();
  await ready(bo);
  await expect(heading(bo, "No such report waits")).toBeVisible();
  await expect(bo.getByRole("button", { name: /^Declare SEV/ })).toHaveCount(0);
});

test("the way back to a report that was declared or joined leads on to its incident", async ({ person }) => {
  const bo = await person("Bo Lind");
  await openReport(bo);
  await bo.getByRole("button", { name: /^Join/ }).first().click();
  await bo.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);
  const joined = new URL(bo.url()).pathname;
  await bo.goBack();
  await expect(heading(bo, "This report is part of an incident")).toBeVisible();
  await bo.getByRole("link", { name: /^Open INC-/ }).click();
  await expect(bo).toHaveURL(joined);

  await bo.keyboard.press("b");
  const { what } = await openReport(bo);
  await fill(bo, { "What the customer sees": "Pages load slowly." });
  await bo.getByRole("button", { name: "Declare SEV-1" }).click();
  await bo.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);
  await bo.goBack();
  await expect(heading(bo, "This report is an incident")).toBeVisible();
  await expect(bo.getByText("to declare or dismiss")).toBeHidden();
  await bo.getByRole("link", { name: /^Open INC-/ }).click();
  await expect(heading(bo, what)).toBeVisible();
});

test("on a phone the field that is missing is in sight above the button", async ({ person }) => {
  const bo = await person("Bo Lind", { on: "phone" });
  await bo.getByRole("banner").getByRole("link", { name: "Declare" }).click();
  await fill(bo, { "Title": "Sign-in fails" });
  await bo.getByRole("button", { name: "Declare SEV-1" }).click();
  const sees = field(bo, "What the customer sees");
  await expect(sees).toBeFocused();
  await expect(async () => {
    const [missing, foot] = await Promise.all([sees.boundingBox(), bo.locator(".declare-foot").boundingBox()]);
    expect((missing?.y ?? NaN) + (missing?.height ?? NaN)).toBeLessThanOrEqual(foot?.y ?? NaN);
  }).toPass();
});
