// Video and series on one timeline: the media clock, speed, windows, regions, loops, alignment. Test names: T2 to T12 of
// the sync specification. The video shows its frame number as a barcode; the series has a sample every 10 ms.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { editorPage, results } from "./editor-page.mjs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FIXTURES, openBrowser, screenshot } from "./harness.mjs";
import { slowFile } from "./slow-file.mjs";
import { drag, regionRows } from "./steps.mjs";

const FPS = 25;
const CONFIG = `<View style="display:flex;flex-direction:column">
  <TimeSeriesLabels name="label" toName="series"><Label value="Run"/><Label value="Walk"/></TimeSeriesLabels>
  <Video name="video" value="$video" sync="all" height="160"/>
  <Video name="second" value="$video" sync="all" height="160" muted="true"/>
  <TimeSeries name="series" value="$csv" sync="all" timeColumn="t" timeUnit="s" timeDisplayFormat=".3f" overviewWidth="100%">
    <Channel column="a" height="80"/></TimeSeries></View>`;

let host;
let browser;

before(async () => {
  host = await editorPage({ folders: ["video"] });
  const rows = Array.from({ length: 4001 }, (_, n) => `${(n / 100).toFixed(2)},${n % 100 === 0 ? 1 : 0}`);
  host.write("series.csv", `t,a\n${rows.join("\n")}\n`);
  browser = await openBrowser({ args: ["--autoplay-policy=no-user-gesture-required"] });
  await browser.context.addInitScript(() => {
    const all = (selector, root = document) => [...root.querySelectorAll("*")].flatMap((e) => [...(e.matches(selector) ? [e] : []), ...(e.shadowRoot ? all(selector, e.shadowRoot) : [])]);
    const videos = () => all("video");
    const cursor = () => Number(/cursor (-?[\d.]+)/.exec(all(".tl-series-readout")[0]?.textContent ?? "")?.[1] ?? NaN);
    const frames = () => all(".tl-video-readout").map((e) => Number(/frame (\d+) of/.exec(e.textContent)?.[1]));
    const settle = async () => {
      for (let n = 0; n < 4 || videos().some((v) => v.seeking); n += 1) await new Promise((done) => requestAnimationFrame(done));
    };
    window.sync = { all, videos, cursor, frames, settle };
  });
});
after(async () => {
  await browser?.close();
  await host?.stop();
});
afterEach(() => assert.deepEqual(browser.page.problems.splice(0), []));

async function open({ annotations = [], config = CONFIG, video = "video/long.mp4" } = {}) {
  const { page } = browser;
  await host.open(page, { config, data: { video, csv: "series.csv" }, annotations });
  await page.waitForFunction(() => window.sync.frames().length > 0 && window.sync.frames().every((n) => n > 0));
  await page.locator(".tl-series-readout", { hasText: "samples" }).waitFor();
  return page;
}

const playPause = (page) => page.keyboard.press("Control+Alt+Space");

