import type { AnnotationState, Editor, EditorOptions, ResultItem, Task } from "./index.js";

/** The members of Label Studio's store that hosts use. */
export interface Store {
  readonly task: { id: unknown };
  assignTask(task: Task): void;
  assignConfig(config: string): void;
  submitAnnotation(): void;
  updateAnnotation(): void;
  skipTask(): void;
  readonly annotationStore: {
    readonly annotations: AnnotationState[];
    readonly predictions: AnnotationState[];
    readonly selected: AnnotationState & { id: number; serializeAnnotation(): ResultItem[]; undo(): void; redo(): void };
    selectAnnotation(id: string | number): void;
    selectPrediction(id: string | number): void;
  };
}

type DataOptions = { [K in keyof EditorOptions as K extends `on${Capitalize<string>}` ? never : K]: EditorOptions[K] };

/** Callbacks take Label Studio's arguments: most of them `(store, annotation)`. */
export interface LabelStudioOptions extends DataOptions {
  [callback: `on${Capitalize<string>}`]: ((...args: any[]) => unknown) | undefined;
}

export class LabelStudio {
  static readonly instances: Set<LabelStudio>;
  static destroyAll(): void;
  /** `root`: an element, or the id of one without `#`; throws when there is none. */
  constructor(root: HTMLElement | string, options?: LabelStudioOptions);
  readonly root: HTMLElement;
  readonly options: LabelStudioOptions;
  /** Null until the editor is ready. */
  readonly store: Store | null;
  /** Resolves with the editor; rejects when it could not be made. */
  readonly ready: Promise<Editor>;
  on(event: string, listener: (...args: any[]) => unknown): void;
  /** Without a listener every listener of the event goes. */
  off(event: string, listener?: (...args: any[]) => unknown): void;
  destroy(): void;
}

export default LabelStudio;
