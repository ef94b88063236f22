// One film's cover.

export default drawOnce(({ id, film }, { root }) => fill(root, cover(id, film)));
