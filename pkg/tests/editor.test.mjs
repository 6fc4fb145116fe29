// The hand-written half of the package, with a recording stand-in for the wasm handle.
import assert from "node:assert/strict";
import test from "node:test";

class FakeElement {}
globalThis.HTMLElement = FakeElement;
const root = new FakeElement();
globalThis.document = { getElementById: (id) => (id === "root" ? root : null) };

const { create, Editor, resolveTarget, splitOptions } = await import("../src/editor.js");

/** Records calls; `create` records its arguments. */
class Handle {
  static made = [];
  calls = [];
  static create(element, options) {
    const handle = new Handle();
    Handle.made.push({ element, options, handle });
    return handle;
  }
  serialize() {
    return [{ type: "labels" }];
  }
  on(...args) {
    this.calls.push(["on", ...args]);
  }
  off(...args) {
    this.calls.push(["off", ...args]);
  }
  destroy() {
    this.calls.push(["destroy"]);
  }
  free() {
    this.calls.push(["free"]);
  }
}

test("a target is an element or an id", () => {
  assert.equal(resolveTarget("root"), root);
  assert.equal(resolveTarget(root), root);
  assert.throws(() => resolveTarget("gone"), /no element has the id "gone"/);
  assert.throws(() => resolveTarget(null), /not an element/);
});

test("callbacks are told apart from data", () => {
  const submit = () => {};
  const { data, listeners } = splitOptions({
    config: "<View/>", onSubmitAnnotation: submit, onSkipTask: undefined, once: 1, wasm: "x",
  });
  assert.deepEqual(data, { config: "<View/>", once: 1 });
  assert.deepEqual(listeners, [["submitAnnotation", submit]]);
  assert.throws(() => splitOptions({ onSkipTask: "no" }), /onSkipTask is not a function/);
});

test("task data may be a JSON string, and the host's object stays as it was", () => {
  const task = { id: 1, data: '{"text":"a"}' };
  assert.deepEqual(splitOptions({ task }).data.task.data, { text: "a" });
  assert.equal(task.data, '{"text":"a"}');
});

test("callbacks reach the handle at creation, before the first event", () => {
  const onSubmitAnnotation = () => {};
  create(Handle, "root", { config: "<View/>", onSubmitAnnotation });
  const { element, options } = Handle.made.at(-1);
  assert.equal(element, root);
  assert.equal(options.onSubmitAnnotation, onSubmitAnnotation);
});

test("a destroyed editor is gone once and says so", () => {
  const handle = new Handle();
  const editor = new Editor(handle);
  assert.deepEqual(editor.serialize(), [{ type: "labels" }]);
  const stop = editor.on("skipTask", () => {});
  editor.destroy();
  editor.destroy();
  stop();
  assert.equal(editor.destroyed, true);
  assert.throws(() => editor.serialize(), /destroyed/);
  assert.deepEqual(handle.calls.map(([name]) => name), ["on", "destroy", "free"]);
});
