// Files dropped on the page, and work that was never submitted: it is there after closing the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, signIn, startServer } from "./harness.mjs";
import { markText, regionRows, startLabeling } from "./steps.mjs";

const CONFIG =
  '<View><Labels name="ner" toName="t"><Label value="PER"/></Labels><Text name="t" value="$text"/></View>';

let server;
let browser;
let project;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
  project = (await server.api("POST", "/api/projects/", { title: "Drafts", label_config: CONFIG })).id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a CSV file dropped on the data page is imported", async () => {
  const { page } = browser;
  await page.goto(`${server.url}/projects/${project}`);
  await page.getByText("No tasks yet").waitFor();
  const files = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["text\nAda met Charles.\nGrace found a moth.\n"], "tasks.csv", { type: "text/csv" }));
    return data;
  });
  await page.dispatchEvent("main", "dragover", { dataTransfer: files });
  await page.dispatchEvent("main", "drop", { dataTransfer: files });
  await page.getByText("2 tasks were imported.").waitFor();
  await page.getByText("Grace found a moth.").waitFor();
  assert.deepEqual(page.problems, []);
});

test("a draft is stored by itself and comes back in another browser", async () => {
  const { page } = browser;
  await startLabeling(page);
  await page.locator(".tl-text-content").waitFor();
  await page.keyboard.press("1");
  await markText(page, "Charles");
  await regionRows(page).first().waitFor();
  await page.getByText("On this machine").waitFor();
  await page.getByText("On the server").waitFor();
  const [task] = (await server.api("GET", `/api/tasks/?project=${project}`)).tasks;
  const full = await server.api("GET", `/api/tasks/${task.id}/`);
  assert.equal(full.annotations.length, 0);
  assert.equal(full.drafts[0].result[0].value.text, "Charles");

  const other = await openBrowser();
  try {
    await signIn(other.page, server);
    await other.page.goto(`${server.url}/projects/${project}/tasks/${task.id}`);
    await regionRows(other.page).first().waitFor();
    assert.match(await regionRows(other.page).first().textContent(), /Charles/);
    await other.page.getByRole("button", { name: /^Submit/ }).click();
    await other.page.getByRole("button", { name: /^Update/ }).waitFor();
    const done = await server.api("GET", `/api/tasks/${task.id}/`);
    assert.equal(done.annotations.length, 1);
    assert.equal(done.drafts.length, 0);
  } finally {
    await other.close();
  }
});
