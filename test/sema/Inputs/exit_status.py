"""exit_status.py STATUS COMMAND...: whether a command ends with that status."""
import subprocess
import sys

sys.exit(subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
         != int(sys.argv[1]))
