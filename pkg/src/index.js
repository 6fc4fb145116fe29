import { create, Editor, resolveTarget } from "./editor.js";
import { load } from "./load.js";

export { Editor };

/** Makes an editor in `target`; resolves when it is on the screen. */
export async function createEditor(target, options = {}) {
  // A wrong target fails before a megabyte is loaded for it.
  resolveTarget(target);
  return create(await load(options.wasm), target, options);
}
