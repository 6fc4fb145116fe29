import { create, Editor, resolveTarget } from "./editor.js";
import { load } from "./load.js";

export { Editor };

// Spelled out in one expression, so that bundlers see the file; `slim.js` does without it.
const WASM = () => new URL("../dist/tagloom_editor_bg.wasm", import.meta.url);

/** Makes an editor in `target`; resolves when it is on the screen. */
export async function createEditor(target, options = {}) {
  // A wrong target fails before a megabyte is loaded for it.
  resolveTarget(target);
  return create(await load(options.wasm ?? WASM()), target, options);
}
