import { assert, assertEquals, assertMatch } from "@std/assert";
import { standalone } from "../../bench/report/picture_style.ts";
import { apart, scalingPicture } from "../../bench/report/scaling_picture.ts";
import { element, escapeText } from "../../bench/report/svg.ts";

const POINTS = [[10, 20], [509, 45], [32764, 90]].map(([slots, ns]) => (
  { slots, ns, low: ns * 0.98, high: ns * 1.02 }
));
const PICTURE = {
  title: "find_uniform, scattered",
  unit: "lookup",
  lines: [
    { name: "sorted_array", color: 0, points: POINTS },
    { name: "rb_tree", color: null, points: POINTS.map((point) => ({ ...point, ns: 30 })) },
  ],
  brackets: [{ name: "sorted_array", low: 10, high: 509 }],
};

Deno.test("scalingPicture: has a text alternative, one line a contender, and brackets", () => {
  const { text } = scalingPicture(PICTURE);
  assertMatch(text, /role="img" aria-label="find_uniform, scattered: ns a lookup over slot counts/);
  assertEquals(text.match(/class="curve/g)?.length, 2);
  assertEquals(text.match(/class="bracket"/g)?.length, 1);
  assert(!/NaN|undefined|Infinity/.test(text));
});

Deno.test("scalingPicture: the same data give the same bytes", () => {
  assertEquals(scalingPicture(PICTURE).text, scalingPicture(structuredClone(PICTURE)).text);
  assertMatch(
    standalone(scalingPicture(PICTURE), "dark"),
    /^<svg[^>]*><style>:root\{--background:#14171a/,
  );
});

Deno.test("apart: names keep their distance, their order and the room there is", () => {
  const places = apart([100, 101, 102, 300, 99], [34, 336]);
  const ascending = places.toSorted((a, b) => a - b);
  for (let i = 1; i < ascending.length; i++) assert(ascending[i] - ascending[i - 1] >= 13.99);
  assertEquals(places.indexOf(Math.min(...places)), 4);
  assert(Math.min(...places) >= 34 && Math.max(...places) <= 336);
  assertEquals(apart([], [0, 1]), []);
});

Deno.test("escapeText: nothing of a file becomes markup, a control or a change of direction", () => {
  const hostile = `<img src=x onerror="alert(1)">'&\x1b[31m\u202e\u200b\ud800`;
  const text = escapeText(hostile);
  assert(!/[<>"'\p{Cc}\p{Cf}]/u.test(text), text);
  const markup = element("b", { title: hostile }, hostile).text;
  assertEquals(markup.match(/</g)?.length, 2);
});
