// The Audio tag: a waveform of every kind of file, segments by mouse and keys, results, and what goes wrong.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { DEMO_DIR, FIXTURES, openBrowser, screenshot, serveStatic, STRICT_CSP } from "./harness.mjs";
import { drag, regionRows } from "./steps.mjs";

let folder;
let host;
let browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tagloom-audio-"));
  symlinkSync(join(DEMO_DIR, "pkg"), join(folder, "pkg"));
  symlinkSync(join(FIXTURES, "audio"), join(folder, "audio"));
  writeFileSync(join(folder, "index.html"), '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Audio</title><main></main>');
  host = await serveStatic(folder, { headers: { "Content-Security-Policy": STRICT_CSP } });
  browser = await openBrowser({ args: ["--autoplay-policy=no-user-gesture-required"] });
});

after(async () => {
  await browser?.close();
  await host?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  browser.page.setDefaultTimeout(10_000);
  browser.page.problems.length = 0;
});

/** Mounts an editor with one Audio tag. */
async function mount({ file = "clicks.mp3", attributes = "", data = {}, settings = {}, page = browser.page } = {}) {
  await page.goto(host.url);
  await page.evaluate(
    async ({ config, task, settings }) => {
      localStorage.clear();
      localStorage.setItem("ls:audio-tag:settings", JSON.stringify(settings));
      const { createEditor } = await import("/pkg/src/index.js");
      window.editor = await createEditor(document.querySelector("main"), { config, task });
    },
    {
      config: `<View><Labels name="l" toName="a"><Label value="Speech"/><Label value="Noise"/></Labels>
        <Audio name="a" value="$u" ${attributes}/></View>`,
      task: { id: 1, data: { u: file && `/audio/${file}`, ...data } },
      settings: { autoPlayNewSegments: false, ...settings },
    },
  );
}

const plot = (page) => page.locator(".tl-audio-overlay");
const results = (page) => page.evaluate(() => JSON.parse(JSON.stringify(window.editor.serialize())));

/** Waits until the waveform is complete and the length is known. */
async function ready(page) {
  await page.locator(".tl-audio-readout", { hasText: /\/ 0:0[12]\.\d+/ }).waitFor();
  await page.locator(".tl-audio-message").waitFor({ state: "detached" });
}

/** How high the wave is at a share of the width, in pixels of the canvas. */
function waveAt(page, share) {
  return page.locator(".tl-audio-plot canvas").first().evaluate(async (canvas, share) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const context = canvas.getContext("2d");
    const ratio = canvas.width / canvas.clientWidth;
    let most = 0;
    for (let x = -6; x <= 6; x += 1) {
      const at = Math.round(share * canvas.width) + x;
      const top = Math.round(24 * ratio);
      const { data } = context.getImageData(at, top, 1, canvas.height - top);
      let filled = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 200) filled += 1;
      most = Math.max(most, filled / ratio);
    }
    return most;
  }, share);
}

for (const file of ["clicks-11k.wav", "clicks.mp3", "clicks.flac", "clicks.ogg", "clicks.m4a", "clicks.webm"]) {
  test(`${file} has its waveform where its sound is`, async () => {
    const { page } = browser;
    await mount({ file });
    await ready(page);
    const [before, click, between, last] = [
      await waveAt(page, 0.17), await waveAt(page, 0.251), await waveAt(page, 0.63), await waveAt(page, 0.9505),
    ];
    assert.ok(click > 40 && last > 40, `${file}: clicks of ${click} and ${last} px`);
    assert.ok(before > 3 && before < 30 && between < 30, `${file}: tone of ${before} and ${between} px`);
    assert.deepEqual(page.problems, []);
  });
}

test("a drag with an armed label makes a region with the exact keys", async () => {
  const { page } = browser;
  await mount({ file: "tone.wav" });
  await ready(page);
  await page.keyboard.press("1");
  await drag(page, plot(page), [0.25, 0.5], [0.5, 0.5]);
  await regionRows(page).first().waitFor();
  const [result] = await results(page);
  const { start, end } = result.value;
  assert.ok(Math.abs(start - 0.5) < 0.01 && Math.abs(end - 1) < 0.01, JSON.stringify(result.value));
  assert.deepEqual({ ...result, id: "" }, {
    id: "", from_name: "l", to_name: "a", type: "labels", origin: "manual", original_length: 2,
    value: { start, end, channel: 0, labels: ["Speech"] },
  });
  assert.deepEqual(page.problems, []);
});

test("a segment without a label is no result until one is given", async () => {
  const { page } = browser;
  await mount({ file: "tone.wav" });
  await ready(page);
  await drag(page, plot(page), [0.1, 0.5], [0.3, 0.5]);
  assert.deepEqual(await results(page), []);
  await page.getByText("Noise", { exact: true }).first().click();
  await regionRows(page).first().waitFor();
  const [result] = await results(page);
  assert.deepEqual(result.value.labels, ["Noise"]);
  assert.ok(Math.abs(result.value.start - 0.2) < 0.01 && Math.abs(result.value.end - 0.6) < 0.01);
});

test("LS#6485: an edge is dragged and the playhead stays; LS#325: segments overlap", async () => {
  const { page } = browser;
  await mount({ file: "tone.wav" });
  await ready(page);
  await page.keyboard.press("1");
  await drag(page, plot(page), [0.2, 0.5], [0.5, 0.5]);
  await regionRows(page).first().waitFor();
  const before = await page.locator(".tl-audio-readout").textContent();
  await drag(page, plot(page), [0.5, 0.5], [0.75, 0.5]);
  const [moved] = await results(page);
  assert.ok(Math.abs(moved.value.start - 0.4) < 0.01 && Math.abs(moved.value.end - 1.5) < 0.01, JSON.stringify(moved));
  assert.equal(await page.locator(".tl-audio-readout").textContent(), before);
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  await drag(page, plot(page), [0.4, 0.5], [0.9, 0.5]);
  await regionRows(page).nth(1).waitFor();
  assert.equal((await results(page)).length, 2);
  await screenshot(page, "audio-regions");
});

