// Series as long as recordings get: 10 million samples of 8 channels, and a CSV file of 40 MB. Both are CSV that a server
// here sends as fast as it is taken; the editor reads while they arrive. "After the last byte" is from the moment that the
// server has handed over the last byte to the first frame with the series in it. Memory is the editor's own (WebAssembly)
// and the page's (JavaScript), against the columns as 64-bit floats.
import { createServer } from "node:http";
import { once } from "node:events";
import { DEMO_DIR, openBrowser, serveStatic } from "../../e2e/harness.mjs";
import { drag, frames } from "../frames.mjs";
import { measure, remark } from "../measure.mjs";

const BLOCK = 20_000;

/** Sends `rows` lines of a time and `channels` values; `done` is when the last byte was taken. */
async function serveCsv({ rows, channels, decimals }) {
  const names = Array.from({ length: channels }, (_, c) => `c${c}`);
  // Values repeat after a block, or making them up would take longer than reading them.
  const tails = Array.from({ length: BLOCK }, (_, i) =>
    names.map((_, c) => (Math.sin(i / (20 + 37 * c)) + Math.sin(i * 12.9898 * (c + 1)) / 5).toFixed(decimals)).join(","),
  );
  const state = { done: null };
  const server = createServer(async (_, response) => {
    response.writeHead(200, { "Content-Type": "text/csv", "Access-Control-Allow-Origin": "*" });
    response.write(`time,${names.join(",")}\n`);
    for (let row = 0; row < rows; row += BLOCK) {
      let text = "";
      for (let i = 0; i < BLOCK && row + i < rows; i++) text += `${(row + i) / 1000},${tails[i]}\n`;
      if (!response.write(text)) await once(response, "drain");
    }
    response.end(() => (state.done = Date.now()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => new Promise((end) => server.close(end));
  return { url: `http://127.0.0.1:${server.address().port}/series.csv`, state, names, stop };
}

/** Opens an editor on the file; answers the page and when the first picture was there. */
async function openSeries(host, csv) {
  const browser = await openBrowser();
  const { page } = browser;
  await page.goto(`${host.url}/demo.css`);
  await page.setContent('<!doctype html><div id="root" style="position:fixed;inset:0"></div>');
  const started = Date.now();
  const shown = page.evaluate(
    async ({ base, url, names }) => {
      for (const name of ["instantiate", "instantiateStreaming"]) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...args) => {
          const made = await original(...args);
          globalThis.wasmMemory = (made.instance ?? made).exports.memory;
          return made;
        };
      }
      const { createEditor } = await import(`${base}/pkg/src/index.js`);
      const channels = names.map((n) => `<Channel column="${n}" height="70"/>`).join("");
      const config = `<View><TimeSeriesLabels name="l" toName="ts"><Label value="Run"/></TimeSeriesLabels>
        <TimeSeries name="ts" value="$ts" timeColumn="time" timeUnit="s">${channels}</TimeSeries></View>`;
      globalThis.editor = await createEditor("root", { config, task: { id: 1, data: { ts: url } } });
      const deep = (selector, root = document) => {
        const found = root.querySelector(selector);
        if (found) return found;
        for (const element of root.querySelectorAll("*")) {
          const inner = element.shadowRoot && deep(selector, element.shadowRoot);
          if (inner) return inner;
        }
        return null;
      };
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      for (;;) {
        await frame();
        if (deep(".tl-series-error")) throw new Error(deep(".tl-series-error").textContent);
        const canvas = deep(".tl-series-plot canvas");
        if (canvas?.width > 300) break;
      }
      // The frame that draws, and the one that shows it was drawn.
      await frame();
      await frame();
      return Date.now();
    },
    { base: host.url, url: csv.url, names: csv.names },
  );
  return { browser, page, started, shown: await shown };
}

const host = await serveStatic(DEMO_DIR);
try {
  const file = await serveCsv({ rows: 1_000_000, channels: 3, decimals: 8 });
  const small = await openSeries(host, file);
  measure("1M x 3 series, CSV of 40 MB, opened and drawn", (small.shown - small.started) / 1000, "s", 3);
  await small.browser.close();
  await file.stop();

  const rows = Number(process.env.TAGLOOM_BENCH_ROWS ?? 10_000_000);
  const long = await serveCsv({ rows, channels: 8, decimals: 6 });
  const { browser, page, started, shown } = await openSeries(host, long);
  try {
    const name = `${rows / 1e6}M x 8 series`;
    remark(`${name}: ${((shown - started) / 1000).toFixed(1)} s from nothing to the first picture`);
    measure(`${name}, first picture after the last byte`, Math.max(0, shown - long.state.done) / 1000, "s", 1.5);
    const memory = await page.evaluate(() => ({
      wasm: globalThis.wasmMemory?.buffer.byteLength ?? 0,
      js: performance.memory?.usedJSHeapSize ?? 0,
    }));
    remark(`memory: ${Math.round(memory.wasm / 1e6)} MB of WebAssembly, ${Math.round(memory.js / 1e6)} MB of JavaScript`);
    const raw = (rows * 9 * 8) / 1e6;
    measure(`${name}, memory`, (memory.wasm + memory.js) / 1e6, "MB", 1.3 * raw + 150);
    const box = await page.locator(".tl-series-overlay").boundingBox();
    const middle = [box.x + box.width / 2, box.y + 200];
    await page.mouse.move(...middle);
    const zoom = await frames(page, async () => {
      for (let n = 0; n < 120; n++) await page.mouse.wheel(0, n < 60 ? -60 : 60);
    });
    measure(`${name} zoomed, frame work p95`, zoom.p95, "ms", 16.7);
    // A tenth of the series or so: with everything in view there is nothing to pan.
    for (let n = 0; n < 10; n++) await page.mouse.wheel(0, -120);
    await page.waitForTimeout(200);
    const readout = () => page.locator(".tl-series-readout").textContent();
    const before = await readout();
    if (before.includes(`· ${rows} of`)) throw new Error(`not zoomed in as planned: ${before}`);
    const pan = await frames(page, async () => {
      for (let n = 0; n < 120; n++) await page.mouse.wheel(n < 80 ? 60 : -60, 0);
    });
    if ((await readout()) === before) throw new Error("nothing was panned");
    measure(`${name} panned, frame work p95`, pan.p95, "ms", 16.7);
    await page.keyboard.press("1");
    const brush = await frames(page, () =>
      drag(page, [box.x + box.width * 0.2, box.y + 200], [box.x + box.width * 0.8, box.y + 200]),
    );
    measure(`${name} brushed, frame work p95`, brush.p95, "ms", 16.7);
    remark(`${zoom.count + pan.count + brush.count} frames`);
  } finally {
    await browser.close();
    await long.stop();
  }
} finally {
  await host.stop();
}
