// Counts by row and column, shaded by their share of the column.

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".root");
  const kept = memory(parentElement);
  paint(root);
  const signature = JSON.stringify(data);
  if (kept.signature === signature && root.firstChild) return;
  kept.signature = signature;
  const cell = (it) => h("td", { class: it.depth > 0.78 ? "deep" : null, title: it.said, style: { "--depth": it.depth } }, it.text);
  root.replaceChildren(h("div", null,
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": data.caption },
      h("table", { class: "tally" },
        h("caption", { class: "sr" }, data.caption),
        h("thead", null, h("tr", null, h("th", { scope: "col" }, h("span", { class: "sr" }, "Genre")), data.head.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", null, data.rows.map((row) => h("tr", null, h("th", { scope: "row" }, row.label), row.cells.map(cell)))),
        h("tfoot", null, h("tr", null, h("th", { scope: "row" }, "each once"), data.total.map((text) => h("td", null, text)))))),
    h("p", { class: "note" }, data.caption)));
}
