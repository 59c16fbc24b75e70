/* The architecture: each open block is laid out by itself (by dagre) and is then one box of the block
 * around it, so that folding costs what the blocks around it cost. */
"use strict";

const graph = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const LEAF = { width: 184, height: 40 }, HEADER = 24, PAD = 12, SHOWN = { phone: 30, desk: 80 };
  const letters = (width, size) => Math.floor(width / size);

  /* ---- the tree of scopes ---- */

  function makeScope(name, parent, row) {
    return { scope: true, name, parent, row, children: [], links: [], open: false, layers: 0, stale: true,
      level: parent ? parent.level + 1 : 0 };
  }

  /* Scopes by their path; a path's scope stands in that of its longest beginning. */
  function scopeOf(scopes, path, root) {
    for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
      const scope = scopes.get(path.slice(0, dot));
      if (scope) return scope;
    }
    return root;
  }

  function makeTree() {
    const root = makeScope("", null, null), scopes = new Map(), last = new Map();
    root.open = true;
    for (const row of report.scopes)
      scopes.set(row.name, makeScope(row.name, scopeOf(scopes, row.name, root), row));
    for (const input of report.inputs) {
      const node = { name: input.name, parent: root, input, level: 1 };
      root.children.push(node);
      last.set(input.name, node);
    }
    for (const row of report.layers) {
      const parent = scopeOf(scopes, row.name, root);
      const node = { name: row.name, parent, row, level: parent.level + 1 };
      for (let s = parent, child = node; s && !s.children.includes(child); child = s, s = s.parent)
        s.children.push(child);
      for (let s = parent; s; s = s.parent) s.layers++;
      for (const name of row.from) if (last.has(name)) link(last.get(name), node);
      last.set(row.name, node);
    }
    return root;
  }

  const around = (node) => node.parent ? [...around(node.parent), node.parent] : [];

  /* A tensor leaves the blocks around its maker and enters those around its reader: in each it is a
   * port, named by its maker. */
  function link(from, to) {
    const out = [...around(from), from], into = [...around(to), to];
    let common = 0;
    while (out[common + 1] === into[common + 1]) common++;
    into[common].links.push({ from: out[common + 1], to: into[common + 1], tensor: from });
    for (let i = common + 1; i + 1 < out.length; i++)
      addPort(out[i], { from: out[i + 1], to: null, tensor: from });
    for (let i = common + 1; i + 1 < into.length; i++)
      addPort(into[i], { from: null, to: into[i + 1], tensor: from });
  }

  function addPort(scope, port) {
    const same = (l) => l.from === port.from && l.to === port.to && l.tensor === port.tensor;
    if (!scope.links.some(same)) scope.links.push(port);
  }

  /* Opens scopes from the outside in, level by level, while all that is drawn stays readable. */
  function openSome(root, budget) {
    const inner = (scopes) => scopes.flatMap((s) => s.children.filter((c) => c.scope));
    const size = (scopes) => scopes.reduce((sum, s) => sum + s.children.length, 0);
    let level = inner([root]), shown = size([root]) + size(level);
    for (; level.length && shown <= budget; level = inner(level), shown += size(level))
      for (const scope of level) scope.open = true;
  }

  /* Only what is around a block that was folded is laid out and drawn anew. */
  function setOpen(scope, open) {
    if (scope.open === open) return;
    scope.open = open;
    for (let s = scope; s; s = s.parent) s.stale = true;
  }

  function setAll(scope, open) {
    for (const child of scope.children.filter((c) => c.scope)) {
      setOpen(child, open);
      setAll(child, open);
    }
  }

  /* ---- layout ---- */

  function layOut(scope) {
    const g = new dagre.graphlib.Graph();
    g.setGraph({ ranksep: 18, nodesep: 16, edgesep: 10, marginx: 0, marginy: 0 });
    g.setDefaultEdgeLabel(() => ({}));
    scope.children.forEach((child, i) => {
      child.key = "n" + i;
      if (!child.scope || !child.open) Object.assign(child, LEAF);
      else if (child.stale) layOut(child);
      g.setNode(child.key, { width: child.width, height: child.height });
    });
    scope.ports = { into: new Map(), out: new Map() };
    for (const l of scope.links) {
      l.ends = [l.from ? l.from.key : port(g, scope.ports.into, l.tensor, "i"),
        l.to ? l.to.key : port(g, scope.ports.out, l.tensor, "o")];
      g.setEdge(...l.ends);
    }
    dagre.layout(g);
    placeChildren(scope, g);
  }

  function port(g, ports, tensor, letter) {
    if (!ports.has(tensor)) {
      ports.set(tensor, { key: letter + ports.size });
      g.setNode(ports.get(tensor).key, { width: 1, height: 1 });
    }
    return ports.get(tensor).key;
  }

  function placeChildren(scope, g) {
    const { width, height } = g.graph(), top = scope.parent ? HEADER : 0;
    const title = scope.parent ? 8 * titleOf(scope).length + 40 : 0;
    scope.width = Math.max(width, title) + 2 * PAD;
    scope.height = height + top + 2 * PAD;
    const dx = (scope.width - width) / 2, dy = top + PAD;
    for (const child of scope.children) {
      const at = g.node(child.key);
      child.x = at.x - child.width / 2 + dx;
      child.y = at.y - child.height / 2 + dy;
    }
    for (const ports of Object.values(scope.ports))
      for (const p of ports.values()) p.x = g.node(p.key).x + dx;
    for (const l of scope.links)
      l.points = g.edge(...l.ends).points.slice(1, -1).map((p) => ({ x: p.x + dx, y: p.y + dy }));
  }

  /* Where a link's end is: at a port of a box, in the middle of its edge, or at a port of its own. */
  function endOf(scope, box, tensor, out) {
    const own = scope.ports[out ? "into" : "out"].get(tensor);
    if (!box) return { x: own.x, y: out ? (scope.parent ? HEADER : 0) : scope.height };
    const inner = box.scope && box.open && box.ports[out ? "out" : "into"].get(tensor);
    return { x: box.x + (inner ? inner.x : box.width / 2), y: box.y + (out ? box.height : 0) };
  }

  function pathOf(scope, l) {
    const start = endOf(scope, l.from, l.tensor, true), end = endOf(scope, l.to, l.tensor, false);
    const between = l.points.length > 1 ? l.points : [];
    let path = `M${start.x},${start.y}`, at = start;
    for (const p of [...between, end]) {
      const middle = (at.y + p.y) / 2;
      path += `C${at.x},${middle} ${p.x},${middle} ${p.x},${p.y}`;
      at = p;
    }
    return path;
  }

  /* ---- drawing ---- */

  function draw(tag, attributes, text) {
    const e = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    if (text !== undefined) e.textContent = text;
    return e;
  }

  const cut = (text, n) => text.length > n ? text.slice(0, Math.max(1, n - 1)) + "…" : text;
  const lastOf = (node) => node.parent && node.parent.name
    ? node.name.slice(node.parent.name.length + 1) : node.name;
  const titleOf = (scope) => (lastOf(scope) + (scope.row.block ? "  " + scope.row.block : ""));

  function group(node) {
    const g = draw("g", { transform: `translate(${node.x},${node.y})`, role: "treeitem",
      tabindex: "-1", "aria-level": node.level, "aria-label": node.name,
      "aria-selected": String(state.chosen === node) });
    if (node.scope) g.setAttribute("aria-expanded", String(node.open));
    g.node = node;
    node.element = g;
    return g;
  }

  function addTexts(g, title, left, right) {
    g.append(draw("text", { x: 12, y: 17 }, cut(title, letters(LEAF.width - 20, 7))));
    g.append(draw("text", { x: 12, y: 32, class: "minor" }, cut(left, 17)));
    g.append(draw("text", { x: LEAF.width - 8, y: 32, class: "minor", "text-anchor": "end" }, right));
  }

  function addBar(g, row, fill) {
    const [, value] = measures[view.shade];
    if (value(row) > 0)
      g.append(draw("rect", { x: 1, y: LEAF.height - 4, width: LEAF.width - 2, height: 3, fill,
        class: "bar", style: `transform: scaleX(calc(${value(row)} * var(--unit)))` }));
  }

  function drawLeaf(node) {
    const g = group(node), { width, height } = LEAF;
    const fill = `var(--${node.row ? familyOf(node.row.op) : "accent"})`;
    g.append(draw("rect", { width, height, rx: 6, class: "box" }));
    g.append(draw("rect", { width: 4, height, rx: 2, fill }));
    if (node.row) {
      addTexts(g, lastOf(node), operatorText(node.row), shape(node.row.output.slice(1)));
      addBar(g, node.row, fill);
    } else {
      addTexts(g, node.name, "input", shape(node.input.shape.slice(1)));
    }
    return g;
  }

  function drawFolded(scope) {
    const g = group(scope), { width, height } = LEAF, [, value, say] = measures[view.shade];
    g.append(draw("rect", { x: 4, y: 4, width, height, rx: 6, class: "pile" }));
    g.append(draw("rect", { width, height, rx: 6, class: "box" }));
    addTexts(g, "▸ " + titleOf(scope), scope.layers + " layers", say(value(scope.row)));
    addBar(g, scope.row, "var(--accent)");
    return g;
  }

  function drawOpen(scope) {
    const g = scope.parent ? group(scope) : draw("g", {});
    if (scope.parent) {
      g.append(draw("rect", { width: scope.width, height: scope.height, rx: 8,
        class: "scope" + (scope.level % 2 ? "" : " odd") }));
      g.append(draw("text", { x: 10, y: 17 }, "▾ " + titleOf(scope)));
    }
    const paths = new Set(scope.links.map((l) => pathOf(scope, l)));
    g.append(draw("path", { d: [...paths].join(""), class: "edge" }));
    for (const l of scope.links) if (l.to) {
      const p = endOf(scope, l.to, l.tensor, false);
      g.append(draw("path", { d: `M${p.x},${p.y}l-3.5,-6h7z`, class: "arrow" }));
    }
    g.append(...scope.children.map(drawChild));
    scope.stale = false;
    return g;
  }

  function drawChild(child) {
    if (!child.scope) return drawLeaf(child);
    if (!child.open) return drawFolded(child);
    if (child.stale) return drawOpen(child);
    child.element.setAttribute("transform", `translate(${child.x},${child.y})`);
    return child.element;
  }

  const view = { root: null, shade: "operations", scale: 1, focus: null };

  function render() {
    const place = $("drawing"), [, value] = measures[view.shade];
    const bars = visible(view.root).filter((node) => node.row && !(node.scope && node.open));
    const most = Math.max(1e-9, ...bars.map((node) => value(node.row)));
    if (view.root.stale) layOut(view.root);
    const { width, height } = view.root;
    const svg = draw("svg", { width: width * view.scale, height: height * view.scale,
      viewBox: `0 0 ${width} ${height}`, style: `--unit: ${1 / most}` });
    svg.append(drawOpen(view.root));
    place.replaceChildren(svg);
    const focus = view.focus && view.focus.element && view.focus.element.isConnected
      ? view.focus : view.root.children[0];
    if (focus) setFocus(focus);
  }

  /* ---- keys and pointers ---- */

  function setFocus(node, move) {
    if (view.focus && view.focus.element) view.focus.element.setAttribute("tabindex", "-1");
    view.focus = node;
    node.element.setAttribute("tabindex", "0");
    if (!move) return;
    node.element.focus({ preventScroll: true });
    node.element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /* Folding keeps the block's title where it was. */
  function toggle(scope, open = !scope.open) {
    const before = scope.element.getBoundingClientRect(), place = $("drawing");
    setOpen(scope, open);
    render();
    const after = scope.element.getBoundingClientRect();
    place.scrollTop += after.top - before.top;
    place.scrollLeft += after.left - before.left;
    setFocus(scope, true);
  }

  const visible = (scope) => scope.children.flatMap((c) =>
    c.scope && c.open ? [c, ...visible(c)] : [c]);

  function step(by) {
    const nodes = visible(view.root), next = nodes[nodes.indexOf(view.focus) + by];
    if (next) select(next);
  }

  function select(node) {
    setFocus(node, true);
    choose(node);
  }

  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    ArrowRight: (node) => node.scope && !node.open ? toggle(node, true) : step(1),
    ArrowLeft: (node) => node.scope && node.open ? toggle(node, false)
      : node.parent.parent && select(node.parent),
    Home: () => select(view.root.children[0]),
    End: () => select(visible(view.root).pop()),
    Enter: (node) => node.scope && toggle(node),
    " ": (node) => node.scope && toggle(node),
  };

  const nodeAt = (event) => event.target.closest && event.target.closest("g[role]")?.node;

  function onKey(event) {
    const node = nodeAt(event);
    if (!node || !keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key](node);
  }

  function onClick(event) {
    const node = nodeAt(event);
    if (!node) return;
    choose(node);
    if (node.scope) toggle(node);
    else setFocus(node, true);
  }

  function onHover(event) {
    const node = nodeAt(event), tip = $("tip");
    tip.hidden = !node || event.pointerType === "touch";
    if (tip.hidden) return;
    tip.textContent = details.summary(node);
    const { innerWidth, innerHeight } = window, box = tip.getBoundingClientRect();
    tip.style.left = Math.min(event.clientX + 14, innerWidth - box.width - 8) + "px";
    tip.style.top = Math.min(event.clientY + 14, innerHeight - box.height - 8) + "px";
  }

  function zoom(factor) {
    view.scale = Math.min(3, Math.max(0.15, view.scale * factor));
    render();
  }

  function fit() {
    const room = $("drawing").clientWidth - 2;
    layOut(view.root);
    view.scale = Math.min(1, Math.max(0.7, room / view.root.width));
  }

  /* Unfolds what is around a node and shows it. */
  function reveal(node) {
    for (let s = node.parent; s; s = s.parent) setOpen(s, true);
    render();
    const box = node.element.getBoundingClientRect(), place = $("drawing");
    const room = place.getBoundingClientRect();
    place.scrollTop += box.top - room.top - room.height / 2;
    place.scrollLeft += box.left - room.left - room.width / 2;
  }

  const find = (name, scope = view.root) => {
    for (const child of scope.children) {
      if (child.name === name && child.row) return child;
      const inner = child.scope && name.startsWith(child.name + ".") ? find(name, child) : null;
      if (inner) return inner;
    }
    return null;
  };

  /* All anew: other figures are shown. */
  function refresh() {
    const mark = (scope) => {
      scope.stale = true;
      scope.children.filter((c) => c.scope).forEach(mark);
    };
    mark(view.root);
    render();
  }

  function redraw(what) {
    if (what !== "chosen") return refresh();
    for (const g of $("drawing").querySelectorAll("g[aria-selected=true]"))
      g.setAttribute("aria-selected", "false");
    if (state.chosen && state.chosen.element)
      state.chosen.element.setAttribute("aria-selected", "true");
  }

  function start() {
    view.root = makeTree();
    openSome(view.root, innerWidth < 640 ? SHOWN.phone : SHOWN.desk);
    fit();
    fillSelect($("shade"), Object.entries(measures).map(([key, [name]]) => [key, name]), view.shade);
    $("shade").addEventListener("change", () => { view.shade = $("shade").value; refresh(); });
    $("unfold").addEventListener("click", () => { setAll(view.root, true); render(); });
    $("fold").addEventListener("click", () => { setAll(view.root, false); render(); });
    $("larger").addEventListener("click", () => zoom(1.25));
    $("smaller").addEventListener("click", () => zoom(0.8));
    const place = $("drawing");
    place.addEventListener("keydown", onKey);
    place.addEventListener("click", onClick);
    place.addEventListener("pointermove", onHover);
    place.addEventListener("pointerleave", () => { $("tip").hidden = true; });
    place.addEventListener("focusin", (event) => nodeAt(event) && choose(nodeAt(event)));
    state.listeners.push(redraw);
    render();
    place.scrollLeft = (place.scrollWidth - place.clientWidth) / 2;
  }

  /* Without dagre there is no drawing: the table has all of it. */
  function startWithout() {
    document.querySelector("#graph .tools").hidden = true;
    $("drawing").replaceChildren(element("p", "This netc was built without dagre: no drawing. " +
      "The table has every layer.", { class: "none" }));
    view.root = makeTree();
  }

  return { start: () => typeof dagre === "undefined" ? startWithout() : start(), find, reveal };
})();
