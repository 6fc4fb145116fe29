// One file over a bad line: it arrives with the time, whoever asks for which range, and at some places not at all for a
// while. Only a media element waits so: what reads the index of such a small file would read all of it.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/**
 * For a media element `free` bytes are there at once, `rate` bytes come each second after its first request, and at each of `stalls`
 * (`{at, seconds}`, in bytes) the line is silent. Any origin may read it, in ranges.
 */
export async function slowFile(path, { type, free, rate, stalls }) {
  const file = readFileSync(path);
  let begun = null;
  /** Bytes that have arrived by now. */
  const arrived = () => {
    begun ??= Date.now();
    let left = (Date.now() - begun) / 1000;
    let at = free;
    for (const stall of stalls) {
      const needed = (stall.at - at) / rate;
      if (left < needed) break;
      at = stall.at;
      left -= needed + stall.seconds;
      if (left < 0) return at;
    }
    return Math.min(file.length, Math.floor(at + Math.max(0, left) * rate));
  };
  const server = createServer(async (request, response) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    let at = range ? Number(range[1]) : 0;
    const end = range?.[2] ? Math.min(Number(range[2]) + 1, file.length) : file.length;
    response.writeHead(range ? 206 : 200, {
      "Content-Type": type,
      "Content-Length": end - at,
      "Accept-Ranges": "bytes",
      "Cache-Control": "no-store",
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Expose-Headers": "Content-Range, Content-Length, Accept-Ranges",
      ...(range && { "Content-Range": `bytes ${at}-${end - 1}/${file.length}` }),
    });
    if (request.headers["sec-fetch-dest"] !== "video") {
      response.end(file.subarray(at, end));
      return;
    }
    let open = true;
    response.on("close", () => (open = false));
    while (open && at < end) {
      const to = Math.min(arrived(), end);
      if (to > at) response.write(file.subarray(at, to));
      at = Math.max(at, to);
      await new Promise((done) => setTimeout(done, 50));
    }
    response.end();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}/slow.mp4`,
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(done);
      }),
  };
}
