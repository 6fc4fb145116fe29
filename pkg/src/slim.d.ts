import type { Editor, EditorOptions, WasmSource } from "./index.js";

export type * from "./index.js";

/** Loads the wasm. Nothing is fetched that is not named here. */
export function init(wasm: WasmSource): Promise<void>;

/** Makes an editor at once. Throws before `init` has resolved. */
export function createEditor(target: HTMLElement | string, options: Omit<EditorOptions, "wasm">): Editor;
