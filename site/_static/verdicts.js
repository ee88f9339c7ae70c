// Lets the table of verdicts be narrowed and sorted. Without it the table is whole.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector(".verdicts");
  const table = place && place.querySelector("table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const names = heads.map((head) => head.textContent.trim());
  const kinds = {
    claim: "claim",
    number: "number",
    "what would settle it": "settles",
    experiment: "experiment",
  };
  for (const row of rows) {
    [...row.cells].forEach((cell, i) => {
      cell.dataset.head = names[i];
      const kind = names[i].endsWith("scale") ? "verdict" : kinds[names[i]];
      if (kind) cell.classList.add(kind);
    });
  }
  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.textContent = names[i];
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const text = (row) => row.cells[i].textContent.trim();
      const order = (a, b) => text(a).localeCompare(text(b), "en", { numeric: true });
      body.append(...[...rows].sort((a, b) => (down ? order(b, a) : order(a, b))));
    });
  });
  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "narrow the table: LSTM, FALSE, document …";
  box.setAttribute("aria-label", "narrow the table");
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  place.prepend(box);
});
