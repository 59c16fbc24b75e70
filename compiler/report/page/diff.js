/* Two networks: their totals, a plot of what changes, and a table of the changes. */
"use strict";

const diff = (() => {
  const { first, second, changes } = report;
  const signs = { added: "+", removed: "−", changed: "~" };
  let drawn = null;

  /* ---- numbers ---- */

  /* What the second has more; nothing where both are the same. */
  function difference(a, b) {
    const n = (b ?? 0) - (a ?? 0);
    return !n ? "" : (n > 0 ? "+" : "−") + exact(Math.abs(n));
  }

  const ratio = (a, b) => (b ? (a / b).toFixed(2) : "");
  const figure = (operator) => (operator ? measures[$("measure").value][1](operator) : 0);

  /* "a → b", or the one that there is, or that both are. */
  function both(change, say) {
    const [a, b] = [change.first, change.second].map((operator) => operator && say(operator));
    return a === null || b === null || a === b ? a ?? b : `${a} → ${b}`;
  }

  /* ---- tables ---- */

  function fillTable(place, heads, rows) {
    const [head, body] = ["thead", "tbody"].map((part) => document.querySelector(`#${place} ${part}`));
    const cell = (tag, text, i) => element(tag, text, { ...(tag === "th" ? { scope: "col" } : {}), ...(i < heads.left ? { class: "left" } : {}) });
    const lineOf = (tag, texts) => {
      const line = element("tr");
      line.append(...texts.map((text, i) => cell(tag, text, i)));
      return line;
    };
    head.replaceChildren(lineOf("th", heads.names));
    body.replaceChildren(...rows.map((texts) => lineOf("td", texts)));
  }

  /* Figures of the whole that both have, by the names that budgets have for them. */
  const wholes = { packed_weights_bytes: "to run: weights, packed, bytes", arena: "to run: arena, bytes",
    train_bytes: "to train: peak with adam, bytes", field: "field", time: "predicted time, µs" };

  function totals() {
    const rows = Object.keys(first.totals).filter((name) => name !== "flops")
      .map((name) => [name.replaceAll("_", " "), first.totals[name], second.totals[name]]);
    for (const name of Object.keys(first.totals.flops))
      rows.push([`operations (${name})`, first.totals.flops[name], second.totals.flops[name]]);
    for (const [name, title] of Object.entries(wholes))
      if (first.whole[name] !== undefined && second.whole[name] !== undefined)
        rows.push([title, first.whole[name], second.whole[name]]);
    return rows.map(([name, a, b]) => [name, exact(a), exact(b), difference(a, b), ratio(a, b)]);
  }

  function fillChanges() {
    const columns = ["params", "operations", "activations"];
    const value = (operator, name) => (operator ? measures[name][1](operator) : 0);
    fillTable("changes", { left: 4, names: ["", "name", "operator", "output", ...columns.map((name) => measures[name][0])] },
      changes.map((change) => [signs[change.change], both(change, (operator) => operator.name),
        both(change, (operator) => operator.operator), both(change, (operator) => shape(operator.output.slice(1))),
        ...columns.map((name) => difference(value(change.first, name), value(change.second, name)))]));
  }

  /* ---- the plot ---- */

  function draw() {
    const [title, , say] = measures[$("measure").value], place = $("plot-chart");
    const rows = changes.filter((change) => figure(change.first) !== figure(change.second));
    const bars = (network, side, paint) => ({ label: network, data: rows.map((change) => figure(change[side])), backgroundColor: colour(paint) });
    if (drawn) drawn.destroy();
    place.style.height = `${Math.max(160, 24 * rows.length + 70)}px`;
    place.replaceChildren(element("canvas", undefined, { role: "img", "aria-label": `${title} of what changes; the table has the numbers` }));
    drawn = new Chart(place.firstChild, { type: "bar",
      data: { labels: rows.map((change) => both(change, (operator) => operator.name)),
        datasets: [bars(first.network, "first", "conv"), bars(second.network, "second", "linear")] },
      options: { animation: false, responsive: true, maintainAspectRatio: false, indexAxis: "y",
        scales: { x: { title: { display: true, text: title, color: colour("soft") }, grid: { color: colour("line") },
            ticks: { color: colour("soft"), callback: say, maxTicksLimit: 8 } },
          y: { ticks: { color: colour("soft"), autoSkip: false }, grid: { display: false } } },
        plugins: { legend: { labels: { color: colour("text") } },
          tooltip: { callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${exact(raw)}` } } } } });
  }

  function show() {
    fillChanges();
    if (typeof Chart !== "undefined") draw();
  }

  function start() {
    const count = (kind) => changes.filter(({ change }) => change === kind).length;
    $("network").textContent = `From ${first.network} to ${second.network}`;
    $("about").textContent = `batch ${first.batch}${second.batch === first.batch ? "" : " and " + second.batch}: `
      + `${count("added")} operators added, ${count("removed")} removed, ${count("changed")} changed`;
    fillSelect($("measure"), ["params", "operations", "activations", "traffic"].map((name) => [name, measures[name][0]]), "operations");
    fillSelect($("convention"), Object.keys(first.totals.flops).map((name) => [name, name]), report.flops);
    state.convention = report.flops;
    fillTable("totals", { left: 1, names: ["", first.network, second.network, "difference", "first / second"] }, totals());
    $("measure").onchange = show;
    $("convention").onchange = () => {
      state.convention = $("convention").value;
      show();
    };
    $("plot").hidden = !changes.length || typeof Chart === "undefined";
    $("changes").hidden = !changes.length;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    show();
  }

  return { start };
})();

diff.start();
