// The series in the editor alone: loading, overlap, keys, go-to, per-channel and mirrored regions, the stored window.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { DEMO_DIR, openBrowser, screenshot, serveStatic } from "./harness.mjs";
import { regionRows } from "./steps.mjs";

let host;
let browser;

before(async () => {
  host = await serveStatic(DEMO_DIR);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

afterEach(async () => {
  await browser.page.unrouteAll();
  assert.deepEqual(browser.page.problems.filter((line) => !line.includes("favicon")), []);
});

const column = (n, of) => Array.from({ length: n }, (_, i) => of(i));
const DATA = {
  time: column(1001, (i) => i),
  a: column(1001, (i) => Math.sin(i / 20)),
  b: column(1001, (i) => Math.cos(i / 35) + i / 1000),
};

/** An editor alone on the page, with a series of 0..1000. */
async function open(config, task = { id: 7, data: { ts: DATA } }, options = {}) {
  const { page } = browser;
  page.problems.length = 0;
  await page.goto(`${host.url}/demo.css`);
  if (!options.keep) await page.evaluate(() => localStorage.clear());
  await page.setContent('<!doctype html><div id="root" style="position:fixed;inset:0;overflow:auto"></div>');
  await page.evaluate(
    async ({ base, config, task }) => {
      const { createEditor } = await import(`${base}/pkg/src/index.js`);
      globalThis.editor = await createEditor("root", { config, task });
    },
    { base: host.url, config, task },
  );
  if (options.waits === false) return page;
  await page.locator(".tl-series-readout", { hasText: "samples" }).first().waitFor();
  await settled(page);
  return page;
}

const config = (labels = "", series = "", extra = "") => `<View>
  <TimeSeriesLabels name="l" toName="ts" ${labels}><Label value="Good"/><Label value="Bad"/></TimeSeriesLabels>
  <TimeSeries name="ts" value="$ts" valueType="json" timeColumn="time" overviewWidth="100%" ${series}>
    <Channel column="a" height="120"/><Channel column="b" height="120"/>${extra}
  </TimeSeries></View>`;

const settled = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Start and end of the visible range, from the read-out. */
async function view(page) {
  await settled(page);
  const text = await page.locator(".tl-series-readout").first().textContent();
  const [, start, end] = /(-?[\d.]+) – (-?[\d.]+)/.exec(text);
  return [Number(start), Number(end)];
}

/** The place of a time (of 0..1000, all in view) on a plot; `down` is a share of its height. */
async function at(page, time, { down = 0.25, plot = 0 } = {}) {
  const box = await page.locator(".tl-series-overlay").nth(plot).boundingBox();
  return [box.x + 56 + ((box.width - 64) * time) / 1000, box.y + box.height * down];
}

async function brush(page, from, to, where = {}) {
  await page.mouse.move(...(await at(page, from, where)));
  await page.mouse.down();
  await page.mouse.move(...(await at(page, (from + to) / 2, where)), { steps: 4 });
  await page.mouse.move(...(await at(page, to, where)), { steps: 4 });
  await page.mouse.up();
  await settled(page);
}

/** Ends and labels of the regions, by start. */
const regions = async (page, object = "ts") => {
  const results = await page.evaluate(() => globalThis.editor.serialize());
  return results
    .filter((r) => r.to_name === object)
    .map(({ value }) => [value.start, value.end, value.timeserieslabels.join()])
    .sort((a, b) => a[0] - b[0]);
};

const near = (found, wanted, within = 6) => {
  assert.equal(found.length, wanted.length, JSON.stringify(found));
  found.forEach((region, i) => {
    assert.ok(Math.abs(region[0] - wanted[i][0]) <= within, JSON.stringify(found));
    assert.ok(Math.abs(region[1] - wanted[i][1]) <= within, JSON.stringify(found));
    assert.equal(region[2], wanted[i][2]);
  });
};

test("LS#1861 with overlap=split a new label cuts the one before, as one undo", async () => {
  const page = await open(config('overlap="split"'));
  await page.keyboard.press("1");
  await brush(page, 100, 700);
  await page.keyboard.press("2");
  await brush(page, 500, 900);
  let all = await regions(page);
  near(all, [[100, 500, "Good"], [500, 900, "Bad"]]);
  assert.equal(all[0][1], all[1][0], "no gap and no overlap");
  await page.keyboard.press("1");
  await brush(page, 600, 800);
  near(await regions(page), [[100, 500, "Good"], [500, 600, "Bad"], [600, 800, "Good"], [800, 900, "Bad"]]);
  await screenshot(page, "series-split");
  await page.keyboard.press("Control+z");
  near(await regions(page), [[100, 500, "Good"], [500, 900, "Bad"]]);
  await page.keyboard.press("Control+z");
  near(await regions(page), [[100, 700, "Good"]]);
});

test("without the attribute regions lie over each other, and clicks go through them", async () => {
  const page = await open(config());
  await page.keyboard.press("1");
  await brush(page, 100, 700);
  await page.keyboard.press("2");
  await brush(page, 500, 900);
  near(await regions(page), [[100, 700, "Good"], [500, 900, "Bad"]]);
  await page.keyboard.press("Escape");
  await page.mouse.click(...(await at(page, 600)));
  await settled(page);
  const selected = page.locator(".tl-region[aria-selected=true]");
  const first = await selected.textContent();
  await page.waitForTimeout(350);
  await page.mouse.click(...(await at(page, 600)));
  await settled(page);
  assert.notEqual(await selected.textContent(), first, "the next click takes the one below");
});

test("LS#1326 any sample is reached with the keyboard", async () => {
  const page = await open(config());
  await page.keyboard.press("g");
  await page.getByLabel("Go to", { exact: true }).fill("never");
  await page.keyboard.press("Enter");
  await page.getByText("This names no time of the series").waitFor();
  await page.getByLabel("Go to", { exact: true }).fill("#500");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.match(await page.locator(".tl-series-readout").textContent(), /cursor 499/);
  await page.keyboard.press("+");
  const [start, end] = await view(page);
  assert.ok(Math.abs(end - start - 500) < 1, `${start} ${end}`);
  await page.keyboard.press("PageDown");
  assert.ok((await view(page))[1] === 1000);
  await page.keyboard.press("Home");
  assert.equal((await view(page))[0], 0);
  await page.keyboard.press("ArrowRight");
  assert.ok(Math.abs((await view(page))[0] - 50) < 1);
  await page.keyboard.press("Shift+f");
  assert.deepEqual(await view(page), [0, 1000]);
});

test("the wheel zooms at the pointer and lets the page scroll when everything is in view", async () => {
  const page = await open(config());
  const place = await at(page, 250);
  await page.mouse.move(...place);
  const prevented = (deltaY) =>
    page.evaluate(
      ([x, y, deltaY]) => {
        const canvas = document.elementsFromPoint(x, y).map((e) => e.shadowRoot?.elementFromPoint(x, y) ?? e)[0];
        const event = new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true, composed: true, clientX: x, clientY: y });
        return !canvas.dispatchEvent(event);
      },
      [...place, deltaY],
    );
  assert.equal(await prevented(120), false, "the page may scroll");
  assert.equal(await prevented(-120), true);
  const [start, end] = await view(page);
  assert.ok(end - start < 900);
  assert.ok(Math.abs((250 - start) / (end - start) - 0.25) < 0.01, "the place under the pointer stays");
  assert.equal(await prevented(120), true);
});

