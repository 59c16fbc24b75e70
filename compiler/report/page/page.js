/* The head of the page, the details of what is chosen, and the start of all parts. */
"use strict";

const details = (() => {
  function layerTerms(row) {
    const terms = [["output", shape(row.output)], ["input", row.inputs.map(shape).join(", ")]];
    if (row.kernel) {
      terms.push(["kernel", shape(row.kernel)], ["stride", shape(row.stride)],
        ["padding", row.padding.join(", ")]);
      if (row.dilation.some((d) => d > 1)) terms.push(["dilation", shape(row.dilation)]);
      if (row.groups > 1) terms.push(["groups", exact(row.groups)]);
    }
    if (row.field)
      terms.push(["field", shape(row.field.size)], ["jump", row.field.jump.join(", ")],
        ["offset", row.field.offset.join(", ")]);
    return terms;
  }

  function share(row, name) {
    return row[name] && report.totals[name] ? percent(row[name], report.totals[name]) : "";
  }

  function figureTerms(row) {
    const terms = Object.keys(row).filter((key) => key !== "line" && key !== "groups" && typeof row[key] === "number")
      .map((key) => [key, exact(row[key]), share(row, key)]);
    if (state.convention !== "macs")
      terms.push([state.convention, exact(operations(row)), percent(operations(row), operations(report.totals))]);
    if (row.bound) terms.push(["bound", row.bound]);
    return terms;
  }

  /* Each figure with the numbers of its formula, and what the formula says. */
  function formulas(row) {
    const place = element("details"), list = element("dl");
    place.append(element("summary", "How each figure is computed"), list);
    fillTerms(list, row.explain.map((e) => [e.figure, e.numbers, `${e.formula}: ${meanings(e.formula)}`]));
    return place;
  }

  function meanings(formula) {
    const symbols = new Set(formula.match(/[A-Za-z]+/g));
    return [...symbols].filter((s) => report.symbols[s]).map((s) => `${s} ${report.symbols[s]}`).join(", ");
  }

  /* The C of an operator beside the line of its source: that of the step that computes it. */
  function code(row) {
    const host = row.code.length ? row : report.layers.find((layer) => layer.name === row.computed_in) || row;
    const lines = report.code.split("\n");
    const place = element("details"), text = host.code.map(([first, last]) => lines.slice(first - 1, last).join("\n"));
    place.append(element("summary", host === row ? "Generated C" : `Generated C of ${host.name}, which computes it too`),
      element("pre", (row.source || "").trim(), { class: "source" }),
      element("pre", text.join("\n\n") || "None: nothing is left to compute.", { tabindex: 0 }));
    return place;
  }

  /* The kinds of operators, those with most of the operations first. */
  function kindTerms() {
    const all = operations(report.totals);
    return [...report.operators].sort((a, b) => operations(b) - operations(a)).map((row) =>
      [`${row.op} × ${row.count}`, short(operations(row)), percent(operations(row), all)]);
  }

  function whatIs(node) {
    if (node.input) return "input " + shape(node.input.shape);
    if (node.scope) return `${node.row.block || "steps"}, ${node.layers} layers`;
    return operatorText(node.row) + (node.row.line ? ` — ${node.row.file}:${node.row.line}` : "");
  }

  function show() {
    const node = state.chosen, place = $("details");
    if (!node) {
      const list = element("dl");
      fillTerms(list, kindTerms());
      place.replaceChildren(element("h3", `By operator: ${state.convention}`), list,
        element("p", "Choose a layer or block, and its figures stand here. " +
          "A click or Enter folds a block; arrow keys move."));
      return;
    }
    const list = element("dl"), row = node.row;
    fillTerms(list, row ? [...(node.scope ? [] : layerTerms(row)), ...figureTerms(row)] : []);
    place.replaceChildren(element("h3", node.name), element("p", whatIs(node)), list);
    if (row && row.explain) place.append(formulas(row));
    if (row && row.code) place.append(code(row));
  }

  /* A few lines for the pointer. */
  function summary(node) {
    const lines = [node.name, whatIs(node)];
    if (node.row) {
      if (!node.scope) lines.push("→ " + shape(node.row.output));
      lines.push(`${exact(node.row.params)} parameters, ${exact(operations(node.row))} ${state.convention}`,
        `${exact(node.row.activations)} activations`);
    }
    return lines.join("\n");
  }

  return { show, summary };
})();

