// One user's ratings in time order: a bar each, as high as its stars, in the colour of what becomes of it.
// Not drawn by plotly: three paths, however many ratings, at any width; the legend and the label say the same in text.

/** From this part of the strip on, the date of the cut has a line of its own, under that of the newest rating. */
const LATE = 0.7;

/** One path per kind: thousands of ratings are no more elements than ten. */
function bars(data, kind) {
  const gap = data.stars.length > 160 ? 0 : 0.15;
  const parts = data.stars.map((stars, place) =>
    data.kinds[place] !== kind ? "" : `M${place + gap / 2} ${data.high}h${1 - gap}v${-stars}h${gap - 1}z`,
  );
  return svg(`path.k${kind}`, { d: parts.join("") });
}

export default drawOnce((data, { root }) => {
  const n = Math.max(data.stars.length, 1);
  const chart = svg(
    "svg",
    { viewBox: `0 0 ${n} ${data.high}`, preserveAspectRatio: "none", role: "img", "aria-label": data.said },
    [0, 1, 2].map((kind) => bars(data, kind)),
    data.cut !== null && svg("line.cut", { x1: data.cut, x2: data.cut, y1: 0, y2: data.high }),
  );
  const share = data.cut === null ? 0 : data.cut / n;
  const isLate = share > LATE;
  const legend = ([kind, label, count]) => h("li", h(`span.key.k${kind}`), `${label}: ${thousands(count)}`);
  fill(
    root,
    h(
      "div.panel.strip",
      h("ul.legend", data.legend.map(legend)),
      h("div.bars", h("div.scale", { "aria-hidden": "true" }, h("span", `${data.high} ★`), h("span", "0")), chart),
      h(
        "div.dates",
        { class: isLate && "two" },
        h("span", data.first),
        data.moment && h("span.moment", { class: isLate && "late", style: { left: `${100 * share}%` } }, data.moment),
        h("span.last", data.last),
      ),
      h("p.note", "From the oldest rating to the newest; the height is the stars."),
    ),
  );
});