/** Plays for a while and notes, at each frame that the browser shows, how far the series cursor is from it. */
const drift = (page, { rate, seconds }) =>
  page.evaluate(
    async ({ rate, seconds }) => {
      const [video] = window.sync.videos();
      const select = window.sync.all(".tl-video-bar select")[0];
      select.value = String(rate);
      select.dispatchEvent(new Event("change", { bubbles: true, composed: true }));
      const off = [];
      const end = performance.now() + seconds * 1000;
      await new Promise((done) => {
        const look = (_, { mediaTime }) => {
          // Looked at when this frame of the page is done: what the page says then stands beside this picture.
          requestAnimationFrame(() =>
            setTimeout(() => {
              const cursor = window.sync.cursor();
              if (Number.isFinite(cursor)) off.push(cursor - mediaTime);
            }),
          );
          if (performance.now() > end || video.ended) done();
          else video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      });
      return off;
    },
    { rate, seconds },
  );

/** One frame of the video, and the milliseconds that the read-out rounds away. */
const within = 1 / FPS + 0.002;

test("T2 the series cursor is on the frame that is shown, at every speed", async () => {
  const page = await open();
  await playPause(page);
  for (const rate of [0.25, 1, 2, 4]) {
    const off = await drift(page, { rate, seconds: 3 });
    assert.ok(off.length > 5, `${off.length} frames at ${rate}`);
    const settled = off.slice(2);
    const worst = Math.max(...settled.map(Math.abs));
    assert.ok(worst <= within, `${worst} s away at ${rate}`);
  }
  await playPause(page);
});

test("T2 a line with three stalls: the cursor waits with the picture", async () => {
  // 8 kB a second play as they come; the index is before everything else.
  const stalls = [70_000, 110_000, 150_000].map((at) => ({ at, seconds: 4 }));
  const video = await slowFile(join(FIXTURES, "video/padded.mp4"), { type: "video/mp4", free: 40_000, rate: 9000, stalls });
  try {
    const config = CONFIG.replace(/<Video name="second".*/, "");
    const page = await open({ config, video: video.url });
    await page.evaluate(() => {
      window.stalled = 0;
      window.sync.videos()[0].addEventListener("waiting", () => (window.stalled += 1));
    });
    await playPause(page);
    const off = await drift(page, { rate: 1, seconds: 27 });
    await playPause(page);
    assert.ok((await page.evaluate(() => window.stalled)) >= 3, "the line did not stall");
    const settled = off.slice(2).map(Math.abs);
    assert.ok(settled.length > 60, `${settled.length} frames`);
    assert.ok(Math.max(...settled) <= within, `${Math.max(...settled)} s away`);
    // No growth: the last third is no worse than a frame from the first.
    const third = Math.floor(settled.length / 3);
    const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
    assert.ok(mean(settled.slice(-third)) <= mean(settled.slice(0, third)) + 1 / FPS);
  } finally {
    // Before the line is cut, so that nothing is loading from it.
    await browser.page.goto("about:blank");
    await video.stop();
  }
});

test("T3 speed changes and a hidden page leave nothing behind", async () => {
  const page = await open();
  await playPause(page);
  for (const rate of [2, 0.5, 1, 4, 1]) await drift(page, { rate, seconds: 0.6 });
  const other = await browser.context.newPage();
  await other.bringToFront();
  await other.waitForTimeout(3000);
  await page.bringToFront();
  await other.close();
  const off = (await drift(page, { rate: 1, seconds: 1.5 })).slice(3);
  const worst = Math.max(...off.map(Math.abs));
  assert.ok(worst <= within, `${worst} s away`);
  // The second video has followed.
  const apart = await page.evaluate(() => {
    const [a, b] = window.sync.videos();
    return Math.abs(a.currentTime - b.currentTime);
  });
  assert.ok(apart < 0.12, `${apart} s apart`);
  await playPause(page);
  await page.evaluate(() => window.sync.settle());
  const [first, second] = await page.evaluate(() => window.sync.frames());
  assert.equal(first, second, "paused they show the same frame");
});

test("T6 a thousand zooms and pans of a paused series move no video", async () => {
  const page = await open();
  const before = await page.evaluate(() => window.sync.videos().map((v) => v.currentTime));
  const moved = await page.evaluate(async () => {
    const plot = window.sync.all(".tl-series-overlay")[0];
    const box = plot.getBoundingClientRect();
    const text = () => window.sync.all(".tl-series-readout")[0].textContent;
    const views = new Set();
    for (let n = 0; n < 1000; n += 1) {
      const options = { bubbles: true, composed: true, cancelable: true, clientX: box.left + ((n * 37) % box.width), clientY: box.top + 20 };
      plot.dispatchEvent(new WheelEvent("wheel", { ...options, deltaY: n % 3 === 0 ? 60 : -60, shiftKey: n % 5 === 0 }));
      if (n % 100 === 0) {
        await new Promise((done) => requestAnimationFrame(done));
        views.add(text());
      }
    }
    return views.size;
  });
  assert.ok(moved > 2, "the view did move");
  assert.deepEqual(await page.evaluate(() => window.sync.videos().map((v) => v.currentTime)), before);
});

test("T7 LS#8603 selecting any of fifty regions takes every member to its start", async () => {
  const result = Array.from({ length: 50 }, (_, n) => ({
    id: `r${n}`, from_name: "label", to_name: "series", type: "timeserieslabels", origin: "manual",
    value: { start: 0.5 + n * 0.75, end: 1 + n * 0.75, instant: false, timeserieslabels: [n % 2 ? "Run" : "Walk"] },
  }));
  const page = await open({ annotations: [{ id: 5, result }] });
  for (let n = 0; n < 50; n += 1) {
    await page.keyboard.press("Alt+.");
    const start = 0.5 + n * 0.75;
    await page.waitForFunction((start) => Math.abs(window.sync.cursor() - start) < 0.011, start);
    await page.evaluate(() => window.sync.settle());
    const frame = Math.floor(start * FPS + 1e-6) + 1;
    await page.waitForFunction((frame) => window.sync.frames().every((n) => n === frame), frame);
  }
});

test("T8 a loop of ten frames, turned two hundred times, never shows another one", async () => {
  const value = { start: 4, end: 4.4, instant: false, timeserieslabels: ["Run"] };
  const result = [{ id: "loop", from_name: "label", to_name: "series", type: "timeserieslabels", origin: "manual", value }];
  const page = await open({ annotations: [{ id: 6, result }], config: CONFIG.replace(/<Video name="second".*\n/, "") });
  await regionRows(page).first().click();
  await page.evaluate(() => window.sync.settle());
  const seen = await page.evaluate(async () => {
    const [video] = window.sync.videos();
    const select = window.sync.all(".tl-video-bar select")[0];
    select.value = "2";
    select.dispatchEvent(new Event("change", { bubbles: true, composed: true }));
    const press = () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "l", code: "KeyL", bubbles: true }));
    const shown = [];
    let turns = 0;
    press();
    press();
    await new Promise((done) => {
      let last = -1;
      const look = (_, { mediaTime }) => {
        const frame = Math.round(mediaTime * 25);
        shown.push(frame);
        if (frame < last) turns += 1;
        last = frame;
        if (turns >= 200 || performance.now() > deadline) done();
        else video.requestVideoFrameCallback(look);
      };
      const deadline = performance.now() + 120_000;
      setTimeout(done, 120_000);
      video.requestVideoFrameCallback(look);
    });
    return { turns, outside: shown.filter((n) => n < 100 || n > 109), kinds: new Set(shown).size };
  });
  assert.deepEqual(seen.outside, []);
  assert.equal(seen.turns, 200);
  assert.ok(seen.kinds >= 8, `${seen.kinds} different frames were seen`);
});

