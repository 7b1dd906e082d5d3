/* Show the chosen state of every .casebook-dial. All states are computed beforehand: see dial.py, which also drew the first one. */
(() => {
  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const make = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };

  const start = (dial) => {
    const data = JSON.parse(dial.querySelector("script[type='application/json']").textContent);
    const states = data.states.flatMap((state) => (typeof state === "number" ? Array(state).fill(null) : [typeof state === "string" ? data.states[state] : state]));
    const part = (name) => dial.querySelector(`.dial-${name}`);
    const [form, picture, details] = [part("controls"), part("picture"), part("details")];
    const [left, right, top, bottom] = data.box;
    const draw = (name, path) => part(name).setAttribute("d", path);
    let scene = data.first;

    const position = (control) => Number((control.querySelector("select, [type=range], :checked")).value);

    const detail = (term, text) => {
      const entry = document.createElement("div");
      entry.append(document.createElement("dt"), document.createElement("dd"));
      entry.firstChild.textContent = term;
      entry.lastChild.textContent = text;
      return entry;
    };

    const place = (chosen) => chosen.reduce((at, step, i) => at * data.labels[i].length + step, 0);

    // Where there are no figures: the positions of each single control at which there are some.
    const hints = (chosen) => data.labels.flatMap((labels, i) => {
      const there = labels.filter((_, at) => states[place(chosen.map((own, j) => (j === i ? at : own)))]);
      const few = there.slice(0, 8).join(", ") + (there.length > 8 ? " …" : "");
      return there.length ? [detail(data.names[i], `try ${few}`)] : [];
    });

    const show = () => {
      const chosen = [...form.querySelectorAll("[data-control]")].map(position);
      const labels = chosen.map((at, i) => data.labels[i][at]);
      form.querySelectorAll("[data-control]").forEach((control, i) => {
        const slider = control.querySelector("[type=range]");
        if (!slider) return;
        slider.setAttribute("aria-valuetext", labels[i]);
        write(control.querySelector(".dial-value"), labels[i]);
      });
      const state = states[place(chosen)];
      const [now, used, curve, bands, turns, verdict, terms, texts] = state ?? [-1, 0, "", [], [], 0, 0, []];
      if (now !== scene) part("scene").innerHTML = data.scenes[now] ?? "";
      scene = now;
      picture.querySelectorAll("circle").forEach((point, i) => point.classList.toggle("used", data.used[used][i] === "1"));
      draw("band", bands.map(([a, b]) => `M${a} ${top}H${b}V${bottom}H${a}Z`).join(""));
      draw("edge", bands.flat().filter((x) => x > left && x < right).map((x) => `M${x} ${top}V${bottom}`).join(""));
      draw("curve", curve);
      draw("turn", turns.filter(([x]) => x > left && x < right).map(([x]) => `M${x} ${top}V${bottom}`).join(""));
      part("turns").replaceChildren(...turns.map(([x, text, anchor, row]) => (
        make("text", { x, y: data.rows[row], "text-anchor": data.anchors[anchor] }, text))));
      write(part("verdict"), data.text[verdict]);
      const told = texts.map((text, i) => detail(data.text[data.terms[terms][i]], data.text[text]));
      details.replaceChildren(...(state ? told : hints(chosen)));
      const choice = labels.map((label, i) => `${data.names[i]} ${label}`).join(", ");
      picture.setAttribute("aria-label", `${data.alt} Shown: ${choice}. ${data.text[verdict]}`);
    };

    form.addEventListener("input", show);
    form.addEventListener("reset", () => setTimeout(show));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    dial.dataset.ready = "";
  };

  document.querySelectorAll(".casebook-dial:not([data-ready])").forEach(start);
})();
