// A few counts, each with its name and a plain comparison.

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".root");
  const kept = memory(parentElement);
  paint(root);
  const signature = JSON.stringify(data);
  if (kept.signature === signature && root.firstChild) return;
  kept.signature = signature;
  root.replaceChildren(h("dl", { class: "facts" }, data.facts.map((fact) => h("div", { class: "panel" },
    h("dt", null, fact.label),
    h("dd", { class: "value" }, fact.value),
    h("dd", { class: "says" }, fact.note)))));
}