test("BR-1 while a region is drawn the video shows the frame under the moving edge, and goes back", async () => {
  const page = await open();
  await page.keyboard.press("1");
  const plot = page.locator(".tl-series-overlay");
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 30, { steps: 5 });
  await page.waitForFunction(() => window.sync.frames()[0] > 300);
  await page.mouse.up();
  await page.waitForFunction(() => window.sync.frames()[0] === 1);
  const [{ value }] = await results(page);
  assert.deepEqual(Object.keys(value).sort(), ["end", "instant", "start", "timeserieslabels"]);
});

test("T12 aligning after labeling changes meta.sync and nothing else, and is undone in one step", async () => {
  const value = { start: 4, end: 4.4, instant: false, timeserieslabels: ["Run"] };
  const result = [{ id: "one", from_name: "label", to_name: "series", type: "timeserieslabels", origin: "manual", value }];
  const page = await open({ annotations: [{ id: 7, result }] });
  const before = await results(page);
  await page.getByRole("tab", { name: "Sync" }).click();
  const source = (name) => page.locator(".tl-sync-source").filter({ has: page.locator("strong", { hasText: new RegExp(`^${name}$`) }) });
  // The event is seen at 2 s in the video and at 3.5 s in the series.
  const goTo = async (frame) => {
    await page.getByLabel("Go to a frame").first().fill(String(frame));
    await page.keyboard.press("Enter");
    await page.waitForFunction((frame) => window.sync.frames()[0] === frame, frame);
  };
  await goTo(51);
  await source("video").getByRole("button", { name: "Mark here" }).click();
  await goTo(Math.round(3.52 * FPS) + 1);
  await source("series").getByRole("button", { name: "Mark here" }).click();
  await source("series").locator(".tl-sync-pairs li").waitFor();
  await screenshot(page, "sync-panel");
  const after = await results(page);
  const { sync } = after[0].meta;
  assert.deepEqual(Object.keys(sync).sort(), ["second", "series", "video"]);
  assert.equal(sync.series.origin - sync.series.start, -1_520_000_000);
  const { meta, ...rest } = after[0];
  assert.deepEqual(meta, { sync });
  assert.equal(JSON.stringify(rest), JSON.stringify(before[0]));
  // T5: these very results, under this very config, go through the peer's own client in tests/sdk.
  const exchanged = JSON.parse(readFileSync(join(FIXTURES, "exchange/aligned.json")));
  assert.deepEqual({ config: CONFIG, result: after }, exchanged);

  // The region is now seen 1.52 s earlier in the video.
  await regionRows(page).first().or(page.getByRole("tab", { name: "Regions" })).first().click();
  await page.keyboard.press("Alt+.");
  const frame = Math.floor((4 - 1.52) * FPS + 1e-6) + 1;
  await page.waitForFunction((frame) => window.sync.frames()[0] === frame, frame);

  await page.keyboard.press("Control+z");
  assert.deepEqual(await results(page), before);
});

