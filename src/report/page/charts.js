"use strict";
// Charts by ECharts, in the colours of the style sheet, each with a name; their tables stand beside them.
demarche.charts = (() => {
  const { h } = demarche.parts;
  const alive = new Set();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const style = () => ({ support: colour("support"), oppose: colour("oppose"), ink: colour("ink"), soft: colour("soft"), line: colour("line"),
    paper: colour("paper") });

  // A chart in a box of its own. `options` is asked anew when colours change, `click` hears what is clicked, `after` has the chart once it is drawn.
  function chart(label, height, options, click, after) {
    const box = h("div", { class: "chart", role: "img", "aria-label": label, style: { height: height + "px" } });
    const one = { box, options, click, after, drawn: null };
    alive.add(one);
    return box;
  }

  function draw() {
    for (const one of alive) {
      if (!one.box.isConnected) {
        if (one.drawn) one.drawn.dispose();
        alive.delete(one);
      } else if (!one.drawn && one.box.clientWidth) {
        one.drawn = echarts.init(one.box, null, { renderer: "svg" });
        if (one.click) one.drawn.on("click", one.click);
        one.drawn.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, ...one.options(style()) });
        if (one.after) one.after(one.drawn);
      }
    }
  }

  const redraw = () => {
    for (const one of alive) if (one.drawn) one.drawn.setOption({ animation: false, ...one.options(style()) });
  };
  const fit = () => {
    for (const one of alive) if (one.drawn && one.box.clientWidth) one.drawn.resize();
  };
  new ResizeObserver(() => { draw(); fit(); }).observe(document.documentElement);
  window.addEventListener("beforeprint", fit);

  const tooltip = (colours, content, more = {}) => ({ confine: true, backgroundColor: colours.paper, borderColor: colours.line,
    textStyle: { color: colours.ink, fontSize: 13 }, formatter: content, ...more });
  const axis = (colours) => ({ axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false },
    axisLabel: { color: colours.soft, fontSize: 12 }, splitLine: { lineStyle: { color: colours.line } } });

  // Support upwards and opposition downwards, by steps of time.
  function timeline(label, names, support, oppose, height = 240) {
    const many = names.length > 60;
    const told = (rows) => h("div", {}, h("strong", {}, rows[0].name),
      h("br"), `${support[rows[0].dataIndex]} support`, h("br"), `${oppose[rows[0].dataIndex]} oppose`);
    const bars = (name, data, colours) => ({ name, type: "bar", stack: "all", barCategoryGap: "15%", barMaxWidth: 36, data,
      itemStyle: { color: colours[name] } });
    return chart(label, height, (colours) => ({
      grid: { left: 44, right: 12, top: 12, bottom: many ? 64 : 28 },
      tooltip: tooltip(colours, told, { trigger: "axis", axisPointer: { type: "shadow" } }),
      xAxis: { type: "category", data: names, ...axis(colours), axisLabel: { color: colours.soft, hideOverlap: true } },
      yAxis: { type: "value", minInterval: 1, ...axis(colours), axisLabel: { color: colours.soft, formatter: (value) => String(Math.abs(value)) } },
      dataZoom: many ? [{ type: "slider", height: 18, bottom: 8, borderColor: colours.line, brushSelect: false,
        fillerColor: "rgba(128, 138, 150, 0.18)", handleStyle: { color: colours.paper, borderColor: colours.soft }, moveHandleSize: 0,
        dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { color: colours.soft, opacity: 0.25 } },
        selectedDataBackground: { lineStyle: { opacity: 0 }, areaStyle: { color: colours.soft, opacity: 0.4 } }, textStyle: { color: colours.soft } }] : [],
      series: [bars("support", [...support], colours), bars("oppose", [...oppose].map((value) => -value), colours)],
    }));
  }

  // Opposition leftwards and support rightwards, one bar a row.
  function rows(label, names, support, oppose) {
    const told = (bars) => h("div", {}, h("strong", {}, bars[0].name), h("br"), `${support[bars[0].dataIndex]} support`, h("br"),
      `${oppose[bars[0].dataIndex]} oppose`);
    return chart(label, 40 + 24 * names.length, (colours) => ({
      grid: { left: 118, right: 20, top: 4, bottom: 24 },
      tooltip: tooltip(colours, told, { trigger: "axis", axisPointer: { type: "shadow" } }),
      yAxis: { type: "category", data: names, inverse: true, ...axis(colours), axisLabel: { color: colours.ink, width: 108, overflow: "truncate" } },
      xAxis: { type: "value", minInterval: 1, ...axis(colours), axisLabel: { color: colours.soft, hideOverlap: true, formatter: (value) => String(Math.abs(value)) } },
      series: [["support", support], ["oppose", [...oppose].map((value) => -value)]].map(([name, data]) =>
        ({ name, type: "bar", stack: "all", barWidth: 14, data: [...data], itemStyle: { color: colours[name] } })),
    }));
  }

  // Things and the positions between them: full lines support, dashed ones oppose. The layout is made once and then fitted into the box.
  function network(label, nodes, edges, open, height) {
    const most = Math.max(...nodes.map((node) => node.many), 1);
    const widest = Math.max(...edges.map((edge) => edge.many), 1);
    const told = (item) => h("div", {}, item.dataType === "edge" ? edges[item.dataIndex].told : nodes[item.dataIndex].told);
    // A finger that scrolls the page is not to be caught by the chart.
    const roam = matchMedia("(pointer: coarse)").matches ? false : "move";
    // Names stand to the right of what they name.
    const sides = { left: 24, right: 140, top: 20, bottom: 20 };
    let places = null;
    const options = (colours) => ({
      tooltip: tooltip(colours, told),
      series: [{ type: "graph", layout: places ? "none" : "force", roam, draggable: Boolean(roam), scaleLimit: { min: 0.5, max: 8 },
        ...sides,
        force: { initLayout: "circular", repulsion: 240 + 9 * edges.length, edgeLength: [70, 200], gravity: 0.1, layoutAnimation: false },
        edgeSymbol: ["none", "arrow"], edgeSymbolSize: 8,
        label: { show: true, position: "right", color: colours.ink, fontSize: 12, textBorderColor: colours.paper, textBorderWidth: 3,
          width: 170, overflow: "truncate", formatter: (item) => nodes[item.dataIndex].label },
        labelLayout: { hideOverlap: true }, emphasis: { focus: "adjacency", label: { show: true } },
        data: nodes.map((node, at) => ({ id: String(node.at), name: String(node.at), symbolSize: 8 + 26 * Math.sqrt(node.many / most),
          ...(places ? { x: places[at][0], y: places[at][1] } : {}), itemStyle: { color: colours.soft, borderColor: colours.paper, borderWidth: 1.5 } })),
        links: edges.map((edge) => ({ source: String(edge.actor), target: String(edge.pointsTo),
          lineStyle: { color: colours[edge.side], width: 1.2 + 4 * Math.sqrt(edge.many / widest), curveness: 0.16, opacity: 0.85,
            type: edge.side === "oppose" ? "dashed" : "solid" } })),
      }],
    });
    const box = chart(label, height, options, (item) => open(item.dataType === "edge" ? edges[item.dataIndex] : nodes[item.dataIndex]), (drawn) => {
      const laid = drawn.getModel().getSeriesByIndex(0).getData();
      const [wide, high] = [box.clientWidth - sides.left - sides.right, box.clientHeight - sides.top - sides.bottom];
      const made = nodes.map((_, at) => laid.getItemLayout(at));
      if (made.some((place) => !place || !Number.isFinite(place[0] + place[1]))) return;
      // The layout is as high as it is wide; the box is not.
      const span = (at) => Math.max(...made.map((place) => place[at])) - Math.min(...made.map((place) => place[at]));
      const stretch = (Math.max(1, wide) / Math.max(1, high)) / (Math.max(1, span(0)) / Math.max(1, span(1)));
      places = made.map(([x, y]) => [x * stretch, y]);
      drawn.setOption({ animation: false, ...options(style()) }, { notMerge: true });
    });
    const zoom = (by, name, sign) => h("button", { type: "button", class: "quiet", "aria-label": name,
      onclick: () => act(box, { type: "graphRoam", seriesIndex: 0, zoom: by, originX: box.clientWidth / 2, originY: box.clientHeight / 2 }) }, sign);
    return h("div", { class: "network" }, h("div", { class: "zoom" }, zoom(1.4, "Nearer", "+"), zoom(1 / 1.4, "Farther", "−")), box);
  }

  const act = (box, action) => {
    for (const one of alive) if (one.box === box && one.drawn) one.drawn.dispatchAction(action);
  };

  return { draw, redraw, timeline, rows, network };
})();
