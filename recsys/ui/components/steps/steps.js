// How a film's chance moved while a sequence was read: a row per film read, the bar stepping from row to row.
// Not drawn by plotly: an ordered list that is read aloud row by row, with room for long titles on a phone.

/** From where the film before it left the chance to where this one does. */
function riser({ before, width }) {
  const style = { left: `${Math.min(before, width)}%`, width: `${Math.abs(before - width)}%` };
  return h("span.riser", { style });
}

export default drawOnce((data, { root }) => {
  const row = (it) =>
    h(
      "li",
      h("span.read", it.title),
      h(
        "span.lane",
        { "aria-hidden": "true" },
        h("span.step", { style: { width: `${it.width}%` } }),
        it.before !== null && riser(it),
      ),
      h("span.chance", it.chance),
      h("span.moved", { class: it.move }, it.rank, h("span.sr", `, ${it.said}`)),
    );
  const heads = ["Film read, oldest first", `Chance of being next, 0 to ${data.most}`, "", "Rank"];
  fill(
    root,
    h(
      "figure.panel",
      { color: data.color },
      h("h2", data.title),
      h("p.note", data.says),
      h(
        "div.heads",
        { "aria-hidden": "true" },
        heads.map((each) => h("span", each)),
      ),
      h("ol.steps", data.rows.map(row)),
      data.foot && h("p.note", data.foot),
    ),
  );
});
