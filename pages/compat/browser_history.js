// One entry of the browser's history for each click or key: see browser_history.py.
//
// If the visitor's last action has already added an entry, or there was no action, an entry that
// Streamlit adds replaces the newest one.

let hasActed = true; // opening the page counts as an action

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
