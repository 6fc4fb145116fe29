// Markup of a task: payloads that would run, load or frame something elsewhere, in the real view, in a browser without
// a content security policy that would catch what the sanitiser misses.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DEMO_DIR, FIXTURES, openBrowser, serveStatic } from "./harness.mjs";

const { written, handlers, hosts } = JSON.parse(readFileSync(join(FIXTURES, "html-payloads.json"), "utf8"));
const made = handlers.flatMap((handler) => hosts.map((host) => `<${host} ${handler}=alert(1)>x`));
const PAYLOADS = [...written, ...made].flatMap((p) => [p, `<b>${p}</b>`, `<table><tr>${p}`]);

const FORBIDDEN = [
  "script", "object", "embed", "form", "input", "button", "select", "textarea", "svg", "math", "base", "meta", "link",
  "frame", "frameset", "iframe", "template", "noscript", "xmp", "plaintext", "applet",
];

let host;
let browser;

before(async () => {
  host = await serveStatic(DEMO_DIR);
  browser = await openBrowser();
  const { page } = browser;
  await page.goto(`${host.url}/demo.css`);
  await page.setContent('<!doctype html><div id="root" style="position:fixed;inset:0"></div>');
  await page.evaluate(async (base) => {
    globalThis.ran = [];
    globalThis.alert = (what) => globalThis.ran.push(String(what));
    const { createEditor } = await import(`${base}/pkg/src/index.js`);
    globalThis.editor = await createEditor("root", {
      config: '<View><HyperText name="h" value="$html" inline="true"/></View>',
      task: { id: 1, data: { html: "start" } },
    });
  }, host.url);
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

/** Shows markup and answers what is left of it: elements with their attributes. */
const show = (html) =>
  browser.page.evaluate(async (html) => {
    globalThis.editor.assignTask({ id: 1, data: { html } });
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    const find = (root) => {
      const own = root.querySelector(".tl-text-content");
      if (own) return own;
      for (const element of root.querySelectorAll("*")) {
        const inside = element.shadowRoot && find(element.shadowRoot);
        if (inside) return inside;
      }
      return null;
    };
    const content = find(document);
    const body = content.lastElementChild;
    return {
      text: body.textContent,
      elements: [...body.querySelectorAll("*")].map((element) => ({
        name: element.localName,
        attributes: [...element.attributes].map(({ name, value }) => [name, value]),
      })),
    };
  }, html);

test(`CVE-2024-26152: none of ${PAYLOADS.length} payloads runs or leaves anything behind that could`, async () => {
  assert.ok(PAYLOADS.length > 500);
  for (const payload of PAYLOADS) {
    const { elements } = await show(payload);
    for (const { name, attributes } of elements) {
      assert.ok(!FORBIDDEN.includes(name), `${name} is left of ${payload}`);
      for (const [attribute, value] of attributes) {
        assert.ok(!/^on|^srcdoc$|action$|:/.test(attribute), `${attribute} is left of ${payload}`);
        const tight = value.replace(/[\u0000-\u0020]/g, "").toLowerCase();
        if (["href", "src", "poster", "cite"].includes(attribute)) {
          assert.ok(!/^(javascript|vbscript|file|data:(text|application|image\/svg))/.test(tight), `${value} of ${payload}`);
        }
        if (attribute === "style") {
          assert.ok(!/expression\(|javascript:|https?:|\/\/|behavior|position:fixed/.test(tight), `${value} of ${payload}`);
        }
      }
    }
  }
  await browser.page.waitForTimeout(300);
  assert.deepEqual(await browser.page.evaluate(() => globalThis.ran), []);
});

test("harmless markup stays as it was written", async () => {
  const { text, elements } = await show('<div class="a" style="color: red"><p>One <b>two</b><br>💩</p></div>');
  assert.equal(text, "One two💩");
  assert.deepEqual(elements.map((e) => e.name), ["div", "p", "b", "br"]);
  const { elements: links } = await show('<a href="/x">y</a><img src="data:image/png;base64,AA==">');
  const attributes = Object.fromEntries(links[0].attributes);
  assert.match(attributes.rel, /noopener/);
  assert.equal(attributes.href, "/x");
  assert.equal(links[1].name, "img");
});
