// A number worked out: a row per term, then the lines that lead to the result.

export default drawOnce((data, { root }) => {
  root.style.setProperty("--model", `var(--model-${data.color})`);
  const isRanked = data.rows.some((it) => it.rank !== null);
  const row = (it) =>
    h(
      "tr",
      { class: it.hit ? "hit" : null },
      isRanked ? h("td", { class: "rank" }, it.rank ?? "") : null,
      h(
        "th",
        { scope: "row" },
        it.film === null ? it.label : filmLink(it.film, it.label),
        it.note ? h("span", { class: "soft said" }, " ", it.note) : null,
        it.hit ? h("span", { class: "tick" }, h("span", { "aria-hidden": "true" }, " ✓ "), data.hit_word) : null,
      ),
      h(
        "td",
        { class: it.is_zero ? "working soft" : "working" },
        it.working,
        it.value ? h("span", { class: "value" }, it.working ? " = " : "", it.value) : null,
      ),
    );
  const step = (it, place) =>
    h(
      "tr",
      { class: place === data.steps.length - 1 ? "result" : null },
      h("th", { scope: "row" }, it.label),
      h("td", { class: "working" }, it.working),
      h("td", { class: "value" }, it.value),
    );
  root.replaceChildren(
    h(
      "div",
      { class: "panel" },
      h("h3", null, dot(data), " ", data.title),
      data.rows.length
        ? h(
            "table",
            { class: "terms" },
            h("caption", { class: "sr" }, data.title),
            h("tbody", null, data.rows.map(row)),
          )
        : null,
      data.more ? h("p", { class: "note" }, data.more) : null,
      h(
        "table",
        { class: "steps" },
        h("caption", { class: "sr" }, "From the terms to the result"),
        h("tbody", null, data.steps.map(step)),
      ),
      data.foot ? h("p", { class: "note" }, data.foot) : null,
    ),
  );
});
