"""A training that SIGTERM ends goes on to what it would have been: interrupt.py PROGRAM."""
import filecmp
import re
import signal
import subprocess
import sys

COMMAND = [sys.argv[1], "train", "--data", "train-images-idx3-ubyte", "--seed", "3", "--epochs", "1000000", "--output"]
run = subprocess.Popen([*COMMAND, "x"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
run.stdout.readline()
run.send_signal(signal.SIGTERM)
said = run.communicate()[1]
print(said, "status", run.returncode)
last = int(re.search("after step ([0-9]+)", said)[1])
subprocess.run([*COMMAND, "x", "--steps", str(last + 5), "--resume", "x.state"], check=True, stdout=subprocess.DEVNULL)
subprocess.run([*COMMAND, "y", "--steps", str(last + 5)], check=True, stdout=subprocess.DEVNULL)
print("the same" if filecmp.cmp("x", "y", False) and filecmp.cmp("x.state", "y.state", False) else "not the same")
