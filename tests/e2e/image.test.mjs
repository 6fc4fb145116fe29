// A box drawn, moved, resized, turned by number and taken back; zooming leaves it where it is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, screenshot, signIn, startServer } from "./harness.mjs";
import { drag, regionRows, submit } from "./steps.mjs";

const CONFIG = `<View>
  <Image name="image" value="$image" zoomControl="true" brightnessControl="true" contrastControl="true"/>
  <RectangleLabels name="box" toName="image"><Label value="Car" background="#c0392b"/><Label value="Person"/></RectangleLabels>
</View>`;

let server;
let browser;
let project;
let task;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  await signIn(browser.page, server);
  project = (await server.api("POST", "/api/projects/", { title: "Boxes", label_config: CONFIG })).id;
  await server.api("POST", `/api/projects/${project}/import`, [{ image: "/static/samples/shapes.png" }]);
  task = (await server.api("GET", `/api/tasks/?project=${project}`)).tasks[0].id;
  await browser.page.goto(`${server.url}/projects/${project}/tasks/${task}`);
  await browser.page.locator(".tl-image-media").waitFor();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Sends the annotation and answers the value of its only region. */
async function stored(page) {
  const button = page.getByRole("button", { name: /^(Submit|Update)/ });
  const text = await button.textContent();
  if (text.startsWith("Submit")) await submit(page);
  else await button.click();
  await page.getByText("Submitted").or(page.getByText("On the server")).first().waitFor();
  await page.waitForTimeout(300);
  const { annotations } = await server.api("GET", `/api/tasks/${task}/`);
  assert.equal(annotations.length, 1);
  assert.equal(annotations[0].result.length, 1);
  return annotations[0].result[0].value;
}

function near(found, wanted) {
  for (const [key, value] of Object.entries(wanted)) {
    assert.ok(Math.abs(found[key] - value) < 0.6, `${key}: ${found[key]} is near ${value}`);
  }
}

test("a box is drawn, moved and resized, and its numbers are percent of the image", async () => {
  const { page } = browser;
  const stage = page.locator(".tl-image-stage");
  await page.keyboard.press("1");
  await drag(page, stage, [0.2, 0.2], [0.4, 0.5]);
  await regionRows(page).first().waitFor();
  near(await stored(page), { x: 20, y: 20, width: 20, height: 30, rotation: 0 });

  // The box is selected after it was drawn; without a tool a drag moves it.
  await page.keyboard.press("v");
  await regionRows(page).first().click();
  await drag(page, stage, [0.3, 0.35], [0.5, 0.45]);
  near(await stored(page), { x: 40, y: 30, width: 20, height: 30 });

  await drag(page, stage, [0.6, 0.6], [0.7, 0.8]);
  near(await stored(page), { x: 40, y: 30, width: 30, height: 50 });
  await screenshot(page, "image-box");

  // Each gesture is one step back.
  await page.keyboard.press("Control+z");
  near(await stored(page), { x: 40, y: 30, width: 20, height: 30 });
  assert.deepEqual(page.problems, []);
});

test("a box drawn while zoomed in has the place of the image, not of the screen", async () => {
  const { page } = browser;
  const stage = page.locator(".tl-image-stage");
  await page.keyboard.press("Control+Backspace");
  const confirm = page.getByRole("button", { name: /^Delete/ });
  if (await confirm.isVisible().catch(() => false)) await confirm.click();
  await page.waitForFunction(() => document.querySelectorAll(".tl-region[role=option]").length === 0);
  const box = await stage.boundingBox();
  await page.mouse.move(box.x, box.y);
  await page.keyboard.down("Control");
  // Around the upper left corner of the image, which therefore stays.
  for (let n = 0; n < 3; n += 1) await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  const zoom = await page.evaluate(
    // The last number below the picture; those before it are of the sliders.
    () => [...document.querySelector(".tl-image").textContent.matchAll(/(\d+) %/g)].at(-1)[1],
  );
  assert.ok(Number(zoom) > 160, `${zoom} % is zoomed in`);
  await page.keyboard.press("2");
  await drag(page, stage, [0.2, 0.2], [0.4, 0.4]);
  await regionRows(page).first().waitFor();
  const value = await stored(page);
  assert.deepEqual(value.rectanglelabels, ["Person"]);
  assert.ok(value.width < 19.5 && value.x < 20, JSON.stringify(value));
  // The picture keeps its shape under zoom.
  assert.ok(Math.abs(value.width / value.height - 1) < 0.02, JSON.stringify(value));
});
