// Long work of the server as a person sees it: progress, cancel, going on, and that leaving the page stops nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer } from "./harness.mjs";

const TASKS = 60_000;
let server;
let browser;
let project;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
  project = await server.api("POST", "/api/projects/", { title: "Long", label_config: '<View><Text name="t" value="$text"/></View>' });
  await server.api("POST", `/api/projects/${project.id}/import`, Array.from({ length: TASKS }, (_, n) => ({ text: `Task ${n}` })));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a deletion of many tasks shows how far it is, is cancelled, and goes on", async () => {
  const { page } = browser;
  page.problems.length = 0;
  const deletion = server.api("DELETE", `/api/projects/${project.id}/tasks/`).catch((error) => error);
  await page.goto(`${server.url}/projects/${project.id}`);
  const card = page.getByRole("region", { name: "Deleting tasks" });
  await card.getByRole("status").filter({ hasText: /of 60,000/ }).waitFor();
  await screenshot(page, "work-running");
  await card.getByRole("button", { name: "Cancel" }).click();
  const cancelled = card.getByRole("status").filter({ hasText: /^cancelled at [\d,]+ of 60,000$/ });
  await cancelled.waitFor();
  const done = Number(/at ([\d,]+)/.exec(await cancelled.textContent())[1].replaceAll(",", ""));
  assert.ok(done > 0 && done < TASKS, `${done} were deleted`);
  // The table below has what is left.
  await page.getByText(`${(TASKS - done).toLocaleString("en-US")} tasks`, { exact: true }).waitFor();
  assert.match(String(await deletion), /cancelled/);

  await card.getByRole("button", { name: "Go on" }).click();
  await card.getByRole("button", { name: "Cancel" }).waitFor();
  // The page is left, and the work is not.
  await page.goto(`${server.url}/projects`);
  await page.goto(`${server.url}/projects/${project.id}`);
  await page.getByRole("heading", { name: "No tasks yet" }).waitFor();
  assert.deepEqual(page.problems, []);
});

test("what failed or was cancelled stays until somebody closes it", async () => {
  const { page } = browser;
  await server.api("POST", `/api/projects/${project.id}/import`, Array.from({ length: TASKS }, (_, n) => ({ text: `Task ${n}` })));
  const deletion = server.api("DELETE", `/api/projects/${project.id}/tasks/`).catch((error) => error);
  await page.goto(`${server.url}/projects/${project.id}`);
  const card = page.getByRole("region", { name: "Deleting tasks" });
  await card.getByRole("button", { name: "Cancel" }).click();
  await deletion;
  await page.reload();
  await card.getByRole("status").filter({ hasText: /^cancelled at/ }).waitFor();
  await screenshot(page, "work-cancelled");
  await card.getByRole("button", { name: "Close" }).click();
  await card.waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("table", { name: "Tasks" }).waitFor();
  assert.equal(await card.count(), 0);
});
