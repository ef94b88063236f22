// Draws nothing: on a narrow screen, brings the open one of Streamlit's tabs into its strip. Streamlit does so for a tab
// that is chosen, but not for the one that a link has opened. The page itself stays where it is.

const LONGEST_WAIT = 120;

function look(name, frames) {
  const tab = document.querySelector('[role="tablist"] [role="tab"][aria-selected="true"]');
  if (tab?.textContent.trim() !== name) {
    // the strip is drawn a few frames after this
    if (frames < LONGEST_WAIT) requestAnimationFrame(() => look(name, frames + 1));
    return;
  }
  const strip = tab.closest('[role="tablist"]');
  const all = strip.getBoundingClientRect();
  const box = tab.getBoundingClientRect();
  if (box.left < all.left || box.right > all.right)
    strip.scrollLeft += box.left + box.width / 2 - all.left - all.width / 2;
}

export default drawOnce((data, { kept }) => {
  if (kept.open === data.open) return; // where nothing is drawn, `drawOnce` calls each time
  kept.open = data.open;
  look(data.open, 0);
});
