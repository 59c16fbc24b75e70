/* Several networks: a plot of two figures, or of one over what is swept, and a table that sorts. */
"use strict";

const nets = (() => {
  const rows = report.networks;
  const memory = (row) => row.arena_bytes === undefined ? null : row.arena_bytes + row.packed_weights_bytes;
  const measured = {
    params: ["parameters", (row) => row.params, short],
    operations: [`operations (${report.flops})`, (row) => row.flops[report.flops], short],
    activations: ["activations", (row) => row.activations, short],
    run: ["memory to run", memory, bytes],
    train: ["memory to train, adam", (row) => row.train_bytes.adam || null, bytes],
    layers: ["layers", (row) => row.layers, exact],
    depth: ["depth", (row) => row.depth, exact],
    field: ["field", (row) => row.field[0] || null, exact],
    time: ["predicted time, µs", (row) => row.predicted_us ?? null, exact],
  };
  const figures = Object.fromEntries(Object.entries(measured).filter(([, f]) => rows.some((row) => f[1](row) !== null)));
  const numeric = report.swept.filter((name) => rows.every((row) => Number.isFinite(Number(row.swept[name]))));
  for (const name of numeric) figures["swept " + name] = [name, (row) => Number(row.swept[name]), exact];

  const nameOf = (row) => [row.network, ...report.swept.map((name) => `${name}=${row.swept[name]}`)].join(" ");

  /* ---- the plot ---- */

  let drawn = null;

  /* A curve for each network and each value of what else is swept. */
  function curves(across, up) {
    const groups = new Map();
    for (const row of rows) {
      const others = report.swept.filter((name) => across !== "swept " + name);
      const key = [row.network, ...others.map((name) => `${name}=${row.swept[name]}`)].join(" ");
      const point = { x: figures[across][1](row), y: figures[up][1](row), name: nameOf(row) };
      groups.set(across.startsWith("swept ") ? key : "", [...(groups.get(across.startsWith("swept ") ? key : "") || []), point]);
    }
    const paints = ["conv", "pool", "norm", "linear", "join", "act"].map(colour);
    return [...groups].map(([label, data], i) => ({ label, data, borderColor: paints[i % paints.length],
      backgroundColor: paints[i % paints.length], showLine: across.startsWith("swept "), borderWidth: 1.6,
      pointRadius: data.length > 40 ? 1 : 4 }));
  }

  const axis = (figure, logarithmic) => ({ type: logarithmic ? "logarithmic" : "linear",
    title: { display: true, text: figure[0], color: colour("soft") },
    ticks: { color: colour("soft"), callback: figure[2], maxTicksLimit: 8 }, grid: { color: colour("line") } });

  /* Names beside the points, where there are few. */
  const names = {
    id: "names",
    afterDatasetsDraw({ ctx, data }, _, chart) {
      if (rows.length > 24 || report.swept.length) return;
      ctx.fillStyle = colour("soft");
      ctx.font = "12px system-ui, sans-serif";
      data.datasets.forEach((set, i) => set.data.forEach((point, k) => {
        const at = drawn?.getDatasetMeta(i).data[k];
        if (at) ctx.fillText(point.name, at.x + 7, at.y + 4);
      }));
    },
  };

  function draw() {
    const across = $("across").value, up = $("up").value, logarithmic = $("logarithmic").checked;
    const datasets = curves(across, up), place = $("plot-chart");
    if (drawn) drawn.destroy();
    place.replaceChildren(element("canvas", undefined, { role: "img",
      "aria-label": `${figures[up][0]} over ${figures[across][0]}; the table has the numbers` }));
    drawn = new Chart(place.firstChild, { type: "scatter", data: { datasets }, plugins: [names], options: {
      animation: false, responsive: true, maintainAspectRatio: false,
      scales: { x: axis(figures[across], logarithmic), y: axis(figures[up], logarithmic) },
      plugins: { legend: { display: datasets.length > 1, labels: { color: colour("text") } },
        tooltip: { displayColors: false, callbacks: { label: ({ raw }) => [raw.name,
          `${figures[across][0]}: ${exact(raw.x)}`, `${figures[up][0]}: ${exact(raw.y)}`] } } } } });
    drawn.update();
  }

  /* ---- the table ---- */

  const sorted = { by: null, down: true };
  const columns = [["network", (row) => row.network, String], ...report.swept.map((name) => [name, (row) => row.swept[name], String]),
    ...Object.entries(figures).filter(([key]) => !key.startsWith("swept ")).map(([, f]) => f)];

  function order(a, b) {
    const [x, y] = [sorted.by[1](a), sorted.by[1](b)];
    return (sorted.down ? -1 : 1) * (typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y);
  }

  function headOf(column, i) {
    const th = element("th", undefined, { scope: "col" }), button = element("button", column[0], { type: "button" });
    if (!i) th.className = "left";
    button.onclick = () => {
      sorted.down = sorted.by === column ? !sorted.down : true;
      sorted.by = column;
      fill();
    };
    th.append(button);
    return th;
  }

  function fill() {
    const head = document.querySelector("#table thead"), body = document.querySelector("#table tbody");
    const line = element("tr");
    line.append(...columns.map(headOf));
    head.replaceChildren(line);
    body.replaceChildren(...(sorted.by ? [...rows].sort(order) : rows).map((row) => {
      const tr = element("tr");
      tr.append(...columns.map(([, value], i) => element("td", typeof value(row) === "string" ? value(row) : exact(value(row)),
        i ? {} : { class: "left" })));
      return tr;
    }));
  }

  function start() {
    const options = Object.entries(figures).map(([key, f]) => [key, f[0]]);
    $("about").textContent = `${rows.length} ${report.swept.length ? "points" : "networks"}`;
    fillSelect($("across"), options, numeric.length ? "swept " + numeric[0] : "params");
    fillSelect($("up"), options, "operations");
    fill();
    if (typeof Chart === "undefined") return void ($("plot").hidden = true);
    for (const id of ["across", "up", "logarithmic"]) $(id).onchange = draw;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    draw();
  }

  return { start };
})();

nets.start();
