import { defineConfig } from "@playwright/test";
import { CHROMIUM, CHROMIUM_ARGS } from "./fixtures/chromium.ts";

export default defineConfig({
  // Two builds take minutes to make: `make test-long` does, and runs what is tried with them.
  testIgnore: process.env.DRUMBEAT_NEXT_BIN ? [] : ["two-builds.spec.ts"],
  outputDir: "test-results/runs",
  globalSetup: "./fixtures/preflight.ts",
  // Each test has a server and a database of its own, so they may run side by side; the build machine has two cores.
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  // A test that passes at the second try has found something: nothing is tried twice.
  retries: 0,
  timeout: 120_000,
  globalTimeout: 25 * 60_000,
  expect: { timeout: 10_000 },
  reporter: process.env.CI ? [["list"]] : [["list"], ["html", { open: "never" }]],
  projects: [
    {
      name: "chromium",
      testDir: "tests",
      use: {
        browserName: "chromium",
        launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_ARGS },
        actionTimeout: 10_000,
        navigationTimeout: 20_000,
        trace: "retain-on-failure",
        screenshot: "only-on-failure",
      },
    },
    // Driven by their own means (fixtures/others.ts).
    { name: "firefox", testDir: "others" },
    { name: "webkit", testDir: "others" },
  ],
});
