// <tagloom-editor>: attributes `config`, `task` (JSON), `interfaces` (comma list); properties of the same names win.
import { createEditor } from "./index.js";

const EVENTS = [
  "labelStudioLoad", "storageInitialized", "submitAnnotation", "updateAnnotation", "deleteAnnotation",
  "skipTask", "unskipTask", "submitDraft", "entityCreate", "entityDelete", "groundTruth",
  "selectAnnotation", "acceptAnnotation", "rejectAnnotation", "nextTask", "prevTask",
  "regionFinishedDrawing", "change",
];

export class TagloomEditorElement extends HTMLElement {
  static observedAttributes = ["config", "task"];

  #editor = null;
  #options = {};
  #generation = 0;

  /** The editor, once it is there. */
  get editor() {
    return this.#editor;
  }

  get config() {
    return this.#options.config ?? this.getAttribute("config") ?? "";
  }

  set config(xml) {
    this.#options.config = xml;
    this.#editor?.assignConfig(xml);
  }

  get task() {
    return this.#options.task ?? parse(this, "task");
  }

  set task(task) {
    this.#options.task = task;
    this.#editor?.assignTask(task);
  }

  /** Further options of `createEditor`; they count from the next time the element is connected. */
  set options(options) {
    this.#options = { ...this.#options, ...options };
  }

  get options() {
    return { ...this.#options };
  }

  serialize() {
    return this.#editor?.serialize() ?? [];
  }

  async connectedCallback() {
    // Frameworks move elements around: only the latest connection may mount.
    const generation = ++this.#generation;
    const interfaces = this.getAttribute("interfaces")?.split(",").map((name) => name.trim());
    try {
      const editor = await createEditor(this, {
        ...(interfaces && { interfaces }),
        ...this.#options,
        config: this.config,
        task: this.task,
      });
      if (generation !== this.#generation) {
        editor.destroy();
        return;
      }
      this.#editor = editor;
      for (const name of EVENTS) editor.on(name, (...detail) => this.#emit(name, detail));
      this.#emit("ready", [editor]);
    } catch (error) {
      if (generation === this.#generation) this.#emit("error", [error]);
    }
  }

  disconnectedCallback() {
    this.#generation++;
    this.#editor?.destroy();
    this.#editor = null;
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#editor || before === after) return;
    if (name === "config") this.#editor.assignConfig(after ?? "");
    else this.#editor.assignTask(parse(this, "task"));
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

function parse(element, attribute) {
  const text = element.getAttribute(attribute);
  return text ? JSON.parse(text) : undefined;
}

if (!customElements.get("tagloom-editor")) {
  customElements.define("tagloom-editor", TagloomEditorElement);
}
