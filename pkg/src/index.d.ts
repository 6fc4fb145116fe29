/** One entry of `result`, in Label Studio's JSON. Unknown keys are kept as they came. */
export interface ResultItem {
  id?: string;
  type: string;
  from_name?: string;
  to_name?: string;
  value?: Record<string, unknown>;
  origin?: "manual" | "prediction" | "prediction-changed";
  original_width?: number;
  original_height?: number;
  image_rotation?: number;
  item_index?: number;
  parentID?: string | null;
  score?: number;
  readonly?: boolean;
  meta?: Record<string, unknown>;
  /** Relations only. */
  from_id?: string;
  to_id?: string;
  direction?: "left" | "right" | "bi";
  labels?: string[];
  [key: string]: unknown;
}

export interface Annotation {
  id?: string | number;
  pk?: string | number;
  result: ResultItem[];
  created_at?: string;
  lead_time?: number | null;
  was_cancelled?: boolean;
  ground_truth?: boolean;
  [key: string]: unknown;
}

export interface Prediction {
  id?: string | number;
  result: ResultItem[];
  model_version?: string;
  score?: number | null;
  [key: string]: unknown;
}

export interface Task {
  id?: number | string;
  /** The values that `$name` in the config refers to; a JSON string is accepted. */
  data: Record<string, unknown> | string;
  annotations?: Annotation[];
  predictions?: Prediction[];
  drafts?: unknown[];
  [key: string]: unknown;
}

export interface User {
  id?: number | string;
  pk?: number | string;
  firstName?: string;
  lastName?: string;
  email?: string;
  avatar?: string | null;
}

/** Parts of the screen that can be switched on; a list replaces the default wholly. */
export type Interface =
  | "submit" | "update" | "skip" | "review" | "controls" | "topbar" | "topbar:prevnext"
  | "topbar:task-counter" | "instruction" | "side-column" | "edit-history" | "ground-truth"
  | "annotations:add-new" | "annotations:delete" | "annotations:tabs" | "annotations:view-all"
  | "annotations:history" | "annotations:comments" | "annotations:copy-link"
  | "annotations:deny-empty" | "annotations:hide-info" | "annotations:summary"
  | "annotations:menu" | "annotations:current" | "predictions:tabs" | "predictions:menu"
  | "auto-annotation" | "annotation:bulk" | "comments:skip" | "comments:reject"
  | "comments:resolve-any" | "postpone" | "panel" | "infobar" | "debug"
  | (string & {});

export interface KeyBinding {
  key?: string;
  mac?: string;
  description?: string;
  modifier?: string;
  modifierDescription?: string;
  active?: boolean;
}

export interface Settings {
  enableHotkeys?: boolean;
  enablePanelHotkeys?: boolean;
  enableTooltips?: boolean;
  enableLabelTooltips?: boolean;
  showLabels?: boolean;
  continuousLabeling?: boolean;
  selectAfterCreate?: boolean;
  showLineNumbers?: boolean;
  preserveSelectedTool?: boolean;
  enableSmoothing?: boolean;
  invertedZoom?: boolean;
  videoHopSize?: number;
  forceBottomPanel?: boolean;
  sidePanelMode?: "regions" | "labels";
  [key: string]: unknown;
}

/** What is sent when an annotation is stored. */
export interface AnnotationPayload {
  result: ResultItem[];
  /** Seconds. */
  lead_time?: number;
  started_at?: string;
  draft_id?: number;
  parent_prediction?: number | string;
  parent_annotation?: number | string;
  was_cancelled?: boolean;
  [key: string]: unknown;
}

