"""The tests, one by one and in any order: lit as a library."""
import os
import re
import resource
import shlex
import signal
import sys
import time

# Of a program that a fault let loose.
MEMORY, FILE = 8 << 30, 1 << 30
# What a test's process ends with says how the test did: a place in this list.
RESULTS = ["PASS", "FAIL", "UNSUPPORTED"]


class Suite:
    """The tests of a build, by their names, in the form that `make check` has."""

    def __init__(self, command, build):
        sys.path[:0] = [os.path.dirname(os.path.realpath(word)) for word in shlex.split(command) if word.endswith(".py")]
        os.environ.pop("NETC_TESTS", None)
        import lit.discovery
        import lit.LitConfig
        self.config = lit.LitConfig.LitConfig("lit", [], True, False, False, [], False, False, False, {})
        found = lit.discovery.find_tests_for_inputs(self.config, [os.path.join(build, "test")], False)
        self.tests = {"/".join(test.path_in_suite): test for test in found}

    def runs_programs(self, name):
        """Whether a test runs a program that was built for tests."""
        with open(self.tests[name].getSourcePath(), encoding="utf-8", errors="replace") as file:
            return re.search("%(unit|fuzz|evaluate)", file.read()) is not None

    def run(self, name, seconds):
        """How a test ended, "PASS", "FAIL"…, or "TIMEOUT" after so many seconds, with all that it started; and the seconds that it took
        of a processor."""
        end, child = time.monotonic() + seconds, os.fork()
        if child == 0:
            self.run_here(self.tests[name])
        while time.monotonic() < end:
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
            time.sleep(0.005)
        os.killpg(child, signal.SIGKILL)
        _, status, used = os.wait4(child, 0)
        return RESULTS[os.WEXITSTATUS(status)] if os.WIFEXITED(status) else "TIMEOUT", used.ru_utime + used.ru_stime

    def run_here(self, test):
        status = 1
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
            result = test.config.test_format.execute(test, self.config)
            status = RESULTS.index(result.code.name) if result.code.name in RESULTS else 1
        finally:
            os._exit(status)
