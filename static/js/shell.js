// Small behaviours of every page; each works on what the server rendered and none is needed to read a page.
(() => {
  "use strict";

  // Menus are <details data-menu>: they close on Escape, on a click elsewhere and when another one opens.
  const menus = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // A language or an organisation is switched by choosing it.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // A message can be put away.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) button.closest(".note").remove();
  });

  // What must be taken elsewhere can be copied; where the browser lets no script do that, the text is selected.
  function copied(button, done) {
    button.querySelector("[data-copy-words]").textContent = done ? button.dataset.done : button.dataset.selected;
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    if (!navigator.clipboard) { source.select(); copied(button, false); return; }
    navigator.clipboard.writeText(source.value).then(() => copied(button, true), () => { source.select(); copied(button, false); });
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-copy], [data-tick-all]")) button.hidden = false;
  });

  // All rows of the page at once.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tick-all]");
    if (!button) return;
    const boxes = Array.from(document.querySelectorAll(`input[type=checkbox][name="${button.dataset.tickAll}"]`));
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  });

  // A form that was sent is not sent twice; the button comes back when the browser returns to the page.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || !button || !button.matches("[data-once]")) return;
    window.setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); }, 0);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const button of document.querySelectorAll("[data-once][aria-busy]")) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });

  // A page that only leads on to another site's form does so by itself; without scripts its button does.
  const onward = document.querySelector("form[data-onward]");
  if (onward) onward.submit();

  // File field: the name of the chosen file stands in the drop area, and a dropped file is taken.
  function showFile(drop) {
    const input = drop.querySelector("input[type=file]");
    const name = drop.querySelector("[data-file-name]");
    name.textContent = input.files.length ? Array.from(input.files, (file) => file.name).join(", ") : name.dataset.empty;
    drop.classList.toggle("has-file", input.files.length > 0);
  }
  document.addEventListener("change", (event) => {
    const drop = event.target.closest("[data-file-drop]");
    if (drop) showFile(drop);
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const drop = event.target.closest && event.target.closest("[data-file-drop]");
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
      if (kind === "drop") {
        drop.querySelector("input[type=file]").files = event.dataTransfer.files;
        showFile(drop);
      }
    });
  }

  // A long navigation opens at the place where we are.
  document.addEventListener("DOMContentLoaded", () => {
    const sidebar = document.getElementById("sidebar");
    const here = sidebar?.querySelector("[aria-current]");
    if (here && here.offsetTop > sidebar.clientHeight - 80) sidebar.scrollTop = here.offsetTop - sidebar.clientHeight / 2;
  });

  // Wide tables can be scrolled by keyboard once they are wider than their frame.
  function reachable() {
    for (const frame of document.querySelectorAll(".table-frame, .results")) {
      if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
      else frame.removeAttribute("tabindex");
    }
  }
  window.addEventListener("load", reachable);
  window.addEventListener("resize", reachable);
})();
