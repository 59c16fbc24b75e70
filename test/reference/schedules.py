"""Learning rates of PyTorch's schedulers: schedules.py writes test/unit/golden_schedule.h, on standard output.

Twelve epochs, or steps, of each schedule over an optimizer of lr 0.1; of one_cycle the momentum as well.
"""
import torch
from torch.optim import lr_scheduler as lrs

TOTAL, LR = 12, 0.1


def warmed(optimizer, main, warmup, factor=1 / 3):
    """PyTorch's own way to put a warmup before a schedule."""
    return lrs.SequentialLR(optimizer, [lrs.LinearLR(optimizer, factor, total_iters=warmup), main(optimizer)], [warmup])


# Fields of struct netrt_schedule, and what PyTorch calls it.
CASES = [
    (".kind = NETRT_SCHEDULE_constant", lambda o: lrs.ConstantLR(o, 1)),
    (".kind = NETRT_SCHEDULE_constant, .warmup = 4, .start_factor = 0.25", lambda o: warmed(o, lambda o: lrs.ConstantLR(o, 1), 4, 0.25)),
    (".kind = NETRT_SCHEDULE_steps, .milestones = {3, {2, 5, 5}}, .gamma = 0.3", lambda o: lrs.MultiStepLR(o, [2, 5, 5], 0.3)),
    (".kind = NETRT_SCHEDULE_steps, .milestones = {2, {2, 5}}, .gamma = 0.3, .warmup = 3, .start_factor = 0.1",
     lambda o: warmed(o, lambda o: lrs.MultiStepLR(o, [2, 5], 0.3), 3, 0.1)),
    (".kind = NETRT_SCHEDULE_cosine, .eta_min = 0.01", lambda o: lrs.CosineAnnealingLR(o, TOTAL, 0.01)),
    (".kind = NETRT_SCHEDULE_cosine, .T_max = 8", lambda o: lrs.CosineAnnealingLR(o, 8)),
    (".kind = NETRT_SCHEDULE_cosine, .warmup = 5, .start_factor = 0.3333333333333333", lambda o: warmed(o, lambda o: lrs.CosineAnnealingLR(o, TOTAL - 5), 5)),
    (".kind = NETRT_SCHEDULE_polynomial, .power = 2", lambda o: lrs.PolynomialLR(o, TOTAL, 2)),
    (".kind = NETRT_SCHEDULE_polynomial, .power = 0.9, .total_iters = 7", lambda o: lrs.PolynomialLR(o, 7, 0.9)),
    (".kind = NETRT_SCHEDULE_exponential, .gamma = 0.8", lambda o: lrs.ExponentialLR(o, 0.8)),
    (".kind = NETRT_SCHEDULE_one_cycle, .pct_start = 0.3, .div_factor = 25, .final_div_factor = 1e4, .cycle_momentum = 1, "
     ".base_momentum = 0.85, .max_momentum = 0.95", lambda o: lrs.OneCycleLR(o, LR, TOTAL)),
    (".kind = NETRT_SCHEDULE_one_cycle, .pct_start = 0.5, .div_factor = 10, .final_div_factor = 100, .cycle_momentum = 0",
     lambda o: lrs.OneCycleLR(o, LR, TOTAL, pct_start=0.5, div_factor=10, final_div_factor=100, cycle_momentum=False)),
]


def rates(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR, momentum=0.9)
    scheduler = make(optimizer)
    found = []
    for _ in range(TOTAL):
        group = optimizer.param_groups[0]
        found.append((group["lr"], group["momentum"]))
        optimizer.step()
        scheduler.step()
    return found


def main():
    print("/* Learning rates and momenta of PyTorch's schedulers, by test/reference/schedules.py. */")
    print("static const struct {\n    struct netrt_schedule schedule;\n    double lr[TOTAL], momentum[TOTAL];\n} golden[] = {")
    for fields, make in CASES:
        found = rates(make)
        numbers = [", ".join(f"{pair[i]:.12g}" for pair in found) for i in range(2)]
        print(f"    {{{{{fields}}},\n     {{{numbers[0]}}},\n     {{{numbers[1]}}}}},")
    print("};")


main()
