// A run: its name, what it says of itself and, as long as it goes on, how far it is.

/** Move the bar; without a share it only shows that something is going on. */
function advance(kept, data, put) {
  put(kept.progress, data.progress);
  put(kept.percent, data.share === null ? "" : `${Math.floor(100 * data.share)} %`);
  kept.bar.classList.toggle("unknown", data.share === null);
  kept.fill.style.width = data.share === null ? "" : `${100 * data.share}%`;
  if (data.share === null) kept.bar.removeAttribute("aria-valuenow");
  else kept.bar.setAttribute("aria-valuenow", String(Math.floor(100 * data.share)));
  kept.bar.setAttribute("aria-valuetext", data.progress);
}

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".root");
  const kept = memory(parentElement);
  paint(root);
  const signature = `${data.name}/${data.label}/${data.share === undefined}`;
  if (kept.signature !== signature || !root.firstChild) {
    kept.signature = signature;
    kept.says = h("span", { class: "state", role: "status" });
    kept.fill = h("div", { class: "fill" });
    kept.bar = h(
      "div",
      {
        class: "bar",
        role: "progressbar",
        "aria-label": `Progress of ${data.name}`,
        "aria-valuemin": "0",
        "aria-valuemax": "100",
      },
      kept.fill,
    );
    kept.progress = h("span");
    kept.percent = h("span");
    kept.facts = h("dl", { class: "facts" });
    kept.message = h("p", { class: "note" });
    root.replaceChildren(
      h(
        "section",
        { class: "job", color: data.color, "aria-label": data.name },
        h(
          "header",
          null,
          h("span", { class: "dot" }),
          h("h2", null, data.name),
          h("span", { class: "soft" }, data.label),
          kept.says,
        ),
        data.share === undefined ? null : [kept.bar, h("p", { class: "soft under" }, kept.progress, kept.percent)],
        kept.facts,
        kept.message,
      ),
    );
  }
  // Only what has changed is written: the page is drawn every second, and a reader should not be told each time.
  const put = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  put(kept.says, data.says);
  kept.says.dataset.state = data.state;
  if (data.share !== undefined) advance(kept, data, put);
  kept.facts.replaceChildren(
    ...data.facts.map(([name, text]) => h("div", null, h("dt", null, name), h("dd", null, text))),
  );
  put(kept.message, data.message);
  kept.message.hidden = !data.message;
}
