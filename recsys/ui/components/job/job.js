// A run: its name, what it says of itself and, as long as it goes on, how far it is.

/** Only what has changed is written: the page is drawn every second, and a reader should not be told each time. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Move the bar; without a share it only shows that something is going on. */
function advance({ bar, level, progress, percent }, data) {
  const isKnown = data.share !== null;
  const whole = Math.floor(100 * data.share);
  put(progress, data.progress);
  put(percent, isKnown ? `${whole} %` : "");
  bar.classList.toggle("unknown", !isKnown);
  level.style.width = isKnown ? `${100 * data.share}%` : "";
  if (isKnown) bar.setAttribute("aria-valuenow", String(whole));
  else bar.removeAttribute("aria-valuenow");
  bar.setAttribute("aria-valuetext", data.progress);
}

function draw(data, { root, kept }) {
  const parts = {
    says: h("span.state", { role: "status" }),
    level: h("div.fill"),
    progress: h("span"),
    percent: h("span"),
    facts: h("dl.facts"),
    message: h("p.note"),
  };
  const label = `Progress of ${data.name}`;
  parts.bar = h(
    "div.bar",
    { role: "progressbar", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100" },
    parts.level,
  );
  kept.parts = parts;
  fill(
    root,
    h(
      "section.job",
      { color: data.color, "aria-label": data.name },
      h("header", dot(data), h("h2", data.name), h("span.soft", data.label), parts.says),
      data.share !== undefined && [parts.bar, h("p.soft.under", parts.progress, parts.percent)],
      parts.facts,
      parts.message,
    ),
  );
}

function update(data, { kept: { parts } }) {
  put(parts.says, data.says);
  parts.says.dataset.state = data.state;
  if (data.share !== undefined) advance(parts, data);
  fill(
    parts.facts,
    data.facts.map(([name, text]) => h("div", h("dt", name), h("dd", text))),
  );
  put(parts.message, data.message);
  parts.message.hidden = !data.message;
}

export default drawOnce(draw, { shows: ({ name, label, share }) => [name, label, share === undefined], update });
