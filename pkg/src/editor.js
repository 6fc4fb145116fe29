// The object a host holds. It wraps the wasm handle: after `destroy` every call throws one clear error.

/** Option keys that are callbacks: `onSubmitAnnotation` listens to `submitAnnotation`. */
const CALLBACK = /^on[A-Z]/;

/** Events that ask the host to store something. The editor waits for what the listeners return. */
const STORING = new Set([
  "submitAnnotation", "updateAnnotation", "skipTask", "acceptAnnotation", "rejectAnnotation",
]);

export class Editor {
  #handle;
  /** @type {Map<string, Set<Function>>} */
  #listeners = new Map();

  constructor(handle) {
    this.#handle = handle;
    // Without a listener nothing would ever end the saving state.
    for (const event of STORING) this.#relay(event);
  }

  /** One listener per event on the handle passes it to ours. */
  #relay(event) {
    if (this.#listeners.has(event)) return;
    this.#listeners.set(event, new Set());
    this.#handle.on(event, (detail) => this.#deliver(event, detail));
  }

  #deliver(event, detail) {
    const listeners = this.#listeners.get(event);
    if (STORING.has(event) && listeners.size === 0) {
      // Saying "saved" would drop the local copy of work that nobody has stored.
      queueMicrotask(() => this.#handle?.saveFailed(detail.key, "This page does not store annotations."));
      return;
    }
    const answers = [...listeners].map((listener) => {
      try {
        return Promise.resolve(listener(detail));
      } catch (error) {
        return Promise.reject(error);
      }
    });
    const settled = Promise.all(answers);
    if (!STORING.has(event)) {
      settled.catch((error) => reportError(error));
      return;
    }
    settled.then(
      (values) => {
        // A host that answers with the stored annotation tells its id.
        const stored = values.find((value) => value?.pk ?? value?.id);
        const pk = stored ? (stored.pk ?? stored.id) : detail.pk;
        this.#handle?.saved(detail.key, pk == null ? undefined : String(pk));
      },
      (error) => this.#handle?.saveFailed(detail.key, String(error?.message ?? error)),
    );
  }

  /** For events that happen before anybody can listen on the handle. */
  announce(event) {
    this.#deliver(event, {});
  }

  #live() {
    if (!this.#handle) throw new Error("this editor was destroyed");
    return this.#handle;
  }

  /** True after `destroy`. */
  get destroyed() {
    return this.#handle === null;
  }

  serialize() {
    return this.#live().serialize();
  }

  submit() {
    this.#live().submit();
  }

  skip() {
    this.#live().skip();
  }

  undo() {
    this.#live().undo();
  }

  redo() {
    this.#live().redo();
  }

  assignTask(task) {
    this.#live().assignTask(task);
  }

  assignConfig(config) {
    this.#live().assignConfig(config);
  }

  selectAnnotation(id) {
    this.#live().selectAnnotation(id);
  }

  state() {
    return this.#live().state();
  }

  /** Runs a named command of the keymap, such as `annotation:undo`; false where nothing answers to it. */
  command(name) {
    return this.#live().command(name);
  }

  on(event, listener) {
    this.#live();
    if (typeof listener !== "function") throw new TypeError("a listener is a function");
    this.#relay(event);
    this.#listeners.get(event).add(listener);
    return () => this.off(event, listener);
  }

  /** Without a listener every listener of the event goes. On a destroyed editor this is no mistake. */
  off(event, listener) {
    const listeners = this.#listeners.get(event);
    if (listener === undefined) listeners?.clear();
    else listeners?.delete(listener);
  }

  destroy() {
    const handle = this.#handle;
    if (!handle) return;
    this.#handle = null;
    for (const listeners of this.#listeners.values()) listeners.clear();
    handle.destroy();
    handle.free?.();
  }
}

/** The element that a host names: itself, or an id without `#` as Label Studio takes it. */
export function resolveTarget(target) {
  const element = typeof target === "string" ? document.getElementById(target) : target;
  if (!(element instanceof HTMLElement)) {
    throw new TypeError(
      typeof target === "string" ? `no element has the id "${target}"` : "target is not an element",
    );
  }
  return element;
}

/** Splits options into data and listeners, so that callbacks and `on()` are one mechanism. */
export function splitOptions(options = {}) {
  const data = {};
  const listeners = [];
  for (const [key, value] of Object.entries(options)) {
    if (CALLBACK.test(key)) {
      if (value == null) continue;
      if (typeof value !== "function") throw new TypeError(`${key} is not a function`);
      listeners.push([key[2].toLowerCase() + key.slice(3), value]);
    } else if (key !== "wasm") {
      data[key] = value;
    }
  }
  if (typeof data.task?.data === "string") {
    data.task = { ...data.task, data: JSON.parse(data.task.data) };
  }
  return { data, listeners };
}

/** Makes an editor with an already loaded handle class. */
export function create(EditorHandle, target, options) {
  const element = resolveTarget(target);
  const { data, listeners } = splitOptions(options);
  const editor = new Editor(EditorHandle.create(element, data));
  for (const [event, listener] of listeners) editor.on(event, listener);
  // Both are over before `create` returns, so nobody could have heard them.
  for (const event of ["labelStudioLoad", "storageInitialized"]) {
    if (listeners.some(([name]) => name === event)) editor.announce(event);
  }
  return editor;
}
