// The load bench of crates/server on SQLite and, where PostgreSQL is installed, on a cluster of its own with the defaults
// of a new installation: what is answered is on disk.
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT, freePort } from "../../e2e/harness.mjs";
import { remark, withFolder } from "../measure.mjs";

/** The folder of `initdb`, of the newest version that is installed. */
function programs() {
  const base = "/usr/lib/postgresql";
  if (!existsSync(base)) return undefined;
  const found = readdirSync(base).map((version) => join(base, version, "bin"));
  return found.filter((bin) => existsSync(join(bin, "initdb"))).sort().pop();
}

function load(database) {
  const args = ["bench", "--quiet", "--package", "tagloom-server", "--bench", "load"];
  const env = { ...process.env, TAGLOOM_LOAD: database };
  const done = spawnSync("cargo", args, { cwd: ROOT, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (done.status !== 0) throw new Error(`the load on ${database} ended with ${done.status}`);
  process.stdout.write(done.stdout);
}

load("sqlite");
const bin = programs();
if (bin === undefined) {
  remark("PostgreSQL is not installed: nothing was measured on it");
} else {
  await withFolder(async (folder) => {
    // PostgreSQL refuses to run as root; its own user does it then.
    const root = process.getuid() === 0;
    const id = (flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
    const who = root ? { uid: id("-u"), gid: id("-g") } : {};
    const place = join(folder, "cluster");
    mkdirSync(place, { mode: 0o700 });
    if (root) {
      chownSync(folder, who.uid, who.gid);
      chownSync(place, who.uid, who.gid);
    }
    const run = (program, ...args) => {
      const done = spawnSync(join(bin, program), args, { cwd: place, stdio: "ignore", ...who });
      if (done.status !== 0) throw new Error(`${program} ended with ${done.status}`);
    };
    const data = join(place, "data");
    const port = await freePort();
    run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8");
    const options = `-c listen_addresses=127.0.0.1 -p ${port} -k ${place}`;
    run("pg_ctl", "-D", data, "-w", "-l", join(place, "log"), "-o", options, "start");
    try {
      load(`postgres://postgres@127.0.0.1:${port}/postgres`);
    } finally {
      run("pg_ctl", "-D", data, "-m", "immediate", "stop");
    }
  });
}
