// Runs before the first paint (no defer): without it a dark page would flash white.
// The choice "auto" follows the system and is stored as no choice at all.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const KEY = "seatledger.theme";

  function stored() {
    try {
      const value = window.localStorage.getItem(KEY);
      return value === "light" || value === "dark" ? value : "auto";
    } catch {
      return "auto"; // storage is blocked: the page still follows the system
    }
  }

  function store(choice) {
    try {
      if (choice === "auto") window.localStorage.removeItem(KEY);
      else window.localStorage.setItem(KEY, choice);
    } catch {
      // The choice then holds for this page only.
    }
  }

  function apply(choice) {
    const shown = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = shown; // Tabler's parts and tokens.css
    root.dataset.theme = shown; // widgets of the Django admin
  }

  function showPressed() {
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === root.dataset.themeChoice));
    }
  }

  apply(stored());
  system.addEventListener("change", () => apply(stored()));
  document.addEventListener("DOMContentLoaded", showPressed);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    store(button.dataset.themeSet);
    apply(button.dataset.themeSet);
    showPressed();
  });
})();
