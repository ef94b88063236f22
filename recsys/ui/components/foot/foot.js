// The foot of a page: the product, whose ratings these are, and whom to cite.

export default drawOnce(({ product, dataset, licence, citation, link }, { root }) => {
  fill(
    root,
    h(
      "footer.note",
      h("p", h("strong", product), ` · ${dataset}: ${licence}`),
      citation && h("p", "Cite: ", h("a", { href: link, target: "_blank", rel: "noopener" }, citation)),
    ),
  );
});
