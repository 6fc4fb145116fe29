// The demo: one editor, a few examples, the result live beside it.
import { createEditor } from "./pkg/src/index.js";
import { EXAMPLES } from "./examples.js";

/** Events after which the result may be another one. */
const CHANGES = ["submitDraft", "entityCreate", "entityDelete", "regionFinishedDrawing", "selectAnnotation"];

const $ = (id) => document.getElementById(id);
const message = (text) => ($("message").textContent = text);

let editor = null;
let turn = 0;

for (const { id, title } of EXAMPLES) {
  const link = document.createElement("a");
  link.href = `#${id}`;
  link.textContent = title;
  $("examples").append(link);
}

/** Shows the result now, and asks again after the current event is done. */
function showResult() {
  queueMicrotask(() => {
    if (!editor || editor.destroyed) return;
    const result = editor.serialize();
    $("result").textContent = JSON.stringify(result, null, 2);
    $("count").textContent = `${result.length}`;
  });
}

async function open(id) {
  const mine = ++turn;
  const example = EXAMPLES.find((one) => one.id === id) ?? EXAMPLES[0];
  for (const link of $("examples").children) {
    if (link.hash === `#${example.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  message("");
  try {
    const [config, task] = await Promise.all([text(example.config), text(example.task).then(JSON.parse)]);
    if (mine !== turn) return;
    $("config").value = config;
    $("task").value = JSON.stringify(task.data, null, 2);
    await mount(mine, config, task);
  } catch (error) {
    if (mine === turn) message(error.message ?? String(error));
  }
}

async function mount(mine, config, task) {
  editor?.destroy();
  editor = null;
  const target = document.createElement("div");
  target.style.height = "100%";
  $("editor").replaceChildren(target);
  const made = await createEditor(target, {
    config,
    task: { id: 1, annotations: [], predictions: [], ...task },
    interfaces: [
      "panel", "update", "submit", "controls", "topbar", "side-column", "edit-history",
      "annotations:tabs", "annotations:add-new", "annotations:menu", "predictions:tabs",
    ],
    onSubmitAnnotation: showResult,
    onUpdateAnnotation: showResult,
  });
  if (mine !== turn) {
    made.destroy();
    return;
  }
  editor = made;
  // For people who open the console, and for the tests.
  globalThis.tagloomDemo = { editor };
  for (const event of CHANGES) editor.on(event, showResult);
  showResult();
}

async function text(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return response.text();
}

let typing;
function edited(apply) {
  return ({ target }) => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      try {
        apply(target.value);
        message("");
      } catch (error) {
        message(error.message ?? String(error));
      }
    }, 300);
  };
}

$("config").addEventListener("input", edited((xml) => editor?.assignConfig(xml)));
$("task").addEventListener(
  "input",
  edited((json) => editor?.assignTask({ id: 1, annotations: [], predictions: [], data: JSON.parse(json) })),
);
// Values typed into a control fire no event that is listed above; a look at each frame after input costs nothing.
for (const type of ["pointerup", "keyup", "change"]) $("editor").addEventListener(type, showResult);
addEventListener("hashchange", () => open(location.hash.slice(1)));
open(location.hash.slice(1));
