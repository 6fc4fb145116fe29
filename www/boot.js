// Starts the app. A file of its own, so that the page needs no inline script (strict Content-Security-Policy).
import init from "__SCRIPT__";

try {
  await init({ module_or_path: new URL("__WASM__", import.meta.url) });
} catch (error) {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = `Tagloom could not start: ${error?.message ?? error}`;
  document.body.append(message);
  throw error;
}
