"use strict";
// The first view: figures, the matrix of actors and targets, the strongest pairs, and what has changed.
demarche.views.overview = (() => {
  const { h, arrow, number, nameOf, targetLink, pairLink, plural, share, inWords, bar, strip, signed, ranked, heldPairs, nothing } = demarche.parts;
  const { things, pairAt, raw } = demarche;
  const SIZES = [15, 25, 50, 100];

  function figures(result, actors, targets) {
    const all = result.support + result.oppose;
    const figure = (value, name, more) => h("div", {}, h("dt", {}, name), h("dd", {}, value, more ? h("small", {}, more) : null));
    return h("dl", { class: "figures" },
      figure(number.format(all), all === 1 ? "position" : "positions"),
      figure([h("span", { class: "sign oppose" }, "− "), number.format(result.oppose)], "oppose", share(result.oppose, all)),
      figure([h("span", { class: "sign support" }, "+ "), number.format(result.support)], "support", share(result.support, all)),
      figure(number.format(actors), actors === 1 ? "actor" : "actors"),
      figure(number.format(targets), targets === 1 ? "target" : "targets"),
      figure(number.format(raw.articles), raw.articles === 1 ? "article read" : "articles read"));
  }

  // Actors and targets that hold most positions of each other, and what stands between them.
  function matrixOf(result, state, pairs, wide) {
    const size = state.size || SIZES[0];
    const all = ranked(result, "actor");
    const sums = (own, other, among) => {
      const sums = new Map();
      for (const row of pairs) if (row.actor !== row.target && (!among || among.has(row[other]))) sums.set(row[own], (sums.get(row[own]) || 0) + row.support + row.oppose);
      return [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    };
    const first = (sums, many) => new Set(sums.slice(0, many).map(([at]) => at));
    // Each side is chosen by what it holds of the other's choice; after a few rounds no row and no column is empty.
    let targets = first(sums("target", "actor"), wide);
    let actors = new Set();
    for (let round = 0; round < 4; round++) {
      actors = first(sums("actor", "target", targets), size);
      targets = first(sums("target", "actor", actors), wide);
    }
    const columns = [...targets].map((at) => ({ at }));
    const value = (actor, target) => {
      const pair = pairAt.get(actor + ">" + target);
      return pair === undefined ? { support: 0, oppose: 0 } : { support: result.pairs.support[pair], oppose: result.pairs.oppose[pair] };
    };
    const sortTarget = state.sort.startsWith("to:") ? demarche.byKey.get(state.sort.slice(3)) : undefined;
    const byActor = new Map(all.map((row) => [row.at, row]));
    let rows = [...actors].map((at) => byActor.get(at));
    if (sortTarget !== undefined) {
      // All actors that stand somewhere towards it, not only the most frequent.
      rows = all.map((row) => ({ ...row, to: value(row.at, sortTarget) })).filter((row) => row.to.support || row.to.oppose);
      rows.sort((a, b) => a.to.support - a.to.oppose - (b.to.support - b.to.oppose) || b.to.oppose - a.to.oppose || a.at - b.at);
      if (state.dir === "up") rows.reverse();
      rows = rows.slice(0, size);
    } else if (state.sort === "name") {
      rows = [...rows].sort((a, b) => nameOf(a.at).localeCompare(nameOf(b.at), "en"));
      if (state.dir === "up") rows.reverse();
    } else if (state.sort === "net") {
      rows = [...rows].sort((a, b) => a.support - a.oppose - (b.support - b.oppose) || a.at - b.at);
      if (state.dir === "up") rows.reverse();
    }
    return { rows: rows.filter(Boolean), columns, value, sortTarget };
  }

  // The colour of a cell: its hue is the side, its strength the number. One with both is parted by their shares; where one side is small,
  // a band below the other tells of it.
  const SMALL = 0.2;
  function shade(cell, most) {
    const many = cell.support + cell.oppose;
    const level = Math.max(1, Math.ceil((5 * Math.log1p(many)) / Math.log1p(Math.max(most, 8))));
    if (!cell.support) return { class: "o" + level };
    if (!cell.oppose) return { class: "s" + level };
    const part = Math.round((100 * cell.oppose) / many) + "%";
    if (Math.min(cell.support, cell.oppose) <= SMALL * many) {
      return { class: (cell.oppose > cell.support ? "o" : "s") + level + " mostly", style: { "--part": part } };
    }
    return { class: "both b" + Math.min(level, 3), style: { "--part": part } };
  }

  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  function cellText({ support, oppose }) {
    const small = Math.min(support, oppose) <= SMALL * (support + oppose);
    return [oppose && !(small && oppose < support) ? "−" + short.format(oppose) : "", support && !(small && support < oppose) ? "+" + short.format(support) : ""]
      .filter(Boolean).map((text) => h("span", {}, text));
  }

  function matrix(result, state, shape) {
    const { rows, columns, value, sortTarget } = shape;
    const cells = rows.map((row) => columns.map((column) => value(row.at, column.at)));
    const most = Math.max(1, ...cells.flat().map((cell) => cell.support + cell.oppose));
    const sorter = (sort, label, more = {}) => {
      const on = state.sort === sort;
      const changes = on ? (state.dir === "up" ? { sort: "", dir: "" } : { dir: "up" }) : { sort, dir: "" };
      return [h("a", { href: demarche.state.link(changes), class: "sorter", "data-sort": sort, ...more }, label),
        on ? (state.dir === "up" ? "descending" : "ascending") : null];
    };
    const head = (attributes, [link, order]) => h("th", { scope: "col", role: "columnheader", "aria-sort": order, ...attributes }, link);
    const body = rows.map((row, y) => h("tr", { role: "row" },
      h("th", { scope: "row", role: "rowheader" }, targetLink(row.at, { title: demarche.parts.typeOf(row.at), tabindex: "-1" })),
      h("td", { class: "sum", role: "gridcell" }, bar(row.support, row.oppose, Math.max(...rows.map((r) => Math.max(r.support, r.oppose)))),
        h("span", { class: "hidden" }, inWords(row.support, row.oppose))),
      columns.map((column, x) => {
        const cell = cells[y][x];
        if (row.at === column.at) return h("td", { class: "self", role: "gridcell", "aria-label": "the same" });
        if (!cell.support && !cell.oppose) return h("td", { role: "gridcell" });
        const { class: kind, style } = shade(cell, most);
        const label = `${nameOf(row.at)} towards ${nameOf(column.at)}: ${inWords(cell.support, cell.oppose)}`;
        return h("td", { role: "gridcell", class: kind, style },
          h("a", { href: pairLink(row.at, column.at), "aria-label": label, title: label, tabindex: "-1", "data-x": x, "data-y": y }, cellText(cell)));
      })));
    const table = h("table", { class: "matrix", role: "grid", "aria-labelledby": "matrix-title", "aria-describedby": "matrix-keys" },
      h("thead", {}, h("tr", { role: "row" },
        head({ class: "corner" }, sorter("name", "Actor", { title: "sort by name" })),
        head({ class: "sum" }, sorter("net", "− all +", { title: "sort by all positions, opposition first", "aria-label": "All positions" })),
        columns.map((column) => head({ class: "column" }, sorter("to:" + things.key[column.at], nameOf(column.at),
          { title: `sort by the positions towards ${nameOf(column.at)}`, ...(column.at === sortTarget ? { "data-on": "" } : {}) }))))),
      h("tbody", {}, body));
    walk(table);
    return table;
  }

  // One stop of the tab key for all cells; arrows lead from one filled cell to the next.
  function walk(table) {
    const cells = [...table.querySelectorAll("a[data-x]")];
    if (!cells.length) return;
    cells[0].tabIndex = 0;
    table.addEventListener("focusin", ({ target }) => {
      if (!target.dataset.x) return;
      cells.forEach((cell) => { cell.tabIndex = -1; });
      target.tabIndex = 0;
    });
    table.addEventListener("keydown", (event) => {
      const { x, y } = event.target.dataset;
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (x === undefined || !way) return;
      event.preventDefault();
      const ahead = cells.map((cell) => ({ cell, dx: (cell.dataset.x - x) * (way[0] || 1), dy: (cell.dataset.y - y) * (way[1] || 1) }))
        .filter(({ dx, dy }) => (way[0] ? dy === 0 && dx > 0 : dy > 0));
      // Up and down lead to the next row that has a cell, there to the nearest.
      ahead.sort((a, b) => (way[0] ? a.dx - b.dx : a.dy - b.dy || Math.abs(a.dx) - Math.abs(b.dx)));
      if (ahead.length) ahead[0].cell.focus();
    });
  }

  function list(title, rows, empty) {
    const most = Math.max(1, ...rows.map((row) => Math.max(row.support, row.oppose)));
    return h("section", { class: "list" }, h("h3", {}, title),
      rows.length ? h("ol", {}, rows.map((row) => h("li", {}, h("a", { href: pairLink(row.actor, row.target) },
        h("span", { class: "names" }, nameOf(row.actor), arrow(), nameOf(row.target)),
        h("span", { class: "counts" }, row.oppose ? signed(row.oppose, "oppose") : null, row.support ? signed(row.support, "support") : null),
        strip(row.support, row.oppose, most))))) : h("p", { class: "soft" }, empty));
  }

  // Pairs that the text tells to have changed, then those whose balance is another in the second half of the time.
  function changes(result, rows) {
    const net = (tally, pair) => {
      const [support, oppose] = [tally.support[pair], tally.oppose[pair]];
      return { many: support + oppose, net: (support - oppose) / (support + oppose) };
    };
    const shifted = [];
    for (const row of rows) {
      const [before, after] = [net(result.early, row.pair), net(result.late, row.pair)];
      const least = Math.min(before.many, after.many);
      const told = result.changed[row.pair];
      const by = least >= 2 ? after.net - before.net : 0;
      if (told || Math.abs(by) >= 0.5) shifted.push({ ...row, told, by, before, after, weight: 10 * told + Math.abs(by) * Math.sqrt(least) });
    }
    return shifted.sort((a, b) => b.weight - a.weight || a.pair - b.pair).slice(0, 5);
  }

  function changeList(result, rows) {
    const shifts = changes(result, rows);
    if (!shifts.length) return null;
    const stance = (side) => (Math.abs(side.net) < 0.25 ? "both ways" : side.net > 0 ? "support" : "oppose");
    return h("section", { class: "list" }, h("h3", {}, "Strongest changes"),
      h("ol", {}, shifts.map((row) => h("li", {}, h("a", { href: pairLink(row.actor, row.target) },
        h("span", { class: "names" }, nameOf(row.actor), arrow(), nameOf(row.target)),
        h("span", { class: "shift" }, row.by ? `${stance(row.before)} (${row.before.many}) → ${stance(row.after)} (${row.after.many})`
          : `${plural(row.told, "article")} ${row.told === 1 ? "tells" : "tell"} of a change`))))),
      result.middle && shifts.some((row) => row.by) ? h("p", { class: "soft" }, `Before and from ${demarche.date(result.middle)} on.`) : null);
  }

  function render(state, result, width) {
    if (!result.support && !result.oppose) return { nodes: [nothing()], rows: () => [["actor", "target", "support", "oppose"]] };
    const rows = heldPairs(result);
    const [actors, targets] = [new Set(rows.map((row) => row.actor)).size, new Set(rows.map((row) => row.target)).size];
    // As many columns as stand beside the lists without scrolling; phones scroll.
    const wide = state.size > SIZES[0] ? state.size : Math.max(8, Math.min(24, Math.floor((width - (width > 1000 ? 630 : 280)) / 42)));
    const shape = matrixOf(result, state, rows, wide);
    const by = (side, other) => rows.filter((row) => row[side] > row[other]).sort((a, b) => b[side] - b[other] - (a[side] - a[other]) || a.pair - b.pair).slice(0, 6);
    const sizes = h("label", { class: "field row" }, "Show ", h("select", { id: "size", onchange: (event) => demarche.state.set({ size: Number(event.target.value) }) },
      SIZES.map((size) => h("option", { value: size, selected: size === (state.size || SIZES[0]) }, String(size)))));
    const side = [changeList(result, rows), list("Most opposed", by("oppose", "support"), "No pair with more opposition than support."),
      list("Most supported", by("support", "oppose"), "No pair with more support than opposition.")];
    return {
      nodes: [figures(result, actors, targets), h("div", { class: "split" },
        h("section", { class: "wide" },
          h("div", { class: "heading" }, h("h2", { id: "matrix-title" }, "Who stands where towards whom"), legend(), sizes),
          h("p", { id: "matrix-keys", class: "soft" }, `${number.format(shape.rows.length)} of ${plural(actors, "actor")}, ${number.format(shape.columns.length)} of ${plural(targets, "target")}. `
            + "Choose a cell for its evidence, a heading to sort.", h("span", { class: "keys" }, " Arrow keys walk the cells.")),
          h("div", { class: "matrix-box" }, matrix(result, state, shape))),
        h("aside", { class: "side", "aria-label": "Strongest positions" }, side))],
      rows: () => [["actor", "target", "support", "oppose"], ...shape.rows.flatMap((row) => shape.columns.map((column) => {
        const cell = shape.value(row.at, column.at);
        return [nameOf(row.at), nameOf(column.at), cell.support, cell.oppose];
      }).filter((line, x) => (line[2] || line[3]) && row.at !== shape.columns[x].at))],
    };
  }

  const legend = () => h("p", { class: "legend" }, h("span", { class: "key o4" }, "−7"), " oppose", h("span", { class: "key s4" }, "+7"), " support",
    h("span", { class: "key both b3", style: { "--part": "60%" } }, "−3+2"), " both");

  return { name: "Overview", render };
})();
