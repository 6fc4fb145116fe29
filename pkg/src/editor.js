// The object a host holds. It wraps the wasm handle: after `destroy` every call throws one clear error.

/** Option keys that are callbacks: `onSubmitAnnotation` listens to `submitAnnotation`. */
const CALLBACK = /^on[A-Z]/;

export class Editor {
  #handle;

  constructor(handle) {
    this.#handle = handle;
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

  on(event, listener) {
    this.#live().on(event, listener);
    return () => this.off(event, listener);
  }

  off(event, listener) {
    // Taking a listener off an editor that is gone is what unmounting code does; it is no mistake.
    this.#handle?.off(event, listener);
  }

  destroy() {
    const handle = this.#handle;
    if (!handle) return;
    this.#handle = null;
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
  // Listeners go along, so that the events of loading reach them; `create` registers what starts with `on`.
  const callbacks = Object.fromEntries(
    listeners.map(([event, fn]) => [`on${event[0].toUpperCase()}${event.slice(1)}`, fn]),
  );
  return new Editor(EditorHandle.create(element, { ...data, ...callbacks }));
}
