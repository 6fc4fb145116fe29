// Broken configs, files and sessions: one clear message each, the rest goes on, nothing is lost.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer, USER } from "./harness.mjs";
import { createProject, importFile, markText, regionRows, startLabeling, submit } from "./steps.mjs";

let server;
let browser;

before(async () => {
  server = await startServer({ env: { DATA_UPLOAD_MAX_MEMORY_SIZE: "1000000" } });
  browser = await openBrowser();
  await signIn(browser.page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(() => {
  browser.page.problems.length = 0;
});

/** A project with one task, opened for labeling. */
async function open(title, config, data) {
  const { page } = browser;
  const project = await server.api("POST", "/api/projects/", { title, label_config: config });
  await server.api("POST", `/api/projects/${project.id}/import`, [data]);
  const { tasks } = await server.api("GET", `/api/tasks/?project=${project.id}`);
  await page.goto(`${server.url}/projects/${project.id}/tasks/${tasks[0].id}`);
  await page.locator(".tl-screen").waitFor();
  return { project: project.id, task: tasks[0].id };
}

/** The choice beside the broken object still works and can be submitted. */
async function theRestGoesOn(page, task) {
  await page.getByText("good", { exact: true }).click();
  await submit(page);
  await page.getByRole("button", { name: /^Update/ }).waitFor();
  const { annotations } = await server.api("GET", `/api/tasks/${task}/`);
  assert.deepEqual(annotations[0].result.map((r) => r.value), [{ choices: ["good"] }]);
}

const TONE = (to) => `<Choices name="tone" toName="${to}"><Choice value="good"/><Choice value="bad"/></Choices>`;

test("an image that is 404", async () => {
  const { page } = browser;
  const { task } = await open("404", `<View><Image name="i" value="$image"/>${TONE("i")}</View>`, {
    image: "/static/samples/missing.png",
  });
  const alert = page.getByRole("alert").filter({ hasText: /404|not found|cannot be loaded/i });
  await alert.waitFor();
  assert.match(await alert.textContent(), /missing\.png/);
  await screenshot(page, "bad-image");
  await theRestGoesOn(page, task);
});

test("a task without the field of the config", async () => {
  const { page } = browser;
  // The config came after the data: nothing could be checked at the import.
  const config = `<View><Text name="t" value="$text"/>${TONE("t")}</View>`;
  const { project, task } = await open("No field", `<View></View>`, { other: "x" });
  await server.api("PATCH", `/api/projects/${project}/`, { label_config: config });
  await page.goto("about:blank");
  await page.goto(`${server.url}/projects/${project}/tasks/${task}`);
  const alert = page.getByRole("alert").filter({ hasText: "text" }).first();
  await alert.waitFor();
  await screenshot(page, "bad-field");
  await theRestGoesOn(page, task);
});

test("an import whose rows lack the field names row and field", async () => {
  const { page } = browser;
  const config = '<View><Text name="t" value="$text"/></View>';
  await createProject(page, server, { title: "Rows", config });
  await importFile(page, { name: "tasks.json", text: JSON.stringify([{ text: "a" }, { txt: "b" }]) });
  const alert = page.getByRole("alert");
  await alert.waitFor();
  const said = await alert.textContent();
  assert.match(said, /Nothing was imported/);
  assert.match(said, /text/);
  assert.match(said, /2|1/);
  await screenshot(page, "bad-import");
});

test("a series whose column is not in the file", async () => {
  const { page } = browser;
  const { task } = await open(
    "Column",
    `<View><TimeSeries name="ts" value="$csv" valueType="url" timeColumn="moment"><Channel column="a"/></TimeSeries>${TONE("ts")}</View>`,
    { csv: "/samples/time-series.csv?time=when&values=a" },
  );
  const alert = page.locator(".tl-series-error");
  await alert.waitFor();
  const said = await alert.textContent();
  assert.match(said, /moment/);
  assert.match(said, /when/, "the columns that are there are named");
  await screenshot(page, "bad-column");
  await theRestGoesOn(page, task);
});

test("a video no browser can play", async () => {
  const { page } = browser;
  const { task } = await open("Codec", `<View><Video name="v" value="$video"/>${TONE("v")}</View>`, {
    video: "/static/samples/shapes.png",
  });
  const alert = page.getByRole("alert").filter({ hasText: /cannot play/ });
  await alert.waitFor();
  await screenshot(page, "bad-video");
  await theRestGoesOn(page, task);
});

test("a file over the upload limit", async () => {
  const { page } = browser;
  await createProject(page, server, { title: "Big", config: '<View><Text name="t" value="$text"/></View>' });
  await importFile(page, { name: "tasks.json", text: JSON.stringify([{ text: "x".repeat(1_500_000) }]) });
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), /MB|limit|large/i);
  await screenshot(page, "bad-upload");
});

test("a broken config is told with line and column while it is written", async () => {
  const { page } = browser;
  await page.goto(`${server.url}/projects/new`);
  await page.getByLabel("Label config").fill('<View>\n  <Text name="t" value="$text">\n</View>');
  const list = page.getByLabel("Problems of the config");
  await list.waitFor();
  assert.match(await list.textContent(), /[23]:\d+/);
  await screenshot(page, "bad-config");
});

test("a session that ended keeps the work, and sends it after signing in again", async () => {
  const { page, context } = browser;
  const project = await createProject(page, server, {
    title: "Session",
    config: '<View><Labels name="ner" toName="t"><Label value="PER"/></Labels><Text name="t" value="$text"/></View>',
  });
  await importFile(page, { name: "tasks.json", text: JSON.stringify([{ text: "Ada met Charles." }]) });
  await page.getByText("1 task was imported.").waitFor();
  await startLabeling(page);
  await page.locator(".tl-text-content").waitFor();
  await page.keyboard.press("1");
  await markText(page, "Charles");
  await regionRows(page).first().waitFor();
  await context.clearCookies();
  await submit(page);
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.waitFor();
  await screenshot(page, "bad-session");
  assert.equal(await regionRows(page).count(), 1);
  await dialog.getByLabel("E-mail").fill(USER.username);
  await dialog.getByLabel("Password").fill(USER.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("All done").waitFor();
  const [task] = await server.api("GET", `/api/projects/${project}/export?exportType=JSON`);
  assert.equal(task.annotations[0].result[0].value.text, "Charles");
});
