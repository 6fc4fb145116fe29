// What a person does in the app, in words: tests read like a morning's work.
import assert from "node:assert/strict";

/** Creates a project with the form of the app; answers its id. */
export async function createProject(page, server, { title, config }) {
  await page.goto(`${server.url}/projects/new`);
  await page.getByLabel("Name", { exact: true }).fill(title);
  await page.getByLabel("Label config").fill(config);
  await page.getByRole("button", { name: "Create project" }).click();
  await page.waitForURL(/\/projects\/\d+$/);
  return Number(page.url().split("/").pop());
}

/** Imports a file with the button of the data page. */
export async function importFile(page, { name, text }) {
  const type = name.endsWith(".json") ? "application/json" : "text/csv";
  await page.locator("header input.ta-import").setInputFiles({ name, mimeType: type, buffer: Buffer.from(text) });
}

/** Opens the labeling stream of a project. */
export async function startLabeling(page) {
  await page.getByRole("link", { name: "Label all tasks" }).click();
  await page.waitForURL(/\/label$/);
  await page.locator(".tl-screen").waitFor();
}

export async function submit(page) {
  await page.getByRole("button", { name: /^Submit/ }).click();
}

/** Rows of the region list. */
export const regionRows = (page) => page.locator(".tl-region[role=option]");

/** Drags inside an element, from and to given as shares of its width and height. */
export async function drag(page, locator, from, to) {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  assert.ok(box, "the element is on the screen");
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  for (let step = 1; step <= 8; step += 1) {
    const share = step / 8;
    const x = from[0] + (to[0] - from[0]) * share;
    const y = from[1] + (to[1] - from[1]) * share;
    await page.mouse.move(...at([x, y]));
  }
  await page.mouse.up();
}

/** Marks `words` in the first text of the screen, with the mouse. */
export async function markText(page, words) {
  const ends = await page.evaluate((words) => {
    const content = document.querySelector(".tl-text-content");
    const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(words);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return { left, right, middle: (top + bottom) / 2 };
    }
    return null;
  }, words);
  assert.ok(ends, `the text shows ${words}`);
  await page.mouse.move(ends.left + 1, ends.middle);
  await page.mouse.down();
  await page.mouse.move((ends.left + ends.right) / 2, ends.middle, { steps: 4 });
  await page.mouse.move(ends.right - 1, ends.middle, { steps: 4 });
  await page.mouse.up();
}

/** The plot of a time series, once its data are there. */
export async function seriesPlot(page) {
  await page.locator(".tl-series-readout", { hasText: "samples" }).waitFor();
  return page.locator(".tl-series-overlay");
}

/** Clicks inside an element, at shares of its width and height. */
export async function clickAt(page, locator, [x, y]) {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
}
