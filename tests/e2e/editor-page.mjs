// A plain page with the package and one editor in it, beside files of its own: no server, no app.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_DIR, FIXTURES, serveStatic } from "./harness.mjs";

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<style>html,body,#app{height:100%;margin:0}</style><div id="app"></div>
<script type="module" src="boot.js"></script>`;

const BOOT = `import { createEditor } from "./pkg/src/index.js";
const options = await (await fetch("options.json")).json();
window.editor = await createEditor(document.getElementById("app"), options);
window.ready = true;`;

/**
 * Serves a page with one editor. `folders` of tests/fixtures are there under their names. `serve` goes to
 * `serveStatic`. `open` replaces config and task and shows them in a page.
 */
export async function editorPage({ folders = ["video", "media"], serve } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tagloom-page-"));
  cpSync(join(DEMO_DIR, "pkg"), join(folder, "pkg"), { recursive: true });
  for (const name of folders) cpSync(join(FIXTURES, name), join(folder, name), { recursive: true });
  writeFileSync(join(folder, "index.html"), PAGE);
  writeFileSync(join(folder, "boot.js"), BOOT);
  const host = await serveStatic(folder, serve);
  let tasks = 0;
  return {
    url: host.url,
    folder,
    write(name, content) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), content);
    },
    async open(page, { config, data, annotations = [], ...options }) {
      // A task of its own each time: drafts of the one before stay in the browser.
      const task = { id: (tasks += 1), data, annotations };
      writeFileSync(join(folder, "options.json"), JSON.stringify({ config, task, ...options }));
      await page.goto(`${host.url}/index.html`);
      await page.waitForFunction(() => window.ready);
    },
    async stop() {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The results of the annotation that is shown. */
export const results = (page) => page.evaluate(() => window.editor.serialize());
