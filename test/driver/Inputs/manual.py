"""The manual's pages and the completions: manual.py OPTIONS.def MANUAL BASH. Each has every option; bash completes them."""
import re
import shutil
import subprocess
import sys

OPTIONS, MANUAL, BASH = sys.argv[1:]
ROWS = re.findall(r"^OPTION\(\w+, (?:'(.)'|0), (?:\"([\w-]+)\"|NULL), (NULL|\".*?\"), (\w+),", open(OPTIONS, encoding="utf-8").read(), re.M)


def page(name):
    return subprocess.run([MANUAL, name], check=True, capture_output=True, text=True).stdout


def lacking(name, spell):
    text = page(name)
    missing = [row for row in ROWS if spell(row) not in text]
    print(f"{name}: {len(ROWS)} options" if not missing else f"{name} lacks {missing}")


def complete(*words):
    """What bash offers for the last word."""
    line = " ".join(f"'{word}'" for word in words)
    script = f"source /dev/stdin <<'EOS'\n{page('bash')}\nEOS\nCOMP_WORDS=({line}) COMP_CWORD={len(words) - 1}\n_netc\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    return subprocess.run([BASH, "-c", script], capture_output=True, text=True, check=True).stdout.split()


def main():
    lacking("netc.1", lambda row: r"\-\-" + row[1].replace("-", r"\-") if row[1] else r"\-" + row[0])
    lacking("bash", lambda row: "--" + row[1] if row[1] else "-" + row[0])
    lacking("zsh", lambda row: f"'--{row[1]}" if row[1] else f"'-{row[0]}")
    lacking("fish", lambda row: f" -l {row[1]} " if row[1] else f" -s {row[0]} ")
    print("--emit:", *complete("netc", "--emit", ""))
    print("--we:", *complete("netc", "--we"))
    print("--report h:", *complete("netc", "--report", "h"))
    if shutil.which("groff"):
        for name in ("netc.1", "net.5"):
            run = subprocess.run(["groff", "-k", "-man", "-ww", "-Tutf8"], input=page(name), capture_output=True, text=True)
            print(f"{name}: {len(run.stderr.splitlines())} complaints")


main()