const head = (() => {
  const tensors = (list) => list.map((t) => `${t.name} ${shape(t.shape)}`).join(", ");

  function about() {
    const r = report;
    document.title = `${r.network}: netc report`;
    $("network").textContent = r.network;
    $("about").textContent = `${tensors(r.inputs)} → ${tensors(r.outputs)} · batch ${r.batch} · ${r.dtype}` +
      (r.target ? ` · ${r.target}` : "") + (r.file ? ` · ${r.file}` : "");
  }

  function tiles() {
    const t = report.totals, m = report.memory || {}, time = report.predicted_us;
    const terms = [["parameters", short(t.params), exact(t.params)],
      [`operations (${state.convention})`, short(operations(t)), exact(operations(t))],
      ["activations", short(t.activations), exact(t.activations)],
      ["weights", bytes(t.weights_bytes), exact(t.weights_bytes) + " bytes"]];
    if (m.arena_bytes !== undefined)
      terms.push(["arena", bytes(m.arena_bytes), exact(m.arena_bytes) + " bytes"]);
    terms.push(["layers", exact(report.layers.length), `${report.scopes.length} blocks`]);
    if (time !== undefined) terms.push(["predicted time", exact(time / 1000) + " ms", exact(time) + " µs"]);
    fillTerms($("tiles"), terms);
  }

  function notes() {
    const place = (n) => n.line ? ` (${n.file}:${n.line})` : "";
    const budgets = report.budgets.map((b) => element("li",
      `require ${b.expr}: ${b.holds ? "holds" : "broken"}, it is ${exact(b.value)}${place(b)}`,
      { class: b.holds ? "holds" : "broken" }));
    const warnings = report.warnings.map((w) => element("li", `${w.text} [-W${w.id}]${place(w)}`));
    $("notes").replaceChildren(...budgets, ...warnings);
  }

  function memory() {
    const m = report.memory || {}, terms = [], add = (name, n, remark) =>
      n !== undefined && terms.push([name, bytes(n), remark || exact(n) + " bytes"]);
    add("arena", m.arena_bytes);
    add("lower bound", m.lower_bound_bytes);
    add("every buffer by itself", m.naive_bytes);
    add("weights, packed", m.packed_weights_bytes);
    add("saved to train", m.train?.saved);
    for (const [name, peak] of Object.entries(m.train?.peak || {})) add(`to train with ${name}`, peak);
    $("memory").hidden = document.querySelector('nav a[href="#memory"]').hidden = !terms.length;
    fillTerms($("memory-figures"), terms);
  }

  function legend() {
    const there = new Set(report.layers.map((layer) => familyOf(layer.op)));
    for (const name of Object.keys(families).filter((key) => there.has(key))) {
      const entry = element("span"), dot = element("i");
      dot.style.background = `var(--${name})`;
      entry.append(dot, families[name][0]);
      $("legend").append(entry);
    }
  }

  function start() {
    fillSelect($("convention"), Object.keys(report.totals.flops).map((name) => [name, name]), "macs");
    $("convention").addEventListener("change", () => {
      state.convention = $("convention").value;
      changed("convention");
    });
    about();
    notes();
    memory();
    legend();
    tiles();
    state.listeners.push((what) => { if (what !== "chosen") tiles(); details.show(); });
    details.show();
  }

  return { start };
})();

head.start();
graph.start();
charts.start();
table.start();
