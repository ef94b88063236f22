// A few counts, each with its name and a plain comparison.

export default drawOnce((data, { root }) => {
  const tile = (fact) => h("div.panel", h("dt", fact.label), h("dd.value", fact.value), h("dd.says", fact.note));
  fill(root, h("dl.facts", data.facts.map(tile)));
});
