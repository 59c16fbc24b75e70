/* Bars by layer, the arena over time, training memory, the roofline: drawn by Chart.js. */
"use strict";

const charts = (() => {
  let drawn = [];

  const tick = (text) => ({ color: colour("soft"), callback: text, maxRotation: 0, autoSkipPadding: 12 });
  const grid = () => ({ color: colour("line") });

  function base(title, lines) {
    return {
      animation: false, responsive: true, maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: false },
        title: { display: true, text: title, align: "start", color: colour("text"), padding: { bottom: 6 } },
        tooltip: { callbacks: lines, displayColors: false },
      },
    };
  }

  function addCanvas(place, label) {
    const canvas = element("canvas", undefined, { role: "img", "aria-label": label });
    place.append(canvas);
    return canvas;
  }

  function addChart(place, label, config) {
    drawn.push(new Chart(addCanvas(place, label), config));
  }

  /* ---- by layer ---- */

  function addBars(place, name, value, say) {
    const title = name === "operations" ? `operations (${state.convention})` : name;
    const box = element("div", undefined, { class: "chart" }), layers = report.layers;
    const all = layers.reduce((sum, layer) => sum + value(layer), 0);
    const options = base(`${title}: ${say(all)}`, {
      title: ([at]) => layers[at.dataIndex].name,
      label: (at) => [operatorText(layers[at.dataIndex]) + " → " + shape(layers[at.dataIndex].output),
        `${exact(at.raw)}, ${percent(at.raw, all)}`],
    });
    options.scales = { x: { ticks: { display: false }, grid: { display: false } },
      y: { ticks: { ...tick(say), maxTicksLimit: 5 }, grid: grid(), border: { display: false } } };
    options.onClick = (_, at) => at.length && show(layers[at[0].index].name);
    place.append(box);
    addChart(box, title + " of each layer; the table has the numbers", { type: "bar", options,
      data: { labels: layers.map((layer) => layer.name),
        datasets: [{ data: layers.map(value), minBarLength: 0, categoryPercentage: 1, barPercentage: 0.9,
          backgroundColor: layers.map((layer) => colour(familyOf(layer.op))) }] } });
  }

  function show(name) {
    const node = graph.find(name);
    if (!node) return;
    if (typeof dagre !== "undefined") graph.reveal(node);
    choose(node);
  }

  /* ---- memory ---- */

  /* Buffers as rectangles of time and place, behind the curve. */
  const boxes = {
    id: "boxes",
    beforeDatasetsDraw({ ctx, scales: { x, y } }) {
      const paints = ["conv", "norm", "pool", "linear", "join"].map(colour);
      report.memory.buffers.forEach((b, i) => {
        const left = x.getPixelForValue(b.first), right = x.getPixelForValue(b.last + 1);
        const top = y.getPixelForValue(b.offset + b.bytes), bottom = y.getPixelForValue(b.offset);
        ctx.globalAlpha = 0.42;
        ctx.fillStyle = paints[i % paints.length];
        ctx.fillRect(left, top, Math.max(1, right - left), bottom - top);
        ctx.globalAlpha = 1;
        ctx.strokeStyle = colour("card");
        ctx.strokeRect(left, top, Math.max(1, right - left), bottom - top);
      });
    },
  };

  const line = (points, paint, more) => ({ data: points, borderColor: colour(paint), borderWidth: 1.6,
    pointRadius: 0, ...more });

  function aliveAt(step) {
    const alive = report.memory.buffers.filter((b) => b.first <= step && step <= b.last);
    return alive.sort((a, b) => b.bytes - a.bytes).slice(0, 6)
      .map((b) => `${b.name}: ${bytes(b.bytes)} at ${exact(b.offset)}`);
  }

  function arenaOptions(m) {
    const options = base("the arena over time: buffers at their place; line: bytes alive", {
      title: ([at]) => m.timeline[Math.min(at.dataIndex, m.timeline.length - 1)].name,
      label: (at) => `alive: ${exact(at.raw.y)} bytes`,
      afterBody: ([at]) => aliveAt(at.dataIndex),
    });
    options.plugins.tooltip.filter = (at) => at.datasetIndex === 0;
    options.scales = {
      x: { type: "linear", min: 0, max: m.timeline.length, grid: { display: false },
        ticks: tick((n) => n < m.timeline.length ? n : ""),
        title: { display: true, text: "step", color: colour("soft") } },
      y: { min: 0, max: m.arena_bytes || 1, grid: grid(),
        ticks: { ...tick(bytes), stepSize: 2 ** Math.ceil(Math.log2((m.arena_bytes || 1) / 8)) } },
    };
    return options;
  }

  function drawArena() {
    const m = report.memory, place = $("arena-chart");
    place.hidden = !m.timeline || !m.timeline.length;
    if (place.hidden) return;
    const steps = m.timeline.map((step, x) => ({ x, y: step.bytes }));
    steps.push({ x: steps.length, y: steps[steps.length - 1].y });
    const bound = [{ x: 0, y: m.lower_bound_bytes }, { x: m.timeline.length, y: m.lower_bound_bytes }];
    addChart(place, "the arena over time", { type: "line", options: arenaOptions(m), plugins: [boxes],
      data: { datasets: [line(steps, "text", { stepped: true }),
        line(bound, "bad", { borderDash: [5, 4], borderWidth: 1 })] } });
  }

  /* Memory against recomputation in training. */
  function drawTraining() {
    const place = $("training-chart"), curve = report.memory.train?.checkpointing || [];
    place.hidden = curve.length < 2;
    if (place.hidden) return;
    const points = curve.map((c) => ({ x: c.extra_macs, y: c.peak_bytes, keep: c.keep }));
    const options = base("training with checkpoints: peak against multiply-accumulates done again", {
      label: ({ raw }) => [(raw.keep === 1 ? "all kept" : raw.keep ? `every ${raw.keep}. kept` : "ends of blocks kept"),
        `${bytes(raw.y)}, ${short(raw.x)} macs again`],
      title: () => "",
    });
    options.interaction = { mode: "nearest", intersect: false };
    options.scales = { x: { type: "linear", min: 0, ticks: tick(short), grid: grid() },
      y: { min: 0, ticks: tick(bytes), grid: grid() } };
    addChart(place, "training memory against recomputation", { type: "scatter", options,
      data: { datasets: [{ data: points, backgroundColor: colour("accent"), pointRadius: 4 }] } });
  }

  /* ---- the roofline ---- */

  /* A roof: GFLOP/s at an intensity, by so many GB/s below the peak. */
  function roof(gflops, gbytes, low, high, colourName, options) {
    const at = [low, gflops / gbytes, high].sort((a, b) => a - b);
    return line(at.map((x) => ({ x, y: Math.min(gflops, gbytes * x) })), colourName, { showLine: true, ...options });
  }

  /* Of the threads that were predicted with and of one, from memory; dashed from the last cache, dotted from the
     caches of a core. */
  function roofs(m, low, high) {
    const threads = Math.min(report.threads, m.threads), at = threads > 1 ? 1 : 0;
    const drawn = [roof(m.gflops[at], m.gbytes[at], low, high, "text"),
      roof(m.gflops[at], m.cache_gbytes * threads, low, high, "text", { borderDash: [7, 5] })];
    if (m.core_bytes)
      drawn.push(roof(m.gflops[at], m.core_gbytes * threads, low, high, "text", { borderDash: [2, 4] }));
    if (threads > 1)
      drawn.push(roof(m.gflops[0], m.gbytes[0], low, high, "soft"));
    return drawn;
  }

  function rooflineOptions() {
    const machine = report.machine?.name || "the machine";
    const options = base([`as predicted on ${machine}, ${report.threads} thread${report.threads > 1 ? "s" : ""}; area: time`,
      "memory: line; last cache: dashed; a core's caches: dotted; one thread: grey; above all: Winograd's algorithm"], {
      title: ([at]) => at?.raw.name || "",
      label: ({ raw }) => [`${exact(raw.x)} operations per byte, ${exact(raw.y)} GFLOP/s`,
        `${exact(raw.us)} µs, bound by ${raw.bound}`],
    });
    options.interaction = { mode: "nearest", intersect: true };
    options.plugins.tooltip.filter = (at) => at.raw.name !== undefined;
    options.onClick = (_, at, chart) => at.length &&
      show(chart.data.datasets[at[0].datasetIndex].data[at[0].index].name);
    const axis = (text) => ({ type: "logarithmic", grid: grid(), ticks: tick((n) =>
      Number.isInteger(Math.log10(n)) ? exact(n) : ""), title: { display: true, text, color: colour("soft") } });
    options.scales = { x: axis("operations per byte"), y: axis("GFLOP/s") };
    return options;
  }

  function drawRoofline() {
    const timed = report.layers.filter((layer) => layer.predicted_us > 0 && layer.intensity > 0);
    const hide = !timed.length;
    $("roofline").hidden = document.querySelector('nav a[href="#roofline"]').hidden = hide;
    if (hide) return;
    const most = Math.max(...timed.map((layer) => layer.predicted_us));
    const points = timed.map((l) => ({ x: l.intensity, us: l.predicted_us, bound: l.bound, name: l.name,
      y: l.flops.exact / l.predicted_us / 1e3 })).filter((p) => p.y > 0);
    const sides = points.map((p) => p.x), low = Math.min(...sides) / 2, high = Math.max(...sides) * 2;
    const lines = report.machine ? roofs(report.machine, low, high) : [];
    addChart($("roofline-chart"), "the roofline", { type: "scatter", options: rooflineOptions(),
      data: { datasets: [...lines, { data: points, backgroundColor: timed.map((l) => colour(familyOf(l.op)) + "b0"),
        pointRadius: points.map((p) => 2.5 + 11 * Math.sqrt(p.us / most)) }] } });
  }

  /* ---- all of them ---- */

  function draw(what) {
    if (what === "chosen") return;
    drawn.forEach((chart) => chart.destroy());
    drawn = [];
    for (const id of ["bar-charts", "arena-chart", "training-chart", "roofline-chart"])
      $(id).replaceChildren();
    for (const key of ["params", "operations", "activations", "time"])
      if (measures[key]) addBars($("bar-charts"), ...measures[key]);
    drawArena();
    drawTraining();
    drawRoofline();
  }

  function start() {
    if (typeof Chart === "undefined") {
      for (const id of ["bars", "roofline"]) $(id).hidden = true;
      return;
    }
    draw();
    state.listeners.push(draw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
  }

  return { start, show };
})();
