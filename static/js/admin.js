// The stock admin leaves some controls without a name: cells of tables of forms, and the two halves of a date and time.
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

  function nameAll() {
    document.querySelectorAll(".inline-group .tabular table, #result_list").forEach(nameCells);
    nameHalves(document);
  }
  document.addEventListener("DOMContentLoaded", nameAll);
  document.addEventListener("formset:added", nameAll);
})();