/** Every event carries one object. `key` names the annotation within this editor, `pk` on the server. */
export interface EditorEvents {
  labelStudioLoad: Record<string, never>;
  storageInitialized: Record<string, never>;
  submitAnnotation: { key: number; payload: AnnotationPayload };
  updateAnnotation: { key: number; pk: string; payload: AnnotationPayload };
  deleteAnnotation: { key: number; pk?: string | null };
  skipTask: { key: number; payload: AnnotationPayload };
  unskipTask: { key: number; pk?: string | null };
  /** The content changed: a draft should be stored soon. */
  submitDraft: { key: number; revision: number; payload: AnnotationPayload };
  entityCreate: { results: ResultItem[] };
  entityDelete: { id: string };
  groundTruth: { key: number; pk?: string | null; value: boolean };
  selectAnnotation: { key: number; previous?: number | null };
  acceptAnnotation: { key: number; payload: AnnotationPayload; isDirty: boolean };
  rejectAnnotation: { key: number; payload: AnnotationPayload; isDirty: boolean };
  regionFinishedDrawing: { id: string };
}

export type EventName = keyof EditorEvents;

/**
 * Listeners of `submitAnnotation`, `updateAnnotation`, `skipTask`, `acceptAnnotation` and `rejectAnnotation` may return
 * a promise: the editor shows that it is saving until it settles. One that resolves to the stored annotation (`id` or
 * `pk`) turns later submits into updates; one that rejects keeps the work and shows the error's message.
 */
export type Listener<E extends EventName> = (event: EditorEvents[E]) => unknown;

/** `onSubmitAnnotation` is the option for the event `submitAnnotation`. */
export type Callbacks = {
  [E in EventName as `on${Capitalize<E>}`]?: Listener<E>;
};

export interface EditorOptions extends Callbacks {
  /** The labeling config, XML. */
  config: string;
  task?: Task;
  user?: User;
  users?: User[];
  interfaces?: Interface[];
  keymap?: Record<string, KeyBinding>;
  settings?: Settings;
  /** Instructions, HTML; sanitised before it is shown. */
  description?: string;
  queueTotal?: number;
  queuePosition?: number;
  /** Separates the local journals of two projects on one page origin. */
  project?: string;
  /** One shadow root per editor unless false; then the page loads `tagloom/style.css` itself. */
  shadow?: boolean;
  /** Where the wasm is, when it is not next to the script. */
  wasm?: WasmSource;
}

export type WasmSource =
  | string | URL | Request | Response | BufferSource | WebAssembly.Module
  | Promise<Response | BufferSource | WebAssembly.Module>;

/** One tab: an annotation or a prediction. */
export interface AnnotationState {
  /** The name within this editor. */
  key: number;
  /** The id on the server, once stored. */
  pk: string | null;
  prediction: boolean;
  dirty: boolean;
  skipped: boolean;
  groundTruth: boolean;
  createdBy?: unknown;
}

/** A copy; changing it changes nothing. */
export interface EditorState {
  taskId: unknown;
  annotations: AnnotationState[];
  /** Key of the tab that is shown. */
  selected: number;
  /** Ids of the selected regions. */
  selection: string[];
  canUndo: boolean;
  canRedo: boolean;
  readOnly: boolean;
  /** What is wrong with the config, with its place. */
  diagnostics: unknown[];
  messages: string[];
}

export interface Editor {
  readonly destroyed: boolean;
  /** The result of the selected annotation. */
  serialize(): ResultItem[];
  submit(): void;
  skip(): void;
  undo(): void;
  redo(): void;
  assignTask(task: Task): void;
  assignConfig(config: string): void;
  /** By `key`, see `state().annotations`. */
  selectAnnotation(key: number): void;
  /** Runs a named command of the keymap, such as `annotation:undo`; false where nothing answers to it. */
  command(name: string): boolean;
  state(): EditorState;
  /** Returns a function that takes the listener off again. */
  on<E extends EventName>(event: E, listener: Listener<E>): () => void;
  /** Without a listener every listener of the event goes. */
  off<E extends EventName>(event: E, listener?: Listener<E>): void;
  /** Takes the editor off the page; later calls of other methods throw. */
  destroy(): void;
}

/**
 * Makes an editor in `target`: an element, or the id of one without `#`.
 * Rejects when there is no such element or the wasm cannot be loaded; a wrong config does not reject, its
 * diagnostics are shown.
 */
export function createEditor(target: HTMLElement | string, options: EditorOptions): Promise<Editor>;
