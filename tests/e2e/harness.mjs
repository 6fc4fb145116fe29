// What every browser test needs: a server on a free port with its own data, Chromium with a fresh profile, screenshots.
// Environment (set by `cargo xtask test`): TAGLOOM_BIN, TAGLOOM_APP_DIR, TAGLOOM_DEMO_DIR, TAGLOOM_CHROMIUM.
import { spawn } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
export const SERVER = process.env.TAGLOOM_BIN ?? join(TARGET, "debug/tagloom");
export const APP_DIR = process.env.TAGLOOM_APP_DIR ?? join(TARGET, "dist/app");
export const DEMO_DIR = process.env.TAGLOOM_DEMO_DIR ?? join(TARGET, "dist/demo");
export const FIXTURES = join(ROOT, "tests/fixtures");
const OUTPUT = join(ROOT, "tests/e2e/output");

/** The user that `startServer` creates, with a legacy token for the API. */
export const USER = {
  username: "annotator@example.com",
  password: "correct-horse-battery",
  token: "0123456789abcdef0123456789abcdef01234567",
};

/** A port that was free a moment ago, below those that the system gives to connections, any of which could take it. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const socket = createSocket();
    socket.on("error", (error) => (error.code === "EADDRINUSE" ? resolve(freePort()) : reject(error)));
    socket.listen(20_000 + Math.floor(Math.random() * 12_000), "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/**
 * Starts `tagloom start` and waits until it answers. `dataDir` may be that of an earlier server, to see what survived;
 * a folder made here goes with `stop()`.
 */
export async function startServer({ dataDir, port, args = [], env = {}, timeout = 30_000 } = {}) {
  const own = dataDir === undefined;
  const data = dataDir ?? mkdtempSync(join(tmpdir(), "tagloom-data-"));
  const at = port ?? (await freePort());
  const child = spawn(
    SERVER,
    [
      "start", "--no-browser", "--data-dir", data, "--port", String(at), "--app-dir", APP_DIR,
      "--username", USER.username, "--password", USER.password, "--user-token", USER.token,
      "--enable-legacy-api-token", ...args,
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  let ended = null;
  const exit = new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve((ended = { code, signal })));
    child.on("error", (error) => resolve((ended = { error })));
  });
  const url = `http://127.0.0.1:${at}`;
  const end = async (signal) => {
    if (!ended) child.kill(signal);
    await exit;
  };
  const server = {
    url,
    port: at,
    dataDir: data,
    pid: child.pid,
    /** Everything printed so far. */
    log: () => log,
    /** Ends it as a crash would; its data stays. */
    kill: () => end("SIGKILL"),
    /** Ends it in order; data made for it goes. */
    async stop() {
      await end("SIGTERM");
      if (own) rmSync(data, { recursive: true, force: true });
    },
    /** A JSON request as the user, by token. A status outside 2xx is an error with the body in it. */
    async api(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: {
          Authorization: `Token ${USER.token}`,
          ...(body !== undefined && { "Content-Type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 2000)}`);
      return text === "" ? null : JSON.parse(text);
    },
  };
  const deadline = Date.now() + timeout;
  for (;;) {
    if (ended) throw new Error(`the server ended (${JSON.stringify(ended)}):\n${log}`);
    try {
      if ((await fetch(`${url}/health`)).ok) return server;
    } catch {
      // not listening yet
    }
    if (Date.now() > deadline) {
      await server.kill();
      throw new Error(`the server did not answer within ${timeout} ms:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript",
  ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json", ".csv": "text/csv",
  ".png": "image/png", ".svg": "image/svg+xml", ".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".xml": "application/xml",
};

/** The policy a careful host sets: the demo and the app must live with it. */
export const STRICT_CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self'; font-src 'self'; " +
  "manifest-src 'self'; worker-src 'self' blob:; base-uri 'self'; form-action 'self'";

/** A plain static host: files and (unless told otherwise) byte ranges, the query ignored; `fallback` serves one page for unknown paths. */
export async function serveStatic(folder, { fallback, headers = {}, ranges = true } = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    let file = join(folder, normalize(path));
    if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
    if (!existsSync(file) && fallback && extname(path) === "") file = join(folder, fallback);
    if (!existsSync(file)) {
      response.writeHead(404).end("not found");
      return;
    }
    const { size } = statSync(file);
    const base = {
      ...headers,
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      ...(ranges && { "Accept-Ranges": "bytes" }),
    };
    const range = ranges ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") : null;
    const start = range ? Number(range[1]) : 0;
    const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
    if (range && start >= size) {
      response.writeHead(416, { "Content-Range": `bytes */${size}` }).end();
      return;
    }
    response.writeHead(range ? 206 : 200, {
      ...base,
      "Content-Length": Math.max(0, end - start + 1),
      ...(range && { "Content-Range": `bytes ${start}-${end}/${size}` }),
    });
    if (size === 0) response.end();
    else createReadStream(file, { start, end }).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}

function findChromium() {
  if (process.env.TAGLOOM_CHROMIUM) return process.env.TAGLOOM_CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]) {
    for (const dir of (process.env.PATH ?? "").split(delimiter)) {
      if (existsSync(join(dir, name))) return join(dir, name);
    }
  }
  throw new Error("Chromium is missing: run `cargo xtask setup`");
}

/**
 * Chromium with a fresh profile and one page. `page.problems` collects console errors, uncaught exceptions and failed
 * requests of this origin: a test asserts that it is empty where nothing was meant to go wrong.
 */
export async function openBrowser({ width = 1440, height = 900, dark = false, headers, args = [] } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "tagloom-profile-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    extraHTTPHeaders: headers,
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync", ...args,
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(`uncaught: ${error.message}`));
  page.on("console", (line) => {
    if (line.type() === "error") page.problems.push(`console: ${line.text()} ${line.location().url}`);
  });
  return {
    context,
    page,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** A picture of the page for the eye, in tests/e2e/output. */
export async function screenshot(page, name) {
  mkdirSync(OUTPUT, { recursive: true });
  const path = join(OUTPUT, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** Signs in with the form of the app; lands on the project list. */
export async function signIn(page, server) {
  await page.goto(`${server.url}/user/login`);
  await page.getByLabel(/e-?mail|user/i).fill(USER.username);
  await page.getByLabel(/password/i).fill(USER.password);
  await page.getByRole("button", { name: /sign in|log in/i }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/user/login"));
  // The question who is signed in was answered with 401 before.
  page.problems.length = 0;
}
