// Frames are exact without any declared rate: every picture carries its number as a barcode (tests/fixtures/video), and
// what the editor says is compared with what the picture shows. Test names: T1 to T12 of the sync specification.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { editorPage } from "./editor-page.mjs";
import { FIXTURES, openBrowser, screenshot, serveStatic } from "./harness.mjs";

const TRUTH = JSON.parse(readFileSync(join(FIXTURES, "video/frames.json"), "utf8"));
/** The first picture of the cut file is number 30 of the whole one. */
const FIRST = { "edit-list.mp4": 30 };
/**
 * Frames that Chromium cannot seek to: without an edit list pictures are shown later than they are decoded, and it goes to
 * the keyframe that is decoded by then, though that is shown two frames later.
 */
const OUT_OF_REACH = { "b-frames-no-edit.mp4": [47, 48, 95, 96] };
const CONFIG = `<View><TimelineLabels name="label" toName="video"><Label value="Run"/></TimelineLabels>
  <Video name="video" value="$video" height="240"/></View>`;
const JUMPS = 100;

let host;
let browser;

before(async () => {
  host = await editorPage();
  browser = await openBrowser();
  await browser.context.addInitScript(() => {
    const view = () => {
      const inside = (root) => root.querySelector(".tl-video") ?? [...root.querySelectorAll("*")].map((e) => e.shadowRoot && inside(e.shadowRoot)).find(Boolean);
      return inside(document);
    };
    const readout = () => {
      const text = view()?.querySelector(".tl-video-readout")?.textContent ?? "";
      const found = /frame (\d+) of (\d+)/.exec(text);
      return found ? { frame: Number(found[1]), count: Number(found[2]), text } : { frame: 0, count: 0, text };
    };
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [160, 90];
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    /** The number in the picture; -1 where the two rows do not agree. */
    const barcode = () => {
      pen.drawImage(view().querySelector("video"), 0, 0, 160, 90);
      let number = 0;
      for (let bit = 0; bit < 12; bit += 1) {
        const x = 14 + 12 * bit;
        const [upper, lower] = [28, 62].map((y) => pen.getImageData(x, y, 1, 1).data[0]);
        if (Math.abs(upper - lower) < 60) return -1;
        if (upper > lower) number += 1 << bit;
      }
      return number;
    };
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    /** Waits until the read-out says a frame, and answers the barcode then. */
    const shows = async (wanted) => {
      for (let tries = 0; tries < 600; tries += 1) {
        if (readout().frame === wanted && !view().querySelector("video").seeking) {
          await frame();
          return barcode();
        }
        await frame();
      }
      return `the read-out stays at ${readout().text}`;
    };
    const jump = async (wanted) => {
      const input = view().querySelector(".tl-video-goto");
      input.value = String(wanted);
      input.dispatchEvent(new Event("change", { bubbles: true, composed: true }));
      return shows(wanted);
    };
    window.frames_test = { view, readout, barcode, shows, jump };
  });
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

async function open(file, { config = CONFIG, page = browser.page } = {}) {
  await host.open(page, { config, data: { video: `video/${file}` } });
  await page.waitForFunction(() => window.frames_test.readout().count > 0);
  return page.evaluate(() => window.frames_test.readout());
}

/** The same numbers on every run: a failure can be looked at again. */
function randomFrames(count, seed) {
  let state = seed;
  return Array.from({ length: JUMPS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + (state % count);
  });
}

const jumps = (page, list) =>
  page.evaluate(async (list) => {
    const seen = [];
    for (const wanted of list) seen.push(await window.frames_test.jump(wanted));
    return seen;
  }, list);

for (const [file, times] of Object.entries(TRUTH)) {
  test(`T1 ${file}: the right count, and ${JUMPS} jumps show their frames`, async () => {
    const { page } = browser;
    const said = await open(file);
    assert.equal(said.count, times.length);
    assert.match(said.text, /from file/);
    const list = randomFrames(times.length, 7).filter((number) => !OUT_OF_REACH[file]?.includes(number));
    const expected = list.map((number) => number - 1 + (FIRST[file] ?? 0));
    assert.deepEqual(await jumps(page, list), expected);
    assert.deepEqual(page.problems.splice(0), []);
  });
}

test("T1 two runs over one file are identical", async () => {
  const { page } = browser;
  const list = randomFrames(TRUTH["b-frames.mp4"].length, 99);
  await open("b-frames.mp4");
  const first = await jumps(page, list);
  await open("b-frames.mp4");
  assert.deepEqual(await jumps(page, list), first);
});

for (const [file, numbers] of Object.entries(OUT_OF_REACH)) {
  test(`a known limit: ${file} has frames that seeking does not reach, and the editor says which it shows instead`, async () => {
    const { page } = browser;
    await open(file);
    for (const number of numbers) {
      await page.evaluate(() => window.frames_test.jump(1));
      await page.getByLabel("Go to a frame").fill(String(number));
      await page.keyboard.press("Enter");
      await page.locator(".tl-video-readout .tl-badge", { hasText: "inexact" }).waitFor();
      const [said, shown] = await page.evaluate(() => [window.frames_test.readout().frame, window.frames_test.barcode() + 1]);
      assert.notEqual(shown, number, "the browser got better: take it out of the list");
      assert.equal(said, shown);
    }
    assert.deepEqual(page.problems.splice(0), []);
  });
}

test("a file from the person's own disk is indexed like one from a server", async () => {
  const { page } = browser;
  await open("10.mp4");
  await page.evaluate(async (config) => {
    const file = await (await fetch("video/index-at-the-end.mp4")).blob();
    const { createEditor } = await import(new URL("pkg/src/index.js", location.href).href);
    document.getElementById("app").remove();
    const app = document.body.appendChild(document.createElement("div"));
    app.id = "app";
    await createEditor(app, { config, task: { id: 2, data: { video: URL.createObjectURL(file) } } });
  }, CONFIG);
  await page.waitForFunction(() => window.frames_test.readout().count === 120);
  assert.match(await page.evaluate(() => window.frames_test.readout().text), /from file/);
  assert.deepEqual(await jumps(page, [120, 1, 77]), [119, 0, 76]);
  page.problems.length = 0;
});

test("a file on another host is indexed when that host allows it, its length unseen", async () => {
  const other = await serveStatic(join(FIXTURES, "video"), { headers: { "Access-Control-Allow-Origin": "*" } });
  const { page } = browser;
  try {
    for (const file of ["index-at-the-end.mp4", "fragmented.mp4", "live.webm"]) {
      await host.open(page, { config: CONFIG, data: { video: `${other.url}/${file}` } });
      await page.waitForFunction(() => window.frames_test.readout().count > 0);
      const said = await page.evaluate(() => window.frames_test.readout());
      assert.equal(said.count, TRUTH[file].length, file);
      assert.match(said.text, /from file/, file);
      assert.deepEqual(page.problems.splice(0), [], file);
    }
  } finally {
    await other.stop();
  }
});

/** Steps with a key until the end, and answers every barcode on the way. */
async function stepThrough(page, key, from, to) {
  const seen = [];
  const by = to > from ? 1 : -1;
  for (let frame = from; frame !== to; ) {
    await page.keyboard.press(key);
    frame += by;
    seen.push(await page.evaluate((frame) => window.frames_test.shows(frame), frame));
  }
  return seen;
}

for (const file of ["variable.mp4", "variable.webm"]) {
  test(`T9 ${file}: stepping visits each frame once, forward and backward`, async () => {
    const { page } = browser;
    const { count } = await open(file);
    await page.evaluate(() => window.frames_test.jump(1));
    const all = Array.from({ length: count }, (_, n) => n);
    assert.deepEqual(await stepThrough(page, ".", 1, count), all.slice(1));
    assert.deepEqual(await stepThrough(page, ",", count, 1), all.slice(0, -1).reverse());
  });
}

test("T10 LS#6593 sound that outlasts the pictures adds no frames", async () => {
  const { page } = browser;
  const said = await open("audio-longer.mp4");
  assert.equal(said.count, 43);
  assert.equal(await page.evaluate(() => window.frames_test.jump(43)), 42);
  assert.match(await page.evaluate(() => window.frames_test.readout().text), /0:04\.200/);
});

test("T11 without requestVideoFrameCallback the right frames are shown", async () => {
  const other = await openBrowser();
  try {
    await other.context.addInitScript(() => delete HTMLVideoElement.prototype.requestVideoFrameCallback);
    await host.open(other.page, { config: CONFIG, data: { video: "video/29.97.mp4" } });
    await other.page.locator(".tl-video-readout", { hasText: "of 150" }).waitFor();
    for (const frame of [1, 77, 150]) {
      await other.page.getByLabel("Go to a frame").fill(String(frame));
      await other.page.keyboard.press("Enter");
      await other.page.locator(".tl-video-readout", { hasText: `frame ${frame} of 150` }).waitFor();
    }
    assert.deepEqual(other.page.problems, []);
  } finally {
    await other.close();
  }
});

for (const [declared, tag] of [["", "measured"], ['frameRate="25"', "measured"]]) {
  test(`T11 a file that may not be read is ${tag} (${declared || "nothing declared"})`, async () => {
    const page = await browser.context.newPage();
    page.problems = [];
    // The player gets its bytes, the editor does not: as from a host without CORS.
    await page.route("**/video/25.mp4", (route) => (route.request().resourceType() === "fetch" ? route.abort() : route.continue()));
    try {
      const config = CONFIG.replace("<Video ", `<Video ${declared} `);
      const said = await open("25.mp4", { config, page });
      assert.equal(said.count, 120);
      assert.match(said.text, new RegExp(tag));
      assert.deepEqual(await jumps(page, [60, 3, 119]), [59, 2, 118]);
      await page.locator(".tl-video-note", { hasText: "could not be read" }).waitFor();
    } finally {
      await page.close();
    }
  });
}

test("T11 a server without ranges: the file is read from its start", async () => {
  const plain = await editorPage({ serve: { ranges: false } });
  try {
    await plain.open(browser.page, { config: CONFIG, data: { video: "video/index-at-the-end.mp4" } });
    await browser.page.waitForFunction(() => window.frames_test.readout().count === 120);
    assert.match((await browser.page.evaluate(() => window.frames_test.readout())).text, /from file/);
  } finally {
    await plain.stop();
  }
});

for (const [file, says] of [
  ["cut-in-the-index.mp4", /the file is cut: its index goes on after its last byte/],
  ["empty.mp4", /the file is empty/],
  ["only-sound.mp4", /only sound in it, no pictures/],
  ["not-a-video.mp4", /no MP4, MOV, WebM or Matroska file/],
  ["unknown-codec.mp4", /codec it does not know/],
  ["missing.mp4", /404/],
]) {
  test(`${file} ends in a message that names the cause`, async () => {
    const { page } = browser;
    await host.open(page, { config: CONFIG, data: { video: `video/${file}` } });
    const alert = page.locator(".tl-video-error");
    await alert.filter({ hasText: says }).waitFor();
    await alert.getByRole("button", { name: "Try again" }).waitFor();
    page.problems.length = 0;
  });
}

test("a file that is cut in its pictures plays as far as it goes, and says so", async () => {
  const { page } = browser;
  const said = await open("cut-in-the-data.mp4");
  assert.equal(said.count, 120);
  await page.locator(".tl-video-note", { hasText: "The file is cut" }).waitFor();
  assert.equal(await page.evaluate(() => window.frames_test.jump(20)), 19);
  page.problems.length = 0;
});

test("FI-5 a declared rate that the file contradicts is told, and can be chosen", async () => {
  const { page } = browser;
  const said = await open("30.mp4", { config: CONFIG.replace("<Video ", '<Video frameRate="24" ') });
  assert.equal(said.count, 150);
  const choice = page.getByLabel("How frames are numbered");
  await choice.selectOption("compat");
  await page.waitForFunction(() => window.frames_test.readout().count === 120);
  await choice.selectOption("container");
  await page.waitForFunction(() => window.frames_test.readout().count === 150);
  await screenshot(page, "video-rates");
});
