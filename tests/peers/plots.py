"""Two pictures of a report: time against arithmetic, and the share of the processor's peak."""

from statistics import median

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402  (the backend is chosen first)

import goals  # noqa: E402
import table  # noqa: E402

COLOURS = {
    "Mien": "#d62728",
    "tract": "#8c564b",
    "onnxruntime": "#1f77b4",
    "LiteRT": "#ff7f0e",
    "ncnn": "#2ca02c",
    "OpenCV": "#9467bd",
}

NAME_SPACING = 1.045  # ratio of neighbouring places on the logarithmic axis


def draw(report, folder):
    """Writes `time_macs.png` and `peak_share.png`."""
    _time_against_macs(report, folder / "time_macs.png")
    _share_of_peak(report, folder / "peak_share.png")


def style(column):
    """Colour by runtime; filled circles for f32, hollow squares for int8."""
    name, precision = column.rsplit(" ", 1)
    colour = COLOURS.get(name, "#444444")
    if precision == "f32":
        return dict(color=colour, marker="o")
    return dict(color=colour, marker="s", markerfacecolor="white")


def _time_against_macs(report, file):
    nets = report["nets"]
    figure, axes = plt.subplots(figsize=(9, 7), layout="constrained")
    for column in table.columns(report):
        points = [(n["macs"] / 1e6, median(n["ms"][column])) for n in nets if column in n["ms"]]
        axes.loglog(*zip(*points), linestyle="none", label=column, **style(column))
    low, high = min(n["macs"] for n in nets) / 1e6, max(n["macs"] for n in nets) / 1e6
    for precision, peak in goals.highest_peaks(nets).items():
        axes.loglog([low, high], [low / peak, high / peak], "k:", linewidth=0.8)
        axes.annotate(
            f"{precision} peak, {peak:.0f} GMAC/s",
            (high, high / peak),
            fontsize=7,
            ha="right",
            va="top",
        )
    _name_above(axes, nets)
    axes.set(
        xlabel="multiply-accumulates of one inference, millions", ylabel="time, ms (one thread)"
    )
    axes.grid(which="both", alpha=0.2)
    axes.legend(fontsize=8)
    figure.savefig(file, dpi=120)
    plt.close(figure)


def _name_above(axes, nets):
    """Each net's name over its points, moved right where the one before stands in its place."""
    place = 0.0
    for net in sorted(nets, key=lambda n: n["macs"]):
        place = max(net["macs"] / 1e6, place * NAME_SPACING)
        axes.annotate(
            net["name"],
            (place, 1.01),
            xycoords=("data", "axes fraction"),
            fontsize=7,
            rotation=90,
            ha="center",
            va="bottom",
        )


def _share_of_peak(report, file):
    """Shares where the peak is known; plain GMAC/s where Mien did not tell it."""
    nets = report["nets"]
    known = bool(goals.highest_peaks(nets))
    figure, axes = plt.subplots(figsize=(8, 1.5 + 0.4 * len(nets)), layout="constrained")
    for column in table.columns(report):
        points = [
            (_level(n, column, known), row) for row, n in enumerate(nets) if column in n["ms"]
        ]
        points = [(x, y) for x, y in points if x is not None]
        if points:
            axes.plot(*zip(*points), linestyle="none", label=column, **style(column))
    axes.set_yticks(range(len(nets)), [n["name"] for n in nets], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("share of the measured peak of the same precision, %" if known else "GMAC/s")
    axes.set_xlim(left=0)
    axes.grid(alpha=0.2)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(file, dpi=120)
    plt.close(figure)


def _level(net, column, known):
    if not known:
        return goals.rate(net, column)
    value = goals.share(net, column)
    return None if value is None else 100 * value
