// The page of a project's data: what its table says of each task, and its menu.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer } from "./harness.mjs";

const CONFIG = '<View><Choices name="c" toName="t"><Choice value="good"/></Choices><Text name="t" value="$text"/></View>';
let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("the table tells done, skipped and open tasks apart", async () => {
  const { page } = browser;
  const project = await server.api("POST", "/api/projects/", { title: "Marks", label_config: CONFIG });
  const texts = [{ text: "labeled" }, { text: "skipped" }, { text: "open" }];
  const { task_ids: ids } = await server.api("POST", `/api/projects/${project.id}/import?return_task_ids=true`, texts);
  await server.api("POST", `/api/tasks/${ids[0]}/annotations/`, { result: [] });
  await server.api("POST", `/api/tasks/${ids[1]}/annotations/`, { result: [], was_cancelled: true });
  await page.goto(`${server.url}/projects/${project.id}`);
  const row = (text) => page.getByRole("row").filter({ hasText: text });
  await row("labeled").getByText("✓").waitFor();
  const skipped = page.getByRole("img", { name: "Skipped once" });
  await row("skipped").and(page.getByRole("row").filter({ has: skipped })).waitFor();
  assert.equal(await skipped.count(), 1);
  await screenshot(page, "data-marks");
});

test("the menu of exports closes by Escape, by a click beside it and by leaving it", async () => {
  const { page } = browser;
  const button = page.getByRole("button", { name: "Export" });
  const entry = page.getByRole("link", { name: "JSON", exact: true });
  const opened = async () => {
    await button.click();
    await entry.waitFor();
    assert.equal(await button.getAttribute("aria-expanded"), "true");
  };
  await opened();
  await screenshot(page, "data-export");
  await entry.focus();
  await page.keyboard.press("Escape");
  await entry.waitFor({ state: "detached" });
  assert.ok(await button.evaluate((element) => element === document.activeElement), "the focus is on the button again");
  await opened();
  await page.mouse.click(400, 700);
  await entry.waitFor({ state: "detached" });
  await opened();
  await page.keyboard.press("Shift+Tab");
  await entry.waitFor({ state: "detached" });
  await opened();
  const [download] = await Promise.all([page.waitForEvent("download"), entry.click()]);
  assert.match(download.suggestedFilename(), /\.json$/);
  await entry.waitFor({ state: "detached" });
});

test("whoever wants to label in a project without tasks is told so", async () => {
  const { page } = browser;
  const project = await server.api("POST", "/api/projects/", { title: "Empty", label_config: CONFIG });
  await page.goto(`${server.url}/projects/${project.id}/label`);
  await page.getByRole("heading", { name: "No tasks yet" }).waitFor();
  await page.getByRole("link", { name: "Back to the data" }).click();
  await page.getByText("Drop JSON, CSV").waitFor();
});

test("more tasks than a page are turned over, there and back", async () => {
  const { page } = browser;
  const project = await server.api("POST", "/api/projects/", { title: "Pages", label_config: CONFIG });
  const texts = Array.from({ length: 501 }, (_, n) => ({ text: `sentence ${n + 1}.` }));
  await server.api("POST", `/api/projects/${project.id}/import`, texts);
  await page.goto(`${server.url}/projects/${project.id}`);
  const pager = page.getByRole("navigation", { name: "Pages" });
  const [back, on] = ["Previous", "Next"].map((name) => pager.getByRole("button", { name, exact: true }));
  await pager.getByText("1 of 2", { exact: true }).waitFor();
  assert.deepEqual([await back.isEnabled(), await on.isEnabled()], [false, true]);
  await on.click();
  await page.getByRole("row").filter({ hasText: "sentence 501." }).waitFor();
  await pager.getByText("2 of 2", { exact: true }).waitFor();
  assert.deepEqual([await back.isEnabled(), await on.isEnabled()], [true, false]);
  await back.click();
  await page.getByRole("row").filter({ hasText: "sentence 1." }).waitFor();
  assert.equal(await on.isEnabled(), true);
});

test("a sentence is readable on a narrow window, and a number takes no room of it on a wide one", async () => {
  const { page } = browser;
  const project = await server.api("POST", "/api/projects/", { title: "Widths", label_config: CONFIG });
  const text = "a sentence of some length, as most reviews of hotels are";
  await server.api("POST", `/api/projects/${project.id}/import`, Array.from({ length: 1200 }, () => ({ text, stars: 5 })));
  await page.setViewportSize({ width: 420, height: 800 });
  await page.goto(`${server.url}/projects/${project.id}`);
  const cell = page.getByRole("row").nth(1).getByText(text);
  await cell.waitFor();
  // What is seen of it in the window, without scrolling.
  const seen = async () => {
    const { x, width } = await cell.boundingBox();
    return Math.min(x + width, page.viewportSize().width) - x;
  };
  assert.ok((await seen()) >= 200, `${await seen()} px are seen`);
  await screenshot(page, "data-narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
  const fits = await cell.evaluate((element) => element.scrollWidth <= element.clientWidth);
  assert.ok(fits, "all of it is seen");
  await page.getByText("1,200 tasks", { exact: true }).waitFor();
});
