// A few counts, each with its name and a plain comparison.

export default drawOnce((data, { root }) => {
  root.replaceChildren(
    h(
      "dl",
      { class: "facts" },
      data.facts.map((fact) =>
        h(
          "div",
          { class: "panel" },
          h("dt", null, fact.label),
          h("dd", { class: "value" }, fact.value),
          h("dd", { class: "says" }, fact.note),
        ),
      ),
    ),
  );
});
