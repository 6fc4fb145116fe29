// What the frame-time drivers share: a page with one editor of the built package, and a drag with its frames timed.
import { DEMO_DIR, openBrowser, serveStatic } from "../e2e/harness.mjs";
import { percentile } from "./measure.mjs";

/** Opens an editor alone on the page; `setup` runs first in the page and may return `{config, task}`. */
export async function openEditor(setup) {
  const host = await serveStatic(DEMO_DIR);
  const browser = await openBrowser();
  const { page } = browser;
  await page.goto(`${host.url}/demo.css`);
  await page.setContent('<!doctype html><div id="root" style="position:fixed;inset:0"></div>');
  const { config, task } = await page.evaluate(setup);
  await page.evaluate(
    async ({ base, config, task }) => {
      const { createEditor } = await import(`${base}/pkg/src/index.js`);
      globalThis.editor = await createEditor("root", { config, task });
    },
    { base: host.url, config, task },
  );
  await page.waitForTimeout(1500);
  return {
    page,
    async close() {
      await browser.close();
      await host.stop();
    },
  };
}

/**
 * Runs `work` while the page notes how long each frame took, from one animation frame to the next; returns the p95 in
 * milliseconds. With the display's clock a perfect frame is 16.7 ms long: what counts is the work in it, so the time from
 * the start of a frame to the end of its tasks is noted instead.
 */
export async function frames(page, work) {
  await page.evaluate(() => {
    const times = [];
    let running = true;
    const channel = new MessageChannel();
    let began = 0;
    channel.port1.onmessage = () => times.push(performance.now() - began);
    const tick = () => {
      if (!running) return;
      began = performance.now();
      // Runs after style, layout and paint of this frame.
      channel.port2.postMessage(0);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    globalThis.stopFrames = () => {
      running = false;
      return times;
    };
  });
  await work();
  const times = await page.evaluate(() => globalThis.stopFrames());
  return { p95: percentile(times, 0.95), count: times.length };
}

/** A drag in many small moves. */
export async function drag(page, from, to, moves = 120, options = {}) {
  await page.mouse.move(...from);
  await page.mouse.down(options);
  for (let n = 1; n <= moves; n++) {
    const share = n / moves;
    await page.mouse.move(from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share);
  }
  await page.mouse.up(options);
}
