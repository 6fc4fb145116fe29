// Buckets as a person connects them: what is wrong with the settings, what the bucket has to allow for browsers, a sync
// as it goes, and images that the browser fetches from the bucket by signed links. The bucket is one of the S3 server of
// the tests, which checks every signature: TAGLOOM_S3, built by
// `cargo build -p tagloom-storages --features testing --bin s3-for-tests`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { FIXTURES, freePort, openBrowser, ROOT, screenshot, signIn, startServer } from "./harness.mjs";

const S3 = process.env.TAGLOOM_S3 ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/s3-for-tests");
const REGION = "eu-central-1";
const KEY = "TAGLOOMTESTKEY";
const SECRET = "tagloom/test+secret";
const CONFIG = `<View><Image name="image" value="$image"/><RectangleLabels name="l" toName="image"><Label value="Car"/></RectangleLabels></View>`;
/** Keys with everything that an address has to escape. */
const IMAGES = ["images/a +%#?é.png", "images/b&c=d;e.png", "images/deep/(f) ~'g'.png"];
/** More than two of the steps in which a sync tells how far it is. */
const TASKS = 2300;
const BROKEN = "tasks/01500 half%20&é.json";

let root;
let s3;
let server;
let browser;
let project;

/** Starts the S3 server over the folders of `root`; `cors` is the origin that its buckets allow. */
async function startS3({ port, cors } = {}) {
  const args = ["--root", root, "--port", String(port), "--bucket", "labels", "--region", REGION];
  const child = spawn(S3, [...args, "--key", KEY, "--secret", SECRET, ...(cors ? ["--cors", cors] : [])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const endpoint = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${S3} ended with ${code}`)));
    child.stdout.once("data", (line) => resolve(String(line).trim()));
  });
  return {
    endpoint,
    port,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) resolve();
        child.removeAllListeners("exit").on("exit", resolve);
        child.kill();
      }),
  };
}

before(async () => {
  root = mkdtempSync(join(tmpdir(), "tagloom-s3-"));
  for (const key of IMAGES) {
    mkdirSync(dirname(join(root, "labels", key)), { recursive: true });
    copyFileSync(join(FIXTURES, "media/shapes.png"), join(root, "labels", key));
  }
  mkdirSync(join(root, "labels/tasks"));
  for (let n = 0; n < TASKS; n += 1) {
    writeFileSync(join(root, "labels/tasks", `${String(n).padStart(5, "0")}.json`), JSON.stringify({ image: `${n}.png` }));
  }
  writeFileSync(join(root, "labels", BROKEN), '{"image": ');
  s3 = await startS3({ port: await freePort() });
  server = await startServer({ env: { SSRF_ALLOWED_SUBNETS: "127.0.0.0/8" } });
  browser = await openBrowser({ width: 1400, height: 900 });
  await browser.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await signIn(browser.page, server);
  project = (await server.api("POST", "/api/projects/", { title: "Buckets", label_config: CONFIG })).id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await s3?.stop();
  rmSync(root, { recursive: true, force: true });
});

const card = (page, name) => page.getByRole("article", { name });
const field = (page, name) => page.locator(`input[name=${name}]`);

/** Pictures of the page as wide and narrow windows show it, light and dark; `what` is brought into sight. */
async function pictures(page, name, what) {
  for (const [size, width] of [["wide", 1400], ["narrow", 420]]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await what?.evaluate((element) => element.scrollIntoView({ block: "start" }));
      await screenshot(page, `${name}-${size}-${colorScheme}`);
    }
    // Nothing of a page lies beside the window.
    const beside = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(beside <= 0, `${name}, ${size}: ${beside} pixels lie beside the window`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1400, height: 900 });
}

/** Opens the form of a new import storage and fills in what all have in common. */
async function addBucket(page, { title, prefix }) {
  await page.goto(`${server.url}/projects/${project}/storages`);
  await page.getByRole("link", { name: "Add import storage" }).click();
  await page.getByRole("radio", { name: /S3/ }).check();
  await field(page, "bucket").waitFor();
  await field(page, "title").fill(title);
  await field(page, "bucket").fill("labels");
  await field(page, "prefix").fill(prefix);
  await field(page, "s3_endpoint").fill(s3.endpoint);
  await field(page, "aws_access_key_id").fill(KEY);
  await field(page, "aws_secret_access_key").fill(SECRET);
}

/** Waits until the editor shows the picture. */
const drawn = (page) => page.waitForFunction(() => document.querySelector(".tl-image-media img")?.naturalWidth > 0);

async function testConnection(page) {
  await page.getByRole("button", { name: "Test connection" }).click();
}

test("wrong settings of a bucket are named with the way to mend them, at their field where it is one", async () => {
  const { page } = browser;
  await addBucket(page, { title: "Images", prefix: "images" });
  await field(page, "use_blob_urls").check();
  await field(page, "recursive_scan").check();
  // The shortest life of a link: a minute.
  await field(page, "presign_ttl").fill("1");
  await page.evaluate(() => scrollTo(0, 0));
  await pictures(page, "cloud-form");

  // No region is us-east-1, and the bucket lies elsewhere.
  await testConnection(page);
  const region = page.locator("#error-region_name");
  await region.waitFor();
  assert.match(await region.textContent(), /lies in the region eu-central-1.*Set the region to eu-central-1/);
  assert.equal(await field(page, "region_name").getAttribute("aria-invalid"), "true");
  await page.getByText("It does not work yet: see the field that is marked.").waitFor();
  await pictures(page, "cloud-form-region", field(page, "bucket"));

  await field(page, "region_name").fill(REGION);
  await field(page, "aws_secret_access_key").fill("another+secret");
  await testConnection(page);
  const said = page.locator("#error-aws_secret_access_key");
  await said.filter({ hasText: /The secret does not belong to this key/ }).waitFor();
  assert.match(await said.textContent(), /Check the key and its secret/);

  await field(page, "aws_secret_access_key").fill(SECRET);
  await field(page, "bucket").fill("labelz");
  await testConnection(page);
  await page.locator("#error-bucket").filter({ hasText: /no bucket "labelz"/ }).waitFor();

  await field(page, "bucket").fill("labels");
  await field(page, "s3_endpoint").fill(`http://127.0.0.1:${await freePort()}`);
  await testConnection(page);
  await page.locator("#error-s3_endpoint").waitFor();
  assert.equal(await field(page, "s3_endpoint").getAttribute("aria-invalid"), "true");

  await field(page, "s3_endpoint").fill(s3.endpoint);
  await testConnection(page);
  // The server may read it; that browsers may not is known before anything is saved.
  const tried = page.getByRole("region", { name: "Result of the test" });
  await tried.getByText("One thing does not work.").waitFor();
  await tried.getByRole("listitem").filter({ hasText: "Browsers may read it (CORS)" }).getByText("To mend it:").waitFor();
  await pictures(page, "cloud-form-doctor", tried);
  await page.getByRole("button", { name: "Show first objects" }).click();
  await page.getByText("3 objects, and no more.").waitFor();
  await page.getByRole("cell", { name: IMAGES[0], exact: true }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(/\/storages$/);
  await card(page, "Images").getByText("Never synced").waitFor();
  // The refusals are answers, not problems of the page.
  page.problems.length = 0;
});

test("a bucket that browsers may not read is found out, and its rules are there to be copied", async () => {
  const { page } = browser;
  const images = card(page, "Images");
  await testConnection(images);
  const result = images.getByRole("region", { name: "Result of the test" });
  await result.getByText("One thing does not work.").waitFor();
  const step = result.getByRole("listitem").filter({ hasText: "Browsers may read it (CORS)" });
  await step.getByText("To mend it:").waitFor();
  assert.match(await step.textContent(), /: failed/);
  // Signing and fetching by the server work: that alone would tell nothing of browsers.
  assert.match(await result.getByRole("listitem").filter({ hasText: "A signed URL works" }).textContent(), /: works/);
  const rules = result.getByRole("textbox", { name: "CORS rules" });
  await rules.waitFor();
  const json = await rules.inputValue();
  const [rule] = JSON.parse(json);
  assert.deepEqual(rule.AllowedOrigins, [server.url]);
  assert.ok(rule.AllowedMethods.includes("GET"));
  await pictures(page, "cloud-doctor", result);
  await pictures(page, "cloud-cors", step);
  await result.getByRole("button", { name: "Copy" }).click();
  await result.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), json);

  // The owner of the bucket puts them there.
  const { port } = s3;
  await s3.stop();
  s3 = await startS3({ port, cors: server.url });
  await testConnection(images);
  await result.getByText("Everything works.").waitFor();
  assert.deepEqual(page.problems, []);
});

