// For bundlers and strict hosts: nothing is fetched by itself, the host hands the wasm over.
import { create, Editor } from "./editor.js";
import { load } from "./load.js";

export { Editor };

/** The handle class, once the wasm is loaded. */
let ready;

/** Loads the wasm: a URL, a Response, bytes or a compiled module. */
export async function init(wasm) {
  if (wasm == null) throw new TypeError("init needs the wasm: a URL, a Response, bytes or a module");
  ready = await load(wasm);
}

/** Makes an editor at once; `init` must have resolved before. */
export function createEditor(target, options = {}) {
  if (!ready) throw new Error("call and await init(wasm) before createEditor");
  return create(ready, target, options);
}
