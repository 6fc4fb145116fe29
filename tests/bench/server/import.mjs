// 100,000 text tasks through the REST API as one JSON list: rate, and the most memory the server took.
import { startServer } from "../../e2e/harness.mjs";
import { measure, peakMemory, remark } from "../measure.mjs";

const TASKS = 100_000;

const server = await startServer();
try {
  const project = await server.api("POST", "/api/projects/", {
    title: "Import",
    label_config:
      '<View><Labels name="l" toName="t"><Label value="A"/></Labels><Text name="t" value="$text"/></View>',
  });
  const tasks = Array.from({ length: TASKS }, (_, n) => ({
    data: { text: `Sentence number ${n} of an import that is large enough to be measured.` },
  }));
  const started = performance.now();
  const answer = await server.api("POST", `/api/projects/${project.id}/import`, tasks);
  const seconds = (performance.now() - started) / 1000;
  if (answer.task_count !== TASKS) throw new Error(`imported ${answer.task_count} of ${TASKS}`);
  remark(`${TASKS} tasks in ${seconds.toFixed(2)} s`);
  measure("import of 100,000 text tasks", TASKS / seconds, "tasks/s", 5000);
  measure("server memory after that import, peak", peakMemory(server.pid), "MB", 300);
  // What people wait for next: the first page of the table.
  const before = performance.now();
  await server.api("GET", `/api/tasks/?project=${project.id}&page=1&page_size=100&fields=all`);
  measure("first page of 100 of these tasks", performance.now() - before, "ms");
} finally {
  await server.stop();
}
