"""Makes the golden outputs of test/nets/recurrent.net with PyTorch: recurrent.py FOLDER."""
import os
import sys

import torch
from torch import nn

import nets


class Results(nn.Module):
    """All results of a recurrent layer, in a row; the batch is first."""

    def __init__(self, kind, *sizes, **options):
        super().__init__()
        self.rnn = kind(*sizes, batch_first=True, **options)

    def forward(self, x):
        output, states = self.rnn(x)
        states = states if isinstance(states, tuple) else (states,)
        return torch.cat([output.flatten(1), *(state.transpose(0, 1).flatten(1) for state in states)], 1)


class States(nn.Module):
    """The last states of the cells of a layer behind another."""

    def __init__(self):
        super().__init__()
        self.lower, self.upper = nn.GRU(8, 16, batch_first=True), nn.LSTM(16, 24, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.upper(self.lower(x)[0].relu())[1][1].transpose(0, 1)


class Reused(nn.Module):
    """States that several read."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 16, 2, batch_first=True)

    def forward(self, x):
        output, (h, c) = self.rnn(x)
        h, c = h.transpose(0, 1), c.transpose(0, 1)
        return torch.cat([part.flatten(1) for part in (h.relu(), h, c.tanh(), -output)], 1)


CASES = {
    "lstm_one": ((3, 7, 10), lambda: Results(nn.LSTM, 10, 21)),
    "lstm_deep": ((3, 5, 33), lambda: Results(nn.LSTM, 33, 40, 2, bias=False, bidirectional=True)),
    "gru_one": ((3, 7, 10), lambda: Results(nn.GRU, 10, 16, bias=False)),
    "gru_deep": ((1, 4, 12), lambda: Results(nn.GRU, 12, 19, 3, bidirectional=True)),
    "lstm_states": ((1, 6, 8), States),
    "lstm_reused": ((1, 2, 8), Reused),
}

if __name__ == "__main__":
    for name, (shape, build) in CASES.items():
        nets.SIZES[name], nets.BUILDERS[name] = shape, build
        with open(os.path.join(sys.argv[1], name + ".golden"), "w", encoding="ascii") as file:
            file.write(nets.golden(name))
