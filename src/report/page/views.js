"use strict";
// The network, the timeline and the evidence.
demarche.views.network = (() => {
  const { h, number, nameOf, targetLink, pairLink, plural, inWords, bar, table, heldPairs, nothing } = demarche.parts;
  const SIZES = [40, 80, 150];

  function render(state, result) {
    const all = heldPairs(result);
    const header = [["actor", "target", "support", "oppose"]];
    if (!all.length) return { nodes: [nothing()], rows: () => header };
    const size = state.size || SIZES[0];
    const shown = all.slice(0, size);
    const degrees = new Map();
    for (const { actor, target, support, oppose } of shown) {
      for (const at of [actor, target]) degrees.set(at, (degrees.get(at) || 0) + support + oppose);
    }
    const nodes = [...degrees].map(([at, many]) => ({ at, many, label: nameOf(at), told: [h("strong", {}, nameOf(at)), h("br"), plural(many, "position") + " here"] }));
    // A thing that stands somewhere towards itself, as a country's people do, has no line.
    const edges = shown.filter((row) => row.actor !== row.target).map(({ actor, target, support, oppose }) => ({ actor, pointsTo: target,
      many: support + oppose, side: oppose >= support ? "oppose" : "support", told: `${nameOf(actor)} → ${nameOf(target)}: ${inWords(support, oppose)}` }));
    const open = (item) => {
      location.hash = "pointsTo" in item ? pairLink(item.actor, item.pointsTo)
        : demarche.state.link({ view: "target", target: demarche.things.key[item.at], actor: "", q: "", sort: "", dir: "" });
    };
    const label = `Network of the ${shown.length} pairs with most positions between ${nodes.length} actors and targets. The table below holds the same.`;
    const height = window.innerWidth < 720 ? 440 : Math.max(420, Math.min(720, window.innerHeight - 250));
    return {
      nodes: [h("div", { class: "heading" }, h("h2", {}, "Network"),
        h("p", { class: "legend" }, h("span", { class: "line support" }), " supports", h("span", { class: "line oppose" }), " opposes"),
        h("label", { class: "field row" }, "Pairs ", h("select", { onchange: (event) => demarche.state.set({ size: Number(event.target.value) }) },
          SIZES.map((many) => h("option", { value: many, selected: many === size }, String(many)))))),
      h("p", { class: "soft" }, `The ${number.format(shown.length)} pairs with most positions, of ${number.format(all.length)}. Arrows point at targets. `
        + "Choose a name or a line for its evidence."),
      demarche.charts.network(label, nodes, edges, open, height),
      table("The same as a table", [
        { name: "Actor", cell: (row) => targetLink(row.actor), sort: (row) => nameOf(row.actor) },
        { name: "Target", cell: (row) => targetLink(row.target), sort: (row) => nameOf(row.target) },
        { name: "Oppose", number: true, cell: (row) => number.format(row.oppose), sort: (row) => row.oppose },
        { name: "Support", number: true, cell: (row) => number.format(row.support), sort: (row) => row.support },
        { name: "− +", label: "Evidence", cell: (row) => h("a", { href: pairLink(row.actor, row.target) },
          bar(row.support, row.oppose, Math.max(...shown.map((one) => Math.max(one.support, one.oppose)))),
          h("span", { class: "hidden" }, `Evidence of ${nameOf(row.actor)} towards ${nameOf(row.target)}`)) },
      ], shown)],
      rows: () => [...header, ...shown.map((row) => [nameOf(row.actor), nameOf(row.target), row.support, row.oppose])],
    };
  }
  return { name: "Network", render };
})();