test("an image of a bucket is drawn through a signed link, whatever its key", async () => {
  const { page } = browser;
  const images = card(page, "Images");
  await images.getByRole("button", { name: "Sync now" }).click();
  await images.getByText(/3 tasks made/).waitFor();
  const fetched = [];
  page.on("response", (response) => {
    if (response.url().startsWith(s3.endpoint)) fetched.push(response);
  });
  const { tasks } = await server.api("GET", `/api/tasks/?project=${project}`);
  const keys = [];
  for (const task of tasks) {
    fetched.length = 0;
    await page.goto(`${server.url}/projects/${project}/tasks/${task.id}`);
    await drawn(page);
    const url = new URL(fetched.at(-1).url());
    assert.equal(fetched.at(-1).status(), 200);
    assert.equal(url.searchParams.get("X-Amz-Expires"), "60");
    assert.ok(url.searchParams.has("X-Amz-Signature"));
    keys.push(decodeURIComponent(url.pathname).replace("/labels/", ""));
  }
  assert.deepEqual(keys.sort(), [...IMAGES].sort());
  await screenshot(page, "cloud-image");
  assert.deepEqual(page.problems, []);
});

/** A link to an object as the server signs it, made five minutes ago for one minute. */
function expiredLink(key) {
  const at = new Date(Date.now() - 5 * 60_000).toISOString().replace(/[-:]|\.\d+/g, "");
  const escaped = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const scope = `${at.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const { host } = new URL(s3.endpoint);
  const path = `/labels/${key.split("/").map(escaped).join("/")}`;
  const query = [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"], ["X-Amz-Credential", `${KEY}/${scope}`], ["X-Amz-Date", at],
    ["X-Amz-Expires", "60"], ["X-Amz-SignedHeaders", "host"],
  ].map(([name, value]) => `${name}=${escaped(value)}`).join("&");
  const request = ["GET", path, query, `host:${host}\n`, "host", "UNSIGNED-PAYLOAD"].join("\n");
  const hash = createHash("sha256").update(request).digest("hex");
  const hmac = (secret, text) => createHmac("sha256", secret).update(text);
  const secret = scope.split("/").reduce((secret, part) => hmac(secret, part).digest(), `AWS4${SECRET}`);
  const signature = hmac(secret, ["AWS4-HMAC-SHA256", at, scope, hash].join("\n")).digest("hex");
  return `${s3.endpoint}${path}?${query}&X-Amz-Signature=${signature}`;
}

test("a link that has run out is said to be one, and trying again gets a new one", async () => {
  const { page } = browser;
  const storage = (await server.api("GET", `/api/storages/?project=${project}`)).find((s) => s.title === "Images");
  // Nothing is shorter than a minute.
  const refused = await server.api("PATCH", `/api/storages/s3/${storage.id}`, { presign_ttl: 0 }).catch((error) => error.message);
  assert.match(refused, /presign_ttl.*1 to 10080/);
  const { tasks } = await server.api("GET", `/api/tasks/?project=${project}`);
  const old = expiredLink(IMAGES[0]);
  assert.equal((await fetch(old)).status, 403);
  // As if the browser had kept where it was sent the last time.
  await page.route("**/resolve/**", (route) => route.fulfill({ status: 303, headers: { Location: old } }));
  await page.goto(`${server.url}/projects/${project}/tasks/${tasks[0].id}`);
  const failed = page.getByRole("alert").filter({ hasText: "The image cannot be loaded" });
  await failed.getByText(/signed link has expired/).waitFor();
  await pictures(page, "cloud-expired", failed);
  await page.unroute("**/resolve/**");
  await failed.getByRole("button", { name: "Try again" }).click();
  await drawn(page);
  page.problems.length = 0;
});

test("a sync of many objects tells how far it is, and names the object that is broken", async () => {
  const { page } = browser;
  await addBucket(page, { title: "Task files", prefix: "tasks" });
  await field(page, "region_name").fill(REGION);
  await page.getByRole("button", { name: "Save and sync" }).click();
  await page.waitForURL(/\/storages$/);
  const files = card(page, "Task files");
  await files.getByText("Syncing", { exact: true }).waitFor();
  const work = files.getByRole("region", { name: "Reading the storage" });
  await work.getByRole("progressbar", { name: "Progress" }).waitFor();
  // Every number that is told, until the work is done.
  const seen = page.evaluate(
    () =>
      new Promise((resolve) => {
        const told = [];
        const timer = setInterval(() => {
          const line = document.querySelector(".ta-work-card [role=status]")?.textContent;
          if (line === undefined) {
            clearInterval(timer);
            resolve(told);
            return;
          }
          const count = /^[\d,]+/.exec(line)?.[0];
          if (count !== undefined && told.at(-1) !== count) told.push(count);
        }, 50);
      }),
  );
  await work.getByText(/^[1-9][\d,]* .*objects/).waitFor();
  await pictures(page, "cloud-syncing", files);
  const told = (await seen).map((count) => Number(count.replaceAll(",", "")));
  assert.ok(told.filter((count) => count > 0).length >= 2, `told while it went: ${told}`);
  assert.deepEqual(told, [...told].sort((a, b) => a - b));
  await files.getByText("Synced, with errors").waitFor();
  await files.getByText(/2,300 tasks made/).waitFor();
  await pictures(page, "cloud-list");

  await files.getByRole("button", { name: "1 object could not be dealt with" }).click();
  const problems = files.getByRole("list", { name: "What could not be dealt with" });
  await problems.getByText(BROKEN, { exact: true }).waitFor();
  assert.match(await problems.textContent(), /This object cannot be read as tasks/);
  await pictures(page, "cloud-errors", files);
  const { total } = await server.api("GET", `/api/tasks/?project=${project}&page_size=1`);
  assert.equal(total, IMAGES.length + TASKS);
  assert.deepEqual(page.problems, []);
});
