"""How Sphinx makes the site of the manual, `make site`."""
from pygments.lexers.shell import BashSessionLexer
from pygments.lexers.special import TextLexer

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


def setup(app):
    """Shell blocks are commands with what they print; languages that Pygments does not know are shown as they are."""
    app.add_lexer("sh", BashSessionLexer)
    for language in ("net", "meson"):
        app.add_lexer(language, TextLexer)
