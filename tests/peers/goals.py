"""The speeds that Mien is held to, each met or missed on what was measured.

A net here is a dict as `bench.measure` makes it: `name`, `macs`, `shipped`, `ms` (column to the
times of each round) and `peak` (precision to GMAC/s, where measured). Ratios compare rounds in
pairs, as `timing.ratio` does.
"""

from dataclasses import dataclass
from statistics import median

import timing

FOREIGN = "mini_XCEPTION"


@dataclass(frozen=True)
class Verdict:
    """One goal on one net.

    `value` is None where a side was not measured, `aim` where nothing beyond the bound is sought.
    """

    goal: str
    net: str
    value: float | None
    bound: float
    aim: float | None
    at_least: bool = False

    @property
    def state(self):
        if self.value is None:
            return "not measured"
        if not self._reaches(self.bound):
            return "missed"
        return "aim reached" if self.aim is not None and self._reaches(self.aim) else "met"

    def _reaches(self, limit):
        return self.value >= limit if self.at_least else self.value <= limit


def judge(nets):
    """Every goal on every net that it speaks of."""
    shipped = [n for n in nets if n["shipped"]]
    verdicts = [faster_than_tract(n) for n in shipped]
    for peer in ("onnxruntime", "LiteRT", "ncnn"):
        verdicts += [best_against(n, f"{peer} f32", aim=0.6) for n in shipped]
    foreign = [n for n in nets if n["name"].startswith(FOREIGN)]
    verdicts += [best_against(n, "onnxruntime f32", aim=None) for n in foreign]
    return verdicts + [share_of_peak(n, p) for n in shipped for p in ("f32", "int8")]


def faster_than_tract(net):
    value = against(net, "tract f32", "Mien f32")
    return Verdict("stock tract / Mien f32", net["name"], value, 3.0, None, at_least=True)


def best_against(net, peer, aim):
    value = against(net, best(net), peer)
    return Verdict(f"Mien, best precision / {peer}", net["name"], value, 1.0, aim)


def share_of_peak(net, precision):
    value = share(net, f"Mien {precision}")
    return Verdict(
        f"Mien {precision}: share of peak", net["name"], value, 0.35, 0.60, at_least=True
    )


def against(net, ours, theirs):
    times = net["ms"]
    if ours not in times or theirs not in times:
        return None
    return timing.ratio(times[ours], times[theirs])[0]


def best(net):
    """Mien's faster column, or None."""
    ours = [c for c in ("Mien f32", "Mien int8") if c in net["ms"]]
    return min(ours, key=lambda c: median(net["ms"][c]), default=None)


def rate(net, column):
    """GMAC/s of a column."""
    return net["macs"] / median(net["ms"][column]) / 1e6


def highest_peaks(nets):
    """Precision to the highest peak that any net's run measured: a busy spell lowers the others."""
    peaks = {}
    for net in nets:
        for precision, peak in net["peak"].items():
            peaks[precision] = max(peak, peaks.get(precision, 0.0))
    return peaks


def share(net, column):
    """Rate over the peak of the column's precision, or None where one is not measured."""
    peak = net["peak"].get(column.split()[-1])
    return None if peak is None or column not in net["ms"] else rate(net, column) / peak
