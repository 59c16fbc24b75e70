"""Arena, lower bound and naive sum of every example net: arena.py NETC FOLDER [OPTION OF NETC...]. Fails 1.02 times above the least."""
import pathlib
import re
import subprocess
import sys

MOST = 1.02
# What no arena is below, over what is alive at once: the optimum that CP-SAT of OR-Tools proves for
# the plan's buffers (1,283,584 bytes of 1,185,536 alive at once).
LEAST = {"shufflenet_v2_x1_5": 1283584 / 1185536}


def nets_of(path):
    """The nets of a file whose parameters all have defaults."""
    nets = re.findall(r"^net (\w+)(?:\(([^)]*)\))?", path.read_text(encoding="utf-8"), re.M)
    return [name for name, parameters in nets if all("=" in p for p in parameters.split(",") if p)]


def plan_of(netc, path, net, options):
    command = [netc, "--emit=plan", *options, str(path), "--net", net]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main():
    netc, folder, *options = sys.argv[1:]
    worst = 0
    for path in sorted(pathlib.Path(folder).glob("*.net")):
        for net in nets_of(path):
            run = plan_of(netc, path, net, options)
            found = re.search(r"^arena: (\d+) bytes, lower bound (\d+) .* naive (\d+)", run.stdout, re.M)
            if not found:
                sys.exit(f"{path.name}: {net}: {run.stderr}")
            arena, bound, naive = map(int, found.groups())
            print(f"{net:24} {arena:12,} {bound:12,} {arena / bound:6.3f} {naive:14,}")
            worst = max(worst, arena / bound / LEAST.get(net, 1))
    print(f"worst {worst:.3f}")
    return 0 if 1 <= worst <= MOST else 1


sys.exit(main())
