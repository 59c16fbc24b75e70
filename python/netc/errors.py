"""What goes wrong in compiling and running."""
import re

__all__ = ["CompileError", "RunError"]

_PLACE = re.compile(r"^(?:(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): |netc: )(?:error: )?(?P<message>.*)$", re.M)
_HINT = re.compile(r"^ +hint: (.*)$", re.M)


class CompileError(Exception):
    """What netc said in place of a network; str() is all of it.

    message is the first error, file, line and column its place (None: it has none), hint a way out (None: there is none).
    """

    def __init__(self, text):
        super().__init__(text.strip())
        first, hint = _PLACE.search(text), _HINT.search(text)
        self.message = first["message"] if first else text.strip()
        self.file = first["file"] if first else None
        self.line = int(first["line"]) if first and first["line"] else None
        self.column = int(first["column"]) if first and first["column"] else None
        self.hint = hint[1] if hint else None


class RunError(Exception):
    """A network that cannot run, or gives no answer: it has no weights, an integer is no position in what it is to choose from,
    numbers are infinite or NaN."""
