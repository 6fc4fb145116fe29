// 1,000 boxes on an image: the view panned, then one box dragged.
import { drag, frames, openEditor } from "../frames.mjs";
import { measure, remark } from "../measure.mjs";

const bench = await openEditor(() => {
  const result = Array.from({ length: 1000 }, (_, n) => ({
    id: `box${n}`,
    type: "rectanglelabels",
    from_name: "shape",
    to_name: "image",
    original_width: 640,
    original_height: 400,
    image_rotation: 0,
    value: {
      x: (n % 40) * 2.5, y: Math.floor(n / 40) * 4, width: 2, height: 3, rotation: 0,
      rectanglelabels: [n % 2 ? "A" : "B"],
    },
  }));
  return {
    config:
      '<View><RectangleLabels name="shape" toName="image"><Label value="A"/><Label value="B"/></RectangleLabels>' +
      '<Image name="image" value="$image" zoom="true"/></View>',
    task: { id: 1, data: { image: "/static/samples/shapes.png" }, annotations: [{ id: 1, result }] },
  };
});
try {
  const { page } = bench;
  const box = await page.locator("canvas").first().boundingBox();
  if (!box) throw new Error("no canvas is drawn");
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(...middle);
  await page.keyboard.down("Control");
  for (let n = 0; n < 4; n++) await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  const panned = await frames(page, () =>
    drag(page, middle, [middle[0] + 200, middle[1] + 120], 120, { button: "middle" }),
  );
  measure("1,000 boxes panned, frame work p95", panned.p95, "ms", 16.7);
  const dragged = await frames(page, () => drag(page, middle, [middle[0] - 180, middle[1] - 90]));
  measure("1,000 boxes, one dragged, frame work p95", dragged.p95, "ms", 16.7);
  if (!(await page.getByRole("button", { name: /^Update/ }).isEnabled())) throw new Error("no box was dragged");
  remark(`${panned.count} and ${dragged.count} frames`);
} finally {
  await bench.close();
}
