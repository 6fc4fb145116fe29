// Loads the editor's wasm once per page, however many editors and entry points ask for it.
import init, { EditorHandle, setAudioWorker } from "../dist/tagloom_editor.js";

/** @type {Promise<typeof EditorHandle> | undefined} */
let loading;

/**
 * @param {unknown} source the wasm: a URL, a Response, bytes, a module, or a promise of one
 * @returns {Promise<typeof EditorHandle>}
 */
export function load(source) {
  loading ??= Promise.resolve(source)
    .then((wasm) => init({ module_or_path: wasm }))
    .then(() => {
      // Only fetched by a config with an Audio tag.
      setAudioWorker(new URL("../dist/audio_worker.js", import.meta.url).href);
      return EditorHandle;
    })
    .catch((error) => {
      // The next call may try again: the network may be back.
      loading = undefined;
      throw error;
    });
  return loading;
}
