/* Narrow a list of records down, keep what was asked for in the address, open the record it names.
   The address ends in #yrd-067 for a record, in #verdict=close&q=waste for a question. */
(() => {
  const list = document.currentScript.closest(".casebook-records");
  const form = list.querySelector(".record-tools"), count = form.querySelector("output");
  const fields = [form.elements.q, ...form.querySelectorAll("select")], selects = fields.slice(1);
  const rows = [...list.querySelectorAll(".record")].map((row) => ({
    row,
    // What the row says, without the names of its fields.
    text: [...row.querySelectorAll(".record-id, .record-mark, .record-main, dd")].map((e) => e.textContent).join(" ").toLowerCase(),
    facets: JSON.parse(row.dataset.facets).map((values) => values.split("; ")),
  }));
  form.hidden = false;

  const show = () => {
    const words = fields[0].value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const { row, text, facets } of rows) {
      row.hidden = !(words.every((word) => text.includes(word))
        && selects.every((select, i) => !select.value || facets[i].includes(select.value)));
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${rows.length} shown`;
    list.querySelector(".record-none").hidden = shown > 0;
  };

  // Only the end of the address changes, and no step is added to the way back.
  const remember = () => {
    const asked = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.name, field.value]));
    history.replaceState(null, "", asked.size ? `#${asked}` : location.pathname + location.search);
  };

  const follow = () => {
    const end = location.hash.slice(1);
    const named = rows.find(({ row }) => row.id === decodeURIComponent(end))?.row;
    if (!named && end && !end.includes("=")) return; // a heading of the page
    const asked = new URLSearchParams(named ? "" : end);
    for (const field of fields) {
      field.value = asked.get(field.name) ?? "";
      if (field.selectedIndex === -1) field.value = ""; // a choice that there isn't
    }
    show();
    if (!named) return;
    named.open = true;
    named.scrollIntoView({ block: "start" });
    named.querySelector("summary").focus({ preventScroll: true });
  };

  form.addEventListener("input", () => { show(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { show(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", follow);
  follow();
  // What stands above may still grow: pictures and letters come later than the list.
  if (location.hash) window.addEventListener("load", follow);
})();
