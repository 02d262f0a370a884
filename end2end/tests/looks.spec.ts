// Every screen on a laptop and on a phone, in light and in dark: axe finds nothing, nothing sticks out, and a picture
// of each is left in test-results/looks/ for people to look at.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { fill } from "../fixtures/form.ts";
import { card, declare, enterRoom, load, pickReader, showPart, write } from "../fixtures/room.ts";
import { OF_COLOURS, expectAccessible, expectNoOverflow } from "../fixtures/screen.ts";
import { expect, ready, test } from "../fixtures/test.ts";

const FOLDER = join(import.meta.dirname, "../test-results/looks");
const OUTAGE = "Checkout errors in all regions";

/** Looks at what is on the screen now: accessible in both schemes, no wider than the narrowest phone. */
async function look(page: Page, on: "laptop" | "phone", name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const size = page.viewportSize();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(FOLDER, `${name}-${on}-${colorScheme}.png`), animations: "disabled" });
    await expectAccessible(page, `${name}, ${on}, ${colorScheme}`, colorScheme === "dark" ? OF_COLOURS : []);
  }
  await expectNoOverflow(page, `${name}, ${on}`);
  if (on === "phone" && size) {
    await page.setViewportSize({ width: 360, height: size.height });
    await expectNoOverflow(page, `${name} at 360 px`);
    await page.setViewportSize(size);
  }
}

/** What opens the menu of who is signed in; it bears their name. */
function menu(page: Page): Locator {
  return page.getByRole("banner").locator("summary");
}

