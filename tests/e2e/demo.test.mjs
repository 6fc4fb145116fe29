// The demo page as a visitor uses it: no server, a strict policy, every example opens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DEMO_DIR, openBrowser, screenshot, serveStatic, STRICT_CSP } from "./harness.mjs";

let host;
let browser;

before(async () => {
  host = await serveStatic(DEMO_DIR, { headers: { "Content-Security-Policy": STRICT_CSP } });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

/** Opens an example in a new document and waits until its editor is there. */
async function open(example) {
  const { page } = browser;
  page.problems.length = 0;
  await page.goto("about:blank");
  await page.goto(`${host.url}/#${example}`);
  await page.waitForFunction(() => globalThis.tagloomDemo?.editor);
  return page;
}

for (const example of ["video-time-series", "image", "text", "choices"]) {
  test(`the example ${example} opens without a complaint`, async () => {
    const page = await open(example);
    const state = await page.evaluate(() => globalThis.tagloomDemo.editor.state());
    assert.deepEqual(state.diagnostics.filter((one) => /error/i.test(String(one.severity))), []);
    assert.equal(state.readOnly, false);
    await page.waitForLoadState("networkidle");
    await screenshot(page, `demo-${example}`);
    assert.deepEqual(page.problems, []);
    assert.equal(await page.locator("#message").textContent(), "");
  });
}

test("a choice shows in the result at once, in Label Studio's shape", async () => {
  const page = await open("choices");
  await page.getByText("Undecided", { exact: true }).click();
  await page.waitForFunction(() => document.getElementById("result").textContent.includes("Undecided"));
  const result = JSON.parse(await page.locator("#result").textContent());
  assert.equal(result.length, 1);
  const { from_name, to_name, type, value } = result[0];
  assert.deepEqual({ from_name, to_name, type, value }, {
    from_name: "mood", to_name: "review", type: "choices", value: { choices: ["Undecided"] },
  });
});

test("a broken config is answered beside it, and the page goes on", async () => {
  const page = await open("text");
  await page.getByText("Config", { exact: true }).click();
  await page.locator("#config").fill('<View><Text name="t" value="$text"></View>');
  await page.waitForFunction(() => globalThis.tagloomDemo.editor.state().diagnostics.length > 0);
  await page.locator("#config").fill('<View><Text name="t" value="$text"/></View>');
  await page.waitForFunction(() => globalThis.tagloomDemo.editor.state().diagnostics.length === 0);
});
