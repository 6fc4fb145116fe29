// Starts the app. A file of its own, so that the page needs no inline script (strict Content-Security-Policy).
import init, { setAudioWorker } from "__SCRIPT__";

try {
  await init({ module_or_path: new URL("__WASM__", import.meta.url) });
  // Only fetched by a config with an Audio tag.
  setAudioWorker(new URL("__AUDIO_WORKER__", import.meta.url).href);
} catch (error) {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = `Tagloom could not start: ${error?.message ?? error}`;
  document.body.append(message);
  throw error;
}
