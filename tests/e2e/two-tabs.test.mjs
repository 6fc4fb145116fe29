// One annotation in two tabs: the second to send overwrites nothing, and whatever is decided, nothing is lost.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer } from "./harness.mjs";
import { markText, regionRows } from "./steps.mjs";

const CONFIG =
  '<View><Labels name="ner" toName="t"><Label value="PER"/></Labels><Text name="t" value="$text"/></View>';
const TEXT = "Ada met Charles and Grace.";

let server;
let browser;
let project;
let task;
let annotation;
let first;
let second;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
  project = (await server.api("POST", "/api/projects/", { title: "Two tabs", label_config: CONFIG })).id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// A task with a stored annotation, open in two tabs.
beforeEach(async () => {
  task = (await server.api("POST", "/api/tasks/", { project, data: { text: TEXT } })).id;
  annotation = (await server.api("POST", `/api/tasks/${task}/annotations/`, { result: [] })).id;
  for (const page of browser.context.pages().slice(1)) await page.close();
  [first, second] = [browser.context.pages()[0], await browser.context.newPage()];
  for (const page of [first, second]) {
    await page.goto(`${server.url}/projects/${project}/tasks/${task}`);
    await page.locator(".tl-text-content").waitFor();
  }
});

async function mark(page, words) {
  await page.bringToFront();
  await page.keyboard.press("1");
  await markText(page, words);
  await regionRows(page).filter({ hasText: words }).waitFor();
}

const update = (page) => page.getByRole("button", { name: /^Update/ }).click();
const saved = (page) => page.getByText("On the server").waitFor();
const question = (page) => page.getByRole("dialog", { name: /changed meanwhile/ });
const stored = async () =>
  (await server.api("GET", `/api/annotations/${annotation}/`)).result.map((r) => r.value.text);

/** The first tab has stored something, the second wants to. */
async function disagree() {
  await mark(first, "Ada");
  await update(first);
  await saved(first);
  await mark(second, "Grace");
  await update(second);
  await question(second).waitFor();
  assert.deepEqual(await stored(), ["Ada"], "nothing was overwritten");
}

test("keep mine: it is sent over the version of now, once somebody has said so", async () => {
  await disagree();
  const dialog = question(second);
  await dialog.getByText(/You, in another tab or browser, changed it just now/).waitFor();
  await dialog.getByText("Keep mine (1 region)").or(dialog.locator("li", { hasText: "Keep mine (1 region)" })).first().waitFor();
  await screenshot(second, "two-tabs-question");
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await saved(second);
  assert.deepEqual(await stored(), ["Grace"]);
  // The versions of this tab are those of now: the next update needs no question.
  await mark(second, "Charles");
  await update(second);
  await second.waitForFunction(() => !document.querySelector(".tl-dialog[open]"));
  await saved(second);
  assert.deepEqual((await stored()).sort(), ["Charles", "Grace"]);
});

test("take theirs: it is shown, and one's own is one undo away", async () => {
  await disagree();
  await question(second).getByRole("button", { name: "Take theirs" }).click();
  await regionRows(second).filter({ hasText: "Ada" }).waitFor();
  assert.equal(await regionRows(second).count(), 1);
  await saved(second);
  await second.keyboard.press("Control+z");
  await regionRows(second).filter({ hasText: "Grace" }).waitFor();
  await second.getByText("On this machine").waitFor();
  await update(second);
  await saved(second);
  assert.deepEqual(await stored(), ["Grace"]);
});

test("decide later: nothing is sent, the work is still there, also after a reload", async () => {
  await disagree();
  await second.keyboard.press("Escape");
  await second.getByText("Nothing was sent.").waitFor();
  assert.deepEqual(await stored(), ["Ada"]);
  second.on("dialog", (dialog) => dialog.accept());
  await second.reload();
  await regionRows(second).filter({ hasText: "Grace" }).waitFor();
});

test("what another tab deleted can be submitted as a new annotation", async () => {
  await mark(second, "Grace");
  await server.api("DELETE", `/api/annotations/${annotation}/`);
  await update(second);
  const dialog = second.getByRole("dialog");
  await dialog.getByText("This annotation was deleted meanwhile").waitFor();
  await dialog.getByRole("button", { name: "Submit mine as a new one" }).click();
  await saved(second);
  const [only, ...others] = await server.api("GET", `/api/tasks/${task}/annotations/`);
  assert.deepEqual(others, []);
  assert.equal(only.result[0].value.text, "Grace");
});

test("two tabs with unsent work make a draft each: neither takes the other's away", async () => {
  await mark(first, "Ada");
  await saved(first);
  await mark(second, "Grace");
  await saved(second);
  await mark(first, "Charles");
  await saved(first);
  const drafts = await server.api("GET", `/api/tasks/${task}/drafts`);
  const texts = drafts.map((d) => d.result.map((r) => r.value.text).sort().join(" ")).sort();
  assert.deepEqual(texts, ["Ada Charles", "Grace"]);
});
