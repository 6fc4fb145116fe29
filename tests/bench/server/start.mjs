// From starting the process to the first answer: with an empty folder (tables are made) and with a used one.
import { startServer } from "../../e2e/harness.mjs";
import { measure, percentile, withFolder } from "../measure.mjs";

const ROUNDS = 9;

async function start(dataDir) {
  const started = performance.now();
  const server = await startServer({ dataDir });
  const time = performance.now() - started;
  await server.stop();
  return time;
}

const first = [];
for (let n = 0; n < 3; n++) first.push(await withFolder(start));
const later = await withFolder(async (folder) => {
  await start(folder);
  const times = [];
  for (let n = 0; n < ROUNDS; n++) times.push(await start(folder));
  return times;
});
// The harness asks every 25 ms, which is the resolution of these numbers.
measure("server start to first answer, median", percentile(later, 0.5), "ms", 300);
measure("the same, new data folder (user and tables are made)", percentile(first, 0.5), "ms");
