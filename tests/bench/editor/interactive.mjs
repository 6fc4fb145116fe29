// A trivial text task on the built demo page: from the first request, with a cold cache, until a click on a label works.
import { DEMO_DIR, openBrowser, serveStatic } from "../../e2e/harness.mjs";
import { measure, percentile } from "../measure.mjs";

const ROUNDS = 5;

const host = await serveStatic(DEMO_DIR);
const times = [];
for (let n = 0; n < ROUNDS; n++) {
  // A fresh profile each time: nothing is cached, the wasm is compiled anew.
  const browser = await openBrowser();
  try {
    const started = performance.now();
    await browser.page.goto(`${host.url}/#text`, { waitUntil: "commit" });
    await browser.page.waitForFunction(() => globalThis.tagloomDemo?.editor, null, { polling: 10 });
    await browser.page.getByText("Person", { exact: true }).first().click();
    times.push(performance.now() - started);
  } finally {
    await browser.close();
  }
}
await host.stop();
measure("trivial text task interactive, cold cache, loopback, median", percentile(times, 0.5), "ms", 1000);
