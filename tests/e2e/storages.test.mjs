// Storages as a person sees them: added, tested, looked into, synced, with what could not be read; nothing but folders
// of the server, so that no other service is needed.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer } from "./harness.mjs";

let root;
let server;
let browser;
let project;

before(async () => {
  root = mkdtempSync(join(tmpdir(), "tagloom-root-"));
  for (const folder of ["images/deep", "tasks"]) mkdirSync(join(root, folder), { recursive: true });
  for (const name of ["images/a b.png", "images/c+d.png", "images/deep/e.png"]) writeFileSync(join(root, name), "x");
  writeFileSync(join(root, "tasks/good.json"), JSON.stringify([{ text: "one" }, { text: "two" }]));
  writeFileSync(join(root, "tasks/broken.json"), '{"text": ');
  server = await startServer({
    env: { LOCAL_FILES_SERVING_ENABLED: "true", LOCAL_FILES_DOCUMENT_ROOT: root },
  });
  browser = await openBrowser();
  await signIn(browser.page, server);
  const config = '<View><Text name="t" value="$text"/></View>';
  project = (await server.api("POST", "/api/projects/", { title: "Storages", label_config: config })).id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});

const card = (page, name) => page.getByRole("article", { name });

/** Opens the form of a new storage of local files. */
async function addFolder(page, purpose) {
  await page.goto(`${server.url}/projects/${project}/storages`);
  await page.getByRole("link", { name: `Add ${purpose} storage` }).click();
  await page.getByRole("radio", { name: "Local files" }).check();
  await page.getByRole("textbox", { name: "Folder" }).waitFor();
}

test("a folder is added: what is wrong is said at its field, objects are seen before they are synced", async () => {
  const { page } = browser;
  await page.goto(`${server.url}/projects/${project}`);
  await page.getByRole("link", { name: "Storages" }).click();
  await page.getByText("None yet. Connect a bucket or a folder").first().waitFor();
  await screenshot(page, "storages-empty");
  await addFolder(page, "import");
  await page.getByRole("textbox", { name: /^Title/ }).fill("Images");
  const folder = page.getByRole("textbox", { name: "Folder" });
  await folder.fill(join(root, "no such folder"));
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.locator(".ta-field-error").first().waitFor();
  assert.equal(await folder.getAttribute("aria-invalid"), "true");
  await screenshot(page, "storages-form-error");
  // The refusal is an answer, not a problem of the page.
  page.problems.length = 0;

  await folder.fill(join(root, "images"));
  await page.getByRole("checkbox", { name: /source file/ }).check();
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByRole("region", { name: "Result of the test" }).getByText("Everything works.").waitFor();
  await page.getByRole("button", { name: "Show first objects" }).click();
  await page.getByText("2 objects, and no more.").waitFor();
  await page.getByRole("checkbox", { name: /subfolders/ }).check();
  await page.getByRole("button", { name: "Show first objects" }).click();
  await page.getByText("3 objects, and no more.").waitFor();
  await page.getByRole("cell", { name: "a b.png" }).waitFor();
  await screenshot(page, "storages-form-files");
  await page.getByRole("button", { name: "Save and sync" }).click();

  await page.waitForURL(/\/storages$/);
  await card(page, "Images").getByText("Synced", { exact: true }).waitFor();
  await card(page, "Images").getByText(/3 tasks made/).waitFor();
  const { tasks } = await server.api("GET", `/api/tasks/?project=${project}`);
  assert.equal(tasks.length, 3);
  assert.deepEqual(page.problems, []);
});

test("a sync again makes nothing twice, and a new file is seen", async () => {
  const { page } = browser;
  writeFileSync(join(root, "images/new.png"), "x");
  await card(page, "Images").getByRole("button", { name: "Sync now" }).click();
  await card(page, "Images").getByText(/1 task made · 3 already there/).waitFor();
});

test("the doctor's steps are shown", async () => {
  const { page } = browser;
  await card(page, "Images").getByRole("button", { name: "Test connection" }).click();
  const result = card(page, "Images").getByRole("region", { name: "Result of the test" });
  await result.getByText("Everything works.").waitFor();
  assert.ok((await result.getByRole("listitem").count()) > 0);
  await screenshot(page, "storages-doctor");
});

test("what could not be read is named, and the rest is there", async () => {
  const { page } = browser;
  await addFolder(page, "import");
  await page.getByRole("textbox", { name: /^Title/ }).fill("Task files");
  await page.getByRole("textbox", { name: "Folder" }).fill(join(root, "tasks"));
  await page.getByRole("button", { name: "Save and sync" }).click();
  await page.waitForURL(/\/storages$/);
  const files = card(page, "Task files");
  await files.getByText("Synced, with errors").waitFor();
  await files.getByText(/2 tasks made/).waitFor();
  await files.getByRole("button", { name: "1 object could not be dealt with" }).click();
  await files.getByText("broken.json").first().waitFor();
  await screenshot(page, "storages-errors");
});

test("a storage is changed; a form with changes is not left by mistake", async () => {
  const { page } = browser;
  await card(page, "Images").getByRole("link", { name: "Edit" }).click();
  const title = page.getByRole("textbox", { name: /^Title/ });
  await title.waitFor();
  assert.equal(await title.inputValue(), "Images");
  assert.equal(await page.getByRole("textbox", { name: "Folder" }).inputValue(), join(root, "images"));
  await title.fill("Pictures");
  await page.getByRole("button", { name: "Cancel" }).first().click();
  const leave = page.getByRole("dialog", { name: "Leave without saving?" });
  await leave.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await card(page, "Pictures").waitFor();
});

test("deleting a storage says that tasks stay, and they do", async () => {
  const { page } = browser;
  await card(page, "Pictures").getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete this storage?" });
  await dialog.getByText(/tasks made from it stay/).waitFor();
  await screenshot(page, "storages-delete");
  await dialog.getByRole("button", { name: "Delete storage" }).click();
  await card(page, "Pictures").waitFor({ state: "detached" });
  const { total } = await server.api("GET", `/api/tasks/?project=${project}`);
  assert.equal(total, 6);
});

test("an export storage is added with the keyboard alone", async () => {
  const { page } = browser;
  mkdirSync(join(root, "out"));
  await page.goto(`${server.url}/projects/${project}/storages`);
  await page.getByRole("link", { name: "Add export storage" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Local files" }).waitFor();
  for (let n = 0; n < 12 && !(await page.evaluate(() => document.activeElement?.type === "radio")); n += 1) {
    await page.keyboard.press("Tab");
  }
  for (let n = 0; n < 6 && !(await page.getByRole("radio", { name: "Local files" }).isChecked()); n += 1) {
    await page.keyboard.press("ArrowRight");
  }
  await page.getByRole("textbox", { name: "Folder" }).waitFor();
  const named = (name) => page.evaluate((name) => document.activeElement?.getAttribute("name") === name, name);
  for (let n = 0; n < 12 && !(await named("path")); n += 1) await page.keyboard.press("Tab");
  await page.keyboard.type(join(root, "out"));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/storages$/);
  await page.getByRole("region", { name: "Export storages" }).getByRole("article").waitFor();
});
