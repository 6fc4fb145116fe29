// People: an invitation is made, taken, and the member removed again; one's own name and tokens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer, USER } from "./harness.mjs";

const GRACE = { email: "grace@example.com", password: "a-moth-in-the-relay" };
let server;
let browser;
let other;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
});

after(async () => {
  await other?.close();
  await browser?.close();
  await server?.stop();
});

test("somebody joins by the link, is seen, and is removed by the owner", async () => {
  const { page } = browser;
  await page.getByRole("link", { name: "People" }).click();
  await page.getByRole("row", { name: /annotator@example.com/ }).getByText("Owner").waitFor();
  const link = await page.getByLabel("Invitation link").inputValue();
  assert.match(link, /^http.*\/user\/signup\/\?token=./);
  assert.deepEqual(page.problems, []);

  other = await openBrowser();
  await other.page.goto(link);
  await other.page.getByLabel("E-mail").fill(GRACE.email);
  await other.page.getByLabel("Password").fill("short");
  await screenshot(other.page, "people-sign-up");
  await other.page.getByLabel("Password").fill(GRACE.password);
  await other.page.getByRole("button", { name: "Make an account" }).click();
  await other.page.waitForURL(/\/projects$/);

  await page.reload();
  const row = page.getByRole("row", { name: /grace@example.com/ });
  await row.getByText("Member").waitFor();
  await screenshot(page, "people-members");
  // A member removes nobody.
  await other.page.getByRole("link", { name: "People" }).click();
  await other.page.getByRole("row", { name: /grace@example.com/ }).waitFor();
  assert.equal(await other.page.getByRole("button", { name: /^Remove/ }).count(), 0);

  await row.getByRole("button", { name: /^Remove/ }).click();
  const dialog = page.getByRole("dialog", { name: "Remove this member?" });
  await dialog.getByText("Their annotations stay.").waitFor();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await row.waitFor({ state: "detached" });
  await other.page.goto(`${server.url}/projects`);
  await other.page.waitForURL(/\/user\/login/);
});

test("a new link ends the old one", async () => {
  const { page } = browser;
  const old = await page.getByLabel("Invitation link").inputValue();
  await page.getByRole("button", { name: "New link" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make a new link" }).click();
  await page.waitForFunction((old) => document.querySelector(".ta-copied textarea")?.value !== old, old);
  await other.page.goto(old);
  await other.page.getByLabel("E-mail").fill("late@example.com");
  await other.page.getByLabel("Password").fill(GRACE.password);
  await other.page.getByRole("button", { name: "Make an account" }).click();
  await other.page.locator(".ta-field-error").waitFor();
});

test("a token is shown once, opens the API, and is revoked", async () => {
  const { page } = browser;
  await page.getByRole("link", { name: "Your account" }).click();
  const part = page.getByRole("region", { name: "Personal access token" });
  await part.getByRole("button", { name: "Make a token" }).click();
  const token = await part.getByLabel("Your new token").inputValue();
  assert.equal(token.split(".").length, 3);
  await screenshot(page, "people-token");
  const refresh = () =>
    fetch(`${server.url}/api/token/refresh/`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh: token }),
    });
  const { access } = await (await refresh()).json();
  const me = await fetch(`${server.url}/api/current-user/whoami`, { headers: { Authorization: `Bearer ${access}` } });
  assert.equal((await me.json()).email, USER.username);

  await page.reload();
  await part.getByRole("button", { name: /^Revoke/ }).waitFor();
  assert.equal(await part.getByLabel("Your new token").count(), 0);
  await part.getByRole("button", { name: /^Revoke/ }).click();
  await page.getByRole("dialog", { name: "Revoke this token?" }).getByRole("button", { name: "Revoke" }).click();
  await part.getByText("You have no token.").waitFor();
  assert.equal((await refresh()).status, 401);
});

test("legacy tokens are switched off and on for the organization", async () => {
  const { page } = browser;
  const part = page.getByRole("region", { name: "Legacy token" });
  const takes = part.getByRole("checkbox", { name: /takes legacy tokens/ });
  assert.equal(await takes.isChecked(), true);
  await part.getByRole("button", { name: "Show my token" }).click();
  assert.equal(await part.getByLabel("Your legacy token").inputValue(), USER.token);
  await takes.uncheck();
  await part.getByLabel("Your legacy token").waitFor({ state: "detached" });
  await assert.rejects(server.api("GET", "/api/projects/"), /401/);
  await takes.check();
  await part.getByRole("button", { name: "Show my token" }).waitFor();
  await server.api("GET", "/api/projects/");
});

test("a name is changed and kept", async () => {
  const { page } = browser;
  await page.getByLabel("First name").fill("Ada");
  await page.getByRole("region", { name: "Profile" }).getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.reload();
  await page.getByLabel("First name").waitFor();
  assert.equal(await page.getByLabel("First name").inputValue(), "Ada");
});