for (const on of ["laptop", "phone"] as const) {
  test(`screens, ${on}`, async ({ person, visitor, watch }) => {
    test.setTimeout(300_000);
    const guest = await visitor({ on });
    await guest.goto("/sign-in");
    await look(guest, on, "sign-in");
    await guest.goto("/status");
    await look(guest, on, "status");
    await guest.getByRole("heading", { level: 1 }).getByRole("link").click();
    await look(guest, on, "status-incident");
    // The shell opens for nobody who is signed out.
    await guest.route("**/sign-out/pending", (route) => route.abort());
    watch.expectLostNetwork(guest.context());
    await guest.goto("/signed-out");
    await expect(guest.getByText("The server is out of reach.")).toBeVisible();
    await look(guest, on, "signed-out");
    await guest.unroute("**/sign-out/pending");
    // Signed in, and the app has never run in this session.
    await guest.goto("/sign-in");
    const anas = (await guest.getByRole("button", { name: "Ana Ruiz" }).getAttribute("value")) ?? "";
    await guest.request.post("/sign-in", { form: { person: anas }, maxRedirects: 0 });
    await guest.goto("/app-shell");
    await expect(guest.getByRole("heading", { level: 1 })).toHaveText("No network, and nothing kept yet");
    await look(guest, on, "nothing-kept");
    watch.expectNotFound(guest.context());
    await guest.goto("/status/incidents/none");
    await look(guest, on, "status-nothing");

    const ana = await person("Ana Ruiz", { on });
    await look(ana, on, "board");
    await ana.keyboard.press("?");
    await expect(ana.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
    await look(ana, on, "keyboard");
    await ana.keyboard.press("Escape");
    await ana.getByRole("button", { name: "Dismiss" }).first().click();
    await expect(ana.getByRole("dialog", { name: "Dismiss the report" })).toBeVisible();
    await look(ana, on, "dismiss");
    await ana.keyboard.press("Escape");
    await menu(ana).click();
    await expect(ana.getByRole("button", { name: "Sign out", exact: true })).toBeVisible();
    await look(ana, on, "menu");
    await menu(ana).click();

    await ana.getByRole("region", { name: "Reports to triage" }).getByRole("link", { name: "Declare" }).first().click();
    await expect(ana.getByRole("heading", { name: "Declare an incident" })).toBeVisible();
    await look(ana, on, "declare-report");
    await load(ana, "/declare");
    await ana.getByLabel("Named customers only").check();
    await look(ana, on, "declare");
    watch.expectNotFound(ana.context());
    await ana.goto("/incidents/INC-2020-0001");
    await look(ana, on, "not-found");
  });

  test(`a room and its papers, ${on}`, async ({ person }) => {
    test.setTimeout(300_000);
    const ana = await person("Ana Ruiz", { on });
    await enterRoom(ana, OUTAGE);
    const room = new URL(ana.url()).pathname;
    if (on === "laptop") await look(ana, on, "room");
    for (const part of on === "phone" ? (["Now", "Timeline", "Roles", "People"] as const) : []) {
      await showPart(ana, part);
      await look(ana, on, `room-${part.toLowerCase()}`);
    }
    await load(ana, room);
    await ana.getByRole("button", { name: /^Move to / }).click();
    await expect(ana.getByRole("alert")).toBeInViewport({ ratio: 1 });
    await look(ana, on, "room-refused");

    await load(ana, `${room}/update`);
    await look(ana, on, "composer-progress");
    await ana.getByLabel("Named customers only").check();
    await pickReader(ana, "Saltmarsh Foods, Inc.", "Saltmarsh Foods, Inc.", false);
    await fill(ana, { "Another customer": "a" });
    await expect(ana.getByRole("button", { name: "Add “a” without an account" })).toBeVisible();
    await look(ana, on, "composer-readers");
    await ana.getByLabel("Public page").check();
    await fill(ana, { "What happens": "It will be fixed soon, as soon as possible." });
    await ana.getByLabel("Named customers only").check();
    await look(ana, on, "composer-marks");
    await ana.getByRole("button", { name: "Publish progress update" }).click();
    await expect(ana.getByRole("alert")).toBeInViewport({ ratio: 1 });
    await look(ana, on, "composer-refused");

    await load(ana, `${room}/brief`);
    await expect(ana.getByRole("article")).toBeVisible();
    await look(ana, on, "brief");
    await load(ana, `${room}/brief/edit`);
    await look(ana, on, "brief-edit");
  });

  test(`every form of a room, ${on}`, async ({ person }) => {
    test.setTimeout(300_000);
    const ana = await person("Ana Ruiz", { on });
    await enterRoom(ana, OUTAGE);
    const room = new URL(ana.url()).pathname;

    const form = async (title: string, name: string, open: () => Promise<void>) => {
      await open();
      await expect(ana.getByRole("dialog", { name: title })).toBeVisible();
      await look(ana, on, `form-${name}`);
      await ana.getByRole("dialog").getByRole("button", { name: "Close" }).click();
      await expect(ana.getByRole("dialog")).toBeHidden();
    };
    const part = async (name: Parameters<typeof showPart>[1]) => {
      if (on === "phone") await showPart(ana, name);
    };
    const press = (name: string | RegExp) => () => ana.getByRole("button", { name }).first().click();

    await part("Roles");
    await form("Offer CS/Sales Owner", "offer", () => card(ana, "CS/Sales Owner").getByRole("button", { name: /^Offer…/ }).click());
    await form("Hand over Comms Lead", "hand-over", () => card(ana, "Comms Lead").getByRole("button", { name: /^Hand over…/ }).click());
    await part("Timeline");
    await form("Amend the entry", "amend", press("Amend…"));
    await form("What came of it", "result", press("Result…"));
    await part("Now");
    await form("Decide on a mitigation", "mitigation", press("Decide… on a mitigation"));
    await form("Add evidence", "evidence", press("Add… evidence"));
    await form("When the impact ended", "impact-end", press("Add… The time the impact ended"));
    await form("It got worse", "back", press("It got worse…"));
    await part("People");
    await form("Customer on this incident", "customer", press("Add… a customer"));
    await form("Customer on this incident", "customer-change", press("Change… Northwind Retail"));
    await form("The deal with Northwind Retail", "deal", press("Change… the deal stage of Northwind Retail"));

    // On to Resolved, where the last forms are.
    await part("Now");
    const give = async (values: Record<string, string>, button: string) => {
      await fill(ana.getByRole("dialog"), values);
      await ana.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();
      await expect(ana.getByRole("dialog")).toBeHidden();
    };
    const proof = { "The link, excerpt or statement": "600 of 600 orders placed", "What it shows": "Orders work" };
    await press("Add… Proof that customers can work again")();
    await give(proof, "Add evidence");
    await press("Add… The time the impact ended")();
    await give({}, "State the time");
    await press("Move to Mitigated")();
    await press("Add… The check that was run, and over how long")();
    await give({ ...proof, "Watched for, minutes": "30" }, "Add evidence");
    await form("State the cause", "cause", press("Add… The cause, known or under investigation"));
    await press("Add… The cause, known or under investigation")();
    await give({ "The cause, or what is being looked at": "The connection pool was set too large" }, "State the cause");
    await press("Move to Resolved")();
    await expect(ana.getByRole("region", { name: "To Closed" })).toBeVisible();
    await look(ana, on, "room-resolved");
    const credit = async () => {
      await press(/^Add… A credit decision for Northwind/)();
      await expect(ana.getByRole("dialog").getByRole("status")).toContainText("Calculated from the record");
    };
    await form("Credit for Northwind Retail", "credit", credit);
    await credit();
    // What the SLA gives depends on the day of the month: the demo granted others before.
    await give({ "What they get": "an amount off the bill", "Amount, EUR, or days": "1200.00", "Why": "For the trouble" }, "Decide");
    await part("People");
    await form("A proposed credit", "judge", press("Credit… for Northwind Retail"));
    await ana.getByRole("region", { name: "Northwind Retail" }).scrollIntoViewIfNeeded();
    await look(ana, on, "customers");
    await part("Now");
    await form("Book the post-mortem", "post-mortem", press(/^Add… A post-mortem/));
    await form("Agree on an action", "action", press(/^Add… A remediation action/));
    await form("Plan the follow-up", "follow-up", press(/^Add… A plan/));
    await load(ana, `${room}/update`);
    await expect(ana.getByLabel("What caused it")).toBeVisible();
    await look(ana, on, "composer-resolution");
  });

  test(`the policy and its form, ${on}`, async ({ person, watch }) => {
    test.setTimeout(300_000);
    const ana = await person("Ana Ruiz", { on });
    watch.expectRefused(ana.context());
    await ana.goto("/policy");
    await expect(ana.getByRole("heading", { level: 1, name: "Policy, version 2" })).toBeVisible();
    await look(ana, on, "policy");
    await ana.getByRole("link", { name: "Change…" }).click();
    await expect(ana.getByRole("heading", { level: 1, name: "Change the policy" })).toBeVisible();
    await look(ana, on, "policy-edit");
    for (const width of on === "laptop" ? [768, 1151, 1152] : []) {
      await ana.setViewportSize({ width, height: 900 });
      await expectNoOverflow(ana, `policy-edit at ${width} px`);
    }

    // A new rule without its name, bounds in another currency, a zone that there is not; then all of it as it must be.
    const rule = ana.getByRole("group", { name: "Rule 12, new" });
    await rule.getByLabel("Executives watching").check();
    await rule.getByLabel("Severity").selectOption("SEV-1");
    await fill(ana, { Currency: "USD", "Time zone of business days": "Berlin", "What changes and why": "We moved" });
    const cfo = ana.getByRole("group", { name: "Row 3" });
    await cfo.locator("summary").click();
    await cfo.getByLabel("Mia Berg").check();
    await ana.getByRole("button", { name: "Put it in force" }).click();
    await expect(ana.getByRole("alert").getByRole("listitem")).toHaveCount(4);
    await look(ana, on, "policy-refused");
    await ana.getByRole("link", { name: /^Rule 12 has no name/ }).click();
    await expect(rule.getByLabel("Name")).toBeInViewport();
    await rule.getByLabel("Name").fill("Executives are watching");
    for (const [row, bound] of [["Row 1", "1100 USD"], ["Row 2", "11000 USD"]] as const) {
      await ana.getByRole("group", { name: row }).getByLabel("Up to").fill(bound);
    }
    await ana.getByLabel("Time zone of business days").fill("Europe/Berlin");
    await ana.getByRole("button", { name: "Put it in force" }).click();
    await expect(ana.getByRole("heading", { level: 1, name: "Policy, version 3" })).toBeVisible();
    await expect(ana.getByRole("row", { name: "SEV-1 Executives are watching executives watching" })).toBeVisible();
    await expect(ana.getByRole("row", { name: "above CFO Mia Berg" })).toBeVisible();
    await expect(ana.getByText("Business days are counted in Europe/Berlin")).toBeVisible();
    await look(ana, on, "policy-changed");
  });

  test(`people, ${on}`, async ({ person, visitor, watch }) => {
    test.setTimeout(180_000);
    const ana = await person("Ana Ruiz", { on });
    watch.expectRefused(ana.context());
    await ana.goto("/password");
    await look(ana, on, "password-demo");
    await ana.goto("/people/new");
    await fill(ana, { "Name": "Gus Park", "What they do": "Support engineer, nights", "E-mail": "mia.berg@acme.example" });
    await ana.getByRole("button", { name: "Add them" }).click();
    await expect(ana.getByLabel("E-mail")).toHaveAccessibleDescription(/belongs to somebody else/);
    await look(ana, on, "people-new");
    await fill(ana, { "E-mail": "gus.park@acme.example" });
    await ana.getByRole("button", { name: "Add them" }).click();
    const link = ana.getByLabel("The link");
    await expect(link).toHaveValue(/\/enter\/[\w-]{43}$/);
    await look(ana, on, "people-link");

    const gus = await visitor({ on });
    watch.expectRefused(gus.context());
    await gus.goto(await link.inputValue());
    await look(gus, on, "people-enter");
    await ana.getByRole("link", { name: "All people" }).click();
    await expect(ana.getByText("Has not chosen a password yet.")).toBeVisible();
    await look(ana, on, "people");
    await fill(gus, { "Password": "correct horse battery" });
    await gus.getByRole("button", { name: "Choose it and sign in" }).click();
    await ready(gus);
    await gus.goto("/password");
    await fill(gus, { "Current password": "wrong horse battery", "New password": "another horse battery" });
    await gus.getByRole("button", { name: "Change it" }).click();
    await expect(gus.getByRole("alert")).toHaveText("That is not your current password.");
    await look(gus, on, "password");

    await ana.getByRole("link", { name: "Noor Haddad" }).click();
    await look(ana, on, "person");
    await ana.getByRole("link", { name: "Remove…" }).click();
    await expect(ana.getByRole("region", { name: "Seats that are empty afterwards" }).getByRole("listitem")).not.toHaveCount(0);
    await look(ana, on, "person-remove");
    await ana.getByRole("button", { name: "Remove Noor Haddad" }).click();
    await expect(ana.getByRole("status")).toContainText("Noor Haddad is removed");
    await look(ana, on, "people-removed");
    await ana.getByRole("link", { name: "Ana Ruiz" }).click();
    await look(ana, on, "person-self");
    await ana.goto("/audit");
    await expect(ana.getByRole("heading", { level: 1 })).toBeVisible();
    await look(ana, on, "audit");
    await ana.goto("/clock");
    await look(ana, on, "clock");
  });

  test.describe(() => {
    test.use({ demo: false });
    test(`a first start, ${on}`, async ({ server, visitor, watch }) => {
      test.setTimeout(180_000);
      const setup = server.setupUrl ?? "";
      const admin = await visitor({ on });
      await admin.goto(setup);
      await look(admin, on, "setup");
      const keys = { "Your name": "Vera Admin", "E-mail": "vera@acme.example", "Password": "correct horse battery" };
      await fill(admin, keys);
      await admin.getByRole("button", { name: "Make the administrator" }).click();
      await ready(admin);
      await expect(admin.getByRole("region", { name: "Open incidents" })).toContainText("None is open.");
      await look(admin, on, "board-empty");
      await admin.goto("/status");
      await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Everything works.");
      await look(admin, on, "status-empty");

      await load(admin, "/");
      await declare(admin, "Sign-in fails", "Nobody can sign in.");
      await load(admin, `${new URL(admin.url()).pathname}/brief`);
      await look(admin, on, "brief-none");
      await load(admin, admin.url().replace(/brief$/, "update"));
      await look(admin, on, "composer-first");
      await write(admin, { happens: "Nobody can sign in.", affected: "Everybody.", doing: "We look for the cause." });
      await admin.getByRole("button", { name: "Publish first update" }).click();
      await expect(admin.getByRole("heading", { level: 1, name: "Sign-in fails" })).toBeVisible();

      // The link worked once. The account works from now on.
      watch.expectNotFound(admin.context());
      await admin.goto(setup);
      await expect(admin.getByRole("heading", { level: 1 })).toHaveText("There is nothing here");
      await load(admin, "/");
      await menu(admin).click();
      await admin.getByRole("button", { name: "Sign out", exact: true }).click();
      await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Sign in");
      await look(admin, on, "sign-in-password");
      await fill(admin, { "E-mail": keys["E-mail"], "Password": keys.Password });
      await admin.getByRole("button", { name: "Sign in" }).click();
      await ready(admin);
    });
  });
}

test("the brief prints on one sheet, A4 and Letter", async ({ person }) => {
  const ana = await person("Ana Ruiz");
  await enterRoom(ana, OUTAGE);
  await load(ana, `${new URL(ana.url()).pathname}/brief`);
  await expect(ana.getByRole("article")).toBeVisible();
  for (const format of ["A4", "Letter"]) {
    const pdf = await ana.pdf({ format, path: join(FOLDER, `brief-${format}.pdf`) });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? [];
    expect(pages, `sheets of ${format}`).toHaveLength(1);
  }
});
