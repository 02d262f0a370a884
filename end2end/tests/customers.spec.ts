// Customers: plain pages without script, honest about a broken promise; and nothing anybody types becomes more than text.

import { expectCountdown, hm } from "../fixtures/clock.ts";
import { answer, fill } from "../fixtures/form.ts";
import { declare, enterRoom, lines, load, log, write } from "../fixtures/room.ts";
import { expectAccessible, expectNoOverflow } from "../fixtures/screen.ts";
import { expect, minutes, test } from "../fixtures/test.ts";

const TITLE = "Payments time out";
const WORDS = {
  happens: "Payments by card time out for some customers.",
  affected: "About 7 % of payments fail. Nobody is charged twice.",
  doing: "We send payments through our second provider.",
};

test("a customer without JavaScript reads it all, and is told when we are late", async ({ server, person, visitor }) => {
  await server.advanceToMorning();
  const [cy, customer] = await Promise.all([person("Cy Tan"), visitor({ script: false, on: "phone" })]);
  await declare(cy, TITLE, "Payments by card time out.");
  const toldAt = server.now();
  await load(cy, `${new URL(cy.url()).pathname}/update`);
  await write(cy, WORDS);
  const promised = Math.floor(toldAt / 60_000) * 60_000 + minutes(60);
  await cy.getByLabel("or", { exact: true }).fill(hm(promised));
  await cy.getByRole("button", { name: "Publish first update" }).click();
  await expect(cy.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
  await expectCountdown(
    cy.getByRole("list", { name: "Other clocks" }).getByRole("listitem").filter({ hasText: "Next customer update" }).getByRole("time"),
    server,
    promised,
  );

  await customer.goto("/status");
  await customer.getByRole("link", { name: WORDS.happens }).click();
  await expect(customer).toHaveTitle("Payments by card time out for some customers: Acme status");
  const page = new URL(customer.url()).pathname;
  for (const path of ["/status", page, "/status/incidents/none"]) {
    const html = await (await customer.request.get(path)).text();
    expect(html, `script in ${path}`).not.toMatch(/<script|javascript:|\son\w+=/i);
    expect(html, `another request in ${path}`).not.toMatch(/<link(?![^>]*rel="icon")|<img|<iframe|@import|url\(/i);
    expect(html, `the internal title in ${path}`).not.toContain(TITLE);
    expect(html, `an internal name in ${path}`).not.toContain("Cy Tan");
  }
  for (const path of ["/status", page]) {
    await customer.goto(path);
    const main = customer.getByRole("main");
    for (const words of Object.values(WORDS)) await expect(main).toContainText(words);
    await expect(main).toContainText(`Next update by ${hm(promised)} UTC even if nothing has changed`);
    for (const width of [360, 390]) {
      await customer.setViewportSize({ width, height: 800 });
      await expectNoOverflow(customer, `${path} at ${width} px`);
    }
  }
  await expect(customer.getByRole("main")).toMatchAriaSnapshot(`
    - main:
      - paragraph:
        - text: Checkout, first told
        - time: /09:0\\d UTC/
        - text: ". Status: Active"
      - heading "${WORDS.happens}" [level=1]
      - paragraph:
        - text: Next update by
        - time: ${hm(promised)} UTC
        - text: even if nothing has changed
      - img "One update given; the next is due at ${hm(promised)} UTC"
      - region "Updates":
        - heading "Updates" [level=2]
        - list:
          - listitem:
            - heading /^09:0\\d UTC first update$/ [level=3]
            - term: What happens
            - definition:
              - paragraph: ${WORDS.happens}
            - term: Who is affected
            - definition:
              - paragraph: ${WORDS.affected}
            - term: What we do
            - definition:
              - paragraph: ${WORDS.doing}
            - term: Next update
            - definition:
              - text: by
              - time: ${hm(promised)} UTC
  `);

  // The promised minute itself is not late; the one after it is.
  await server.advanceTo(promised - 1_000);
  await customer.reload();
  await expect(customer.getByRole("main")).toContainText(`Next update by ${hm(promised)} UTC`);
  await server.advanceTo(promised + minutes(1));
  for (const path of [page, "/status"]) {
    await customer.goto(path);
    await expect(customer.getByRole("main")).toContainText(`We promised an update by ${hm(promised)} UTC and it is late. We are sorry.`);
  }
  await server.advanceTo(promised + minutes(61));
  await customer.reload();
  await expect(customer.getByRole("main")).toContainText("2 promised times have passed without a word.");

  // The same page in a browser that axe can run in.
  const reader = await visitor({ on: "phone" });
  for (const path of ["/status", page]) {
    await reader.goto(path);
    await expectAccessible(reader, path);
  }
});

test("markup stays text on every screen", async ({ person, visitor }) => {
  test.setTimeout(180_000);
  const bad = (where: string) => `<img src=x onerror=alert("${where}")>"&'</textarea></title></script><script>alert(1)</script>{{${where}}}`;
  const cy = await person("Cy Tan");

  await fill(cy, { "Report something": bad("report"), "Who says so": bad("source") });
  await cy.getByRole("button", { name: "Report", exact: true }).click();
  await expect(cy.getByRole("region", { name: "Reports to triage" })).toContainText(bad("report"));
  await cy.getByRole("region", { name: "Reports to triage" }).getByRole("listitem").filter({ hasText: bad("report") }).getByRole("link", { name: "Declare" }).click();
  await expect(cy.getByLabel("Title")).toHaveValue(bad("report"));

  await fill(cy, { "Title": bad("title"), "What the customer sees": bad("sees") });
  await cy.getByRole("button", { name: "Declare SEV-1" }).click();
  await cy.waitForURL(/\/incidents\/INC-\d{4}-\d{4}$/);
  const room = new URL(cy.url()).pathname;
  await log(cy, bad("entry"));
  await expect(lines(cy).first()).toContainText(bad("entry"));
  await cy.getByRole("button", { name: "Amend…" }).first().click();
  await expect(cy.getByRole("dialog").getByLabel("As it should read")).toHaveValue(bad("entry"));
  await answer(cy, "Amend the entry", { "As it should read": bad("amended"), "Why": bad("why") }, "Amend");
  await cy.getByRole("button", { name: "Decide… on a mitigation" }).click();
  const decision = {
    "What exactly": bad("what"),
    "Risk of doing it": bad("risk"),
    "Risk of not doing it": bad("otherwise"),
    "How to undo it": bad("undo"),
  };
  await answer(cy, "Decide on a mitigation", decision, "Decide");
  await cy.getByRole("button", { name: "Add… evidence" }).click();
  await answer(cy, "Add evidence", { "The link, excerpt or statement": bad("proof"), "What it shows": bad("shows") }, "Add evidence");
  await cy.getByRole("button", { name: "Add… a customer" }).click();
  const customer = { "Name": bad("customer"), "Tier": bad("tier"), "Revenue a year, EUR": "1000", "What they see": bad("they see") };
  await answer(cy, "Customer on this incident", customer, "Keep");

  await load(cy, `${room}/update`);
  await expect(cy.getByLabel("What happens")).toHaveValue(bad("sees"));
  await write(cy, { happens: bad("happens"), affected: bad("affected"), doing: bad("doing") });
  await expect(cy.getByRole("region", { name: "What the customer will see" })).toContainText(bad("doing"));
  await cy.getByRole("button", { name: "Publish first update" }).click();
  await expect(cy.getByRole("region", { name: "Timeline", exact: true })).toContainText(bad("happens"));

  await load(cy, `${room}/brief/edit`);
  await expect(cy.getByLabel("What happened")).toHaveValue(`${bad("title")}. ${bad("happens")}`);
  await expect(cy.getByLabel("Customer impact")).toHaveValue(bad("affected"));
  await fill(cy, { "Risks": bad("risks"), "From whom": bad("of") });
  await cy.getByLabel("What", { exact: true }).first().fill(bad("ask"));
  await cy.getByRole("button", { name: "Publish brief 1" }).click();
  await expect(cy.getByRole("article")).toContainText(bad("ask"));

  // Each as the server draws it, and as the browser takes it over.
  const title = /^(\w[\w ]+: )?INC-\d{4}-\d{4} /;
  for (const [path, words, name] of [
    ["/", ["title"], /^Board/],
    [room, ["title", "amended", "entry", "why", "what", "proof", "shows", "customer", "tier", "they see", "source"], title],
    [`${room}/update`, ["happens", "affected", "doing"], title],
    [`${room}/brief`, ["title", "happens", "affected", "risks", "ask", "of", "customer", "tier"], title],
    [`${room}/brief/edit`, [], title],
  ] as const) {
    await load(cy, path);
    await expect(cy).toHaveTitle(name);
    if (name === title) expect(await cy.title()).toContain(bad("title"));
    for (const word of words) await expect(cy.getByRole("main")).toContainText(bad(word));
    await expectOnlyText(cy);
  }
  await enterRoom(await person("Ana Ruiz"), bad("title"));

  const reader = await visitor();
  await reader.goto("/status");
  await expect(reader.getByRole("main")).toContainText(bad("doing"));
  await expectOnlyText(reader);
  await reader.getByRole("heading").filter({ hasText: "<img" }).getByRole("link").click();
  expect(await reader.title()).toMatch(/^<img src=x.*: Acme status$/);
  await expect(reader.getByRole("main")).toContainText(bad("affected"));
  await expectOnlyText(reader);

  async function expectOnlyText(page: typeof cy): Promise<void> {
    await expect(page.locator("img[src=x], [onerror]")).toHaveCount(0);
    const scripts = await page.locator("script:not([src]):not([type='application/json'])").count();
    expect(scripts, "scripts inside the page").toBe(0);
  }
});
