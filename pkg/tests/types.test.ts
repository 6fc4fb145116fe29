// Compiled, never run: uses every public type as a host would, and asserts what must not compile.
import { createEditor, type Editor, type ResultItem } from "../src/index.js";
import { createEditor as createNow, init } from "../src/slim.js";
import { LabelStudio } from "../src/label-studio.js";
import "../src/element.js";

const target = document.createElement("div");

const editor: Editor = await createEditor(target, {
  config: "<View/>",
  task: { id: 1, data: { text: "hello" }, predictions: [{ result: [], score: 0.5 }] },
  interfaces: ["submit", "annotations:deny-empty", "something-of-the-host"],
  settings: { continuousLabeling: true },
  keymap: { "annotation:submit": { key: "ctrl+enter" } },
  onSubmitAnnotation: ({ payload }) => payload.result.map((item) => item.type),
  onUpdateAnnotation: async ({ pk }) => ({ id: Number(pk) }),
  onEntityDelete: ({ id }) => id.toUpperCase(),
  wasm: new URL("editor.wasm", "https://example.test/"),
});

const result: ResultItem[] = editor.serialize();
const stop: () => void = editor.on("groundTruth", ({ value }) => value === true);
stop();
editor.off("skipTask");
editor.selectAnnotation(editor.state().annotations[0]!.key);
if (editor.command("annotation:undo")) editor.state().canRedo === true;
result.map((item) => item.value?.labels);

await init(new Uint8Array());
createNow("root", { config: "<View/>" }).destroy();

const element = document.createElement("tagloom-editor");
element.task = { data: "{}" };
element.editor?.undo();

const legacy = new LabelStudio("label-studio", {
  config: "<View/>",
  onSubmitAnnotation: (store, annotation) => store.annotationStore.selected ?? annotation,
});
legacy.off("submitAnnotation");
legacy.store?.annotationStore.selected.serializeAnnotation().length.toFixed();

// @ts-expect-error: a config is needed
await createEditor(target, {});
// @ts-expect-error: no such event
editor.on("somethingElse", () => {});
// @ts-expect-error: the payload is not a string
await createEditor(target, { config: "", onSkipTask: (event: string) => event });
// @ts-expect-error: slim takes no wasm option
createNow(target, { config: "", wasm: "x" });
