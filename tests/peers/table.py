"""What was measured as Markdown: times, Mien's ratios, goals, and what could not be measured."""

from statistics import median

import goals
import timing


def render(report):
    """The whole report, one string."""
    parts = [
        _heading(report),
        times(report),
        ratios(report),
        _goals(report["nets"]),
        _notes(report),
    ]
    return "\n".join(part for part in parts if part)


def columns(report):
    """Every measured column, in the order of the runtimes."""
    return [c for c in report["versions"] if any(c in n["ms"] for n in report["nets"])]


def times(report):
    nets, names = report["nets"], columns(report)
    rows = [[n["name"], f"{n['macs'] / 1e6:.1f}", *(_cell(n, c) for c in names)] for n in nets]
    return "Time of one inference, ms:\n\n" + grid(["net", "MMAC", *names], rows)


def ratios(report):
    """Mien's best precision over each column, with the interval of the median."""
    judged = [n for n in report["nets"] if goals.best(n)]
    names = [c for c in columns(report) if not c.startswith("Mien")]
    if not judged or not names:
        return ""
    rows = [[n["name"], goals.best(n), *(_ratio(n, c) for c in names)] for n in judged]
    title = "Mien's time over each runtime's (below 1: Mien is faster), with 95 % intervals:\n\n"
    return title + grid(["net", "Mien's best", *names], rows)


def grid(head, rows):
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _heading(report):
    return (
        f"{report['cpu']}, one thread on processor {report['processor']}; "
        f"{report['rounds']} rounds of {report['runs']} inferences; load average at the start "
        f"{report['load']:.1f}.\n"
    )


def _cell(net, column):
    return f"{median(net['ms'][column]):.3f}" if column in net["ms"] else "–"


def _ratio(net, column):
    if column not in net["ms"]:
        return "–"
    middle, low, high = timing.ratio(net["ms"][goals.best(net)], net["ms"][column])
    return f"{middle:.2f} [{low:.2f}, {high:.2f}]"


def _goals(nets):
    rows = [[v.goal, v.net, _value(v), _limit(v), v.state] for v in goals.judge(nets)]
    return "Goals:\n\n" + grid(["goal", "net", "value", "bound (aim)", "state"], rows)


def _value(verdict):
    return "–" if verdict.value is None else f"{verdict.value:.2f}"


def _limit(verdict):
    sign = "≥" if verdict.at_least else "≤"
    aim = "" if verdict.aim is None else f" ({verdict.aim:.2f})"
    return f"{sign} {verdict.bound:.2f}{aim}"


def _notes(report):
    lines = [f"- {key}: version {made}" for key, made in report["versions"].items()]
    lines += [f"- {key}: not run: {why}" for key, why in report["absent"].items()]
    lines += [
        f"- {n['name']}, {c}: {why}" for n in report["nets"] for c, why in n["absent"].items()
    ]
    lines.append("- int8 peers are calibrated on noise: read their times, not their accuracy.")
    return "Notes:\n\n" + "\n".join(lines) + "\n"
