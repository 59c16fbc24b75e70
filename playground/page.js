/* The page: what is written, what netc says of it, and one of netc's texts of it. */
"use strict";

const $ = (id) => document.getElementById(id);

/* What netc can be asked for, by arguments. `page`: the answer is HTML. */
const views = [
  { name: "Report", args: ["--report=html"], page: true },
  { name: "Costs", args: ["--report", "-o", "-"] },
  { name: "C", args: ["--emit=c", "-o", "-"] },
  { name: "Plan", args: ["--emit=plan"] },
  { name: "Graph", args: ["--emit=graph"] },
  { name: "Graphviz", args: ["--emit=dot"] },
];
const state = { view: views[0], file: "", serial: 0, timer: 0 };

/* Texts come from the network and are never read as markup. */
function element(tag, text, attributes = {}) {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  return e;
}

/* ---- asking netc ---- */

const words = (text) => text.split(/\s+/).filter((word) => word);
const argumentsOf = (args) =>
  [...args, ...words($("options").value), ...($("net").disabled ? [] : ["--net", $("net").value]), state.file];
const ask = (args) => netc.run(args, { ...files.examples, [state.file]: $("text").value });

function messagesOf(answer) {
  try {
    return answer.errors ? JSON.parse(answer.errors).messages : [];
  } catch {
    return [{ severity: "error", text: answer.errors.trim(), place: null, hints: [], notes: [] }];
  }
}

/* The nets of a file that has several, as netc names them. */
function netsOf(messages) {
  const several = messages.find((m) => m.id === "err_several_nets");
  return several ? several.hints[0].replace(/^.*: /, "").split(", ") : [];
}

/* Whether the one that was chosen is among them. */
function offerNets(nets) {
  const before = $("net").value;
  $("net").replaceChildren(...nets.map((name) => element("option", name)));
  $("net").disabled = !nets.length;
  if (nets.includes(before)) $("net").value = before;
  return nets.includes(before);
}

const askForReport = () => ask(argumentsOf(["--report=json", "--diagnostics=json"]));

/* Chooses the first net that needs no values from the command line. */
async function chooseNet(nets) {
  let answer;
  for (const name of nets) {
    $("net").value = name;
    answer = await askForReport();
    if (!messagesOf(answer).some((m) => m.id === "err_open_param")) break;
  }
  return answer;
}

/* The report of the chosen net with all messages. */
async function check() {
  $("net").disabled = true;
  const first = await askForReport(), nets = netsOf(messagesOf(first));
  if (offerNets(nets)) return askForReport();
  return nets.length ? chooseNet(nets) : first;
}

/* ---- shapes and messages ---- */

/* The shapes after each line of the file: a line in a block has one for each place that the block stands in. */
function shapesOf(report) {
  const lines = [];
  report.layers.forEach((layer, i) => {
    const next = report.layers[i + 1], here = (l) => l && l.file === layer.file && l.line === layer.line;
    if (layer.file !== state.file || here(next)) return;
    const shapes = lines[layer.line - 1] ||= new Set();
    shapes.add(layer.output.slice(1).join("×"));
  });
  return lines;
}

function showShapes(answer) {
  const lines = answer.output ? shapesOf(JSON.parse(answer.output)) : [];
  const rows = $("text").value.split("\n").map((_, i) => [...(lines[i] || [])].join(", "));
  $("shapes").textContent = rows.join("\n") + "\n\n\n";
  followScroll();
}

function followScroll() {
  $("shapes").scrollTop = $("text").scrollTop;
}

/* Where a line and column, both from 1 and in characters, are in the text. */
function offsetOf(line, column) {
  const lines = $("text").value.split("\n"), before = lines.slice(0, line - 1).join("\n");
  return before.length + (line > 1 ? 1 : 0) + [...(lines[line - 1] || "")].slice(0, column - 1).join("").length;
}

function goTo(place) {
  $("text").focus();
  $("text").setSelectionRange(offsetOf(place.line, place.column), offsetOf(place.end_line, place.end_column));
}

