"""Training by several ranks of MPI beside one process: ranks.py NETC CC FOLDER WATCH. Silent when all is as it should be.

One process with whole batches of 12 pictures, and 1 to 4 ranks with runs of 3 of them: losses, norms of gradients and
evaluations agree to 1e-6, whatever the number of ranks, also where training goes on with another one. A rank that is killed
ends the job with a message and a state to go on from. With --sync-bn a net with bn learns by 2 and 4 ranks what one process does with
whole batches. The library WATCH prints where a rank begins to sum gradients.
"""
import bisect
import csv
import filecmp
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time

NETC, CC, FOLDER, WATCH = sys.argv[1:]
NEAR, PICTURES, ROWS, COLUMNS, CLASSES = 1e-6, 60, 9, 7, 5
NET = """
train by {
    optimizer sgd(lr=0.05, momentum=0.9)
    batch 12
    epochs 3
    clip 1
}
net small {
    input image[1, 9, 7]
    conv(6, 3, padding=1) -> relu -> maxpool(2) -> conv(8, 3) -> tanh -> flatten -> linear(5)
    output classes
    train by
}
net wide {
    input image[1, 9, 7]
    flatten -> linear(600) -> relu -> linear(600) -> relu -> linear(600) -> linear(5)
    output classes
    train by
}
net normed {
    input image[1, 9, 7]
    conv(6, 3, padding=1, bias=false) -> bn -> relu -> flatten -> dropout(0.2) -> linear(5)
    output classes
    train by
}
net together {
    input image[1, 9, 7]
    conv(6, 3, padding=1, bias=false) -> bn -> relu -> maxpool(2)
    residual { conv(6, 3, padding=1, bias=false) -> bn(affine=false, momentum=0.3) -> tanh -> conv(6, 1) }
    flatten -> linear(18) -> bn -> linear(5)
    output classes
    train by
}
"""
DATA = ["train", "--data", "train-images-idx3-ubyte", "--threads", "1"]
VAL = ["--val", "train-images-idx3-ubyte"]


def write_data():
    """Pictures and labels by a formula."""
    state, drawn = 1, bytearray()
    for _ in range(PICTURES * ROWS * COLUMNS):
        state = (state * 1103515245 + 12345) % 2**31
        drawn.append(state >> 23)
    with open("train-images-idx3-ubyte", "wb") as file:
        file.write(struct.pack(">4i", 0x803, PICTURES, ROWS, COLUMNS) + drawn)
    with open("train-labels-idx1-ubyte", "wb") as file:
        file.write(struct.pack(">2i", 0x801, PICTURES) + bytes(drawn[i * 63] % CLASSES for i in range(PICTURES)))


def compile_net(net, name, *options):
    subprocess.run([NETC, "--train", "--net", net, "nets.net", "-o", name, "--cc", f"{CC} -O1", *options], check=True)


def mpirun(n):
    """Open MPI wants to be told that there may be more ranks than processors, and that root is meant."""
    version = subprocess.run(["mpirun", "--version"], capture_output=True, text=True).stdout
    return ["mpirun", *(["--oversubscribe", "--allow-run-as-root"] if "open" in version.lower() else []), "-n", str(n)]


def train(command, name, *options):
    subprocess.run([*command, *DATA, "--output", name, "--log", name + ".csv", *options], check=True, stdout=subprocess.DEVNULL)


