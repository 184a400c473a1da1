"use strict";
// The page: its filters, its views, its download, and what is told to those who do not see it.
(() => {
  const { raw, state: address, views, outlets, date } = demarche;
  const { h, number, plural, csv } = demarche.parts;
  const by = (id) => document.getElementById(id);
  const main = by("main");
  let shown = null;
  let lastView = null;

  function scope() {
    const all = raw.support + raw.oppose;
    const held = demarche.filter({ ...address.defaults });
    const inside = held.support + held.oppose;
    const parts = [plural(all, "position"), `${plural(raw.articles, "article")}${raw.duplicates ? `, ${number.format(raw.duplicates)} of them repeated` : ""}`];
    if (raw.outlets_in_all) parts.push(plural(raw.outlets_in_all, "outlet"));
    if (raw.days) parts.push(raw.days[0] === raw.days[1] ? date(0) : `${date(0)} to ${date(raw.days[1] - raw.days[0])}`);
    by("scope").textContent = parts.join(" · ");
    by("foot").append(h("p", {}, `Made by ${raw.tool}. Scores are probabilities; rows from about 0.3 up are in it, take 0.5 and more where precision matters. `
      + "Nothing in this page asks anything of any network."),
    inside < all ? h("p", {}, `The page holds the ${plural(demarche.count, "pair")} of actor and target with most positions: ${number.format(inside)} of ${number.format(all)} positions. Figures on all pages are of these.`) : "",
    coarse() ? h("p", {}, `Of so many positions the page holds ${coarse()}.`) : "");
  }

  // What a page of a large archive does not tell apart.
  const coarse = () => [raw.days && raw.grain !== "day" ? `dates to the ${raw.grain} (filters take the ${raw.grain}s that begin in them)` : "",
    raw.score_step > 1 ? "scores to the tenth" : "", raw.outlets_in_all > raw.outlets.length ? `the ${raw.outlets.length} outlets with most by name` : ""]
    .filter(Boolean).join(", ");

  function fill() {
    const option = (value, label) => h("option", { value }, label);
    by("kind").append(option("", "all"), ...raw.kinds.slice(1).sort().map((kind) => option(kind, kind)), option("none", "no kind told"));
    by("outlet").append(option("", "all"), ...[...raw.outlets].sort((a, b) => a.localeCompare(b, "en")).map((name) => option(name, name)));
    for (const field of document.querySelectorAll("[data-needs]")) field.hidden = field.dataset.needs === "dates" ? !raw.days : raw.outlets.length < 2;
    if (raw.days) for (const name of ["from", "to"]) Object.assign(by(name), { min: date(0), max: date(raw.days[1] - raw.days[0]) });
    for (const name of ["overview", "target", "network", "timeline", "evidence"]) by("views").append(h("a", { "data-view": name }, views[name].name));
    by("min").step = raw.score_step * 0.05;
    if (window.innerWidth < 720) by("filter-box").open = false;
  }

  // The controls say what the address says.
  function controls(state) {
    for (const name of ["kind", "outlet", "from", "to"]) by(name).value = state[name];
    by("min").value = Math.max(0.3, state.min);
    by("min-shown").textContent = state.min ? state.min.toFixed(2) : "any";
    by("min").setAttribute("aria-valuetext", state.min ? state.min.toFixed(2) : "any score");
    document.querySelectorAll("input[name=stance]").forEach((radio) => { radio.checked = radio.value === state.stance; });
    if (document.activeElement !== by("query")) by("query").value = state.q;
    const on = address.filters.filter((name) => state[name]);
    by("filter-count").textContent = on.length ? `(${on.length})` : "";
    by("reset").disabled = !on.length;
    by("applied").textContent = on.length ? "Filters: " + on.map((name) => `${name} ${state[name]}`).join(", ") : "All positions";
    for (const link of by("views").children) {
      const here = link.dataset.view === state.view;
      link.href = address.link({ view: link.dataset.view, q: link.dataset.view === "evidence" ? state.q : "", target: "", actor: "", sort: "", dir: "", size: 0 });
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  function render(state) {
    const result = demarche.filter(state);
    const place = focusPlace();
    controls(state);
    const page = [state.view, state.target, state.actor].join(" ");
    const { support, oppose } = result;
    shown = views[state.view].render(state, result, main.clientWidth);
    main.replaceChildren(...[shown.nodes].flat(Infinity).filter(Boolean));
    main.dataset.view = state.view;
    demarche.charts.draw();
    by("told").textContent = `${views[state.view].name}: ${plural(support + oppose, "position")}, ${number.format(oppose)} oppose, ${number.format(support)} support`;
    if (lastView !== null && lastView !== page) {
      window.scrollTo(0, 0);
      if (!by("find").contains(document.activeElement)) main.focus({ preventScroll: true });
    } else if (place) {
      refocus(place);
    }
    lastView = page;
  }

  // A heading that sorts is drawn anew; whoever chose it by key stays on it.
  function focusPlace() {
    const active = document.activeElement;
    if (!main.contains(active)) return null;
    return active.dataset.sort ? `[data-sort="${CSS.escape(active.dataset.sort)}"]` : active.id ? "#" + CSS.escape(active.id) : null;
  }
  function refocus(place) {
    const found = main.querySelector(place);
    if (found) found.focus({ preventScroll: true });
  }

  function download() {
    const state = address.read();
    const name = ["demarche", state.view, state.target, state.actor].filter(Boolean).join("-").replace(/[^\w-]+/g, "_").slice(0, 80);
    // The mark of the encoding lets spreadsheets read it as UTF-8.
    const url = URL.createObjectURL(new Blob(["\ufeff" + csv(shown.rows())], { type: "text/csv;charset=utf-8" }));
    h("a", { href: url, download: name + ".csv" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    by("told").textContent = `${name}.csv is saved`;
  }

  // Light and dark: as the system says, until somebody chooses.
  function themes() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const root = document.documentElement;
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
    const show = () => {
      by("theme").textContent = isDark() ? "Light" : "Dark";
      by("theme").setAttribute("aria-label", `Change to ${isDark() ? "light" : "dark"} colours`);
      demarche.charts.redraw();
    };
    by("theme").addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; show(); });
    dark.addEventListener("change", show);
    // Paper is white: charts are drawn in the colours of the light page while it is printed.
    let before = null;
    window.addEventListener("beforeprint", () => {
      before = root.dataset.theme || "";
      root.dataset.theme = "light";
      show();
    });
    window.addEventListener("afterprint", () => {
      if (before) root.dataset.theme = before;
      else delete root.dataset.theme;
      show();
    });
    show();
  }

  function listen() {
    const filters = by("filters");
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("change", ({ target }) => {
      if (["kind", "outlet", "from", "to", "stance"].includes(target.name)) address.set({ [target.name]: target.value });
    });
    by("min").addEventListener("input", ({ target }) => address.set({ min: Number(target.value) <= 0.3 ? 0 : Number(target.value) }, true));
    by("reset").addEventListener("click", () => address.set(address.cleared));
    by("csv").addEventListener("click", download);
    by("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
    let waiting = null;
    const search = (hasty) => {
      clearTimeout(waiting);
      const q = by("query").value;
      const here = address.read().view === "evidence";
      if (q || here) address.set({ view: "evidence", q, target: "", actor: "", sort: "", dir: "", size: 0 }, hasty && here);
    };
    by("query").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 200, true); });
    by("find").addEventListener("submit", (event) => { event.preventDefault(); search(false); });
    let width = main.clientWidth;
    window.addEventListener("resize", () => {
      if (Math.abs(main.clientWidth - width) < 60 || address.read().view !== "overview") return;
      width = main.clientWidth;
      render(address.read());
    });
    address.listen(render);
  }

  fill();
  scope();
  themes();
  listen();
  render(address.read());
})();
