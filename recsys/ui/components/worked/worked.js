// A number worked out: a row per term, then the lines that lead to the result.

export default drawOnce((data, { root }) => {
  root.style.setProperty("--model", `var(--model-${data.color})`);
  const isRanked = data.rows.some((it) => it.rank !== null);
  const row = (it) =>
    h(
      "tr",
      { class: it.hit && "hit" },
      isRanked && h("td.rank", it.rank),
      h(
        "th",
        { scope: "row" },
        it.film === null ? it.label : filmLink(it.film, it.label),
        it.note && h("span.soft.said", " ", it.note),
        it.hit && h("span.tick", h("span", { "aria-hidden": "true" }, " ✓ "), data.hit_word),
      ),
      h(
        "td.working",
        { class: it.is_zero && "soft" },
        it.working,
        it.value && h("span.value", it.working && " = ", it.value),
      ),
    );
  const step = (it, place) =>
    h(
      "tr",
      { class: place === data.steps.length - 1 && "result" },
      h("th", { scope: "row" }, it.label),
      h("td.working", it.working),
      h("td.value", it.value),
    );
  fill(
    root,
    h(
      "div.panel",
      h("h3", dot(data), " ", data.title),
      data.rows.length > 0 && h("table.terms", h("caption.sr", data.title), h("tbody", data.rows.map(row))),
      data.more && h("p.note", data.more),
      h("table.steps", h("caption.sr", "From the terms to the result"), h("tbody", data.steps.map(step))),
      data.foot && h("p.note", data.foot),
    ),
  );
});
