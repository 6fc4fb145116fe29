// The view window of a series, by wheel, buttons, keys and overview; a region's edge and an instant.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer } from "./harness.mjs";
import { drag, regionRows, seriesPlot, submit } from "./steps.mjs";

const CONFIG = `<View>
  <TimeSeriesLabels name="label" toName="ts"><Label value="Run"/><Label value="Walk"/></TimeSeriesLabels>
  <TimeSeries name="ts" value="$csv" valueType="url" timeColumn="time" defaultWidth="100%">
    <Channel column="x" height="120"/><Channel column="y" height="120"/>
  </TimeSeries>
</View>`;

let server;
let browser;
let address;
let task;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
  const project = await server.api("POST", "/api/projects/", { title: "Series", label_config: CONFIG });
  await server.api("POST", `/api/projects/${project.id}/import`, [
    { csv: "/samples/time-series.csv?time=time&values=x,y" },
  ]);
  task = (await server.api("GET", `/api/tasks/?project=${project.id}`)).tasks[0].id;
  address = `${server.url}/projects/${project.id}/tasks/${task}`;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  await browser.page.goto(address);
  await seriesPlot(browser.page);
  await browser.page.getByRole("button", { name: "Fit" }).click();
});

/** Start and end of the visible range, from the read-out. */
async function view(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const text = await page.locator(".tl-series-readout").textContent();
  const [, start, end] = /(-?[\d.]+) – (-?[\d.]+)/.exec(text);
  return { start: Number(start), end: Number(end), span: Number(end) - Number(start) };
}

test("wheel, buttons and keys show less and more; shift and the wheel pan", async () => {
  const { page } = browser;
  const plot = page.locator(".tl-series-overlay");
  const all = await view(page);
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, -240);
  const closer = await view(page);
  assert.ok(closer.span < all.span, `${closer.span} of ${all.span}`);
  assert.ok(closer.start > all.start && closer.end < all.end, "the place under the pointer stays");
  await page.mouse.wheel(60, 0);
  const panned = await view(page);
  assert.ok(panned.start > closer.start && Math.abs(panned.span - closer.span) < 0.1);
  await page.getByRole("button", { name: "Zoom in" }).click();
  const inside = await view(page);
  assert.ok(Math.abs(inside.span - panned.span / 2) < panned.span / 50);
  await page.getByRole("button", { name: "Zoom out" }).click();
  assert.ok((await view(page)).span > inside.span);
  await page.getByRole("button", { name: "Fit" }).click();
  assert.deepEqual(await view(page), all);
  assert.deepEqual(page.problems, []);
});

test("the window is dragged in the overview", async () => {
  const { page } = browser;
  await page.getByRole("button", { name: "Zoom in" }).click();
  const before = await view(page);
  await drag(page, page.locator(".tl-series-overview"), [0.5, 0.5], [0.65, 0.5]);
  const after = await view(page);
  assert.ok(after.start > before.start && Math.abs(after.span - before.span) < 0.1);
});

test("a range is brushed, its edge dragged, an instant set, all stored in units of the time column", async () => {
  const { page } = browser;
  const plot = page.locator(".tl-series-overlay");
  const { end } = await view(page);
  await page.keyboard.press("1");
  await drag(page, plot, [0.3, 0.5], [0.5, 0.5]);
  await regionRows(page).first().waitFor();
  await regionRows(page).first().click();
  await drag(page, plot, [0.5, 0.5], [0.6, 0.5]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  const box = await plot.boundingBox();
  await page.mouse.dblclick(box.x + box.width * 0.8, box.y + box.height / 2);
  await regionRows(page).nth(1).waitFor();
  await screenshot(page, "series-regions");
  await submit(page);
  await page.getByRole("button", { name: /^Update/ }).waitFor();
  const { annotations } = await server.api("GET", `/api/tasks/${task}/`);
  const [range, instant] = annotations[0].result.map((r) => r.value);
  assert.deepEqual([range.instant, range.timeserieslabels], [false, ["Run"]]);
  // Shares of the plot's width are not exactly those of the canvas, which has a gutter for the scale.
  assert.ok(Math.abs(range.start - end * 0.27) < end * 0.05, JSON.stringify(range));
  assert.ok(Math.abs(range.end - end * 0.59) < end * 0.05, JSON.stringify(range));
  assert.equal(instant.instant, true);
  assert.equal(instant.start, instant.end);
  assert.deepEqual(instant.timeserieslabels, ["Walk"]);
  assert.deepEqual(page.problems, []);
});