test("segments are marked with keys alone", async () => {
  const { page } = browser;
  await mount({ file: "tone.wav" });
  await ready(page);
  await page.keyboard.press("2");
  await page.locator(".tl-audio-frame").focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 5; i += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.down("Enter");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.up("Enter");
  await regionRows(page).first().waitFor();
  const [{ value }] = await results(page);
  assert.ok(Math.abs(value.start - 0.5) < 0.02 && Math.abs(value.end - 1.5) < 0.02, JSON.stringify(value));
  assert.deepEqual(value.labels, ["Noise"]);
});

test("wheel and buttons zoom at the pointer, the overview pans, zoom never seeks", async () => {
  const { page } = browser;
  await mount({ file: "tone.wav" });
  await ready(page);
  const zoom = page.locator(".tl-audio-zoom");
  const before = await page.locator(".tl-audio-readout").textContent();
  const box = await plot(page).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.wheel(0, -100);
  await page.locator(".tl-audio-zoom", { hasText: /^1\.[23]×$/ }).waitFor();
  for (let i = 0; i < 50; i += 1) await page.mouse.wheel(0, -200);
  await page.locator(".tl-audio-zoom", { hasText: "1500.0×" }).waitFor();
  await page.getByRole("button", { name: "Fit" }).click();
  assert.equal(await zoom.textContent(), "1.0×");
  assert.equal(await page.locator(".tl-audio-readout").textContent(), before);
});

test("the sound plays and stops; decoder=none has no waveform and fetches no worker", async () => {
  const { page } = browser;
  const fetched = [];
  const note = (request) => fetched.push(request.url());
  page.on("request", note);
  await mount({ file: "tone.wav", attributes: 'decoder="none"' });
  await page.locator(".tl-audio-readout", { hasText: "/ 0:02.000" }).waitFor();
  page.off("request", note);
  assert.ok(!fetched.some((url) => url.includes("audio_worker")), fetched.join("\n"));
  const play = page.getByRole("button", { name: "Play or pause" });
  await play.click();
  await page.locator('button[aria-label="Play or pause"][aria-pressed="true"]').waitFor();
  await page.locator(".tl-audio-readout", { hasText: /^0:00\.[1-9]/ }).waitFor();
  await play.click();
  await page.locator('button[aria-label="Play or pause"][aria-pressed="false"]').waitFor();
});

test("LS#1680: at the end of a segment the next one plays", async () => {
  const { page } = browser;
  await mount({ file: "tone.wav", settings: { autoPlayNext: true } });
  await ready(page);
  for (const [from, to] of [[0.05, 0.2], [0.5, 0.65]]) {
    await page.keyboard.press("1");
    await drag(page, plot(page), [from, 0.5], [to, 0.5]);
    await page.keyboard.press("Escape");
  }
  await regionRows(page).nth(1).waitFor();
  await regionRows(page).first().click();
  await page.getByRole("button", { name: "Play the selected segment" }).click();
  await page.locator(".tl-audio-readout", { hasText: /^0:01\.[0-3]/ }).waitFor();
});

test("peaks made beforehand are drawn without decoding", async () => {
  const { page } = browser;
  await mount({ file: "tone.wav", attributes: 'peaks="$p"', data: { p: "/audio/peaks.json" } });
  await ready(page);
  const [low, high] = [await waveAt(page, 0.13), await waveAt(page, 0.96)];
  assert.ok(low < 30 && high > 70, `${low} ${high}`);
  assert.deepEqual(page.problems, []);
});

test("a spectrogram is drawn on demand, one wave per channel too", async () => {
  const { page } = browser;
  await mount({ file: "clicks.flac", attributes: 'splitChannels="true"' });
  await ready(page);
  await page.getByRole("button", { name: "Spectrogram" }).click();
  await page.waitForFunction(() => {
    const find = (root) => root.querySelector(".tl-audio-plot canvas") ??
      [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
    const canvas = find(document);
    const { data } = canvas.getContext("2d").getImageData(10, canvas.height - 40, 200, 30);
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) colours.add(data[i] >> 3);
    return colours.size > 2;
  });
  await screenshot(page, "audio-spectrogram");
  assert.deepEqual(page.problems, []);
});

for (const [file, says] of [
  ["missing.mp3", /404.*no such file/],
  ["not-audio.mp3", /not a sound file/],
]) {
  test(`${file} is said in place, with a way to try again`, async () => {
    const { page } = browser;
    await mount({ file });
    const alert = page.locator(".tl-audio-error");
    await page.locator(".tl-audio-error", { hasText: says }).waitFor();
    await alert.getByRole("button", { name: "Try again" }).waitFor();
    await screenshot(page, `audio-${file}`);
    assert.ok(!page.problems.some((p) => p.includes("uncaught")), page.problems.join("\n"));
  });
}

test("half a file shows and plays what it has, and says so", async () => {
  const { page } = browser;
  await mount({ file: "truncated.wav" });
  await page.locator(".tl-audio-message", { hasText: "ends before" }).waitFor();
  assert.ok((await waveAt(page, 0.3)) > 20);
});