test("an edge of the overview's window is dragged, and the window is there again after a reload", async () => {
  const page = await open(config());
  const box = await page.locator(".tl-series-overview").boundingBox();
  const x = (time) => box.x + 56 + ((box.width - 64) * time) / 1000;
  await page.mouse.move(x(1000), box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(x(400), box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  const [start, end] = await view(page);
  assert.equal(start, 0);
  assert.ok(Math.abs(end - 400) < 5, `${end}`);
  await open(config(), undefined, { keep: true });
  assert.deepEqual(await view(page), [start, end]);
});

test("holding Space, and pan mode, move the view instead of drawing", async () => {
  const page = await open(config());
  await page.keyboard.press("+");
  const before = await view(page);
  await page.keyboard.press("1");
  await page.mouse.move(...(await at(page, 500)));
  await page.keyboard.down(" ");
  await brush(page, 500, 600);
  await page.keyboard.up(" ");
  const after = await view(page);
  assert.ok(Math.abs(before[0] - after[0] - 50) < 3, `${before} ${after}`);
  assert.deepEqual(await regions(page), []);
  await page.getByRole("button", { name: "Pan by dragging" }).click();
  await brush(page, 600, 500);
  assert.ok(Math.abs((await view(page))[0] - before[0]) < 3);
  assert.deepEqual(await regions(page), []);
});

test("an instant is set at the cursor by key, and a boundary key begins and ends a region", async () => {
  const page = await open(config());
  await page.mouse.click(...(await at(page, 300)));
  await page.keyboard.press("1");
  await page.keyboard.press("i");
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  await page.keyboard.press("m");
  await page.mouse.click(...(await at(page, 600)));
  await page.keyboard.press("m");
  await settled(page);
  near(await regions(page), [[300, 300, "Good"], [300, 600, "Bad"]]);
});

test("LS#3893 a region with channels is drawn and taken on these alone", async () => {
  const page = await open(config('channels="b"'));
  await page.keyboard.press("1");
  await brush(page, 200, 400);
  await page.keyboard.press("Escape");
  const color = async (time, down) => {
    const [x, y] = await at(page, time, { down });
    return page.evaluate(
      ([x, y]) => {
        const canvas = document.elementsFromPoint(x, y).map((e) => e.shadowRoot?.elementFromPoint(x, y) ?? e)[0];
        const box = canvas.getBoundingClientRect();
        const scale = canvas.width / box.width;
        return canvas.getContext("2d").getImageData((x - box.x) * scale, (y - box.y) * scale, 1, 1).data[3];
      },
      [x, y],
    );
  };
  assert.equal(await color(300, 0.2), 0, "nothing on the first channel");
  assert.ok((await color(300, 0.7)) > 0, "the region on the second");
  await page.mouse.click(...(await at(page, 300, { down: 0.2 })));
  await settled(page);
  assert.equal(await page.locator(".tl-region[aria-selected=true]").count(), 0);
  await page.mouse.click(...(await at(page, 300, { down: 0.7 })));
  await page.locator(".tl-region[aria-selected=true]").waitFor();
  near(await regions(page), [[200, 400, "Good"]]);
  await screenshot(page, "series-channels");
});

test("LS#8908 mirrored labels write one region per series, and move and undo together", async () => {
  const labels = (n) =>
    `<TimeSeriesLabels name="l${n}" toName="s${n}" mirror="group"><Label value="Run" hotkey="${n}"/></TimeSeriesLabels>`;
  const series = (n) =>
    `<TimeSeries name="s${n}" value="$ts" valueType="json" timeColumn="time" overviewWidth="100%" sync="g"><Channel column="a" height="80"/></TimeSeries>`;
  const page = await open(`<View>${labels(1)}${series(1)}${labels(2)}${series(2)}</View>`);
  await page.locator(".tl-series-overlay").nth(1).waitFor();
  await page.keyboard.press("1");
  await brush(page, 200, 400);
  await regionRows(page).nth(1).waitFor();
  assert.deepEqual(await regions(page, "s1"), await regions(page, "s2"));
  near(await regions(page, "s2"), [[200, 400, "Run"]]);
  await page.keyboard.press("Escape");
  await page.mouse.click(...(await at(page, 300)));
  await settled(page);
  await brush(page, 400, 500);
  near(await regions(page, "s1"), [[200, 500, "Run"]]);
  assert.deepEqual(await regions(page, "s1"), await regions(page, "s2"));
  await page.keyboard.press("Control+z");
  near(await regions(page, "s2"), [[200, 400, "Run"]]);
  await page.keyboard.press("Control+z");
  assert.deepEqual([...(await regions(page, "s1")), ...(await regions(page, "s2"))], []);
});

test("a packed file is read as it comes; a broken one is named", async () => {
  const { gzipSync } = await import("node:zlib");
  const rows = ["time,a,b", ...column(5000, (i) => `${i},${Math.sin(i / 9).toFixed(4)},${i % 7}`)].join("\n");
  const url = `${host.url}/series.csv.gz`;
  const packed = gzipSync(rows);
  const { page } = browser;
  const serve = (body) => page.route("**/series.csv.gz", (route) => route.fulfill({ body, contentType: "application/gzip" }));
  const csv = config().replace('valueType="json"', 'valueType="url"');
  await serve(packed);
  await open(csv, { id: 8, data: { ts: url } });
  assert.match(await page.locator(".tl-series-readout").textContent(), /of 5000 samples/);
  await page.unrouteAll();
  await serve(packed.subarray(0, packed.length / 2));
  await open(csv, { id: 8, data: { ts: url } }, { waits: false });
  await page.getByText("This gzip file is damaged or cut off").waitFor();
});

test("LS#5522 timeZone reads and shows the wall clock of a place; an unknown one is named", async () => {
  const data = { time: ["2020-07-01 12:00", "2020-07-01 13:00", "2020-12-01 12:00"], a: [1, 2, 3] };
  const series = (zone) => `<View><TimeSeries name="ts" value="$ts" valueType="json" timeColumn="time" overviewWidth="100%"
    timeFormat="%Y-%m-%d %H:%M" timeDisplayFormat="date" timeZone="${zone}"><Channel column="a" height="80"/></TimeSeries></View>`;
  const page = await open(series("Europe/Berlin"), { id: 9, data: { ts: data } });
  const shown = await page.locator(".tl-series-readout").textContent();
  assert.match(shown, /01 Jul 2020 12:00:00 \+02:00 – .*01 Dec 2020 12:00:00 \+01:00/);
  await open(series("Mars/Base"), { id: 9, data: { ts: data } });
  await page.getByText('timeZone "Mars/Base" is not known here').waitFor();
});

test("rows out of order are offered to be sorted; a file without rows says so", async () => {
  const { page } = browser;
  const csv = config().replace('valueType="json"', 'valueType="url"');
  const serve = (body) => page.route("**/rows.csv", (route) => route.fulfill({ body, contentType: "text/csv" }));
  await serve("time,a,b\n0,1,2\n5,3,4\n2,5,6\n");
  await open(csv, { id: 8, data: { ts: `${host.url}/rows.csv` } }, { waits: false });
  await page.getByText('line 4, column "time": time goes backwards, "2" comes after "5"').waitFor();
  await page.getByRole("button", { name: "Sort the rows by time" }).click();
  await page.locator(".tl-series-readout", { hasText: "0 – 5 · 3 of 3 samples" }).waitFor();
  await page.unrouteAll();
  await serve("time,a,b\n");
  await open(csv, { id: 8, data: { ts: `${host.url}/rows.csv` } }, { waits: false });
  await page.getByText("there is a header (time, a, b) but no row").waitFor();
});

test("a slow file shows how far it is and can be cancelled after a second", async () => {
  const { createServer } = await import("node:http");
  const server = createServer((_, response) => {
    response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Content-Length": "1000000" });
    response.write("time,a,b\n");
    let n = 0;
    const timer = setInterval(() => response.write(`${n++},1,2\n`.repeat(1)), 120);
    response.on("close", () => clearInterval(timer));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const csv = config().replace('valueType="json"', 'valueType="url"');
  const url = `http://127.0.0.1:${server.address().port}/slow.csv`;
  const page = await open(csv, { id: 8, data: { ts: url } }, { waits: false });
  await page.getByText("of 1.0 MB").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Loading was cancelled").waitFor();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  server.closeAllConnections();
  server.close();
});

test("LS#7124 a label's key held while the video plays takes what passes; taps are boundaries; L loops a region", async () => {
  const { readFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const { FIXTURES } = await import("./harness.mjs");
  const { page } = browser;
  const body = readFileSync(join(FIXTURES, "video/25.mp4"));
  await page.route("**/clip.mp4", (route) => route.fulfill({ body, contentType: "video/mp4", headers: { "Accept-Ranges": "bytes" } }));
  const xml = `<View>
    <TimeSeriesLabels name="l" toName="ts" overlap="split"><Label value="Good"/><Label value="Bad"/></TimeSeriesLabels>
    <Video name="v" value="$v" sync="g" height="120"/>
    <TimeSeries name="ts" value="$ts" valueType="json" timeColumn="time" timeUnit="ms" overviewWidth="100%" sync="g">
      <Channel column="a" height="80"/></TimeSeries></View>`;
  await open(xml, { id: 10, data: { v: `${host.url}/clip.mp4`, ts: { time: DATA.time, a: DATA.a } } });
  await page.waitForFunction(() => {
    const find = (root) => {
      for (const e of root.querySelectorAll("*")) {
        if (e.tagName === "VIDEO") return e;
        const inner = e.shadowRoot && find(e.shadowRoot);
        if (inner) return inner;
      }
      return null;
    };
    globalThis.video = find(document);
    return globalThis.video?.readyState >= 2;
  });
  // Slowly, so that what is pressed lies inside of the second that the series is long.
  await page.evaluate(() => {
    globalThis.video.muted = true;
    globalThis.video.playbackRate = 0.25;
  });
  await page.keyboard.press("Control+Alt+ ");
  await page.waitForFunction(() => !globalThis.video.paused && globalThis.video.currentTime > 0.05);
  await page.keyboard.down("1");
  await page.waitForFunction(() => globalThis.video.currentTime > 0.3);
  await page.keyboard.up("1");
  await regionRows(page).first().waitFor();
  await page.keyboard.press("2");
  await page.waitForFunction(() => globalThis.video.currentTime > 0.55);
  await page.keyboard.press("2");
  await regionRows(page).nth(1).waitFor();
  await page.evaluate(() => globalThis.video.pause());
  const [good, bad] = await regions(page);
  assert.equal(good[2], "Good");
  assert.equal(bad[2], "Bad");
  assert.ok(good[1] - good[0] > 100 && bad[1] - bad[0] > 100, JSON.stringify([good, bad]));
  assert.ok(good[1] <= bad[0], "no overlap");
  await regionRows(page).nth(1).click();
  await page.waitForFunction((start) => Math.abs(globalThis.video.currentTime * 1000 - start) < 60, bad[0]);
  await page.keyboard.press("l");
  await page.keyboard.press("l");
  await page.waitForFunction(() => !globalThis.video.paused);
  // Round and round: it is still inside after twice its length.
  await page.waitForTimeout(((bad[1] - bad[0]) / 0.25) * 2);
  const now = await page.evaluate(() => globalThis.video.currentTime * 1000);
  assert.ok(now >= bad[0] - 60 && now <= bad[1] + 60, `${now} in ${bad}`);
  await page.keyboard.press("l");
  await page.waitForFunction(() => globalThis.video.paused);
});
