"""Fair times on a shared machine: one processor, one thread, short bursts that take turns.

Runtimes alternate, burst by burst, so that a slow spell of the machine meets all of them. A
runtime's time is the median over rounds of its bursts' medians; two runtimes are compared round by
round, and the ratio's interval is that of a median without assumptions on the distribution
(order statistics with binomial ranks).
"""

import os
from math import comb
from statistics import median

from peer import Unavailable

CONFIDENCE = 0.95
WARM_RUNS = 3


def single_thread(cpu):
    """Pins this process and its children to `cpu`. Call before any runtime is imported."""
    os.sched_setaffinity(0, {cpu})
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"


def alternate(sessions, rounds, runs):
    """Name to one median per round, ms, and name to reason for what ended on the way.

    Each round begins one runtime further on.
    """
    medians, lost = {name: [] for name in sessions}, {}
    for turn in range(rounds):
        for name in rotated(list(medians), turn):
            try:
                medians[name].append(_turn(sessions[name], runs))
            except Unavailable as ended:
                lost[name] = str(ended)
                del medians[name]
    return medians, lost


def rotated(names, turn):
    start = turn % max(len(names), 1)
    return names[start:] + names[:start]


def _turn(session, runs):
    session.burst(WARM_RUNS)
    return median(session.burst(runs))


def ratio(ours, theirs):
    """Median of the per-round ratios, with its interval: (median, low, high)."""
    paired = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    skip = ranks_outside(len(paired))
    return median(paired), paired[skip], paired[-1 - skip]


def ranks_outside(count):
    """How many order statistics at each end the interval of a median of `count` leaves out.

    The largest k with P(Binomial(count, 1/2) <= k) at most half of what CONFIDENCE leaves; 0 where
    there is none, and the whole range is then all that can be said.
    """
    tail, below = (1 - CONFIDENCE) / 2, 0.0
    for k in range(count):
        below += comb(count, k) / 2**count
        if below > tail:
            return max(k - 1, 0)
    return 0
