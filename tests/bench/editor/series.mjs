// Three channels of 100,000 samples each, panned while zoomed in.
import { frames, openEditor } from "../frames.mjs";
import { measure, remark } from "../measure.mjs";

const bench = await openEditor(() => {
  const rows = 100_000;
  const column = (f) => Array.from({ length: rows }, (_, n) => f(n));
  return {
    config:
      '<View><TimeSeriesLabels name="label" toName="ts"><Label value="Run"/></TimeSeriesLabels>' +
      '<TimeSeries name="ts" value="$ts" valueType="json" timeColumn="time">' +
      '<Channel column="a"/><Channel column="b"/><Channel column="c"/></TimeSeries></View>',
    task: {
      id: 1,
      data: {
        ts: {
          time: column((n) => n),
          a: column((n) => Math.sin(n / 50)),
          b: column((n) => Math.sin(n / 700) + Math.sin(n * 12.9898) / 4),
          c: column((n) => (n * 16807) % 2147 / 2147),
        },
      },
    },
  };
});
try {
  const { page } = bench;
  const box = await page.locator(".tl-series-overlay").boundingBox();
  if (!box) throw new Error("no canvas is drawn");
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(...middle);
  for (let n = 0; n < 6; n++) await page.mouse.wheel(0, -120);
  await page.waitForTimeout(200);
  const shown = await page.locator(".tl-series-readout").textContent();
  if (!/ [1-9]\d{3,4} of 100000/.test(shown)) throw new Error(`not zoomed in as planned: ${shown}`);
  const wheel = await frames(page, async () => {
    for (let n = 0; n < 120; n++) await page.mouse.wheel(n < 60 ? 60 : -60, 0);
  });
  measure("100k x 3 series panned, frame work p95", wheel.p95, "ms", 16.7);
  remark(`${wheel.count} frames`);
} finally {
  await bench.close();
}
