"use strict";
// The parts that all views are built of. Text from annotations only ever becomes a text node.
demarche.parts = (() => {
  const { things, raw, outlets } = demarche;
  const number = new Intl.NumberFormat("en");

  // An element: h("td", { class: "x" }, "text", child).
  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name === "style") Object.entries(value).forEach(([what, how]) => element.style.setProperty(what, how));
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  const TYPES = { PER: "person", ORG: "organisation", LOC: "place", NORP: "people or group", FAC: "site or building", MISC: "other" };
  const typeOf = (at) => (things.country[at] ? "country" : TYPES[raw.types[things.kind[at]]]);
  const nameOf = (at) => things.name[at] || things.key[at];
  const linkTo = (changes) => demarche.state.link({ sort: "", dir: "", ...changes });
  const targetLink = (at, attributes = {}) =>
    h("a", { href: linkTo({ view: "target", target: things.key[at], actor: "", q: "" }), ...attributes }, nameOf(at));
  const pairLink = (actor, target) => linkTo({ view: "target", target: things.key[target], actor: things.key[actor], q: "" });

  const arrow = () => [h("span", { class: "to", "aria-hidden": "true" }, " → "), h("span", { class: "hidden" }, " towards ")];
  const plural = (many, one, more = one + "s") => `${number.format(many)} ${many === 1 ? one : more}`;
  const share = (part, whole) => (whole ? Math.round((100 * part) / whole) + " %" : "–");
  // What a pair holds, in words.
  const inWords = (support, oppose) =>
    [oppose && `${number.format(oppose)} oppose`, support && `${number.format(support)} support`].filter(Boolean).join(", ") || "nothing";

  // Opposition leftwards and support rightwards of a middle line, both by the same measure.
  function bar(support, oppose, most) {
    const part = (many, side) => h("span", { class: "bar-" + side }, h("i", { style: { width: (100 * many) / most + "%" } }));
    return h("span", { class: "bar", "aria-hidden": "true" }, part(oppose, "oppose"), part(support, "support"));
  }

  // The same from the left, for lists of one side.
  const strip = (support, oppose, most) => h("span", { class: "strip", "aria-hidden": "true" },
    [["oppose", oppose], ["support", support]].map(([side, many]) => h("i", { class: side, style: { width: (100 * many) / most + "%" } })));

  const signed = (many, side) =>
    h("span", { class: "sign " + side + (many ? "" : " zero") }, many ? (side === "oppose" ? "−" : "+") + number.format(many) : "·");

  // A real table. Columns: { name, label?, cell(row), number?, sort?(row) }. A column with `sort` sorts by its heading.
  function table(caption, columns, rows, { most = 200, sorted = null } = {}) {
    const body = h("tbody");
    let shown = most;
    let order = sorted;
    const heads = columns.map((column, at) => {
      const label = column.label || column.name;
      const head = h("th", { scope: "col", class: column.number ? "number" : "" });
      head.append(column.sort ? h("button", { type: "button", class: "sorter", onclick: () => sortBy(at) }, label) : label);
      return head;
    });
    const more = h("button", { type: "button", class: "quiet more", onclick: () => { shown += 500; fill(); } });
    function sortBy(at) {
      order = order && order.at === at ? { at, down: !order.down } : { at, down: Boolean(columns[at].number) };
      fill();
    }
    function sortedRows() {
      if (!order) return rows;
      const value = columns[order.at].sort;
      const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
      return [...rows].sort((a, b) => (order.down ? -1 : 1) * compare(value(a), value(b)));
    }
    function fill() {
      heads.forEach((head, at) => {
        if (order && order.at === at) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      body.replaceChildren(...sortedRows().slice(0, shown).map((row) => h("tr", {}, columns.map((column, at) =>
        h(at === 0 ? "th" : "td", { scope: at === 0 ? "row" : null, class: column.number ? "number" : "" }, column.cell(row))))));
      more.hidden = rows.length <= shown;
      more.textContent = `Show more (${number.format(rows.length - shown)} left)`;
    }
    fill();
    return h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": caption },
      h("table", { class: "plain" }, h("caption", {}, caption), h("thead", {}, h("tr", {}, heads)), body), more);
  }

  const empty = (title, advice) => h("div", { class: "empty" }, h("strong", {}, title), h("p", {}, advice));
  const nothing = () => (raw.support + raw.oppose === 0
    ? empty("No positions in these annotations", "The articles were read, and in none of them does anybody take a stand that is told in one sentence.")
    : empty("No position passes these filters", h("span", {}, "Lower the score, widen the dates, or ",
      h("a", { href: demarche.state.link(demarche.state.cleared) }, "clear the filters"), ".")));

  const MARKS = ["", "actor", "target", "cue"];
  const MARK_NAMES = { actor: "actor", target: "target", cue: "act" };

  // One sentence with its names marked, and where it stands.
  function evidence(one, { names = true } = {}) {
    const { pairs, date } = demarche;
    const side = one.oppose ? "oppose" : "support";
    const [actor, target] = [pairs.actor[one.pair], pairs.target[one.pair]];
    const pieces = [];
    for (let at = 0; at < one.parts.length; at += 2) {
      const mark = MARKS[one.parts[at]];
      pieces.push(mark ? h("mark", { class: mark, title: MARK_NAMES[mark] }, one.parts[at + 1]) : one.parts[at + 1]);
    }
    const source = one.url ? h("a", { href: one.url, rel: "noopener noreferrer", target: "_blank" }, one.title) : one.title;
    const about = [outlets[one.outlet], one.day < 0 ? "" : date(one.day), one.kind ? raw.kinds[one.kind] : "",
      one.quote ? "in direct speech" : "", one.changed ? "changed its position" : ""].filter(Boolean);
    return h("li", { class: "evidence " + side },
      h("p", { class: "held" }, h("span", { class: "sign " + side }, one.oppose ? "−" : "+"), " ",
        names ? [h("a", { href: pairLink(actor, target) }, nameOf(actor)), one.oppose ? " opposes " : " supports ", targetLink(target)]
          : [nameOf(actor), one.oppose ? " opposes " : " supports ", nameOf(target)],
        h("span", { class: "score", title: "probability of the stance, given the article" }, one.score.toFixed(2))),
      h("blockquote", {}, pieces),
      h("p", { class: "source" }, h("cite", {}, source), about.map((word) => [" · ", word])));
  }

  const csvField = (value) => {
    let text = String(value);
    // What a spreadsheet would take for a formula is kept a text.
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  const csv = (rows) => rows.map((row) => row.map(csvField).join(",") + "\r\n").join("");

  // Entities by what the filters leave of them, those with most first.
  function ranked(result, side) {
    const column = demarche.pairs[side];
    const rows = new Map();
    for (let pair = 0; pair < demarche.count; pair++) {
      const [support, oppose] = [result.pairs.support[pair], result.pairs.oppose[pair]];
      if (!support && !oppose) continue;
      const row = rows.get(column[pair]) || { at: column[pair], support: 0, oppose: 0 };
      row.support += support;
      row.oppose += oppose;
      rows.set(column[pair], row);
    }
    return [...rows.values()].sort((a, b) => b.support + b.oppose - a.support - a.oppose || a.at - b.at);
  }

  // Pairs with a position, those with most first.
  function heldPairs(result) {
    const rows = [];
    for (let pair = 0; pair < demarche.count; pair++) {
      const [support, oppose] = [result.pairs.support[pair], result.pairs.oppose[pair]];
      if (support || oppose) rows.push({ pair, actor: demarche.pairs.actor[pair], target: demarche.pairs.target[pair], support, oppose });
    }
    return rows.sort((a, b) => b.support + b.oppose - a.support - a.oppose || a.pair - b.pair);
  }

  return { h, arrow, number, nameOf, typeOf, targetLink, pairLink, plural, share, inWords, bar, strip, signed, table, empty, nothing, evidence, csv,
    ranked, heldPairs };
})();
