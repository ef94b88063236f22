// Draws nothing: on a narrow screen, brings the open one of Streamlit's tabs into its strip. Streamlit does so for a tab
// that is chosen, but not for the one that a link has opened. The page itself stays where it is.

const LONGEST_WAIT = 120;

export default function ({ data: [data], parentElement }) {
  const kept = memory(parentElement);
  if (kept.open === data.open) return;
  kept.open = data.open;
  const look = (frames) => {
    const tab = document.querySelector('[role="tablist"] [role="tab"][aria-selected="true"]');
    if (tab?.textContent.trim() !== data.open) {
      // the strip is drawn a few frames after this
      if (frames < LONGEST_WAIT) requestAnimationFrame(() => look(frames + 1));
      return;
    }
    const strip = tab.closest('[role="tablist"]'),
      room = strip.getBoundingClientRect(),
      box = tab.getBoundingClientRect();
    if (box.left < room.left || box.right > room.right)
      strip.scrollLeft += box.left + box.width / 2 - room.left - room.width / 2;
  };
  look(0);
}