def rows(name):
    with open(name + ".csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def agree(name, other):
    mine, theirs = rows(name), rows(other)
    assert len(mine) == len(theirs) == 15, (name, len(mine), len(theirs))
    for a, b in zip(mine, theirs):
        assert (a["step"], a["epoch"], a["lr"]) == (b["step"], b["epoch"], b["lr"]), (a, b)
        for column in ("loss", "accuracy", "norm", "val_loss", "val_accuracy"):
            assert bool(a[column]) == bool(b[column]), (name, column, a, b)
            near = not a[column] or abs(float(a[column]) - float(b[column])) <= NEAR * abs(float(b[column]))
            assert near, (name, other, column, a, b)


def fails(command, text, status=None):
    """Says why, and once."""
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode and (status is None or run.returncode == status), (command, run.returncode)
    assert run.stderr.count(text) == 1, (command, run.stderr)


def children(parent):
    """Processes by their parent's number, as Linux lists them."""
    with open(f"/proc/{parent}/task/{parent}/children", encoding="utf-8") as file:
        return [int(n) for n in file.read().split()]


def ranks_under(job):
    found = children(job)
    for process in list(found):
        found += children(process)
    return [n for n in found if os.path.basename(os.readlink(f"/proc/{n}/exe")) == "ranks"]


def wait_for(what):
    for _ in range(600):
        if what():
            return
        time.sleep(0.05)
    sys.exit("nothing has come to pass in 30 seconds")


def kill_a_rank():
    """What rank 0 had learned is kept, for another number of ranks, if mpirun leaves it the time: an epoch's end is in any case."""
    job = subprocess.Popen([*mpirun(2), "./ranks", *DATA, "--output", "killed", "--log", "killed.csv", "--epochs", "100000"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: os.path.exists("killed.state"))
    os.kill(ranks_under(job.pid)[-1], signal.SIGKILL)
    said = job.communicate()[1]
    assert job.returncode, "mpirun did not notice"
    assert "signal 9" in said or "KILLED" in said, said
    if "Primary job" in said:  # Open MPI's, which gives the others a second
        assert "another rank has ended; step" in said and "--resume killed.state" in said, said
    step = int(rows("killed")[-1]["step"])
    train([*mpirun(4), "./ranks"], "killed", "--epochs", "100000", "--resume", "killed.state", "--steps", str(step + 3))
    assert int(rows("killed")[-1]["step"]) == step + 3


def functions(program):
    """Addresses and names, by the address."""
    lines = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted((int(line.split()[0], 16), line.split()[2]) for line in lines if line.split()[1] in "tT")


def calls(said, program):
    """For each sum, the functions of the program that were being called."""
    known = functions(program)
    for text in said.split("sum\n")[1:]:
        offsets = [int(at, 16) for at in re.findall(r"wide\(\+(0x[0-9a-f]+)\)", text)]
        yield [known[bisect.bisect(known, (at, "~")) - 1][1] for at in offsets]


def sums_while_it_runs():
    """Layers of 600 by 600 have 360,000 gradients: two buckets of 2^18 elements each, which are summed while the pass back goes on, and
    so is the first layer's bucket."""
    watched = [*mpirun(2), "env", f"LD_PRELOAD={WATCH}", "./wide"]
    run = subprocess.run([*watched, *DATA, "--output", "wide.out", "--steps", "1"], capture_output=True, text=True, check=True)
    sums = list(calls(run.stderr, "wide"))
    assert len(sums) == 5 and all("net_compute" in names for names in sums), sums
    train(["./wide_alone"], "wide_one")
    train([*mpirun(2), "./wide"], "wide_two")
    agree("wide_two", "wide_one")


def tensors(name):
    """Of a checkpoint, by their names."""
    with open(name, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(size)), file.read()
    return {key: struct.unpack(f"<{(entry['data_offsets'][1] - entry['data_offsets'][0]) // 4}f", data[slice(*entry["data_offsets"])])
            for key, entry in header.items() if key != "__metadata__"}


def statistics_of_all_ranks():
    compile_net("together", "together_alone")
    train(["./together_alone"], "together_one", *VAL)
    one = tensors("together_one")
    assert sum("running" in name for name in one) == 6, list(one)
    for ranks, pictures in ((2, 6), (4, 3)):
        name = f"together_{ranks}"
        compile_net("together", name, "--mpi", "--sync-bn", "--batch", str(pictures))
        train([*mpirun(ranks), "./" + name], name + ".out", *VAL)
        agree(name + ".out", "together_one")
        for key, values in tensors(name + ".out").items():
            assert all(abs(a - b) <= 1e-5 * max(map(abs, one[key])) for a, b in zip(values, one[key])), (name, key)
    train([*mpirun(4), "./together_4"], "together_again", *VAL)
    assert filecmp.cmp("together_4.out", "together_again", shallow=False), "two trainings with --sync-bn differ"
    fails([*mpirun(2), "./together_4", *DATA, "--output", "none"], "a batch by 4 ranks of 3 pictures each, and here are 2")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    os.chdir(FOLDER)
    with open("nets.net", "w", encoding="utf-8") as file:
        file.write(NET)
    write_data()
    for name in ("killed.state", "killed.csv", "some.csv"):
        if os.path.exists(name):
            os.remove(name)
    compile_net("small", "alone")
    compile_net("small", "ranks", "--mpi", "--batch", "3")
    compile_net("normed", "normed", "--mpi", "--batch", "6")
    with open("alone", "rb") as file:
        assert b"MPI_" not in file.read()
    train(["./alone"], "one", *VAL)
    for n in (1, 2, 3, 4):
        train([*mpirun(n), "./ranks"], f"of{n}", *VAL)
        agree(f"of{n}", "one")
    train([*mpirun(4), "./ranks"], "again", *VAL)
    assert filecmp.cmp("of4", "again", shallow=False), "two trainings by 4 ranks differ"
    train([*mpirun(2), "./ranks"], "some", *VAL, "--epochs", "3", "--steps", "7")
    train([*mpirun(4), "./ranks"], "some", *VAL, "--epochs", "3", "--resume", "some.state")
    assert [r["step"] for r in rows("some")] == [str(i) for i in range(1, 16)]
    losses = [[float(r["loss"]) for r in rows(name)] for name in ("some", "one")]
    assert all(abs(a - b) <= NEAR * b for a, b in zip(*losses)), losses
    train([*mpirun(2), "./normed"], "normed.out", *VAL)
    assert len(rows("normed.out")) == 15
    fails([*mpirun(5), "./ranks", *DATA, "--output", "none"], "a step has 4 runs of 3 pictures, and is not for 5 ranks")
    fails([*mpirun(2), "./ranks", *DATA, "--output", "none", "--lr", "1e38"], "the loss is not finite")
    fails([*mpirun(2), "./ranks", "train", "--data", "nothing", "--output", "none"], "nothing")
    assert not os.path.exists("none")
    statistics_of_all_ranks()
    compile_net("wide", "wide", "--mpi", "--batch", "3")
    compile_net("wide", "wide_alone")
    sums_while_it_runs()
    kill_a_rank()


main()
