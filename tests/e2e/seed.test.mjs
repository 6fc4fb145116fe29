// The seed example, character for character: its handler never runs, and video and series drive each other natively.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { FIXTURES, openBrowser, screenshot, signIn, startServer } from "./harness.mjs";
import { clickAt, drag, regionRows, seriesPlot } from "./steps.mjs";

let server;
let browser;
let task;
let project;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
  const config = readFileSync(join(FIXTURES, "seed/config.xml"), "utf8");
  project = (await server.api("POST", "/api/projects/", { title: "Seed", label_config: config })).id;
  await server.api("POST", `/api/projects/${project}/import`, [
    JSON.parse(readFileSync(join(FIXTURES, "seed/task.json"), "utf8")),
  ]);
  task = (await server.api("GET", `/api/tasks/?project=${project}`)).tasks[0].id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  const { page } = browser;
  page.problems.length = 0;
  await page.goto(`${server.url}/projects/${project}/tasks/${task}`);
  await seriesPlot(page);
  await page.waitForFunction(() => document.querySelector(".tl-text-content video")?.readyState >= 1);
});

const currentTime = (page) => page.evaluate(() => document.querySelector(".tl-text-content video").currentTime);
const moved = (page, from) =>
  page.waitForFunction(
    (from) => Math.abs(document.querySelector(".tl-text-content video").currentTime - from) > 0.05,
    from,
  );
const cursor = async (page) =>
  Number(/cursor (-?[\d.]+)/.exec(await page.locator(".tl-series-readout").textContent())?.[1]);

test("the handler in the task is gone, and the video plays by itself", async () => {
  const { page } = browser;
  const lines = [];
  page.on("console", (line) => lines.push(line.text()));
  const video = await page.evaluate(() => {
    const found = document.querySelector(".tl-text-content video");
    return { names: found.getAttributeNames(), handler: found.onloadeddata, controls: found.controls };
  });
  assert.deepEqual(video.names.filter((name) => name.startsWith("on")), []);
  assert.equal(video.handler, null);
  assert.equal(video.controls, true);
  // The handler would have logged a line and moved the window three seconds after loading.
  await page.waitForTimeout(3500);
  assert.deepEqual(lines.filter((line) => line.includes("sync")), []);
  assert.deepEqual(page.problems, []);
  await screenshot(page, "seed");
});

test("moving the window seeks the video", async () => {
  const { page } = browser;
  const before = await currentTime(page);
  const overview = page.locator(".tl-series-overview");
  await drag(page, overview, [0.2, 0.5], [0.6, 0.5]);
  await moved(page, before);
  assert.deepEqual(page.problems, []);
});

test("a click in the plot puts the cursor there and seeks the video", async () => {
  const { page } = browser;
  const plot = page.locator(".tl-series-overlay");
  const before = await currentTime(page);
  await clickAt(page, plot, [0.6, 0.5]);
  await moved(page, before);
  assert.ok((await cursor(page)) > 0);
});

test("selecting a region seeks the video to its start", async () => {
  const { page } = browser;
  const plot = page.locator(".tl-series-overlay");
  await page.keyboard.press("1");
  await drag(page, plot, [0.4, 0.5], [0.6, 0.5]);
  await regionRows(page).first().waitFor();
  await page.keyboard.press("Escape");
  await clickAt(page, plot, [0.9, 0.5]);
  await page.waitForTimeout(300);
  const away = await currentTime(page);
  await regionRows(page).first().click();
  await moved(page, away);
  assert.ok((await currentTime(page)) < away);
});

test("playing the video moves the cursor of the series", async () => {
  const { page } = browser;
  const before = await cursor(page);
  await page.evaluate(() => {
    const video = document.querySelector(".tl-text-content video");
    video.muted = true;
    return video.play();
  });
  await page.waitForFunction(
    (before) => {
      const shown = document.querySelector(".tl-series-readout")?.textContent ?? "";
      return Number(/cursor (-?[\d.]+)/.exec(shown)?.[1]) > before + 2;
    },
    before,
  );
  await page.evaluate(() => document.querySelector(".tl-text-content video").pause());
  assert.deepEqual(page.problems, []);
});
