import type { Editor, EditorOptions, ResultItem, Task } from "./index.js";

/**
 * `<tagloom-editor config="…" task="…" interfaces="submit,skip">`. Events of the editor arrive as `CustomEvent`s of the
 * same names, their arguments in `detail`; `ready` and `error` tell how mounting went.
 */
export class TagloomEditorElement extends HTMLElement {
  /** Null until `ready`. */
  readonly editor: Editor | null;
  config: string;
  task: Task | undefined;
  options: Partial<EditorOptions>;
  serialize(): ResultItem[];
}

declare global {
  interface HTMLElementTagNameMap {
    "tagloom-editor": TagloomEditorElement;
  }
}
