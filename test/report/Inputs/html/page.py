"""Uses the pages of a folder as a reader would: page.py CHROMIUM FOLDER."""
import re
import sys

from chrome import Chrome

complaints = []


def boxes(chrome):
    return chrome.ask("document.querySelectorAll('#drawing g[role=treeitem]').length")


def layers(chrome):
    return chrome.ask("document.querySelectorAll('#table tbody tr').length")


def click_block(chrome, name):
    chrome.ask(f"""document.querySelector('#drawing g[aria-label="{name}"] > .box, '
               + '#drawing g[aria-label="{name}"] > .scope')
               .dispatchEvent(new MouseEvent('click', {{bubbles: true}}))""")


def lenet5(chrome):
    tile = chrome.ask("document.querySelector('#tiles small').textContent")
    folded = chrome.ask("document.querySelectorAll('#drawing [aria-expanded]').length")
    print(f"lenet5: {layers(chrome)} layers, {folded} folded, {tile} parameters")
    charts = [chrome.ask(f"document.querySelectorAll('#{part}:not([hidden]) canvas').length")
              for part in ("bars", "memory", "roofline")]
    print("lenet5: charts: {} of bars, {} of memory, {} of the roofline".format(*charts))
    slopes = chrome.ask("Chart.getChart(document.querySelector('#roofline-chart canvas')).data.datasets.slice(0, -1)"
                        ".map((set) => Math.round(set.data[0].y / set.data[0].x)).join(' ')")
    print(f"lenet5: GB/s of the roofs: {slopes}")
    chrome.ask("[...document.querySelectorAll('#table th button')].find((b) => b.textContent === 'params').click()")
    first = chrome.ask("[...document.querySelectorAll('#table tbody tr')].slice(0, 2)"
                       ".map((tr) => tr.cells[0].textContent).join(' ')")
    chrome.ask("""document.querySelector('#drawing g[aria-label="c1"]').dispatchEvent(new MouseEvent('click', {bubbles: true}))""")
    how = chrome.ask("[...document.querySelectorAll('#details details dl > div')].map((row) => row.textContent)"
                     ".filter((text) => text.startsWith('params'))[0]")
    # c5 has 120 * (16 * 25 + 1) parameters, f6 84 * 121, all others fewer.
    print(f"lenet5: sorted by params: {first}")
    print(f"lenet5: {how}")
    look_at_code(chrome)


def code_of(chrome, name):
    """What the page says of the C of a layer: its heading, the line of the source, the C."""
    chrome.ask(f"choose({{ name: '{name}', row: report.layers.find((layer) => layer.name === '{name}') }})")
    return chrome.ask("[...document.querySelectorAll('#details details')].at(-1).textContent")


def look_at_code(chrome):
    print("lenet5: C of c3:", " ".join(code_of(chrome, "c3").split()))
    print("lenet5: C of the tanh after it:", " ".join(code_of(chrome, "2").split())[:100])


def googlenet(chrome):
    print(f"googlenet: {layers(chrome)} layers")
    chrome.ask("document.getElementById('fold').click()")
    folded = boxes(chrome)
    click_block(chrome, "inception4e")
    print("googlenet: an unfolded block holds more boxes:", str(boxes(chrome) > folded).lower())
    click_block(chrome, "inception4e")
    print("googlenet: folded again:", str(boxes(chrome) == folded).lower())
    chrome.press("ArrowRight")
    opened = boxes(chrome)
    chrome.press("Enter")
    print("googlenet: the arrow, then Enter fold:", str(opened > folded == boxes(chrome)).lower())
    chrome.ask("""(() => { const filter = document.getElementById('filter');
               filter.value = 'inception4e.'; filter.dispatchEvent(new Event('input')); })()""")
    print(f"googlenet: of 'inception4e' the table shows {layers(chrome)} rows")


def resnet152(chrome):
    print(f"resnet152: {layers(chrome)} layers")
    chrome.ask("document.getElementById('unfold').click()")
    drawn = chrome.ask("document.querySelectorAll('#drawing g:not([aria-expanded])[role=treeitem]').length")
    print(f"resnet152: all unfolded, {drawn - 1} layers are drawn")
    code = code_of(chrome, "layer3.35.conv3")
    print("resnet152: the C of a block's 36th instance:", *re.findall(r"\.(?:ic|oc) = \d+", code))


def hostile(chrome):
    clean = chrome.ask("!document.querySelector('img, b') && document.scripts.length === 8 && !window.broken")
    print("hostile: no markup of the source's:", str(clean).lower())


def nets(chrome):
    """Batches of two nets: a curve for each."""
    sets = chrome.ask("Chart.getChart(document.querySelector('#plot-chart canvas')).data.datasets"
                      ".map((set) => set.label + ' ' + set.data.length).join(', ')")
    print(f"nets: curves of {sets}")
    chrome.ask("""(() => { const across = document.getElementById('across');
               across.value = 'params'; across.dispatchEvent(new Event('change')); })()""")
    points = chrome.ask("Chart.getChart(document.querySelector('#plot-chart canvas')).data.datasets"
                        ".map((set) => set.data.map((p) => p.x + ' ' + p.y)[0]).join(', ')")
    print(f"nets: the first point over parameters: {points}")
    chrome.ask("[...document.querySelectorAll('#table th button')].find((b) => b.textContent === 'parameters').click()")
    first = chrome.ask("[...document.querySelectorAll('#table tbody tr')][0].textContent")
    print(f"nets: sorted by parameters: {first}")


def diff(chrome):
    """A module and its reduced form: what the table and the bars say of the 3x3."""
    print("diff:", chrome.ask("document.getElementById('about').textContent"))
    rows = chrome.ask("[...document.querySelectorAll('#changes tbody tr')].map((tr) => [...tr.cells].map((td) => td.textContent).join(' '))"
                      ".filter((text) => text.includes('conv 3x3')).join('; ')")
    print(f"diff: {rows}")
    bars = chrome.ask("(({ labels, datasets }) => datasets.map((set) => set.label + ' ' + set.data[labels.indexOf('1.conv → 0.branch2.1.conv')])"
                      ".join(', '))(Chart.getChart(document.querySelector('#plot-chart canvas')).data)")
    print(f"diff: operations of it: {bars}")
    totals = chrome.ask("[...document.querySelectorAll('#totals tbody tr')].map((tr) => [...tr.cells].map((td) => td.textContent).join(' '))"
                        ".find((text) => text.startsWith('macs'))")
    print(f"diff: {totals}")


def use(chrome, folder, steps):
    name = steps.__name__
    for kind, look in {"dark": {"dark": True}, "phone": {"width": 390, "height": 800}, "light": {}}.items():
        chrome.open(f"{folder}/{name}.html", **look)
        chrome.screenshot(f"{folder}/{name}-{kind}.png")
        for part, wide in {"page": "document.documentElement.scrollWidth > innerWidth",
                           "bar of links": "(n => n && n.scrollWidth > n.clientWidth)(document.querySelector('nav'))"}.items():
            if chrome.ask(wide):
                complaints.append(f"{name}, {kind}: the {part} is wider than the window")
        if kind == "light":
            steps(chrome)
            chrome.screenshot(f"{folder}/{name}-used.png")
        complaints.extend(f"{name}, {kind}: {text}" for text in chrome.complaints())


def main():
    program, folder = sys.argv[1:]
    with Chrome(program) as chrome:
        for steps in (lenet5, googlenet, resnet152, hostile, nets, diff):
            use(chrome, folder, steps)
    print("\n".join(complaints) or "no complaints")


main()
