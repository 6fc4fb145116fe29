// The built app and demo as static files, on a host with a strict Content-Security-Policy.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { APP_DIR, DEMO_DIR, openBrowser, screenshot, serveStatic, STRICT_CSP } from "./harness.mjs";

const headers = { "Content-Security-Policy": STRICT_CSP };

test("the app's page links hashed files that exist, with compressed copies", () => {
  const page = readFileSync(join(APP_DIR, "index.html"), "utf8");
  const links = [...page.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map((match) => match[1]);
  assert.ok(links.length >= 4, page);
  for (const link of links) {
    assert.match(link, /-[0-9a-f]{16}\.(js|css|wasm)$/);
    assert.ok(existsSync(join(APP_DIR, link)), link);
  }
  const wasm = links.find((link) => link.endsWith(".wasm"));
  assert.ok(existsSync(join(APP_DIR, `${wasm}.br`)) && existsSync(join(APP_DIR, `${wasm}.gz`)));
  assert.ok(!page.includes("data-trunk"));
  assert.ok(!/<script(?![^>]*\bsrc=)/.test(page), "an inline script would need a weaker policy");
});

test("the app starts on a static host, at any path", async () => {
  const host = await serveStatic(APP_DIR, { fallback: "index.html", headers });
  const browser = await openBrowser();
  try {
    for (const path of ["/", "/projects"]) {
      const wasm = browser.page.waitForResponse((response) => response.url().endsWith(".wasm"));
      await browser.page.goto(host.url + path);
      assert.equal((await wasm).status(), 200);
      await browser.page.waitForLoadState("networkidle");
    }
    await screenshot(browser.page, "static-app");
    // Without a server the app may ask for one and get a 404; script and policy errors are never right.
    const bad = browser.page.problems.filter((line) => /uncaught|Content.Security|could not start/i.test(line));
    assert.deepEqual(bad, []);
  } finally {
    await browser.close();
    await host.stop();
  }
});

test("the demo ships the files its examples name, and answers byte ranges", async () => {
  const host = await serveStatic(DEMO_DIR, { headers });
  try {
    const csv = await fetch(`${host.url}/samples/time-series.csv?time=time_column&values=first_column`);
    assert.match(await csv.text(), /^time_column,first_column\n0,/);
    const range = { headers: { Range: "bytes=4-7" } };
    const video = await fetch(`${host.url}/static/samples/opossum_snow.mp4`, range);
    assert.equal(video.status, 206);
    assert.equal(await video.text(), "ftyp");
    for (const example of readdirSync(join(DEMO_DIR, "examples"))) {
      for (const file of ["config.xml", "task.json"]) {
        assert.equal((await fetch(`${host.url}/examples/${example}/${file}`)).status, 200);
      }
    }
  } finally {
    await host.stop();
  }
});

test("the sample video plays in this browser", async () => {
  const host = await serveStatic(DEMO_DIR);
  const browser = await openBrowser({ width: 400, height: 300 });
  try {
    await browser.page.goto(`${host.url}/demo.css`);
    const media = await browser.page.evaluate(async () => {
      const video = document.createElement("video");
      video.muted = true;
      video.src = "/static/samples/opossum_snow.mp4";
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve;
        video.onerror = () => reject(new Error(video.error?.message || "cannot be played"));
      });
      return { seconds: video.duration, width: video.videoWidth, height: video.videoHeight };
    });
    assert.deepEqual(media, { seconds: 12, width: 320, height: 180 });
  } finally {
    await browser.close();
    await host.stop();
  }
});
