// Who reads what is published: a customer with a comma in its name, one that was renamed, and one that two people change.

import { answer, field, fill } from "../fixtures/form.ts";
import { account, declare, enterRoom, load, pickReader, write } from "../fixtures/room.ts";
import { expect, test } from "../fixtures/test.ts";
import type { Page } from "@playwright/test";

const WORDS = { happens: "Your sign-ins fail.", affected: "All of your users.", doing: "We switch to the other provider." };

/** Makes an account of this name and tells its page among the links. */
async function made(page: Page, name: string): Promise<string> {
  await page.goto("/accounts/new");
  await fill(page, { "Name": name, "Tier": "Growth", "Currency": "EUR", "Annual revenue": "12000", "Monthly fee": "1000" });
  await page.getByRole("button", { name: /^(Add|Save)/ }).click();
  await page.waitForURL(/\/accounts\/[0-9a-f-]{36}$/);
  return `account/${new URL(page.url()).pathname.split("/").pop()}`;
}

/** Makes a link to this page and tells its path. */
async function linked(page: Page, target: string): Promise<string> {
  await page.goto(`/links?kind=status&target=${encodeURIComponent(target)}`);
  await page.getByRole("button", { name: /^Make/ }).click();
  return new URL(await field(page, "The link").inputValue()).pathname;
}

/** Publishes to those customers of the incident that stand in the room, and to nobody else. */
async function publishTo(page: Page, part: string, name: string): Promise<void> {
  await load(page, `${new URL(page.url()).pathname}/update`);
  await write(page, WORDS);
  await page.getByLabel("Named customers only").check();
  await pickReader(page, part, name);
  await expect(page.getByText(`Goes to ${name} and is never edited afterwards.`)).toBeVisible();
  await page.getByRole("button", { name: "Publish first update" }).click();
  await expect(page.getByRole("region", { name: "Timeline", exact: true })).toContainText(WORDS.happens);
}

test("a customer with a comma in its name reads what is for them, and nobody else does", async ({ person, visitor }) => {
  const ana = await person("Ana Ruiz");
  const other = await linked(ana, await made(ana, "Marsh Books"));
  const theirs = await linked(ana, await made(ana, "Marsh Books, Inc."));
  await load(ana, "/");
  await declare(ana, "Sign-in fails", "Nobody can sign in.");
  await publishTo(ana, "marsh", "Marsh Books, Inc.");

  const customer = await visitor();
  await customer.goto(theirs);
  await expect(customer.getByRole("main")).toContainText(WORDS.happens);
  await customer.goto(other);
  await expect(customer.getByRole("main")).not.toContainText(WORDS.happens);
});

test("whoever an update leaves out is named, with what they were promised", async ({ person, visitor }) => {
  const ana = await person("Ana Ruiz");
  const theirs = await linked(ana, await made(ana, "Harbour Bakery"));
  await made(ana, "Quay Cafe");
  await load(ana, "/");
  await declare(ana, "Orders fail", "Nobody can order.");
  const room = new URL(ana.url()).pathname;
  const composer = async () => {
    await load(ana, `${room}/update`);
    await write(ana, WORDS);
  };
  await composer();
  await ana.getByLabel("Named customers only").check();
  await pickReader(ana, "harbour", "Harbour Bakery");
  await pickReader(ana, "quay", "Quay Cafe");
  await ana.getByRole("button", { name: "Publish first update" }).click();
  await expect(ana.getByRole("region", { name: "Timeline", exact: true })).toContainText(WORDS.happens);

  await composer();
  const leftOut = ana.getByText(/^Harbour Bakery was promised an update by \d\d:\d\d UTC and would not read this one\./);
  await expect(ana.getByRole("checkbox", { name: "Harbour Bakery" })).toBeChecked();
  await expect(leftOut).toBeHidden();
  await ana.getByRole("checkbox", { name: "Harbour Bakery" }).click();
  await expect(leftOut).toBeVisible();
  await ana.getByRole("button", { name: /^Publish/ }).click();
  await ana.waitForURL(`**${room}`);
  const owed = ana.getByText("Next customer update: Harbour Bakery");
  await expect(owed.first()).toBeVisible();

  await composer();
  await expect(leftOut).toBeVisible();
  const promised = /by (\d\d:\d\d) UTC/.exec((await leftOut.textContent()) ?? "")?.[1] ?? "";
  const customer = await visitor();
  await customer.goto(theirs);
  await expect(customer.getByRole("main")).toContainText(`Next update by ${promised} UTC`);
});

test("a link stays that of its account when the name is changed and given to another", async ({ person, visitor }) => {
  const ana = await person("Ana Ruiz");
  const target = await made(ana, "Brookside Travel");
  const old = await linked(ana, target);
  await ana.goto(`/accounts/${target.split("/")[1]}/edit`);
  await fill(ana, { "Name": "Brookside Journeys" });
  await ana.getByRole("button", { name: /^(Keep|Save)/ }).click();
  await ana.waitForURL(/\/accounts\/[0-9a-f-]{36}$/);
  const taker = await linked(ana, await made(ana, "Brookside Travel"));
  await load(ana, "/");
  await declare(ana, "Sign-in fails", "Nobody can sign in.");
  await publishTo(ana, "brookside", "Brookside Journeys");

  const customer = await visitor();
  await customer.goto(old);
  await expect(customer.getByRole("main")).toContainText(WORDS.happens);
  await expect(customer.getByText("Brookside Journeys")).toBeVisible();
  await customer.goto(taker);
  await expect(customer.getByRole("main")).not.toContainText(WORDS.happens);
});

test("two people change one customer: what each changed stays, and where they meet both are told", async ({ person }) => {
  const [ana, bo] = await Promise.all([person("Ana Ruiz"), person("Bo Lind")]);
  await declare(ana, "Reports are late", "Reports come late.");
  await ana.getByRole("button", { name: "Add… a customer" }).click();
  const known = { "Name": "Corner Shop", "Tier": "Growth", "Revenue a year, EUR": "1200", "What they see": "Nothing yet" };
  await answer(ana, "Customer on this incident", known, "Keep");
  await enterRoom(bo, "Reports are late");
  const change = async (page: Page) => page.getByRole("button", { name: "Change… Corner Shop" }).click();
  await change(ana);
  await change(bo);
  await answer(ana, "Customer on this incident", { "Tier": "Strategic" }, "Keep");
  await expect(account(bo, "Corner Shop")).toContainText("Strategic");
  await answer(bo, "Customer on this incident", { "What they see": "Reports come an hour late" }, "Keep");
  for (const page of [ana, bo]) {
    await expect(account(page, "Corner Shop")).toContainText("Strategic");
    await expect(account(page, "Corner Shop")).toContainText("Reports come an hour late");
  }

  await change(ana);
  await change(bo);
  await answer(ana, "Customer on this incident", { "Tier": "Enterprise" }, "Keep");
  await expect(account(bo, "Corner Shop")).toContainText("Enterprise");
  const dialog = bo.getByRole("dialog", { name: "Customer on this incident" });
  await fill(dialog, { "Tier": "Growth" });
  await dialog.getByRole("button", { name: "Keep", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("tier Enterprise");
  await expect(dialog.getByRole("alert")).toContainText("where yours says tier Growth");
  await expect(field(dialog, "Tier")).toHaveValue("Growth");
});
