// The stock admin leaves some controls without a name: cells of tables of forms, the two halves
// of a date and time, empty autocompletes.
(() => {
  "use strict";
  const CONTROLS = "input:not([type=hidden], [aria-label]), select:not([aria-label]), textarea:not([aria-label])";

  function nameCells(table) {
    const names = Array.from(table.querySelectorAll("thead th"), (cell) => cell.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
      Array.from(row.cells).forEach((cell, index) => {
        for (const control of cell.querySelectorAll(CONTROLS)) {
          const name = cell.dataset.label || names[index];
          if (name && !control.labels?.length) control.setAttribute("aria-label", name);
        }
      });
    }
  }

  function nameHalves(root) {
    for (const half of root.querySelectorAll("p.datetime input:not([aria-label])")) {
      const field = half.closest(".form-row, td")?.querySelector("label")?.textContent.replace(":", "").trim() ?? "";
      const part = half.previousSibling?.textContent?.replace(":", "").trim() ?? "";
      half.setAttribute("aria-label", `${field} ${part}`.trim());
    }
  }

  // Select2 names its box after its value alone, and an empty one not at all.
  function nameAutocompletes() {
    for (const select of document.querySelectorAll("select.admin-autocomplete")) {
      const label = select.labels?.[0];
      const box = select.nextElementSibling?.querySelector(".select2-selection");
      if (!label || !box) continue;
      label.id ||= `${select.id}_label`;
      const value = box.querySelector(".select2-selection__rendered");
      box.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
      if (value.getAttribute("role") === "textbox") value.setAttribute("aria-label", label.textContent.trim());
    }
  }

  function nameAll() {
    document.querySelectorAll(".inline-group .tabular table, #result_list").forEach(nameCells);
    nameHalves(document);
  }
  document.addEventListener("DOMContentLoaded", nameAll);
  window.addEventListener("load", nameAutocompletes);
  document.addEventListener("formset:added", nameAll);
})();
