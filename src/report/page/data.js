"use strict";
// The data, and what the filters leave of it. Nothing here touches the page.
const demarche = (() => {
  const raw = JSON.parse(document.getElementById("data").textContent);
  const { things, pairs, bands } = raw;
  const count = pairs.actor.length;
  const DAY = 86_400_000;

  // Where the cells of each pair begin, and what their codes say.
  const start = new Uint32Array(count + 1);
  for (let pair = 0; pair < count; pair++) start[pair + 1] = start[pair] + pairs.cells[pair];
  const size = start[count];
  const [day, outlet, n] = [new Int32Array(size), new Uint16Array(size), new Uint32Array(size)];
  const [kind, oppose, changed, band] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
  const bytes = atob(raw.cells);
  let next = 0;
  // A number stands in groups of seven bits, the lowest first; the eighth bit says that more follow.
  function number() {
    let [value, bit, byte] = [0, 1, 128];
    for (; byte >= 128; bit *= 128) {
      byte = bytes.charCodeAt(next++);
      value += (byte % 128) * bit;
    }
    return value;
  }
  for (let pair = 0; pair < count; pair++) {
    let since = -1;
    for (let at = start[pair]; at < start[pair + 1]; at++) {
      since += number();
      day[at] = since;
      outlet[at] = number();
      const code = number();
      n[at] = number();
      band[at] = code % bands;
      changed[at] = Math.floor(code / bands) % 2;
      oppose[at] = Math.floor(code / bands / 2) % 2;
      kind[at] = Math.floor(code / bands / 4);
    }
  }

  const byKey = new Map(things.key.map((key, at) => [key, at]));
  const pairAt = new Map(pairs.actor.map((actor, pair) => [actor + ">" + pairs.target[pair], pair]));
  const evidence = raw.evidence.map(([pair, flags, act, score, told, source, parts]) => {
    const [title, url, paper, on] = raw.sources[source];
    return { pair, oppose: flags & 1, changed: (flags >> 1) & 1, quote: (flags >> 2) & 1, kind: act,
      score: score / 1000, told: told / 1000, title, url: url || "", outlet: paper, day: on, parts };
  });
  const evidenceOf = new Map();
  for (const one of evidence) {
    if (!evidenceOf.has(one.pair)) evidenceOf.set(one.pair, []);
    evidenceOf.get(one.pair).push(one);
  }

  const origin = raw.days ? raw.days[0] : 0;
  const date = (at) => new Date((origin + at) * DAY).toISOString().slice(0, 10);
  const dayOf = (text) => Math.round(Date.parse(text + "T00:00:00Z") / DAY) - origin;
  const outlets = ["", ...raw.outlets, "other outlets"];

  // The steps of a timeline: weeks where there are not too many of them, else months or years.
  const span = raw.days ? raw.days[1] - raw.days[0] : 0;
  const step = raw.grain === "year" ? "year" : raw.grain === "month" || span > 7 * 160 ? "month" : "week";
  const stepOf = (at) => {
    if (step === "week") return at - ((origin + at + 3) % 7 + 7) % 7; // 1 January 1970 was a Thursday
    return dayOf(date(at).slice(0, step === "month" ? 7 : 4) + (step === "month" ? "-01" : "-01-01"));
  };
  const steps = [];
  if (raw.days) for (let at = stepOf(0); at <= span; at = nextStep(at)) steps.push(at);
  function nextStep(at) {
    return step === "week" ? at + 7 : stepOf(at + (step === "month" ? 32 : 367));
  }
  const stepNumber = new Map(steps.map((at, number) => [at, number]));

  const tally = (length) => ({ support: new Uint32Array(length), oppose: new Uint32Array(length) });
  let last = { key: null, result: null };

  // The sums over all positions that the filters let through, of one actor or target where one is named.
  function filter(by, only = {}) {
    const key = JSON.stringify([by.from, by.to, by.outlet, by.stance, by.min, by.kind, only]);
    if (last.key === key) return last.result;
    const from = by.from && raw.days ? dayOf(by.from) : null;
    const to = by.to && raw.days ? dayOf(by.to) : null;
    const least = Math.round((by.min || 0) * 20);
    const wantOutlet = by.outlet === "" ? -1 : Math.max(0, outlets.indexOf(by.outlet));
    const wantKind = by.kind === "" ? -1 : Math.max(0, raw.kinds.indexOf(by.kind === "none" ? "" : by.kind));
    const wantOppose = by.stance === "" ? -1 : by.stance === "oppose" ? 1 : 0;
    const result = { pairs: tally(count), steps: tally(steps.length), outlets: tally(outlets.length), kinds: tally(raw.kinds.length),
      bands: tally(bands), early: tally(count), late: tally(count), changed: new Uint32Array(count), last: new Int32Array(count).fill(-1),
      support: 0, oppose: 0, undated: 0 };
    const middle = middleDay(from, to);
    for (let pair = 0; pair < count; pair++) {
      if (only.target !== undefined && pairs.target[pair] !== only.target) continue;
      if (only.actor !== undefined && pairs.actor[pair] !== only.actor) continue;
      for (let at = start[pair]; at < start[pair + 1]; at++) {
        if (band[at] < least || (wantOppose >= 0 && oppose[at] !== wantOppose)) continue;
        if ((wantKind >= 0 && kind[at] !== wantKind) || (wantOutlet >= 0 && outlet[at] !== wantOutlet)) continue;
        if ((from !== null && (day[at] < from || day[at] < 0)) || (to !== null && (day[at] > to || day[at] < 0))) continue;
        const side = oppose[at] ? "oppose" : "support";
        const many = n[at];
        result[side] += many;
        result.pairs[side][pair] += many;
        result.outlets[side][outlet[at]] += many;
        result.kinds[side][kind[at]] += many;
        result.bands[side][band[at]] += many;
        if (changed[at]) result.changed[pair] += many;
        if (day[at] < 0) {
          result.undated += many;
        } else {
          result.steps[side][stepNumber.get(stepOf(day[at]))] += many;
          result[day[at] < middle ? "early" : "late"][side][pair] += many;
          if (day[at] > result.last[pair]) result.last[pair] = day[at];
        }
      }
    }
    result.middle = middle;
    last = { key, result };
    return result;
  }

  function middleDay(from, to) {
    const first = from === null ? 0 : Math.max(0, from);
    const end = to === null ? span : Math.min(span, to);
    return Math.ceil((first + end) / 2);
  }

  // Whether an evidence passes the filters.
  function passes(one, by) {
    if (by.min && one.score < by.min - 5e-4) return false;
    if (by.stance && (by.stance === "oppose") !== Boolean(one.oppose)) return false;
    if (by.kind && raw.kinds[one.kind] !== (by.kind === "none" ? "" : by.kind)) return false;
    if (by.outlet && outlets[one.outlet] !== by.outlet) return false;
    if ((by.from || by.to) && one.day < 0) return false;
    return !(by.from && date(one.day) < by.from) && !(by.to && date(one.day) > by.to);
  }

  const text = (one) => one.parts.filter((_, at) => at % 2 === 1).join("");
  return { raw, things, pairs, count, byKey, pairAt, evidence, evidenceOf, date, outlets, step, steps, filter, passes, text, views: {} };
})();
