// Drives the decoder: fetches, decodes in slices, posts peaks. A module worker of the page's own origin.
//
// In:  { open: url, quiet }  { picture: { id, start, end, columns, rows, mel } }      (cancel: terminate the worker)
// Out: { info: { rate, channels, factor, seconds } }  { peaks, loaded, total }  { done, truncated }  { picture, id }
//      { progress: { loaded, total } }  { failure: { name, message, status, bytes } }
import init, { Sound } from "./tagloom_audio_worker.js";

const BLOCK = 512 * 1024;
const KEPT_BLOCKS = 6;
// wasm has 4 GB at most, and a server without ranges makes us keep the whole file.
const MOST_IN_MEMORY = 1024 * 1024 * 1024;
const SLICE_MS = 50;

class Failure extends Error {
  constructor(name, message, more = {}) {
    super(message);
    this.name = name;
    Object.assign(this, more);
  }
}

/** A file read in blocks by synchronous range requests, which only workers may make. */
class Ranges {
  #blocks = new Map();
  loaded = 0;
  constructor(url, length, first) {
    this.url = url;
    this.length = length;
    this.#keep(0, first);
  }
  #keep(block, bytes) {
    this.#blocks.set(block, bytes);
    this.loaded = Math.max(this.loaded, block * BLOCK + bytes.length);
    if (this.#blocks.size > KEPT_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value);
    return bytes;
  }
  #block(block) {
    const known = this.#blocks.get(block);
    if (known) return known;
    const start = block * BLOCK;
    const request = new XMLHttpRequest();
    request.open("GET", this.url, false);
    request.responseType = "arraybuffer";
    request.setRequestHeader("Range", `bytes=${start}-${Math.min(start + BLOCK, this.length) - 1}`);
    try {
      request.send();
    } catch {
      throw new Failure("Broken", "the connection broke");
    }
    if (request.status !== 206) throw new Failure("Broken", `the server answered ${request.status} for a part`);
    return this.#keep(block, new Uint8Array(request.response));
  }
  read(at, length) {
    const block = Math.floor(at / BLOCK);
    const from = at - block * BLOCK;
    return this.#block(block).subarray(from, from + length);
  }
}

/** A file that the server sends only as a whole. */
class Whole {
  constructor(bytes) {
    this.bytes = bytes;
    this.length = bytes.length;
    this.loaded = bytes.length;
  }
  read(at, length) {
    return this.bytes.subarray(at, at + length);
  }
}

async function body(response, url) {
  const total = Number(response.headers.get("Content-Length")) || 0;
  if (total > MOST_IN_MEMORY) throw new Failure("Large", "the server does not send parts of files (byte ranges)");
  const reader = response.body.getReader();
  const pieces = [];
  let loaded = 0;
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch {
      throw new Failure("Broken", url, { bytes: loaded });
    }
    if (piece.done) break;
    pieces.push(piece.value);
    loaded += piece.value.length;
    if (loaded > MOST_IN_MEMORY) throw new Failure("Large", "the server does not send parts of files (byte ranges)");
    postMessage({ progress: { loaded, total } });
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

async function open(url) {
  const ask = async (init) => {
    let response;
    try {
      response = await fetch(url, init);
    } catch {
      throw new Failure("Network", url);
    }
    if (!response.ok) throw new Failure("Status", response.statusText, { status: response.status });
    return response;
  };
  if (!/^https?:/.test(url)) return new Whole(await body(await ask({}), url));
  const response = await ask({ headers: { Range: `bytes=0-${BLOCK - 1}` } }).catch((error) => {
    // An empty file has no first byte; some servers refuse ranges altogether.
    if (error.status === 416) return ask({});
    throw error;
  });
  if (response.status !== 206) return new Whole(await body(response, url));
  const first = await body(response, url);
  // Other origins may hide this header; then the length is asked for, else the whole file.
  let length = Number(/\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1]);
  if (!length && first.length < BLOCK) length = first.length;
  if (!length) {
    const head = await fetch(url, { method: "HEAD" }).catch(() => null);
    length = head?.ok ? Number(head.headers.get("Content-Length")) : 0;
  }
  if (!length) return new Whole(await body(await ask({}), url));
  return new Ranges(url, length, first);
}

let file;
let pictures;
let wanted;
const pause = () => new Promise((resolve) => setTimeout(resolve, 0));

function tell(error) {
  const { name, message, status, bytes } = error;
  postMessage({ failure: { name, message: String(message ?? error), status, bytes } });
}

/** With `quiet` only pictures are wanted. */
async function decode(url, quiet) {
  await init({ module_or_path: new URL("./tagloom_audio_worker_bg.wasm", import.meta.url) });
  file = await open(url);
  if (quiet) return draw();
  draw();
  const sound = new Sound((at, length) => file.read(at, length), file.length);
  const { rate, channels, factor, seconds } = sound;
  postMessage({ info: { rate, channels, factor, seconds } });
  while (!sound.ended) {
    const peaks = sound.advance(SLICE_MS);
    postMessage({ peaks, loaded: file.loaded, total: file.length }, [peaks.buffer]);
    await pause();
  }
  postMessage({ done: true, truncated: sound.truncated });
  sound.free();
}

/** The picture asked for last; those before it are of no use any more. */
function draw() {
  if (!wanted || !file) return;
  const { id, start, end, columns, rows, mel } = wanted;
  wanted = undefined;
  try {
    pictures ??= new Sound((at, length) => file.read(at, length), file.length);
    const picture = pictures.picture(start, end, columns, rows, mel);
    postMessage({ picture, id, start, end, columns, rows }, [picture.buffer]);
  } catch (error) {
    postMessage({ picture: null, id, message: String(error?.message ?? error) });
  }
}

onmessage = ({ data }) => {
  if (data.open) decode(data.open, data.quiet).catch(tell);
  if (data.picture) {
    wanted = data.picture;
    if (file) setTimeout(draw, 0);
  }
};
