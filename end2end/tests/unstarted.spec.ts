// A page whose program did not start says so, and what to do.

import { load } from "../fixtures/room.ts";
import { expectAccessible, expectNoOverflow } from "../fixtures/screen.ts";
import { expect, ready, test } from "../fixtures/test.ts";
import { underTheWorker } from "../fixtures/device.ts";
import type { Locator, Page } from "@playwright/test";

const WASM = /\/drumbeat_bg\.wasm(\?again)?$/;

const line = (page: Page): Locator => page.getByText("Drumbeat has not started in this browser");

/** Stops the page's animations so long after its start. */
async function after(page: Page, ms: number): Promise<void> {
  await page.evaluate((at) => {
    for (const animation of document.getAnimations()) {
      animation.pause();
      animation.currentTime = at;
    }
  }, ms);
}

/** Somebody who is signed in, in a browser that has no worker yet: nothing is kept of the files that are to fail. */
async function newcomer(page: Page): Promise<Page> {
  await page.goto("/sign-in");
  const person = (await page.getByRole("button", { name: "Bo Lind" }).getAttribute("value")) ?? "";
  await page.request.post("/sign-in", { form: { person }, maxRedirects: 0 });
  return page;
}

/** The server's page for a declaration. */
async function drawn(page: Page): Promise<void> {
  await page.goto("/declare", { waitUntil: "domcontentloaded" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

for (const on of ["laptop", "phone"] as const) {
  test(`a page whose script never comes says so after 10 seconds, on a ${on}`, async ({ visitor, watch }) => {
    const bo = await newcomer(await visitor({ on }));
    watch.expectLostNetwork(bo.context());
    await bo.context().route("**/start.js", (route) => route.abort());
    await drawn(bo);
    await after(bo, 9_900);
    await expect(line(bo)).toBeHidden();
    await after(bo, 10_100);
    await expect(line(bo)).toBeInViewport({ ratio: 1 });
    await expect(line(bo)).toContainText("Safari 17.5, Firefox 121 or Chrome 123, or newer, with JavaScript on");
    await expectAccessible(bo, "a page that has not started");
    await expectNoOverflow(bo, "a page that has not started");
    await bo.evaluate(() => scrollTo(0, 400));
    await expect(line(bo)).toBeInViewport({ ratio: 1 });
  });
}

test("a program that does not come is told at once, with the reason", async ({ visitor, watch }) => {
  const bo = await newcomer(await visitor());
  watch.expectLostNetwork(bo.context());
  for (const file of ["**/drumbeat.js", "**/rights.js", WASM]) {
    await bo.context().route(file, (route) => route.abort());
    await drawn(bo);
    await expect(line(bo), String(file)).toBeVisible();
    await expect(line(bo), String(file)).toContainText(/What went wrong: .*(fetch|load)/i);
    await bo.context().unroute(file);
  }
  await load(bo, "/declare");
  await expect(line(bo)).toHaveCount(0);
});

test("a program that breaks off is fetched once more, past the worker", async ({ person, watch }) => {
  const bo = await person("Bo Lind");
  watch.expectLostNetwork(bo.context());
  await underTheWorker(bo);
  // As a worker that is replaced does it: a part comes, then nothing more.
  await bo.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const kept = request.url.endsWith(".wasm") ? await cache.match(request) : undefined;
        if (!kept) continue;
        const half = (await kept.arrayBuffer()).slice(0, 100_000);
        await cache.put(request, new Response(half, { headers: { "content-type": "application/wasm" } }));
      }
    }
  });
  const asked: string[] = [];
  bo.on("request", (request) => asked.push(new URL(request.url()).search));
  await bo.reload();
  await ready(bo);
  expect(asked).toContain("?again");
  await expect(line(bo)).toHaveCount(0);
});

test("the page that is kept for days without a network says so too", async ({ visitor, watch }) => {
  const guest = await visitor();
  watch.expectLostNetwork(guest.context());
  await guest.context().route("**/start.js", (route) => route.abort());
  await guest.goto("/app-shell", { waitUntil: "domcontentloaded" });
  await after(guest, 10_100);
  await expect(line(guest)).toBeVisible();
});