test("CL-2 an offset of the config shifts a source; where it has no data the others go on", async () => {
  const page = await open({ config: CONFIG.replace('<TimeSeries name="series"', '<TimeSeries name="series" syncOffset="5"') });
  await page.getByLabel("Go to a frame").first().fill("251");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.sync.frames()[0] === 251 && Math.abs(window.sync.cursor() - 5) < 0.011);
  await page.getByLabel("Go to a frame").first().fill("26");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.sync.frames()[0] === 26 && Number.isNaN(window.sync.cursor()));
});

test("CL-2 sources that know when they were recorded lie by the wall clock", async () => {
  const rows = Array.from({ length: 60 }, (_, n) => `2020-01-01 00:00:${String(n).padStart(2, "0")},${n}`);
  host.write("dates.csv", `t,a\n${rows.join("\n")}\n`);
  const { page } = browser;
  const config = CONFIG.replace('<Video name="video"', '<Video name="video" syncOrigin="clock" startTime="2020-01-01T00:00:10Z"').replace(
    'timeUnit="s" timeDisplayFormat=".3f"',
    'syncOrigin="clock" timeFormat="%Y-%m-%d %H:%M:%S" timeDisplayFormat="%H:%M:%S"',
  );
  await host.open(page, { config: config.replace(/<Video name="second".*\n/, ""), data: { video: "video/long.mp4", csv: "dates.csv" } });
  await page.locator(".tl-series-readout", { hasText: "samples" }).waitFor();
  await page.getByLabel("Go to a frame").fill("51");
  await page.keyboard.press("Enter");
  await page.locator(".tl-series-readout", { hasText: "cursor 00:00:12" }).waitFor();
  await page.getByRole("tab", { name: "Sync" }).click();
  await page.locator(".tl-badge", { hasText: "by its dates" }).waitFor();
});

test("a ten-minute recording is labeled with the keyboard alone, without a gap or an overlap", async () => {
  const rows = Array.from({ length: 6001 }, (_, n) => `${(n / 10).toFixed(1)},${Math.sin(n / 40).toFixed(3)}`);
  host.write("long.csv", `t,a\n${rows.join("\n")}\n`);
  const { page } = browser;
  const config = `<View><TimeSeriesLabels name="label" toName="series" overlap="forbid"><Label value="Run"/><Label value="Walk"/></TimeSeriesLabels>
    <TimeSeries name="series" value="$csv" timeColumn="t" timeUnit="s"><Channel column="a" height="120"/></TimeSeries></View>`;
  await host.open(page, { config, data: { csv: "long.csv" } });
  await page.locator(".tl-series-readout", { hasText: "samples" }).waitFor();
  const goTo = async (seconds) => {
    await page.keyboard.press("g");
    await page.keyboard.type(`${seconds}s`);
    await page.keyboard.press("Enter");
    await page.waitForFunction((seconds) => Math.abs(window.sync.cursor() - seconds) < 0.06, seconds);
  };
  const ends = [0, 75, 130, 200, 310, 420, 505, 600];
  await goTo(0);
  for (let n = 1; n < ends.length; n += 1) {
    await page.keyboard.press(n % 2 ? "1" : "2");
    await page.keyboard.press("m");
    await goTo(ends[n]);
    await page.keyboard.press("m");
  }
  const all = (await results(page)).map((r) => r.value);
  assert.deepEqual(all.map((v) => [v.start, v.end]), ends.slice(1).map((end, n) => [ends[n], end]));
  assert.deepEqual(all.map((v) => v.timeserieslabels[0]), ends.slice(1).map((_, n) => (n % 2 ? "Walk" : "Run")));
  // The last one is taken back, made again, and its label changed: keys as well.
  await page.keyboard.press("Control+z");
  assert.equal((await results(page)).length, ends.length - 2);
  await page.keyboard.press("Control+Shift+z");
  await page.keyboard.press("Alt+.");
  await page.keyboard.press("2");
  assert.equal((await results(page))[0].value.timeserieslabels[0], "Walk");
});
