"""Times the CPU training step of the course's mini-Xception in PyTorch and in Mien, in turn.

    cargo build --release -p mien-trainer --example step_speed
    python trainer/scripts/step_speed.py target/release/examples/step_speed --threads 2

Needs PyTorch (measured with 2.9.0). Prints each round's medians, then the median ratio
Mien / PyTorch: below 1 Mien is faster.
"""

import argparse
import json
import os
import statistics
import subprocess
import time

import torch
from torch import nn


class Separable(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01)

    def forward(self, x):
        return self.norm(self.pointwise(self.depthwise(x)))


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride=2, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
        )
        self.first, self.second = Separable(inputs, outputs), Separable(outputs, outputs)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, x):
        return self.shortcut(x) + self.pool(self.second(torch.relu(self.first(x))))


class MiniXception(nn.Module):
    def __init__(self, classes=7):
        super().__init__()
        stem = []
        for inputs in (1, 8):
            stem += [
                nn.Conv2d(inputs, 8, 3, bias=False),
                nn.BatchNorm2d(8, eps=1e-3, momentum=0.01),
                nn.ReLU(),
            ]
        widths = [8, 16, 32, 64, 128]
        blocks = [Block(i, o) for i, o in zip(widths, widths[1:])]
        self.body = nn.Sequential(*stem, *blocks, nn.Conv2d(128, classes, 3, padding=1))

    def forward(self, x):
        return self.body(x).mean((2, 3))


def torch_step_ms(net, optimizer, x, targets, steps):
    times = []
    for step in range(3 + steps):
        started = time.perf_counter()
        loss = nn.functional.cross_entropy(net(x), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step >= 3:
            times.append(1e3 * (time.perf_counter() - started))
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mien", help="the built example step_speed")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    net = MiniXception()
    parameters = sum(p.numel() for p in net.parameters())
    assert parameters == 56_951, parameters
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    x, targets = torch.rand(64, 1, 48, 48), torch.full((64, 7), 1 / 7)
    environment = {**os.environ, "RAYON_NUM_THREADS": str(args.threads)}
    ratios = []
    for number in range(args.rounds):
        theirs = torch_step_ms(net, optimizer, x, targets, args.steps)
        command = [args.mien, "mini_xception", "64", str(args.steps)]
        ours = json.loads(subprocess.check_output(command, env=environment))["median_ms"]
        ratios.append(ours / theirs)
        print(f"round {number}: PyTorch {theirs:.2f} ms, Mien {ours:.2f} ms, ratio {ratios[-1]:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} on {args.threads} threads, PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
