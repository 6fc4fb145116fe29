// What the drivers share: printing measures, percentiles, a server of their own.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One measure per line, as `cargo xtask bench` reads them. */
export function measure(name, value, unit, budget) {
  console.log(JSON.stringify({ name, value, unit, ...(budget !== undefined && { budget }) }));
}

/** A line that is no measure. */
export function remark(text) {
  console.log(`# ${text}`);
}

/** Nearest rank; `share` from 0 to 1. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** The most resident memory a process had, in megabytes (10^6). */
export function peakMemory(pid) {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return (Number(line[1]) * 1024) / 1e6;
}

/** Runs with a folder that is gone afterwards. */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "tagloom-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
