"""The package as a wheel: wheel.py NETC SOURCE FOLDER. The standard tools build it, without a network, and what it holds runs."""
import glob
import os
import shutil
import subprocess
import sys
import zipfile

NETC, SOURCE, FOLDER = sys.argv[1:]
NET = "net small {\n    input x[3, 4, 4]\n    global_avgpool -> flatten\n}\n"
# Of numbers from 0 to 47 the means of 16 each.
CODE = """
import sys
import netc
import numpy
assert netc.__file__.startswith(sys.argv[1]), netc.__file__
out = netc.compile(sys.argv[2])(numpy.arange(48, dtype=numpy.float32).reshape(3, 4, 4))
assert out.tolist() == [7.5, 23.5, 39.5], out
"""


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    copy, wheels, site, net = (os.path.join(FOLDER, name) for name in ("source", "wheels", "site", "small.net"))
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", wheels, copy], check=True)
    wheel, = glob.glob(os.path.join(wheels, "netc-*-py3-none-any.whl"))
    held = {name.partition("/")[2] for name in zipfile.ZipFile(wheel).namelist() if name.startswith("netc/")}
    assert held == {name for name in os.listdir(os.path.join(SOURCE, "netc")) if name.endswith(".py")}, held
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", site, wheel], check=True)
    with open(net, "w", encoding="ascii") as file:
        file.write(NET)
    subprocess.run([sys.executable, "-c", CODE, site, net], check=True, cwd=FOLDER, env=os.environ | {"PYTHONPATH": site, "NETC": NETC})
    shutil.rmtree(FOLDER)


main()
