// Why a film has its score: a card per model, with bars for what carries it.

function bars(block) {
  const row = (it) =>
    h(
      "li",
      { class: `row${it.kind ? ` ${it.kind}` : ""}` },
      h("span", { class: "what" }, it.name, it.detail ? h("span", { class: "detail" }, ` ${it.detail}`) : null),
      it.kind === "total"
        ? null
        : h(
            "span",
            { class: "track", "aria-hidden": "true", style: { "--zero": `${block.zero}%` } },
            it.bar
              ? h("span", {
                  class: it.bar.down ? "span down" : "span",
                  style: { left: `${it.bar.left}%`, width: `${it.bar.width}%` },
                })
              : null,
          ),
      h("span", { class: "number" }, it.text),
    );
  return [h("ul", null, block.rows.map(row)), block.note ? h("p", { class: "note" }, block.note) : null];
}

function block(it) {
  return it.folded
    ? h("details", { class: "block" }, h("summary", null, it.title), bars(it))
    : h("section", { class: "block" }, h("h4", null, it.title), bars(it));
}

function reasonCard(entry) {
  return h(
    "section",
    {
      class: entry.family ? "card run" : "card",
      color: entry.color,
      "data-model": entry.model,
      "aria-label": `${entry.label}: why`,
    },
    h(
      "header",
      null,
      h(
        "h3",
        null,
        dot(entry),
        h("bdi", { class: "whole" }, entry.label),
        runBadge(entry),
        h("span", { class: "unit" }, entry.unit),
      ),
    ),
    entry.problem
      ? problemBody(entry.problem)
      : h(
          "div",
          { class: "why" },
          h("p", { class: "said" }, h("strong", null, entry.score), h("span", { class: "soft" }, entry.rank)),
          entry.caution ? h("p", { class: "note" }, entry.caution) : null,
          entry.blocks.map(block),
          h(
            "details",
            { class: "block" },
            h("summary", null, "How this was found"),
            h("p", { class: "soft" }, entry.method),
          ),
          entry.tested ? h("p", { class: "tested" }, entry.tested) : null,
        ),
  );
}

function chooser(data, kept, send) {
  const on = new Set(data.pills.filter((pill) => pill.on).map((pill) => pill.model));
  const button = (pill) =>
    h(
      "button",
      {
        type: "button",
        class: "pill",
        color: pill.color,
        "aria-pressed": String(pill.on),
        title: pill.family || null,
        onclick: (event) => {
          if (!on.delete(pill.model)) on.add(pill.model);
          event.currentTarget.setAttribute("aria-pressed", String(on.has(pill.model)));
          send("models", [...on]);
        },
      },
      named(pill),
    );
  const extras = data.pills.filter((pill) => pill.is_extra || pill.family);
  // Open where somebody has chosen one of them: a choice that cannot be seen cannot be undone.
  kept.more = kept.more || extras.some((pill) => pill.on);
  const { row: second, opener } = morePills("More models to ask", extras.map(button), kept);
  return [
    h(
      "div",
      { class: "pills", role: "group", "aria-label": "Models to ask" },
      data.pills.filter((pill) => !extras.includes(pill)).map(button),
      extras.length ? opener : null,
    ),
    second,
  ];
}

export default drawOnce((data, { root, kept, setTriggerValue }) => {
  const held = root.getRootNode().activeElement?.closest?.(".pill")?.textContent;
  root.replaceChildren(
    ...chooser(data, kept, setTriggerValue).filter(Boolean),
    h(
      "div",
      { class: "top" },
      h("h2", null, data.film.year ? `${data.film.title} (${data.film.year})` : data.film.title),
      h(
        "p",
        { class: "soft" },
        [data.film.genres || "no genre given", data.film.places].filter(Boolean).join(" · "),
        " · ",
        h("a", { href: data.film.link }, "this film in every model"),
      ),
      h("p", { class: "note" }, "Bars to the right lift the score; striped bars to the left pull it down."),
    ),
    data.cards.length
      ? h("div", { class: "cards", "data-count": data.cards.length }, data.cards.map(reasonCard))
      : h("p", { class: "empty" }, "No model is chosen. Choose one or more above to hear their reasons."),
  );
  root.dataset.film = data.film.id;
  [...root.querySelectorAll(".pill")].find((pill) => held && pill.textContent === held)?.focus();
});