function placeElement(place) {
  const words = `${place.file === state.file ? "" : place.file + ", "}line ${place.line}, column ${place.column}`;
  if (place.file !== state.file) return element("span", words);
  const button = element("button", words, { type: "button" });
  button.addEventListener("click", () => goTo(place));
  return button;
}

function messageElement(message) {
  const item = element("li", undefined, { class: message.severity });
  if (message.place) item.append(placeElement(message.place), ": ");
  item.append(`${message.severity}: ${message.text}`);
  for (const hint of message.hints) item.append(element("small", "hint: " + hint));
  for (const note of message.notes) {
    const small = element("small", "note: " + note.text + " ");
    if (note.place) small.append(placeElement(note.place));
    item.append(small);
  }
  return item;
}

function showMessages(messages) {
  $("messages").replaceChildren(...messages.map(messageElement));
  const errors = messages.filter((m) => m.severity === "error").length;
  $("state").textContent = errors ? `${errors} ${errors > 1 ? "errors" : "error"}` : "No errors";
}

/* ---- views ---- */

async function showView(serial) {
  const view = state.view, args = argumentsOf(view.args), answer = await ask(args);
  if (serial !== state.serial) return;
  const page = view.page && answer.status === 0;
  $("command").textContent = "netc " + args.join(" ");
  $("output").textContent = page ? "" : answer.output + answer.errors;
  $("report").hidden = !page;
  $("output").hidden = page;
  $("report").srcdoc = page ? answer.output : "";
}

function chooseView(view) {
  state.view = view;
  for (const tab of $("views").children) {
    const chosen = tab.textContent === view.name;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen) $("view").setAttribute("aria-labelledby", tab.id);
  }
}

/* Left, right, Home and End move between tabs. */
function moveTab(event) {
  const to = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!to) return;
  event.preventDefault();
  const at = views.indexOf(state.view) + to, i = Math.max(0, Math.min(views.length - 1, at));
  $("views").children[i].focus();
  $("views").children[i].click();
}

function makeTabs() {
  $("views").replaceChildren(...views.map((view, i) => {
    const tab = element("button", view.name, { type: "button", role: "tab", id: "tab" + i, "aria-controls": "view" });
    tab.addEventListener("click", () => { chooseView(view); refresh(); });
    return tab;
  }));
  $("views").addEventListener("keydown", moveTab);
  chooseView(state.view);
}

/* ---- what is open ---- */

function listNetworks() {
  const groups = new Map();
  for (const network of files.networks) {
    if (!groups.has(network.group)) groups.set(network.group, element("optgroup", undefined, { label: network.group }));
    groups.get(network.group).append(element("option", network.title, { value: network.id }));
  }
  $("open").replaceChildren(...groups.values());
}

/* Opens the network that the address names after its '#'; without one, the first. */
function openNamed() {
  const id = decodeURIComponent(location.hash.slice(1));
  const network = files.networks.find((n) => n.id === id) || files.networks[0];
  state.file = network.file;
  $("open").value = network.id;
  $("text").value = network.text;
  $("text").scrollTop = 0;
  refresh();
}

async function refresh() {
  const serial = ++state.serial;
  try {
    const answer = await check();
    if (serial !== state.serial) return;
    showShapes(answer);
    showMessages(messagesOf(answer));
    await showView(serial);
  } catch (error) {
    if (serial === state.serial) $("state").textContent = "netc stopped: " + error.message;
  }
  if (serial === state.serial) document.body.dataset.shown = serial;
}

function later() {
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, 250);
}

makeTabs();
listNetworks();
$("open").addEventListener("change", () => { location.hash = encodeURIComponent($("open").value); });
window.addEventListener("hashchange", openNamed);
$("net").addEventListener("change", refresh);
for (const id of ["text", "options"]) $(id).addEventListener("input", later);
$("text").addEventListener("scroll", followScroll);
openNamed();
