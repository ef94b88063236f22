// Why a film has its score: a card per model, with bars for what carries it.

function bar(it, zero) {
  const style = it.bar && { left: `${it.bar.left}%`, width: `${it.bar.width}%` };
  return h(
    "span.track",
    { "aria-hidden": "true", style: { "--zero": `${zero}%` } },
    it.bar && h("span.span", { class: it.bar.down && "down", style }),
  );
}

const row = (block) => (it) =>
  h(
    "li.row",
    { class: it.kind },
    h("span.what", it.name, it.detail && h("span.detail", ` ${it.detail}`)),
    it.kind !== "total" && bar(it, block.zero),
    h("span.number", it.text),
  );

/** A block's title and bars; those from `start` to `end`. */
function bars(block, places, start = 0, end = block.rows.length) {
  const rows = block.rows.slice(start, end).map(row(block));
  return [
    rows.length > 0 && h("ul", rows),
    end >= block.rows.length && block.note && h("p.note", worded(block.note, places)),
  ];
}

const blockOf = (places) => (it) => {
  return it.folded
    ? h("details.block", h("summary", it.title), bars(it, places))
    : h("section.block", h("h4", it.title), bars(it, places));
};

/** The first reasons, which all cards show at once, and all others behind "More"; `kept.open` has the models opened. */
function reasonCard(entry, kept, places) {
  const reasons = () => {
    const [first, ...others] = entry.blocks;
    const more = h(
      "details.more",
      {
        open: kept.open.has(entry.model),
        ontoggle: ({ currentTarget }) => kept.open[currentTarget.open ? "add" : "delete"](entry.model),
      },
      h("summary", "More", h("span.sr", ` of ${entry.label}`)),
      h(
        "div.rest",
        first && first.n_first < first.rows.length && h("section.block", bars(first, places, first.n_first)),
        entry.caution && h("p.note", worded(entry.caution, places)),
        others.map(blockOf(places)),
        h("details.block", h("summary", "How this was found"), h("p.soft", worded(entry.method, places))),
        entry.tested && h("p.tested", worded(entry.tested, places)),
      ),
    );
    return h(
      "div.why",
      h(
        "p.said",
        h("strong", entry.score),
        h("span.soft", entry.rank),
        entry.caution && h("span.soft", { title: entry.caution }, "too low as a chance: see More"),
      ),
      first && h("section.block", h("h4", first.title), bars(first, places, 0, first.n_first)),
      more,
    );
  };
  return modelCard(
    entry,
    "why",
    { beside: [runBadge(entry), h("span.unit", entry.unit)] },
    entry.problem ? problemBody(entry.problem) : reasons(),
  );
}

function chooser(data, kept, send) {
  const button = modelSwitches(data.pills, send, (model) => ({ title: model.family || null }));
  const isFurther = (model) => model.is_extra || model.family;
  const main = data.pills.filter((model) => !isFurther(model)).map(button);
  const further = data.pills.filter(isFurther).map(button);
  return pillRows("Models to ask", main, "More models to ask", further, kept);
}

function draw(data, { root, kept, setTriggerValue }) {
  kept.open = kept.open || new Set();
  const held = pillInHand(root);
  fill(
    root,
    chooser(data, kept, setTriggerValue),
    h(
      "div.top",
      cover(data.film.id, data.film),
      h(
        "div.about-it",
        h("h2", titleAndYear(data.film)),
        h(
          "p.soft",
          [data.film.genres || "no genre given", data.film.places].filter(Boolean).join(" · "),
          " · ",
          h("a", { href: data.film.link }, "this film in every model"),
        ),
        h("p.note", "Bars to the right lift the score; striped bars to the left pull it down."),
      ),
    ),
    data.cards.length
      ? cardRow(data.cards.map((entry) => reasonCard(entry, kept, data.words)))
      : h("p.empty", "No model is chosen. Choose one or more above to see their reasons."),
  );
  root.dataset.film = data.film.id;
  takePill(root, held);
}

export default drawOnce(draw, { skip: ["Skip to the reasons", ".card summary"] });
