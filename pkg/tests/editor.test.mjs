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
  relays = {};
  static create(element, options) {
    const handle = new Handle();
    Handle.made.push({ element, options, handle });
    return handle;
  }
  serialize() {
    return [{ type: "labels" }];
  }
  on(event, relay) {
    this.relays[event] = relay;
  }
  saved(...args) {
    this.calls.push(["saved", ...args]);
  }
  saveFailed(...args) {
    this.calls.push(["saveFailed", ...args]);
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

test("callbacks hear the events of loading, later ones and only their own", () => {
  const heard = [];
  const editor = create(Handle, "root", {
    config: "<View/>",
    onStorageInitialized: () => heard.push("storage"),
    onEntityDelete: ({ id }) => heard.push(id),
  });
  const { element, options, handle } = Handle.made.at(-1);
  assert.equal(element, root);
  assert.deepEqual(options, { config: "<View/>" });
  handle.relays.entityDelete({ id: "r1" });
  editor.off("entityDelete");
  handle.relays.entityDelete({ id: "r2" });
  assert.deepEqual(heard, ["storage", "r1"]);
});

/** Lets promise reactions run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("the editor waits for the host and learns the id", async () => {
  const handle = new Handle();
  const editor = new Editor(handle);
  let store;
  editor.on("submitAnnotation", () => new Promise((resolve) => (store = resolve)));
  handle.relays.submitAnnotation({ key: 3, payload: { result: [] } });
  await settle();
  assert.deepEqual(handle.calls, []);
  store({ id: 17 });
  await settle();
  assert.deepEqual(handle.calls, [["saved", 3, "17"]]);
});

test("saving ends without a listener too, but is not called saved", async () => {
  const handle = new Handle();
  const editor = new Editor(handle);
  handle.relays.submitAnnotation({ key: 1 });
  editor.on("updateAnnotation", () => {});
  handle.relays.updateAnnotation({ key: 1, pk: "9" });
  await settle();
  assert.deepEqual(handle.calls, [["saveFailed", 1, "This page does not store annotations."], ["saved", 1, "9"]]);
});

test("a host that fails is reported in the editor, thrown or rejected", async () => {
  for (const fail of [() => { throw new Error("offline"); }, async () => { throw new Error("offline"); }]) {
    const handle = new Handle();
    const editor = new Editor(handle);
    editor.on("submitAnnotation", fail);
    handle.relays.submitAnnotation({ key: 2 });
    await settle();
    assert.deepEqual(handle.calls, [["saveFailed", 2, "offline"]]);
  }
});

test("a destroyed editor is gone once and says so", async () => {
  const handle = new Handle();
  const editor = new Editor(handle);
  assert.deepEqual(editor.serialize(), [{ type: "labels" }]);
  const stop = editor.on("skipTask", () => {});
  handle.relays.skipTask({ key: 1 });
  editor.destroy();
  editor.destroy();
  stop();
  await settle();
  assert.equal(editor.destroyed, true);
  assert.throws(() => editor.serialize(), /destroyed/);
  assert.throws(() => editor.on("skipTask", () => {}), /destroyed/);
  // The answer that came too late reaches nobody.
  assert.deepEqual(handle.calls, [["destroy"], ["free"]]);
});
