// Two people write the same update. One is published; the other author sees whose, and keeps every word.

import { expect, test } from "../fixtures/test.ts";
import { enterRoom, load, write } from "../fixtures/room.ts";
import { expectAccessible } from "../fixtures/screen.ts";

// A SEV-2: there the commander does not approve updates first.
const TITLE = "Nightly sync stops on large ledgers";

const CY = { happens: "Checkout accepts orders again.", affected: "0.6 % of sessions still fail.", doing: "We reconnect them." };
const LEA = { happens: "Orders go through again.", affected: "Few sessions still fail.", doing: "We watch every order." };

for (const late of ["both publish at the same moment", "one hears of the other's before publishing"] as const) {
  test(`two authors, one update: ${late}`, async ({ person, visitor }) => {
    const [cy, lea, customer] = await Promise.all([person("Cy Tan"), person("Lea Novak"), visitor({ script: false })]);
    for (const page of [cy, lea]) {
      await enterRoom(page, TITLE);
      await load(page, `${new URL(page.url()).pathname}/update`);
    }
    await write(cy, CY);
    await write(lea, LEA);

    let letGo = () => {};
    if (late === "both publish at the same moment") {
      // Hers is on its way when his is on the record: the server decides.
      const published = new Promise<void>((done) => (letGo = done));
      await lea.route("**/sync/push", async (route) => {
        await published;
        await route.continue();
      });
      await lea.getByRole("button", { name: "Publish progress update" }).click();
      await expect(lea.getByRole("button", { name: "Publishing…" })).toBeDisabled();
    }
    const heard = lea.waitForResponse(async (r) => r.url().includes("/sync/") && (await r.text()).includes(CY.happens));
    await cy.getByRole("button", { name: "Publish progress update" }).click();
    // He is led back to the room once the server has it.
    await expect(cy.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await expect(cy.getByRole("region", { name: "Timeline", exact: true })).toContainText(CY.happens);
    letGo();
    await heard;
    if (late !== "both publish at the same moment") {
      await lea.getByRole("button", { name: "Publish progress update" }).click();
    }

    await expect(lea.getByRole("alert")).toContainText(
      /^Cy Tan published update 5 at \d\d:\d\d UTC while you were writing\. Read it, then send yours again if it is still needed\./,
    );
    await expect(lea.getByRole("main")).toContainText(`${CY.happens} ${CY.doing}`);
    await expect(lea.getByLabel("What happens")).toHaveValue(LEA.happens);
    await expect(lea.getByLabel("Who is affected")).toHaveValue(LEA.affected);
    await expect(lea.getByLabel("What we do")).toHaveValue(LEA.doing);
    await expectAccessible(lea, "the composer after a conflict");
    await customer.goto("/status");
    await expect(customer.getByRole("main")).toContainText(CY.happens);
    await expect(customer.getByRole("main")).not.toContainText(LEA.happens);

    await lea.getByRole("button", { name: "Make mine the next update" }).click();
    await expect(lea.getByRole("alert")).toHaveCount(0);
    await lea.getByRole("button", { name: "Publish progress update" }).click();
    await expect(lea.getByRole("heading", { level: 1, name: TITLE })).toBeVisible();
    await customer.reload();
    await expect(customer.getByRole("heading", { name: LEA.happens })).toBeVisible();
    await expect(customer.getByRole("main")).toContainText(CY.happens);
  });
}

// A SEV-1: there what is to be published waits for the commander.
test("two texts for one approval: the second author reads the first, and may put theirs in its place", async ({ person, visitor }) => {
  const [cy, lea, ana] = await Promise.all([person("Cy Tan"), person("Lea Novak"), person("Ana Ruiz")]);
  const customer = await visitor({ script: false });
  for (const page of [cy, lea]) {
    await enterRoom(page, "Checkout errors in all regions");
    await load(page, `${new URL(page.url()).pathname}/update`);
  }
  await write(cy, CY);
  await write(lea, LEA);
  const heard = lea.waitForResponse(async (r) => r.url().includes("/sync/") && (await r.text()).includes(CY.happens));
  await cy.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
  await heard;
  await lea.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
  await expect(lea.getByRole("alert")).toContainText(/^Cy Tan put up for approval another customer update at \d\d:\d\d UTC while you were writing\./);
  const conflict = lea.locator("form .notice").filter({ hasText: "This is what they said:" });
  await expect(conflict).toContainText(CY.happens);
  await expect(conflict).toContainText(CY.doing);
  await expect(lea.getByLabel("What happens")).toHaveValue(LEA.happens);
  await expectAccessible(lea, "the composer after a conflict over an approval");

  await lea.getByRole("button", { name: "Make mine the next update" }).click();
  await expect(lea.getByRole("alert")).toHaveCount(0);
  // Until hers is sent, his words are his.
  await ana.getByRole("link", { name: "Read and approve" }).first().click();
  await expect(ana.getByText(/^Cy Tan put this text up for your approval at/)).toBeVisible();
  await lea.getByRole("button", { name: "Send to Ana Ruiz for approval" }).click();
  await expect(lea.getByRole("link", { name: "Read the update", exact: true })).toBeVisible();
  // What she has before her is what she approves, and what goes out.
  await expect(ana.getByText(/^Lea Novak put this text up for your approval at/)).toBeVisible();
  await expect(ana.getByRole("blockquote")).toContainText(LEA.happens);
  await expect(ana.getByLabel("What happens")).toHaveValue(LEA.happens);
  await ana.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(ana.getByText(/^Ana Ruiz approved it at/)).toBeVisible();
  await ana.getByLabel("What happens").fill(CY.happens);
  await expect(ana.getByText("This is another text than the approved one.")).toBeVisible();
  await ana.getByLabel("What happens").fill(LEA.happens);
  await ana.getByRole("button", { name: "Publish progress update" }).click();
  await expect(ana.getByRole("region", { name: "Timeline", exact: true })).toContainText("Approved the customer update of Lea Novak");
  await customer.goto("/status");
  await expect(customer.getByRole("main")).toContainText(LEA.happens);
});
