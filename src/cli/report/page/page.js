"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.k ?? cell.textContent;
  };

  function sort(table, heading) {
    const column = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [key(row, column), row]);
    const sign = down ? -1 : 1;
    rows.sort((a, b) => sign * collator.compare(a[0], b[0]));
    body.replaceChildren(...rows.map((pair) => pair[1]));
  }

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    for (const heading of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading));
      heading.append(button);
    }
  }

  const form = document.getElementById("filter");
  const table = document.getElementById("pools");
  if (!form || !table) return;
  const [text, show, count] = ["text", "show", "count"].map((name) => form.elements[name]);
  const rows = Array.from(table.tBodies[0].rows, (row) => ({ row, text: row.textContent.toLowerCase() }));

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text } of rows) {
      const wanted = !show.value || row.dataset.is.split(" ").includes(show.value);
      row.hidden = !(wanted && words.every((word) => text.includes(word)));
      shown += row.hidden ? 0 : 1;
    }
    count.value = `${shown} of ${rows.length} shown`;
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  text.addEventListener("input", filter);
  show.addEventListener("change", filter);
  filter();
})();
