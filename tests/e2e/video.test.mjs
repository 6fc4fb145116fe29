// Boxes over frames and ranges on the timeline of a video, by mouse and by keys, and what they are in the result.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { editorPage, results } from "./editor-page.mjs";
import { openBrowser, screenshot } from "./harness.mjs";
import { drag, regionRows } from "./steps.mjs";

const CONFIG = `<View>
  <Labels name="what" toName="video"><Label value="Car"/><Label value="Dog"/></Labels>
  <VideoRectangle name="box" toName="video"/>
  <TimelineLabels name="when" toName="video" overlap="split"><Label value="Run"/><Label value="Walk"/></TimelineLabels>
  <Video name="video" value="$video" height="360"/></View>`;

let host;
let browser;

before(async () => {
  host = await editorPage();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await host?.stop();
});
afterEach(() => assert.deepEqual(browser.page.problems.splice(0), []));

async function open(annotations = []) {
  const { page } = browser;
  await host.open(page, { config: CONFIG, data: { video: "media/frames.mp4" }, annotations });
  await page.locator(".tl-video-readout", { hasText: "of 300" }).waitFor();
  return page;
}

async function goTo(page, frame) {
  await page.getByLabel("Go to a frame").fill(String(frame));
  await page.keyboard.press("Enter");
  await page.locator(".tl-video-readout", { hasText: `frame ${frame} of 300` }).waitFor();
}

const stage = (page) => page.locator(".tl-video-stage");
const timeline = (page) => page.locator(".tl-video-timeline canvas");
const label = (page, name) => page.getByRole("button", { name: new RegExp(`^${name}`) }).or(page.locator(".tl-label", { hasText: name })).first();

/** The edges of the picture inside the stage, as shares of the stage: it is fitted, 16:9. */
async function picture(page) {
  const box = await stage(page).boundingBox();
  const width = Math.min(box.width, (box.height * 16) / 9);
  const height = (width * 9) / 16;
  const at = (x, y) => [((box.width - width) / 2 + (x / 100) * width) / box.width, ((box.height - height) / 2 + (y / 100) * height) / box.height];
  return at;
}

const near = (actual, expected, slack, what) => assert.ok(Math.abs(actual - expected) <= slack, `${what}: ${actual}, not ${expected}`);

test("a box moves between its keyframes, and the result has exactly the keys and units of a track", async () => {
  const page = await open();
  await goTo(page, 11);
  const at = await picture(page);
  await page.keyboard.press("1");
  await drag(page, stage(page), at(10, 20), at(40, 60));
  await regionRows(page).first().click();
  await goTo(page, 51);
  // From the middle of the box by 20 % to the right.
  await drag(page, stage(page), at(25, 40), at(45, 40));
  await goTo(page, 31);
  await screenshot(page, "video-track");
  const [track, ...others] = await results(page);
  assert.deepEqual(others, []);
  assert.deepEqual(Object.keys(track).sort(), ["from_name", "id", "origin", "to_name", "type", "value"]);
  assert.deepEqual([track.type, track.from_name, track.to_name], ["videorectangle", "box", "video"]);
  assert.deepEqual(Object.keys(track.value).sort(), ["duration", "framesCount", "labels", "sequence"]);
  const { framesCount, duration, labels, sequence } = track.value;
  assert.deepEqual([framesCount, duration, labels], [300, 12, ["Car"]]);
  assert.deepEqual(sequence.map((k) => [k.frame, k.enabled]), [[11, true], [51, true]]);
  for (const key of sequence) {
    assert.deepEqual(Object.keys(key).sort(), ["enabled", "frame", "height", "rotation", "time", "width", "x", "y"]);
  }
  const [first, second] = sequence;
  for (const [value, expected, name] of [[first.x, 10, "x"], [first.y, 20, "y"], [first.width, 30, "width"], [first.height, 40, "height"]]) {
    near(value, expected, 0.6, name);
  }
  near(second.x - first.x, 20, 0.6, "moved by");
  near(second.width, first.width, 1e-9, "the width stays");
  near(first.time, 0.4, 1e-6, "time of frame 11 at 25 per second");
});

