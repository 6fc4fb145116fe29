// Spans of a text: made with the mouse, their ends dragged, undone in one step, named and numbered.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer } from "./harness.mjs";
import { markText, regionRows } from "./steps.mjs";

const CONFIG = `<View>
  <Labels name="ner" toName="text"><Label value="PER"/><Label value="ORG"/></Labels>
  <Text name="text" value="$text" showLabels="true" granularity="word"/>
</View>`;
const TEXT = "💩 Ada Lovelace wrote to\nCharles Babbage in London.";

let server;
let browser;
let task;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
  const project = await server.api("POST", "/api/projects/", { title: "Text", label_config: CONFIG });
  await server.api("POST", `/api/projects/${project.id}/import`, [{ text: TEXT }]);
  task = (await server.api("GET", `/api/tasks/?project=${project.id}`)).tasks[0].id;
  await browser.page.goto(`${server.url}/projects/${project.id}/tasks/${task}`);
  await browser.page.locator(".tl-text-content").waitFor();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Where a word of the text is on the screen. */
const boxOf = (page, word) =>
  page.evaluate((word) => {
    const content = document.querySelector(".tl-text-content");
    const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(word);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + word.length);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return { left, right, y: (top + bottom) / 2 };
    }
    return null;
  }, word);

const shown = async (page) => (await regionRows(page).first().textContent()).replace(/\s+/g, " ");

test("a span is widened to words, and its end can be dragged and undone", async () => {
  const { page } = browser;
  await page.keyboard.press("1");
  await markText(page, "ovelac");
  await regionRows(page).first().waitFor();
  assert.match(await shown(page), /Lovelace/);
  await page.getByText("PER", { exact: true }).nth(1).waitFor();
  await regionRows(page).first().click();
  const end = page.locator(".tl-text-end").nth(1);
  await end.waitFor();
  const from = await end.boundingBox();
  const to = await boxOf(page, "wrote");
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move((from.x + to.left) / 2, to.y, { steps: 4 });
  await page.mouse.move(to.right - 3, to.y, { steps: 4 });
  await page.mouse.up();
  assert.match(await shown(page), /Lovelace wrote/);
  await screenshot(page, "text-named");
  await page.keyboard.press("Control+z");
  await page.waitForFunction(() => !document.querySelector(".tl-region[role=option]").textContent.includes("wrote"));
  assert.match(await shown(page), /Lovelace/);
  assert.deepEqual(page.problems, []);
});

test("lines are numbered when the setting says so, and offsets stay", async () => {
  const { page } = browser;
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel(/line numbers/i).check();
  await page.keyboard.press("Escape");
  await page.locator(".tl-text-line").nth(1).waitFor();
  assert.equal(await page.locator(".tl-text-line").count(), 2);
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  await markText(page, "Babbage");
  await regionRows(page).nth(1).waitFor();
  await screenshot(page, "text-numbered");
  await page.getByRole("button", { name: /^Submit/ }).click();
  await page.getByRole("button", { name: /^Update/ }).waitFor();
  const { annotations } = await server.api("GET", `/api/tasks/${task}/`);
  const values = annotations[0].result.map((r) => r.value);
  const at = (word) => [...TEXT].join("").indexOf(word) - 1; // the emoji is two UTF-16 units and one code point
  assert.deepEqual(values, [
    { start: at("Lovelace"), end: at("Lovelace") + 8, text: "Lovelace", labels: ["PER"] },
    { start: at("Babbage"), end: at("Babbage") + 7, text: "Babbage", labels: ["ORG"] },
  ]);
});
