"use strict";
// One thing: who stands where towards it, over time, by outlet, with the strongest evidence; and where it stands itself.
demarche.views.target = (() => {
  const { h, number, nameOf, typeOf, targetLink, pairLink, plural, share, bar, table, empty, nothing, heldPairs, ranked } = demarche.parts;
  const { byKey, things, date, state: address } = demarche;
  const header = [["actor", "target", "support", "oppose", "last_date"]];

  // All targets, to choose from.
  function index(state, result) {
    const rows = ranked(result, "target");
    if (!rows.length) return { nodes: [nothing()], rows: () => header };
    const most = Math.max(...rows.map((row) => Math.max(row.support, row.oppose)));
    return {
      nodes: [h("div", { class: "heading" }, h("h2", {}, "Targets"), picker(rows)),
        h("p", { class: "soft" }, "Whom or what positions are about. Choose one to see who stands where towards it."),
        table("Targets, those with most positions first", [
          { name: "Target", cell: (row) => targetLink(row.at), sort: (row) => nameOf(row.at) },
          { name: "Type", cell: (row) => typeOf(row.at), sort: (row) => typeOf(row.at) },
          { name: "Oppose", number: true, cell: (row) => number.format(row.oppose), sort: (row) => row.oppose },
          { name: "Support", number: true, cell: (row) => number.format(row.support), sort: (row) => row.support },
          { name: "− +", cell: (row) => bar(row.support, row.oppose, most) },
        ], rows, { most: 100 })],
      rows: () => [["target", "type", "support", "oppose"], ...rows.map((row) => [nameOf(row.at), typeOf(row.at), row.support, row.oppose])],
    };
  }

  // A field that completes names.
  function picker(rows) {
    const named = new Map();
    for (const row of rows.slice(0, 2000)) if (!named.has(nameOf(row.at))) named.set(nameOf(row.at), row.at);
    const go = (event) => {
      const at = named.get(event.target.value);
      if (at !== undefined) address.set({ target: things.key[at], actor: "", sort: "", dir: "" });
    };
    return h("label", { class: "field row" }, "Go to ", h("input", { type: "text", list: "names", id: "pick", placeholder: "a target", autocomplete: "off", onchange: go, oninput: go }),
      h("datalist", { id: "names" }, [...named.keys()].map((name) => h("option", { value: name }))));
  }

  function stands(caption, rows, side, result) {
    const most = Math.max(1, ...rows.map((row) => Math.max(row.support, row.oppose)));
    const other = side === "target" ? "actor" : "target";
    const dated = rows.some((row) => result.last[row.pair] >= 0);
    return table(caption, [
      { name: other === "actor" ? "Actor" : "Target", cell: (row) => [h("a", { href: pairLink(row.actor, row.target), title: "its evidence" }, nameOf(row[other])),
        result.changed[row.pair] ? h("span", { class: "tag" }, "changed") : null], sort: (row) => nameOf(row[other]) },
      { name: "Oppose", number: true, cell: (row) => number.format(row.oppose), sort: (row) => row.oppose },
      { name: "− +", cell: (row) => bar(row.support, row.oppose, most) },
      { name: "Support", number: true, cell: (row) => number.format(row.support), sort: (row) => row.support },
      ...(dated ? [{ name: "Last", number: true, cell: (row) => (result.last[row.pair] < 0 ? "" : date(result.last[row.pair])), sort: (row) => result.last[row.pair] }] : []),
    ], rows, { most: 12 });
  }

  const line = (result) => (row) => [nameOf(row.actor), nameOf(row.target), row.support, row.oppose,
    result.last[row.pair] < 0 ? "" : date(result.last[row.pair])];

  // The evidence of some pairs that passes the filters, the surest first.
  const evidenceOf = (rows, state) => rows.flatMap((row) => demarche.evidenceOf.get(row.pair) || [])
    .filter((one) => demarche.passes(one, state)).sort((a, b) => b.score - a.score || b.told - a.told);

  function strongest(rows, state, all) {
    const shown = evidenceOf(rows, state);
    return h("section", {}, h("h3", {}, "Strongest evidence"), shown.length ? demarche.views.evidence.cards(shown, 12)
      : empty("No evidence is kept for this", all ? "The page keeps the strongest evidence of each actor and target; none of it passes these filters." : ""));
  }

  function render(state, everything) {
    if (!state.target) return index(state, everything);
    const at = byKey.get(state.target);
    const back = h("p", { class: "crumb" }, h("a", { href: address.link({ target: "", actor: "" }) }, "All targets"));
    if (at === undefined) return { nodes: [back, empty("This report has no such target", `Nothing is called ${state.target} here.`)], rows: () => header };
    const actor = state.actor ? byKey.get(state.actor) : undefined;
    return actor === undefined ? whole(state, at, back) : pair(state, actor, at, back);
  }

  function summary(support, oppose) {
    const all = support + oppose;
    return h("dl", { class: "figures small" },
      [["positions", number.format(all), ""], ["oppose", ["− ", number.format(oppose)], share(oppose, all)], ["support", ["+ ", number.format(support)], share(support, all)]]
        .map(([name, value, more]) => h("div", {}, h("dt", {}, name), h("dd", { class: name === "positions" ? "" : "sign " + name }, value, more ? h("small", {}, more) : null))));
  }

  function whole(state, at, back) {
    const name = nameOf(at);
    const own = demarche.filter(state, { actor: at });
    const mine = heldPairs(own);
    const result = demarche.filter(state, { target: at });
    const rows = heldPairs(result);
    const time = rows.length ? demarche.views.timeline.overTime(result, `Positions towards ${name}`, 220) : null;
    const outlets = demarche.views.timeline.outletsOf(result);
    const itself = mine.length ? h("section", {}, h("h3", {}, `Where ${name} stands itself`), stands(`${name} towards others`, mine, "actor", own)) : null;
    const byOutlet = outlets.length > 1 ? demarche.views.timeline.breakdown("By outlet", "Outlet", outlets, 8) : null;
    const beside = time || byOutlet;
    return {
      nodes: [back, h("div", { class: "heading" }, h("h2", {}, name), h("span", { class: "tag" }, typeOf(at))),
        rows.length ? [summary(result.support, result.oppose), h("div", { class: "halves" },
          h("section", {}, h("h3", {}, `Who stands where towards ${name}`), stands(`Actors towards ${name}`, rows, "target", result)),
          beside ? h("section", {}, time ? [h("h3", {}, "Over time"), time] : null, byOutlet) : itself), strongest(rows, state, true)]
          : empty(`No position towards ${name} passes these filters`, mine.length ? "It stands somewhere itself, as below." : ""),
        beside || !rows.length ? itself : null],
      rows: () => [...header, ...rows.map(line(result)), ...mine.map(line(own))],
    };
  }

  function pair(state, actor, at, back) {
    const result = demarche.filter(state, { actor, target: at });
    const rows = heldPairs(result);
    const other = demarche.pairAt.get(at + ">" + actor);
    const title = [targetLink(actor), h("span", { class: "to", "aria-hidden": "true" }, " → "), h("span", { class: "hidden" }, " towards "), targetLink(at)];
    const time = rows.length ? demarche.views.timeline.overTime(result, `Positions of ${nameOf(actor)} towards ${nameOf(at)}`, 200) : null;
    return {
      nodes: [back, h("div", { class: "heading" }, h("h2", {}, title),
        other === undefined ? null : h("a", { class: "chip", href: pairLink(at, actor) }, "the other way round")),
      rows.length ? [summary(result.support, result.oppose), time ? h("section", {}, h("h3", {}, "Over time"), time) : null, strongest(rows, state, true)]
        : nothing()],
      rows: () => [...header, ...rows.map(line(result))],
    };
  }
  return { name: "Targets", render };
})();