test("a box that is there at every frame is dragged where interpolation puts it, and one undo takes that back", async () => {
  const sequence = [
    { frame: 1, enabled: true, x: 0, y: 20, width: 20, height: 30, rotation: 0, time: 0 },
    { frame: 101, enabled: true, x: 60, y: 20, width: 20, height: 30, rotation: 0, time: 4 },
  ];
  const result = [{ id: "t", from_name: "box", to_name: "video", type: "videorectangle", origin: "manual", value: { framesCount: 300, duration: 12, sequence, labels: ["Dog"] } }];
  const page = await open([{ id: 9, result }]);
  assert.deepEqual(await results(page), result, "what nobody touched is as it was");
  await goTo(page, 51);
  await regionRows(page).first().click();
  await page.locator(".tl-video-readout", { hasText: "frame 51 of 300" }).waitFor();
  const at = await picture(page);
  await drag(page, stage(page), at(40, 35), at(40, 55));
  let [track] = await results(page);
  assert.deepEqual(track.value.sequence.map((k) => k.frame), [1, 51, 101]);
  near(track.value.sequence[1].x, 30, 0.6, "x is what interpolation says");
  near(track.value.sequence[1].y, 40, 0.6, "y is where it was dragged");
  await page.keyboard.press("Control+z");
  assert.deepEqual(await results(page), result);

  // The box ends here; on the next frame it is gone.
  await page.keyboard.press("Shift+E");
  [track] = await results(page);
  assert.deepEqual(track.value.sequence.map((k) => [k.frame, k.enabled]), [[1, true], [51, false], [101, true]]);
  await page.keyboard.press("Control+Alt+ArrowRight");
  await page.locator(".tl-video-readout", { hasText: "frame 101 of 300" }).waitFor();
  await page.keyboard.press("Control+Alt+ArrowLeft");
  await page.locator(".tl-video-readout", { hasText: "frame 51 of 300" }).waitFor();
  await page.keyboard.press("Shift+K");
  assert.deepEqual((await results(page))[0].value.sequence.map((k) => k.frame), [1, 101]);
});

test("ranges are drawn on the timeline, stretched at their edges, and cut by later ones", async () => {
  const page = await open();
  await page.keyboard.press("3");
  await drag(page, timeline(page), [0.1, 0.6], [0.5, 0.6]);
  let [range] = await results(page);
  assert.deepEqual(Object.keys(range.value).sort(), ["ranges", "timelinelabels"]);
  assert.deepEqual([range.type, range.from_name, range.value.timelinelabels], ["timelinelabels", "when", ["Run"]]);
  const [{ start, end }] = range.value.ranges;
  near(start, 31, 2, "start");
  near(end, 151, 2, "end");

  await page.keyboard.press("u");
  await drag(page, timeline(page), [0.5, 0.5], [0.7, 0.5]);
  [range] = await results(page);
  near(range.value.ranges[0].end, 210, 3, "the edge was dragged");
  assert.equal(range.value.ranges[0].start, start);
  await page.keyboard.press("Control+z");
  assert.equal((await results(page))[0].value.ranges[0].end, end);

  await page.keyboard.press("4");
  await drag(page, timeline(page), [0.3, 0.6], [0.8, 0.6]);
  const all = await results(page);
  assert.equal(all.length, 2);
  const [run, walk] = all.map((r) => r.value.ranges[0]);
  assert.equal(run.start, start);
  assert.equal(run.end + 1, walk.start, "LS#1861: the old one ends where the new one begins");
  await page.keyboard.press("Control+z");
  assert.equal((await results(page)).length, 1, "cutting and drawing are one undo");
  await page.keyboard.press("Control+Shift+z");
  await screenshot(page, "video-ranges");
});

test("a recording is labeled with the keyboard alone", async () => {
  const page = await open();
  const shown = (frame) => page.locator(".tl-video-readout", { hasText: `frame ${frame} of 300` }).waitFor();
  await page.keyboard.press("3");
  await page.keyboard.press("m");
  await page.keyboard.press("Shift+Period");
  await shown(11);
  await page.keyboard.press("Shift+Period");
  await shown(21);
  // Another label ends this range and begins the next one.
  await page.keyboard.press("4");
  await page.keyboard.press("Shift+Period");
  await shown(31);
  await page.keyboard.press("m");
  const all = await results(page);
  assert.deepEqual(
    all.map((r) => [r.value.timelinelabels[0], r.value.ranges[0]]),
    [["Run", { start: 1, end: 20 }], ["Walk", { start: 21, end: 31 }]],
  );
  await page.keyboard.press("4");
  await page.keyboard.press("i");
  assert.deepEqual((await results(page)).at(-1).value.ranges, [{ start: 31, end: 31 }]);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("u");
  await page.keyboard.press("g");
  await page.keyboard.type("0:06.000");
  await page.keyboard.press("Enter");
  await shown(151);
  await page.keyboard.press("Alt+.");
  await shown(1);
  await page.keyboard.press("Control+Backspace");
});

test("playing, pausing and speed: the read-out runs with the picture and stands on a frame", async () => {
  const page = await open();
  await page.getByLabel("Playback speed").selectOption("2");
  await page.keyboard.press("Control+Alt+Space");
  await page.waitForFunction(() => {
    const find = (root) => root.querySelector("video") ?? [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
    return find(document).currentTime > 1 && find(document).playbackRate === 2;
  });
  await page.keyboard.press("Control+Alt+Space");
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  const text = await page.locator(".tl-video-readout").textContent();
  const frame = Number(/frame (\d+) of/.exec(text)[1]);
  assert.ok(frame > 20);
  await page.keyboard.press(".");
  await page.locator(".tl-video-readout", { hasText: `frame ${frame + 1} of 300` }).waitFor();
});
