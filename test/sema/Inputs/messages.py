"""Messages as JSON and SARIF: messages.py NETC SCHEMA WRONG.net."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "report"))
import schema as schemas  # noqa: E402

NETC, SCHEMA, WRONG = sys.argv[1:]


def messages(form, file):
    run = subprocess.run([NETC, f"--diagnostics={form}", "--emit=graph", file], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return json.loads(run.stderr)


def main():
    schema = json.load(open(SCHEMA, encoding="utf-8"))
    told = messages("json", WRONG)
    for fault in schemas.check(schema, schema, told, "messages"):
        print(fault)
    for m in told["messages"]:
        p = m["place"]
        print(f"json: {m['id']} at {p['line']}:{p['column']} to {p['end_line']}:{p['end_column']}, {len(m['hints'])} hints, {len(m['fixes'])} fixes")
    log = messages("sarif", WRONG)
    assert log["version"] == "2.1.0" and log["runs"][0]["tool"]["driver"]["name"] == "netc"
    for result in log["runs"][0]["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        print("sarif: {} at {startLine}:{startColumn} to {endLine}:{endColumn}, {} fixes".format(result["ruleId"], len(result["fixes"]), **region))
    with tempfile.TemporaryDirectory() as folder:
        good = os.path.join(folder, "a good net.net")
        with open(good, "w", encoding="utf-8") as file:
            file.write("net n {\n input x[3, 8, 8]\n relu\n}\n")
        if not messages("json", good)["messages"] and not messages("sarif", good)["runs"][0]["results"]:
            print("a good net: no messages, no results")


main()
