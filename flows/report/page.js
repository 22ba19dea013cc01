"use strict";
// All of the page can be read without this: it adds the filters, and Escape for the hints.
for (const part of document.querySelectorAll(".filter")) part.hidden = false;

for (const box of document.querySelectorAll("input[data-category]")) {
  box.addEventListener("change", () => {
    for (const piece of document.querySelectorAll(".removed"))
      if (piece.dataset.category === box.dataset.category) piece.hidden = !box.checked;
  });
}
for (const button of document.querySelectorAll("button[data-check]")) {
  button.addEventListener("click", () => {
    for (const box of document.querySelectorAll("input[data-category]")) {
      box.checked = button.dataset.check === "all";
      box.dispatchEvent(new Event("change"));
    }
  });
}
for (const field of document.querySelectorAll("input[data-rows]")) {
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    for (const row of document.querySelectorAll(`#${field.dataset.rows} tbody tr`)) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    document.getElementById(`${field.dataset.rows}-shown`).textContent = `${shown} shown`;
  });
}
addEventListener("keydown", (event) => { if (event.key === "Escape") document.body.classList.add("quiet"); });
for (const name of ["focusin", "pointermove"])
  addEventListener(name, () => document.body.classList.remove("quiet"));
