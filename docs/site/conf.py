"""How Sphinx makes the site of the manual, `make site`.

-D playground=FOLDER: where a playground lies, as seen from the site's folder. Each network leads to itself in there.
"""
import os
import sys
from urllib.parse import quote

from docutils import nodes
from pygments.lexers.shell import BashSessionLexer
from pygments.lexers.special import TextLexer

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts"))
from fences import networks  # noqa: E402

project = "netc"
html_title = html_short_title = "The manual of netc"
extensions = ["myst_parser"]
# Links to sections, as a page of a repository has them.
myst_heading_anchors = 4
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "show_powered_by": False}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_copy_source = False
html_show_copyright = False


def link_networks(app, doctree, page):
    """Puts behind each network of a page a link to it in the playground, which names them as the page's text has them."""
    if not app.config.playground:
        return
    with open(app.env.doc2path(page), encoding="utf-8") as file:
        named = networks(page + ".md", file.read())
    blocks = [block for block in doctree.findall(nodes.literal_block) if block["language"] == "net"]
    folder = "../" * page.count("/") + app.config.playground
    for block, network in zip(blocks, named, strict=True):
        link = nodes.reference("", "Open in the playground", refuri=f"{folder}/index.html#{quote(network['id'])}")
        paragraph = nodes.paragraph("", "", link, classes=["playground"])
        block.parent.insert(block.parent.index(block) + 1, paragraph)


def setup(app):
    """Shell blocks are commands with what they print; languages that Pygments does not know are shown as they are."""
    app.add_lexer("sh", BashSessionLexer)
    for language in ("net", "meson"):
        app.add_lexer(language, TextLexer)
    app.add_config_value("playground", "", "html")
    app.connect("doctree-resolved", link_networks)
