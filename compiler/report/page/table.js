/* The table: layers, scopes, kinds of operators, devices or what is found; sorted, filtered, summed. */
"use strict";

const table = (() => {
  const kinds = {
    layers: ["layers", report.layers],
    scopes: ["blocks", report.scopes],
    operators: ["kinds of operators", report.operators],
    devices: ["devices", report.devices || []],
    found: ["what is found", report.found || []],
  };
  const view = { kind: "layers", sort: null, down: true, filter: "", all: false };

  /* name, value of a row, left-aligned text?, shown always?, summed? */
  const column = (name, value, { left = false, main = false, sum = true, say = exact } = {}) =>
    ({ name, value, left, main, sum, say });
  const text = (name, value) => column(name, value, { left: true, main: true, sum: false, say: String });

  const fields = (layer) => layer.field ? layer.field.size.join("×") : "";
  const textColumns = {
    layers: [text("name", (r) => r.name), text("operator", operatorText),
      text("output", (r) => shape(r.output))],
    scopes: [text("name", (r) => r.name), text("block", (r) => r.block)],
    operators: [text("operator", (r) => r.op)],
    devices: [text("device", (r) => String(r.device))],
    found: [text("found by", (r) => r.name)],
  };

  const shown = new Set(["params", "macs", "activations", "traffic_bytes", "count"]);
  /* What a row holds as numbers, in the order of the report. */
  function numberColumns(rows) {
    const names = new Set(rows.flatMap((row) => Object.keys(row).filter((key) =>
      typeof row[key] === "number" && !["line", "device", "groups"].includes(key))));
    return [...names].map((name) => column(name, (row) => row[name] ?? 0,
      { main: shown.has(name), sum: name !== "intensity" }));
  }

  function columns() {
    const rows = kinds[view.kind][1], own = view.kind === "layers"
      ? [column("field", fields, { main: true, sum: false, say: String })] : [];
    const conventions = Object.keys(report.totals.flops).filter((name) => name !== "macs").map((name) =>
      column(name, (row) => row.flops[name], { main: name === state.convention }));
    const bound = rows.some((row) => row.bound) ? [text("bound", (row) => row.bound || "")] : [];
    return [...textColumns[view.kind], ...numberColumns(rows), ...conventions, ...own, ...bound]
      .filter((c) => c.main || view.all);
  }

  const order = (a, b) => typeof a === "string" || typeof b === "string"
    ? String(a).localeCompare(String(b), "en", { numeric: true }) : a - b;

  function rowsShown(all) {
    const word = view.filter.toLowerCase(), names = textColumns[view.kind];
    const rows = kinds[view.kind][1].filter((row) =>
      names.some((c) => c.value(row).toLowerCase().includes(word)));
    const by = all.find((c) => c.name === view.sort);
    if (by) rows.sort((a, b) => (view.down ? -1 : 1) * order(by.value(a), by.value(b)));
    return rows;
  }

  function headOf(c) {
    const th = element("th", undefined, { scope: "col" }), button = element("button", c.name, { type: "button" });
    if (c.left) th.className = "left";
    if (c.name === view.sort) th.setAttribute("aria-sort", view.down ? "descending" : "ascending");
    button.addEventListener("click", () => sortBy(c));
    th.append(button);
    return th;
  }

  function cell(c, value) {
    const td = element("td", c.say(value));
    if (c.left) td.className = "left";
    return td;
  }

  function bodyRow(all, row) {
    const tr = element("tr");
    tr.append(...all.map((c) => cell(c, c.value(row))));
    tr.cells[0].title = row.name || "";
    tr.row = row;
    tr.classList.toggle("chosen", state.chosen?.row === row);
    return tr;
  }

  /* Blocks stand in each other: their sum is of no use. */
  function footRow(all, rows) {
    const tr = element("tr");
    tr.append(...all.map((c) => c.sum
      ? cell(c, rows.reduce((sum, row) => sum + c.value(row), 0)) : element("td", "")));
    tr.cells[0].textContent = "sum";
    tr.cells[0].className = "left";
    return tr;
  }

  function render() {
    const all = columns(), rows = rowsShown(all), [head] = document.querySelectorAll("#table thead");
    const body = head.parentNode.tBodies[0], foot = head.parentNode.tFoot, tr = element("tr");
    tr.append(...all.map(headOf));
    head.replaceChildren(tr);
    body.replaceChildren(...rows.map((row) => bodyRow(all, row)));
    foot.replaceChildren(...(view.kind === "scopes" ? [] : [footRow(all, rows)]));
    $("shown").textContent = `${rows.length} of ${kinds[view.kind][1].length}`;
  }

  function sortBy(c) {
    view.down = view.sort === c.name ? !view.down : !c.left;
    view.sort = c.name;
    render();
    const heads = [...document.querySelectorAll("#table th button")];
    heads.find((button) => button.textContent === c.name)?.focus();
  }

  function onClick(event) {
    const tr = event.target.closest("tbody tr");
    if (tr && tr.row.name !== undefined && view.kind === "layers") charts.show(tr.row.name);
  }

  function mark() {
    for (const tr of document.querySelectorAll("#table tbody tr"))
      tr.classList.toggle("chosen", state.chosen?.row === tr.row);
  }

  function start() {
    const there = Object.entries(kinds).filter(([, [, rows]]) => rows.length);
    fillSelect($("rows"), there.map(([key, [name]]) => [key, name]), view.kind);
    $("rows").addEventListener("change", () => {
      view.kind = $("rows").value;
      view.sort = null;
      render();
    });
    $("filter").addEventListener("input", () => { view.filter = $("filter").value; render(); });
    $("all-columns").addEventListener("change", () => { view.all = $("all-columns").checked; render(); });
    document.querySelector("#table table").addEventListener("click", onClick);
    state.listeners.push((what) => what === "chosen" ? mark() : render());
    render();
  }

  return { start };
})();