demarche.views.timeline = (() => {
  const { h, number, table, empty, nothing } = demarche.parts;
  const { steps, step, date, outlets, raw } = demarche;
  const EACH = { week: "by week", month: "by month", year: "by year" };

  // The steps from the first to the last that hold anything.
  function held(result) {
    const some = (at) => result.steps.support[at] + result.steps.oppose[at] > 0;
    let [first, last] = [0, steps.length - 1];
    while (first < last && !some(first)) first++;
    while (last > first && !some(last)) last--;
    return steps.slice(first, last + 1).map((at, number) => ({ name: date(at).slice(0, step === "year" ? 4 : step === "month" ? 7 : 10),
      support: result.steps.support[first + number], oppose: result.steps.oppose[first + number] }));
  }

  const counts = (names, tally) => names.map((name, at) => ({ name, support: tally.support[at], oppose: tally.oppose[at] }))
    .filter((row) => row.support || row.oppose).sort((a, b) => b.support + b.oppose - a.support - a.oppose);

  const column = (name, side) => ({ name, number: true, cell: (row) => number.format(row[side]), sort: (row) => row[side] });
  const tableOf = (caption, first, rows) => h("details", {}, h("summary", {}, "Table"), table(caption,
    [{ name: first, cell: (row) => row.name, sort: (row) => row.name }, column("Oppose", "oppose"), column("Support", "support")], rows));

  // The chart over time with its table; none where nothing is dated.
  function overTime(result, caption, height) {
    if (!steps.length || result.undated === result.support + result.oppose) return null;
    const rows = held(result);
    const label = `${caption} ${EACH[step]}, from ${rows[0].name} to ${rows.at(-1).name}: support above the line, opposition below it. The table below holds the same.`;
    return [demarche.charts.timeline(label, rows.map((row) => row.name), rows.map((row) => row.support), rows.map((row) => row.oppose), height),
      tableOf(`${caption} ${EACH[step]}`, step === "week" ? "Week from" : step === "month" ? "Month" : "Year", rows),
      result.undated ? h("p", { class: "soft" }, `${number.format(result.undated)} positions are of articles without a date and are not in it.`) : null];
  }

  function breakdown(title, first, rows, most = 20) {
    if (rows.length < 2) return null;
    const shown = rows.slice(0, most);
    const part = rows.length > most ? `, the ${most} with most of ${rows.length}` : "";
    const label = `${title}${part}: opposition to the left, support to the right. The table below holds the same.`;
    return h("section", {}, h("h3", {}, title, part),
      demarche.charts.rows(label, shown.map((row) => row.name), shown.map((row) => row.support), shown.map((row) => row.oppose)), tableOf(title, first, rows));
  }

  const kindsOf = (result) => counts(raw.kinds.map((kind) => kind || "no kind told"), result.kinds);
  const outletsOf = (result) => counts(outlets.map((name) => name || "no outlet told"), result.outlets);
  const bandsOf = (result) => [...result.bands.support].map((support, at) => ({
    name: at === 20 ? "1.00" : `${(at / 20).toFixed(2)} to ${Math.min(1, (at + raw.score_step) / 20).toFixed(2)}`, support, oppose: result.bands.oppose[at] }))
    .filter((row) => row.support || row.oppose).reverse();

  function render(state, result) {
    const header = [[step === "week" ? "week_from" : step, "support", "oppose"]];
    if (!result.support && !result.oppose) return { nodes: [nothing()], rows: () => header };
    const time = overTime(result, "Positions", 320);
    const kinds = kindsOf(result);
    const line = (row) => [row.name, row.support, row.oppose];
    return {
      nodes: [h("div", { class: "heading" }, h("h2", {}, time ? `Positions ${EACH[step]}` : "Positions without dates"),
        h("p", { class: "legend" }, h("span", { class: "key s4" }, "+"), " support", h("span", { class: "key o4" }, "−"), " oppose")),
      time || empty("The articles have no dates that can be read",
        "So there is no timeline. Below is how the positions fall by kind of act, by outlet and by score. Where the articles do have dates, "
        + "annotate them with --published-field, and the next report has its timeline."),
      h("div", { class: "thirds" }, breakdown("By kind of act", "Kind", kinds), breakdown("By outlet", "Outlet", outletsOf(result)),
        breakdown("By score", "Score", bandsOf(result)))],
      rows: () => (time ? [...header, ...held(result).map(line)] : [["kind", "support", "oppose"], ...kinds.map(line)]),
    };
  }
  return { name: "Timeline", render, overTime, outletsOf, tableOf, breakdown };
})();

