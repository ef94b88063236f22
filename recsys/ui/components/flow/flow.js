// A diagram of boxes in rows, with arrows drawn between them where they come to stand.

/** An arrow from the bottom of one box to the top of another; sideways where they stand in one row. */
function arrow(from, to, origin) {
  const middle = (box) => box.left + box.width / 2 - origin.left;
  if (Math.abs(from.top - to.top) < 4) {
    const isRight = to.left > from.left;
    const y = from.top + from.height / 2 - origin.top;
    const [start, end] = [
      (isRight ? from.right : from.left) - origin.left,
      (isRight ? to.left - 3 : to.right + 3) - origin.left,
    ];
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
  arrows.forEach(([from, to]) =>
    layer.append(svg("path", { class: "line", d: arrow(place(from), place(to), origin), "marker-end": "url(#tip)" })),
  );
}

export default drawOnce((data, { root, kept }) => {
  kept.watch?.disconnect();
  const layer = svg("svg", { class: "arrows", "aria-hidden": "true" });
  const tip = svg("marker", {
    id: "tip",
    viewBox: "0 0 8 8",
    refX: "6",
    refY: "4",
    markerWidth: "7",
    markerHeight: "7",
    orient: "auto",
  });
  tip.append(svg("path", { class: "tip", d: "M 0 0.5 L 7 4 L 0 7.5 z" }));
  layer.append(tip);
  const box = (it) =>
    h(
      "li",
      { class: `box ${it.kind}`, "data-key": it.key },
      h("strong", null, it.title),
      it.note ? h("span", { class: "soft" }, it.note) : null,
    );
  const figure = h(
    "figure",
    { color: data.color },
    layer,
    data.rows.map((row) => h("ul", { class: "stage" }, row.map(box))),
  );
  root.replaceChildren(
    figure,
    h(
      "p",
      { class: "key note", "aria-hidden": "true" },
      data.key.map(([kind, text]) => h("span", null, h("span", { class: `box ${kind}` }), text)),
    ),
    h("p", { class: "sr" }, data.says),
  );
  root.style.setProperty("--model", `var(--model-${data.color})`);
  kept.watch = new ResizeObserver(() => drawArrows(figure, layer, data.arrows));
  kept.watch.observe(figure);
  drawArrows(figure, layer, data.arrows);
});
