// The runs of a data set: one is opened by its name, up to two are picked to be compared.

function pickBox(run, picked, setTriggerValue) {
  const box = h("input", {
    type: "checkbox",
    "data-focus": `pick-${run.id}`,
    checked: picked.includes(run.id),
    "aria-label": `Compare ${run.name}`,
  });
  box.onchange = () => {
    const rest = picked.filter((id) => id !== run.id);
    setTriggerValue("picked", box.checked ? [...rest, run.id].slice(-2) : rest);
  };
  return box;
}

export default drawOnce((data, { root, setTriggerValue }) => {
  const focused = focusedIn(root)?.dataset.focus;
  const row = (run) => {
    const isOpen = run.id === data.open;
    const opens = h(
      "button.name",
      {
        "data-focus": `open-${run.id}`,
        "aria-current": isOpen && "true",
        onclick: () => setTriggerValue("open", run.id),
      },
      dot(run),
      h("span", run.name, run.is_pinned && h("span.pin", " pinned")),
    );
    return h(
      "tr",
      { color: run.color, class: isOpen && "open", "data-run": run.id },
      h("th", { scope: "row" }, opens, run.note && h("span.range", run.note)),
      h("td.left", run.label),
      h("td.left", h("span.state", { "data-state": run.state }, run.says)),
      run.cells.map((text) => h("td", text)),
      h("td", run.can_be_picked && pickBox(run, data.picked, setTriggerValue)),
    );
  };
  const head = (it) => h("th", { scope: "col" }, it.text, it.note && h("span.way", it.note));
  const heads = [
    "Run",
    h("th.left", { scope: "col" }, "Model"),
    h("th.left", { scope: "col" }, "State"),
    data.head.map(head),
    head({ text: "Compare", note: "pick two" }),
  ];
  fill(root, scrolling("Runs", table("grid.runs", "Runs, the newest first", heads, data.runs.map(row))));
  if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
});