demarche.views.evidence = (() => {
  const { h, number, nameOf, typeOf, targetLink, plural, evidence, empty, nothing, ranked } = demarche.parts;
  const { raw, outlets, date } = demarche;
  const STEP = 40;
  // Letters that Unicode does not take apart.
  const LETTERS = { ł: "l", ø: "o", đ: "d", ß: "ss", æ: "ae", œ: "oe", ı: "i", þ: "th", ð: "d" };
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[łøđßæœıþð]/g, (letter) => LETTERS[letter]);
  let haystacks = null;

  // The evidence that passes the filters and holds all words that are looked for, the surest first.
  function found(state) {
    const words = plain(state.q).split(/\s+/).filter(Boolean);
    haystacks = haystacks || demarche.evidence.map((one) => plain([demarche.text(one), nameOf(demarche.pairs.actor[one.pair]),
      nameOf(demarche.pairs.target[one.pair]), one.title, outlets[one.outlet]].join(" ")));
    return demarche.evidence.filter((one, at) => demarche.passes(one, state) && words.every((word) => haystacks[at].includes(word)))
      .sort((a, b) => b.score - a.score || b.told - a.told);
  }

  // Names that hold what is looked for.
  function names(state, result) {
    const word = plain(state.q.trim());
    if (!word) return [];
    const many = new Map();
    for (const side of ["target", "actor"]) for (const row of ranked(result, side)) many.set(row.at, (many.get(row.at) || 0) + row.support + row.oppose);
    return [...many].filter(([at]) => plain(nameOf(at)).includes(word)).sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 12);
  }

  function cards(rows, first = STEP) {
    const list = h("ol", { class: "cards" });
    let shown = 0;
    const more = h("button", { type: "button", class: "quiet more", onclick: () => grow(true) });
    function grow(asked) {
      const next = rows.slice(shown, shown + (shown ? STEP : first)).map((one) => evidence(one));
      list.append(...next);
      shown += next.length;
      more.hidden = shown >= rows.length;
      more.textContent = `Show more (${number.format(rows.length - shown)} left)`;
      if (asked && next[0]) next[0].querySelector("a").focus();
    }
    grow(false);
    return [list, more];
  }

  function render(state, result) {
    const rows = found(state);
    const header = [["actor", "stance", "target", "score", "kind", "date", "outlet", "title", "url", "sentence"]];
    const things = names(state, result);
    const title = state.q ? `Evidence with “${state.q}”` : "Evidence";
    const scope = `${plural(rows.length, "sentence")}, the surest first, out of the strongest of each actor and target.`
      + (raw.sentences ? "" : " The page holds no text of the articles, only the names.");
    return {
      nodes: [h("div", { class: "heading" }, h("h2", {}, title)),
        things.length ? h("p", { class: "chips" }, h("span", { class: "soft" }, "Names: "), things.map(([at, many]) =>
          targetLink(at, { class: "chip", title: `${typeOf(at)}, ${plural(many, "position")}` }))) : null,
        rows.length ? [h("p", { class: "soft" }, scope), cards(rows)]
          : state.q ? empty("Nothing found", "No name and no sentence of the strongest evidence holds all these words. Try fewer or shorter ones.") : nothing()],
      rows: () => [...header, ...rows.map((one) => [nameOf(demarche.pairs.actor[one.pair]), one.oppose ? "oppose" : "support",
        nameOf(demarche.pairs.target[one.pair]), one.score, raw.kinds[one.kind], one.day < 0 ? "" : date(one.day), outlets[one.outlet], one.title, one.url,
        demarche.text(one)])],
    };
  }
  return { name: "Evidence", render, cards };
})();
