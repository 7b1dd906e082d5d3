/* A search box, and a drop-down for each <th data-filter>, above every <table class="... searchable">.
   Without JavaScript the whole table stays readable. */
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.searchable")) {
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const text = (cell) => cell.querySelector("[data-value]")?.dataset.value ?? cell.textContent.trim();
    const tools = document.createElement("form");
    tools.className = "table-tools";
    tools.setAttribute("role", "search");

    const field = (element, title) => {
      const label = document.createElement("label");
      label.append(title, element);
      tools.append(label);
      return element;
    };

    const search = field(document.createElement("input"), "Search");
    search.type = "search";

    const filters = [...table.tHead.rows[0].cells]
      .filter((head) => head.hasAttribute("data-filter"))
      .map((head) => {
        const column = head.cellIndex;
        const select = field(document.createElement("select"), text(head));
        const values = new Set(rows.map((row) => text(row.cells[column])));
        select.append(new Option("all", ""), ...[...values].sort().map((value) => new Option(value)));
        return { column, select };
      });

    const count = document.createElement("output");
    count.setAttribute("aria-live", "polite");
    tools.append(count);

    const update = () => {
      const words = search.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of rows) {
        const found = words.every((word) => row.textContent.toLowerCase().includes(word));
        const chosen = filters.every(({ column, select }) => !select.value || text(row.cells[column]) === select.value);
        row.hidden = !(found && chosen);
        shown += !row.hidden;
      }
      count.textContent = `${shown} of ${rows.length} shown`;
    };

    tools.addEventListener("input", update);
    tools.addEventListener("submit", (event) => event.preventDefault());
    (table.closest(".table-box") ?? table).before(tools);
    update();
  }
});
