// A diagram of boxes in rows, with arrows drawn between them where they come to stand.

/** An arrow from the bottom of one box to the top of another; sideways where they stand in one row. */
function arrow(from, to, origin) {
  const middle = (box) => box.left + box.width / 2 - origin.left;
  if (Math.abs(from.top - to.top) < 4) {
    const isRight = to.left > from.left;
    const y = from.top + from.height / 2 - origin.top;
    const start = (isRight ? from.right : from.left) - origin.left;
    const end = (isRight ? to.left - 3 : to.right + 3) - origin.left;
    return `M ${start} ${y} H ${end}`;
  }
  const [x1, y1, x2, y2] = [middle(from), from.bottom - origin.top, middle(to), to.top - origin.top - 3];
  const bend = (y2 - y1) / 2;
  return `M ${x1} ${y1} C ${x1} ${y1 + bend}, ${x2} ${y2 - bend}, ${x2} ${y2}`;
}

function drawArrows(figure, layer, arrows) {
  const origin = figure.getBoundingClientRect();
  if (!origin.width) return;
  layer.setAttribute("viewBox", `0 0 ${origin.width} ${origin.height}`);
  const place = (key) => figure.querySelector(`[data-key="${key}"]`).getBoundingClientRect();
  layer.querySelectorAll(".line").forEach((line) => line.remove());
  const line = ([from, to]) =>
    svg("path.line", { d: arrow(place(from), place(to), origin), "marker-end": "url(#tip)" });
  layer.append(...arrows.map(line));
}

export default drawOnce((data, { root, kept }) => {
  kept.watch?.disconnect();
  root.style.setProperty("--model", `var(--model-${data.color})`);
  const tip = svg(
    "marker",
    { id: "tip", viewBox: "0 0 8 8", refX: "6", refY: "4", markerWidth: "7", markerHeight: "7", orient: "auto" },
    svg("path.tip", { d: "M 0 0.5 L 7 4 L 0 7.5 z" }),
  );
  const layer = svg("svg.arrows", { "aria-hidden": "true" }, tip);
  const box = (it) =>
    h("li.box", { class: it.kind, "data-key": it.key }, h("strong", it.title), it.note && h("span.soft", it.note));
  const stage = (row) => h("ul.stage", row.map(box));
  const figure = h("figure", layer, data.rows.map(stage));
  const key = ([kind, text]) => h("span", h("span.box", { class: kind }), text);
  fill(root, figure, h("p.key.note", { "aria-hidden": "true" }, data.key.map(key)), h("p.sr", data.says));
  kept.watch = new ResizeObserver(() => drawArrows(figure, layer, data.arrows));
  kept.watch.observe(figure);
  drawArrows(figure, layer, data.arrows);
});
