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
  return svg("path", { d: parts.join(""), class: `k${kind}` });
}

export default drawOnce((data, { root }) => {
  const n = Math.max(data.stars.length, 1);
  const chart = svg("svg", {
    viewBox: `0 0 ${n} ${data.high}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": data.said,
  });
  chart.append(...[0, 1, 2].map((kind) => bars(data, kind)));
  if (data.cut !== null) chart.append(svg("line", { x1: data.cut, x2: data.cut, y1: 0, y2: data.high, class: "cut" }));
  const share = data.cut === null ? 0 : data.cut / n;
  root.replaceChildren(
    h(
      "div",
      { class: "panel strip" },
      h(
        "ul",
        { class: "legend" },
        data.legend.map(([kind, label, count]) =>
          h("li", null, h("span", { class: `key k${kind}` }), `${label}: ${count.toLocaleString("en")}`),
        ),
      ),
      h(
        "div",
        { class: "bars" },
        h("div", { class: "scale", "aria-hidden": "true" }, h("span", null, `${data.high} ★`), h("span", null, "0")),
        chart,
      ),
      h(
        "div",
        { class: share > LATE ? "dates two" : "dates" },
        h("span", null, data.first),
        data.moment
          ? h(
              "span",
              { class: share > LATE ? "moment late" : "moment", style: { left: `${100 * share}%` } },
              data.moment,
            )
          : null,
        h("span", { class: "last" }, data.last),
      ),
      h("p", { class: "note" }, "From the oldest rating to the newest; the height is the stars."),
    ),
  );
});
