"""A lit format: beside its own files, a folder's lists give one test for each row.

A list `<name>.list` stands beside `<name>.template`, a test of lit's shell format. A row is
`test word=value...`, named `<name>/test`; %{word} in the template is that value, %{test} the
row's name, and `requires=a,b` what a REQUIRES line would say. `#` starts a comment.
"""
import os

import lit.formats
import lit.Test
import lit.TestRunner


class Row(lit.Test.Test):
    """The test of one row; its source is the template."""

    def __init__(self, suite, path_in_suite, config, template, words):
        super().__init__(suite, path_in_suite, config)
        self.template = template
        self.words = words
        self.requires = words.get("requires", "").split(",") if "requires" in words else []

    def getSourcePath(self):
        return self.template


def read_rows(path):
    """Names and words of a list's rows, in their order."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, *words = line.partition("#")[0].split() or [None]
            if name:
                yield name, dict(word.split("=", 1) for word in words)


class RowTests(lit.formats.ShTest):
    def getTestsInDirectory(self, suite, path_in_suite, lit_config, config):
        yield from super().getTestsInDirectory(suite, path_in_suite, lit_config, config)
        folder = suite.getSourcePath(path_in_suite)
        for file in sorted(os.listdir(folder)):
            base, ext = os.path.splitext(file)
            template = os.path.join(folder, base + ".template")
            for name, words in read_rows(os.path.join(folder, file)) if ext == ".list" else ():
                yield Row(suite, path_in_suite + (base, name), config, template, words)

    def execute(self, test, lit_config):
        words = {**test.words, "test": test.path_in_suite[-1]} if isinstance(test, Row) else {}
        more = [("%{" + word + "}", value) for word, value in words.items()]
        return lit.TestRunner.executeShTest(test, lit_config, self.execute_external, more)
