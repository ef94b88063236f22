// The runs of a data set: one is opened by its name, up to two are picked to be compared.

export default drawOnce((data, { root, setTriggerValue }) => {
  const focused = root.getRootNode().activeElement?.dataset?.focus;
  const picked = data.picked.slice();
  const row = (run) =>
    h(
      "tr",
      { color: run.color, class: run.id === data.open ? "open" : null, "data-run": run.id },
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          {
            type: "button",
            class: "name",
            "data-focus": `open-${run.id}`,
            "aria-current": run.id === data.open ? "true" : null,
            onclick: () => setTriggerValue("open", run.id),
          },
          h("span", { class: "dot" }),
          h("span", null, run.name, run.is_pinned ? h("span", { class: "pin" }, " pinned") : null),
        ),
        run.note ? h("span", { class: "range" }, run.note) : null,
      ),
      h("td", { class: "left" }, run.label),
      h("td", { class: "left" }, h("span", { class: "state", "data-state": run.state }, run.says)),
      run.cells.map((text) => h("td", null, text)),
      h(
        "td",
        null,
        run.can_be_picked
          ? h("input", {
              type: "checkbox",
              "data-focus": `pick-${run.id}`,
              checked: picked.includes(run.id),
              "aria-label": `Compare ${run.name}`,
              onchange: (event) => {
                const rest = picked.filter((id) => id !== run.id);
                setTriggerValue("picked", event.currentTarget.checked ? [...rest, run.id].slice(-2) : rest);
              },
            })
          : null,
      ),
    );
  root.replaceChildren(
    scrolling(
      "Runs",
      h(
        "table",
        { class: "grid runs" },
        h("caption", { class: "sr" }, "Runs, the newest first"),
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, "Run"),
            h("th", { scope: "col", class: "left" }, "Model"),
            h("th", { scope: "col", class: "left" }, "State"),
            data.head.map((it) =>
              h("th", { scope: "col" }, it.text, it.note ? h("span", { class: "way" }, it.note) : null),
            ),
            h("th", { scope: "col" }, "Compare", h("span", { class: "way" }, "pick two")),
          ),
        ),
        h("tbody", null, data.runs.map(row)),
      ),
    ),
  );
  if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
});
