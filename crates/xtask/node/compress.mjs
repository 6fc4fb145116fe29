// Prints `path\traw\tgzip\tbrotli` for each file given; with --write also stores `.gz` and `.br` next to it.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const write = process.argv.includes("--write");
for (const path of process.argv.slice(2).filter((arg) => arg !== "--write")) {
  const raw = readFileSync(path);
  const gzip = gzipSync(raw, { level: 9 });
  const brotli = brotliCompressSync(raw, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
    },
  });
  if (write && gzip.length < raw.length) writeFileSync(`${path}.gz`, gzip);
  if (write && brotli.length < raw.length) writeFileSync(`${path}.br`, brotli);
  console.log([path, raw.length, gzip.length, brotli.length].join("\t"));
}
