"use strict";
// What is shown, kept in the address behind the #, so that a page can be sent as it is seen and the back button works.
demarche.state = (() => {
  const defaults = { view: "overview", from: "", to: "", outlet: "", stance: "", min: 0, kind: "", q: "", target: "", actor: "",
    sort: "", dir: "", size: 0 };
  const filters = ["from", "to", "outlet", "stance", "min", "kind"];
  const listeners = [];

  function read() {
    const written = new URLSearchParams(location.hash.slice(1));
    const state = { ...defaults };
    for (const [name, value] of written) if (Object.hasOwn(defaults, name)) state[name] = value;
    const dated = (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : "");
    state.from = dated(state.from);
    state.to = dated(state.to);
    state.min = Math.min(0.95, Math.max(0, Math.round(Number(state.min) * 20) / 20 || 0));
    state.size = Math.min(200, Math.max(0, Math.floor(Number(state.size)) || 0));
    if (!["", "support", "oppose"].includes(state.stance)) state.stance = "";
    if (state.kind !== "none" && !demarche.raw.kinds.includes(state.kind)) state.kind = "";
    if (!demarche.outlets.includes(state.outlet)) state.outlet = "";
    if (!Object.hasOwn(demarche.views, state.view)) state.view = defaults.view;
    return state;
  }

  // The address of the present state with some changes.
  function link(changes) {
    const state = { ...read(), ...changes };
    const written = new URLSearchParams();
    for (const name of Object.keys(defaults)) {
      if (state[name] !== defaults[name] && state[name] !== undefined) written.set(name, state[name]);
    }
    return "#" + (written.toString() || "view=" + state.view);
  }

  // Changes what is shown. What follows one another in haste, as a slider does, is one step back.
  function set(changes, hasty = false) {
    const next = link(changes);
    if (next === location.hash) return;
    if (hasty) {
      history.replaceState(null, "", next);
      listeners.forEach((listener) => listener(read()));
    } else {
      location.hash = next;
    }
  }

  window.addEventListener("hashchange", () => listeners.forEach((listener) => listener(read())));
  const cleared = Object.fromEntries(filters.map((name) => [name, defaults[name]]));
  return { read, link, set, filters, cleared, defaults, listen: (listener) => listeners.push(listener) };
})();
