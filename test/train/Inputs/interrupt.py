"""A training that a signal ends goes on to what it would have been: interrupt.py PROGRAM SIGNAL."""
import filecmp
import re
import signal
import subprocess
import sys

DATA = "train-images-idx3-ubyte"
SIGNAL = signal.Signals[sys.argv[2]]
COMMAND = [sys.argv[1], "train", "--data", DATA, "--val", DATA, "--seed", "3", "--epochs", "1000000", "--output"]
# Who runs the tests may ignore the signal, which a child would inherit.
run = subprocess.Popen([*COMMAND, "x"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                       preexec_fn=lambda: signal.signal(SIGNAL, signal.SIG_DFL))
run.stdout.readline()
run.send_signal(SIGNAL)
try:
    said = run.communicate(timeout=120)[1]
except subprocess.TimeoutExpired:
    run.kill()
    raise
print(said, "status", run.returncode)
last = int(re.search("after step ([0-9]+)", said)[1])
subprocess.run([*COMMAND, "x", "--steps", str(last + 5), "--resume", "x.state"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([*COMMAND, "y", "--steps", str(last + 5)], check=True, stdout=subprocess.DEVNULL)
print("the same" if filecmp.cmp("x", "y", False) and filecmp.cmp("x.state", "y.state", False) else "not the same")
