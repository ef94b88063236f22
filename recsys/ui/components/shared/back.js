// One entry of the browser's history for each page that the menu leads to.

/** What has an effect of its own on the address; what happens before any of these belongs to the change of page. */
const BY_HAND = ["pointerdown", "keydown", "popstate"];

/**
 * Streamlit makes two entries of one click in its menu: first the page's bare address, then, when the script has run, the
 * one with the view. Back would lead from the second to the first, which shows the same. So the second takes the place of
 * the first. It is told by its page being the same, without parameters, and untouched since it came.
 */
function keepOneEntryPerPage() {
  if (history.pushState.isOnce) return; // another module may have done so
  const push = history.pushState.bind(history);
  let isUntouched = false;
  BY_HAND.forEach((event) =>
    addEventListener(
      event,
      () => {
        isUntouched = false;
      },
      true,
    ),
  );
  history.pushState = (state, unused, address) => {
    const from = location.pathname;
    const isSecond = isUntouched && !location.search && new URL(address, location.href).pathname === from;
    if (isSecond) history.replaceState(state, unused, address);
    else push(state, unused, address);
    isUntouched = location.pathname !== from;
  };
  history.pushState.isOnce = true;
}
