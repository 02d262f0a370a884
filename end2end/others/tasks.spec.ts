// Whole tasks in the other browsers that people carry, over plain http from the machine itself. What Chromium's tests look at
// in detail is not looked at again.

import { button, choice, count, field, link, runs, shows, stands, state, until } from "../fixtures/tab.ts";
import { expect, test } from "../fixtures/others.ts";

const TITLE = "Checkout errors in all regions";
const SAID = "What happened";

test("signing in leads to a live board", async ({ person }) => {
  const cy = await person("Cy Tan");
  await stands(cy, "Live");
  expect(await cy.run(() => document.cookie.split("; ").map((c) => c.split("=")[0]), null)).toEqual(["drumbeat-open"]);
  expect(await count(cy, TITLE)).toBeGreaterThan(0);
  expect(await count(cy, "has not started")).toBe(0);
});

test("an incident is declared, and customers read the first update", async ({ person, server }) => {
  const cy = await person("Cy Tan");
  await cy.click(link("Declare", "header"));
  await runs(cy, "Declare an incident");
  await cy.type(field("Title"), "Payments time out");
  await cy.type(field("What the customer sees"), "Payments by card time out.");
  await cy.click(choice("Checkout"));
  await cy.click(button("Declare SEV-1"));
  await runs(cy, "Payments time out");
  await until(async () => expect(await cy.run(() => location.pathname, null)).toMatch(/^\/incidents\/INC-\d{4}-\d{4}$/));
  const room = await cy.run(() => location.href, null);
  await cy.goto(`${room}/update`);
  await until(async () => expect((await state(cy)).runs).toBe(true));
  await cy.type(field("What happens"), "Payments by card time out for some customers.");
  await cy.type(field("Who is affected"), "About 7 % of payments fail.");
  await cy.type(field("What we do"), "We send payments through our second provider.");
  await cy.click(button("Publish first update"));
  await runs(cy, "Payments time out");
  await until(async () => {
    const status = await (await fetch(`${server.url}/status`)).text();
    expect(status).toContain("Payments by card time out for some customers.");
  });
});

test("an entry written without a network survives a reload and is sent", async ({ person, server }) => {
  const [bo, dan] = await Promise.all([person("Bo Lind"), person("Dan Wu")]);
  for (const tab of [bo, dan]) {
    await tab.click(link(TITLE));
    await runs(tab, TITLE);
  }
  await stands(bo, "Live");
  await until(async () => expect(await bo.run(() => !!navigator.serviceWorker.controller, null)).toBe(true));
  await server.kill();
  await until(async () => expect((await state(bo)).link).toMatch(/^(Offline|Reconnecting)/), 45_000);
  await bo.type(field(SAID), "An entry from the tunnel");
  await bo.click(button("Log it"));
  await stands(bo, "Offline, 1 waiting");
  // What says that the app runs goes first: it must be that of the page that comes.
  await bo.run(() => {
    delete document.documentElement.dataset.hydrated;
    setTimeout(() => location.reload());
  }, null);
  await runs(bo, TITLE);
  await stands(bo, "Offline, 1 waiting");
  expect(await count(bo, "An entry from the tunnel")).toBe(1);
  await server.restart();
  for (const tab of [bo, dan]) {
    await stands(tab, "Live");
    await until(async () => expect(await count(tab, "An entry from the tunnel")).toBe(1));
  }
});

test("two tabs of one browser stay in step, and are left together", async ({ person }) => {
  const bo = await person("Bo Lind");
  await bo.click(link(TITLE));
  await runs(bo, TITLE);
  const beside = await bo.another();
  await beside.goto(await bo.run(() => location.href, null));
  await runs(beside, TITLE);
  await bo.type(field(SAID), "Said in the first tab");
  await bo.click(button("Log it"));
  await until(async () => expect(await count(beside, "Said in the first tab")).toBe(1));
  await beside.type(field(SAID), "And in the second");
  await beside.click(button("Log it"));
  await until(async () => expect(await count(bo, "And in the second")).toBe(1));

  await bo.click(button("Bo Lind", "header"));
  await bo.click(button("Sign out", "header"));
  for (const tab of [bo, beside]) await shows(tab, "Who are you?");
});

test("the way back after signing out ends at the door", async ({ person }) => {
  const bo = await person("Bo Lind");
  await until(async () => expect(await bo.run(() => !!navigator.serviceWorker.controller, null)).toBe(true));
  await bo.click(link(TITLE));
  await runs(bo, TITLE);
  await bo.click(button("Bo Lind", "header"));
  await bo.click(button("Sign out", "header"));
  await shows(bo, "Who are you?");
  for (let steps = 1; steps <= 2; steps++) {
    // Once this is answered: the page is gone after it.
    await bo.run(() => void setTimeout(() => history.back()), null);
    await until(async () => expect(await bo.run(() => document.readyState, null)).toBe("complete"));
    await shows(bo, "Who are you?");
    await until(async () => expect(await count(bo, TITLE)).toBe(0));
  }
  await bo.click(button("Dan Wu"));
  await until(async () => expect((await state(bo)).runs).toBe(true));
});

test("fields beside each other are of one height, and a choice is not cut on a phone", async ({ person }) => {
  const bo = await person("Bo Lind");
  const fields = () =>
    bo.run(() => {
      const size = (e: Element) => e.getBoundingClientRect();
      return [...document.querySelectorAll<HTMLElement>(".find :is(input, select)")].map((e) => {
        const whole = e.cloneNode(true) as HTMLElement;
        whole.style.cssText = "position: absolute; inline-size: max-content";
        e.after(whole);
        const needs = e.tagName === "SELECT" ? size(whole).width : 0;
        whole.remove();
        return { height: size(e).height, width: size(e).width, needs };
      });
    }, null);
  const wide = await fields();
  expect(wide.length).toBe(4);
  expect(new Set(wide.map(({ height }) => height)).size, JSON.stringify(wide)).toBe(1);
  await bo.narrow();
  await until(async () => expect(await bo.run(() => matchMedia("(width < 40rem)").matches, null)).toBe(true));
  // Windows of WebKit's small browser do not get as narrow.
  await bo.run(() => void (document.body.style.inlineSize = "390px"), null);
  for (const { width, needs } of await fields()) expect(width).toBeGreaterThanOrEqual(needs);
});
