// A constructor of Label Studio's shape, for hosts that move over: construction returns at once, the editor follows.
import { resolveTarget } from "./editor.js";
import { createEditor } from "./index.js";

export class LabelStudio {
  /** Every live instance. */
  static instances = new Set();

  static destroyAll() {
    for (const instance of [...LabelStudio.instances]) instance.destroy();
  }

  #editor = null;
  #destroyed = false;
  #listeners = [];

  /** Null until the editor is ready, as hosts of Label Studio expect. */
  store = null;

  constructor(root, options = {}) {
    this.root = resolveTarget(root);
    this.options = options;
    LabelStudio.instances.add(this);
    /** Resolves with the editor; rejects when it could not be made. */
    this.ready = this.#mount(options);
    // A host that does not look at `ready` still finds the reason in the console.
    this.ready.catch((error) => console.error(error));
  }

  async #mount(options) {
    // Callbacks are registered by `on`, which hands them the arguments that Label Studio hands over.
    const data = {};
    for (const [key, value] of Object.entries(options)) {
      if (/^on[A-Z]/.test(key) && typeof value === "function") {
        this.on(key[2].toLowerCase() + key.slice(3), value);
      } else {
        data[key] = value;
      }
    }
    const editor = await createEditor(this.root, data);
    if (this.#destroyed) {
      editor.destroy();
      return editor;
    }
    this.#editor = editor;
    this.store = store(editor);
    for (const { event, wrapped } of this.#listeners) editor.on(event, wrapped);
    // These two happen while the editor is made, before anybody can listen to it.
    for (const early of ["labelStudioLoad", "storageInitialized"]) {
      for (const { event, wrapped } of this.#listeners) if (event === early) wrapped();
    }
    return editor;
  }

  on(event, listener) {
    const wrapped = (detail) => listener(...argumentsOf(event, detail, this.store));
    this.#listeners.push({ event, listener, wrapped });
    this.#editor?.on(event, wrapped);
  }

  /** Without a listener every listener of the event goes. */
  off(event, listener) {
    const goes = (entry) => entry.event === event && (!listener || entry.listener === listener);
    for (const { wrapped } of this.#listeners.filter(goes)) this.#editor?.off(event, wrapped);
    this.#listeners = this.#listeners.filter((entry) => !goes(entry));
  }

  destroy() {
    this.#destroyed = true;
    this.#editor?.destroy();
    this.#editor = null;
    this.store = null;
    LabelStudio.instances.delete(this);
  }
}

/** Our events carry one object; Label Studio's callbacks take a list of arguments, most often the store first. */
function argumentsOf(event, detail, store) {
  const annotation = store && { ...store.annotationStore.selected, ...detail?.payload };
  switch (event) {
    case "labelStudioLoad":
    case "storageInitialized":
    case "unskipTask":
      return [store];
    case "entityCreate":
    case "entityDelete":
    case "regionFinishedDrawing":
      return [detail];
    case "skipTask":
      return [store, detail?.payload];
    case "groundTruth":
      return [store, annotation, detail?.value];
    case "acceptAnnotation":
    case "rejectAnnotation":
      return [store, { isDirty: detail?.isDirty ?? false, entity: annotation }];
    case "selectAnnotation":
      return [annotation, detail?.previous];
    default:
      return [store, annotation];
  }
}

/** The members of the store that hosts use. */
function store(editor) {
  const tabs = (prediction) => editor.state().annotations.filter((tab) => tab.prediction === prediction);
  const selected = () => ({
    ...current(editor),
    serializeAnnotation: () => editor.serialize(),
    undo: () => editor.undo(),
    redo: () => editor.redo(),
  });
  return {
    assignTask: (task) => editor.assignTask(task),
    assignConfig: (config) => editor.assignConfig(config),
    submitAnnotation: () => editor.submit(),
    updateAnnotation: () => editor.submit(),
    skipTask: () => editor.skip(),
    get task() {
      return { id: editor.state().taskId };
    },
    annotationStore: {
      get annotations() {
        return tabs(false);
      },
      get predictions() {
        return tabs(true);
      },
      get selected() {
        return selected();
      },
      selectAnnotation: (id) => editor.selectAnnotation(key(editor, id)),
      selectPrediction: (id) => editor.selectAnnotation(key(editor, id)),
    },
  };
}

/** The tab that is shown. */
function current(editor) {
  const { annotations, selected } = editor.state();
  const tab = annotations.find((one) => one.key === selected);
  return tab && { ...tab, id: tab.key };
}

/** Hosts name annotations by server id or by the editor's own key. */
function key(editor, id) {
  const tabs = editor.state().annotations;
  const tab = tabs.find((one) => one.pk === String(id)) ?? tabs.find((one) => one.key === Number(id));
  if (!tab) throw new Error(`there is no annotation ${id}`);
  return tab.key;
}

export default LabelStudio;
