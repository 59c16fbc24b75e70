/* The report (schema 1 of --report=json), what is said of it in words, and the page's few tools. */
"use strict";

const report = JSON.parse(document.getElementById("report").textContent);
const $ = (id) => document.getElementById(id);

/* ---- numbers ---- */

const thousands = new Intl.NumberFormat("en-US");

/* Integers above 2^53 are not exact in JavaScript: they are shown as rounded. */
function exact(n) {
  if (n === undefined || n === null) return "";
  if (!Number.isInteger(n))
    return n < 1000 ? String(Number(n.toPrecision(4))) : thousands.format(Math.round(n));
  return Number.isSafeInteger(n) ? thousands.format(n) : "≈ " + n.toExponential(6);
}

function scaled(n, base, units) {
  let i = 0;
  for (; Math.abs(n) >= base && i + 1 < units.length; i++) n /= base;
  return (n >= 1000 || !i ? String(Math.round(n)) : n.toPrecision(3)) + units[i];
}
const short = (n) => scaled(n, 1000, ["", " k", " M", " G", " T", " P", " E"]);
const bytes = (n) => scaled(n, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]);
const percent = (part, all) => (all ? (100 * part / all).toFixed(1) : "0.0") + " %";
const shape = (dims) => dims.join("×");

/* ---- elements ---- */

/* Texts come from the network and are never read as markup. */
function element(tag, text, attributes = {}) {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  return e;
}

/* A list of [term, value, remark] as a dl. */
function fillTerms(list, terms) {
  list.replaceChildren(...terms.map(([term, value, remark]) => {
    const group = element("div"), dd = element("dd", value);
    if (remark) dd.append(element("small", remark));
    group.append(element("dt", term), dd);
    return group;
  }));
}

function fillSelect(select, options, chosen) {
  select.replaceChildren(...options.map(([value, text]) => element("option", text, { value })));
  select.value = chosen;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

/* ---- operators ---- */

const families = {
  conv: ["convolution", /^conv/], linear: ["linear, recurrent", /^(linear|lstm|gru)/], pool: ["pool", /pool/],
  norm: ["normalization", /^(bn|lrn|.*norm)/],
  act: ["activation", /relu|sigmoid|tanh|gelu|silu|swish|softmax/],
  join: ["join", /^(add|mul|concat)/], other: ["other", /./],
};
const familyOf = (op) => Object.keys(families).find((name) => families[name][1].test(op));

/* "conv 3×3 /2": kernel, stride where it is not 1, groups. */
function operatorText(layer) {
  if (!layer.kernel) return layer.op;
  const [sh, sw] = layer.stride;
  let text = layer.op + " " + shape(layer.kernel);
  if (sh !== 1 || sw !== 1) text += " /" + (sh === sw ? sh : sh + "×" + sw);
  if (layer.groups > 1) text += " g" + layer.groups;
  return text;
}

/* ---- what is chosen: the convention of operations, a layer or scope ---- */

const state = { convention: "macs", chosen: null, listeners: [] };
const operations = (row) => row.flops[state.convention];
const changed = (what) => state.listeners.forEach((listener) => listener(what));
function choose(item) {
  state.chosen = item;
  changed("chosen");
}

/* Figures that graphs and bars show. */
const measures = {
  operations: ["operations", operations, short],
  params: ["parameters", (row) => row.params, short],
  activations: ["activations", (row) => row.activations, short],
  traffic: ["traffic", (row) => row.traffic_bytes, bytes],
};
if (report.layers?.some((layer) => layer.predicted_us !== undefined))
  measures.time = ["predicted time", (row) => row.predicted_us || 0, (us) => exact(us) + " µs"];
