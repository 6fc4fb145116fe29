// The whole path: configs, tasks, labels of four kinds, submit, a crash of the server, and everything is still there.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FIXTURES, openBrowser, screenshot, signIn, startServer } from "./harness.mjs";
import {
  createProject, drag, importFile, markText, regionRows, seriesPlot, startLabeling, submit,
} from "./steps.mjs";

const SEED = readFileSync(join(FIXTURES, "seed/config.xml"), "utf8");
const SEED_TASK = JSON.parse(readFileSync(join(FIXTURES, "seed/task.json"), "utf8"));

const BOXES = `<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Person"/></RectangleLabels>
</View>`;

const NAMES = `<View>
  <Labels name="ner" toName="text"><Label value="PER"/><Label value="ORG"/></Labels>
  <Text name="text" value="$text"/>
  <Choices name="tone" toName="text"><Choice value="good"/><Choice value="bad"/></Choices>
</View>`;

/** Keys of spec/results.md 1.1 that every region of an image or a series has. */
const REGION = ["from_name", "id", "origin", "to_name", "type", "value"];
const keys = (object) => Object.keys(object).sort();

let dataDir;
let server;
let browser;

before(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "tagloom-data-"));
  server = await startServer({ dataDir });
  browser = await openBrowser();
  await signIn(browser.page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (dataDir) rmSync(dataDir, { recursive: true, force: true });
});

/** Tasks of an export, by the API that scripts use. */
const exported = (project) => server.api("GET", `/api/projects/${project}/export?exportType=JSON`);

test("work of four kinds survives a crash of the server", async () => {
  const { page } = browser;
  page.problems.length = 0;

  // Two labeled ranges of a series beside a video.
  const seed = await createProject(page, server, { title: "Video and series", config: SEED });
  await importFile(page, { name: "tasks.json", text: JSON.stringify([SEED_TASK, SEED_TASK, SEED_TASK]) });
  await page.getByText("3 tasks were imported.").waitFor();
  await startLabeling(page);
  const plot = await seriesPlot(page);
  await page.keyboard.press("1");
  await drag(page, plot, [0.2, 0.5], [0.35, 0.5]);
  await regionRows(page).nth(0).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  await drag(page, plot, [0.5, 0.5], [0.7, 0.5]);
  await regionRows(page).nth(1).waitFor();
  await screenshot(page, "survives-series");
  await submit(page);
  await page.getByText("1 of 3 done").waitFor();

  // A box in an image.
  const boxes = await createProject(page, server, { title: "Boxes", config: BOXES });
  await importFile(page, { name: "tasks.json", text: JSON.stringify([{ image: "/static/samples/shapes.png" }]) });
  await page.getByText("1 task was imported.").waitFor();
  await startLabeling(page);
  const stage = page.locator(".tl-image-stage");
  await stage.waitFor();
  await page.locator(".tl-image-media").waitFor();
  await page.keyboard.press("1");
  await drag(page, stage, [0.25, 0.25], [0.5, 0.75]);
  await regionRows(page).nth(0).waitFor();
  await screenshot(page, "survives-image");
  await submit(page);
  await page.getByText("All done").waitFor();

  // A name after an emoji, and a choice.
  const names = await createProject(page, server, { title: "Names", config: NAMES });
  const text = "💩 Ada met 👨‍👩‍👧 Charles in London.";
  await importFile(page, { name: "tasks.json", text: JSON.stringify([{ text }]) });
  await page.getByText("1 task was imported.").waitFor();
  await startLabeling(page);
  await page.locator(".tl-text-content").waitFor();
  await page.keyboard.press("1");
  await markText(page, "Charles");
  await regionRows(page).nth(0).waitFor();
  await page.getByText("good", { exact: true }).click();
  await screenshot(page, "survives-text");
  await submit(page);
  await page.getByText("All done").waitFor();
  // The end of a stream is a 404 in Label Studio's API, which the browser's console repeats.
  assert.deepEqual(page.problems.filter((line) => !/404.*\/next\//.test(line)), []);

  await server.kill();
  server = await startServer({ dataDir });

  const series = (await exported(seed)).flatMap((task) => task.annotations);
  assert.equal(series.length, 1);
  assert.deepEqual(series[0].result.map((r) => r.value.timeserieslabels), [["Run"], ["Walk"]]);
  for (const region of series[0].result) {
    assert.deepEqual(keys(region), REGION);
    assert.deepEqual([region.from_name, region.to_name, region.type, region.origin], [
      "label", "ts", "timeserieslabels", "manual",
    ]);
    assert.deepEqual(keys(region.value), ["end", "instant", "start", "timeserieslabels"]);
    // Units of the time column, not samples, pixels or shares.
    assert.equal(typeof region.value.start, "number");
    assert.ok(region.value.start >= 0 && region.value.start < region.value.end && region.value.end <= 100);
    assert.equal(region.value.instant, false);
  }
  assert.ok(series[0].result[0].value.end <= series[0].result[1].value.start);

  const [box] = (await exported(boxes))[0].annotations[0].result;
  assert.deepEqual(keys(box), [...REGION, "image_rotation", "original_height", "original_width"].sort());
  assert.deepEqual([box.original_width, box.original_height, box.image_rotation], [640, 400, 0]);
  const { x, y, width, height, rotation, rectanglelabels } = box.value;
  assert.deepEqual(keys(box.value), ["height", "rectanglelabels", "rotation", "width", "x", "y"]);
  assert.deepEqual([rotation, rectanglelabels], [0, ["Car"]]);
  // Percent of the image: half a pixel of a 640 px picture is 0.08 %.
  for (const [found, wanted] of [[x, 25], [y, 25], [width, 25], [height, 50]]) {
    assert.ok(Math.abs(found - wanted) < 0.5, `${found} is near ${wanted}`);
  }

  const results = (await exported(names))[0].annotations[0].result;
  const name = results.find((r) => r.type === "labels");
  const start = [...text].indexOf("C");
  assert.deepEqual(name.value, { start, end: start + 7, text: "Charles", labels: ["PER"] });
  assert.equal([...text].slice(name.value.start, name.value.end).join(""), "Charles");
  const tone = results.find((r) => r.type === "choices");
  assert.deepEqual(keys(tone), REGION);
  assert.deepEqual([tone.from_name, tone.to_name, tone.value], ["tone", "text", { choices: ["good"] }]);
});
