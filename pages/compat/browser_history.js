// One entry of the browser's history for each click or key: see browser_history.py.
//
// What a visitor did last has brought an entry already, or there was nothing to bring: then an entry
// that Streamlit adds takes the place of the newest.

let hasActed = true; // who has just opened the page

function begin() {
  for (const act of ["pointerdown", "keydown"]) {
    window.addEventListener(act, () => (hasActed = true), true);
  }
  window.addEventListener("popstate", () => (hasActed = false), true);
  const push = history.pushState.bind(history);
  history.pushState = (...entry) => {
    const isNew = hasActed;
    hasActed = false;
    return isNew ? push(...entry) : history.replaceState(...entry);
  };
}

export default function () {
  if (window.ferHistory) return;
  window.ferHistory = true;
  hasActed = false; // the link itself is an entry
  begin();
}
