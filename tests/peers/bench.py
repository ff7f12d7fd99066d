#!/usr/bin/env python3
"""Mien beside the runtimes one would take instead, on the same nets: table, JSON and pictures.

Every f32 peer's outputs are held to onnxruntime's before its time counts. What is missing (a
runtime, a net, a folder) is said and left out.
"""

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path

import goals
import mien
import nets
import plots
import table
import timing
from parity import check
from peer import Unavailable
from quiet import quiet

ROOT = Path(__file__).resolve().parents[2]
PEERS = ["ort_peer", "litert_peer", "ncnn_peer", "opencv_peer"]


def main():
    arguments = parse()
    timing.single_thread(arguments.cpu)
    report = run(arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    text = table.render(report)
    print(text)
    (arguments.out / "peers.md").write_text(text)
    plots.draw(report, arguments.out)
    verdicts = goals.judge(report["nets"])
    report["goals"] = [vars(v) | {"state": v.state} for v in verdicts]
    (arguments.out / "peers.json").write_text(json.dumps(report, indent=1))
    say(f"peers.md, peers.json, time_macs.png and peak_share.png are in {arguments.out}")
    if arguments.strict and any(v.state in ("missed", "not measured") for v in verdicts):
        sys.exit("a goal is not met")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--mien",
        type=Path,
        default=ROOT / "target/release/mien-device",
        help="the mien-device to measure [target/release/mien-device]",
    )
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="shipped bundles")
    parser.add_argument("--nets", type=Path, help="a folder with more ONNX files")
    parser.add_argument("--only", default="", help="only nets whose name holds this")
    parser.add_argument("--out", type=Path, default=ROOT / "runs/peers", help="[runs/peers]")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each runtime [15]")
    parser.add_argument("--runs", type=int, default=30, help="inferences in a turn [30]")
    parser.add_argument(
        "--cpu",
        type=int,
        default=max(os.sched_getaffinity(0)),
        help="the processor to run on [the last one allowed]",
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 unless every goal is met")
    return parser.parse_args()


def run(arguments):
    """Measures every net; the report that the JSON file holds."""
    others = arguments.nets
    if others is not None and not others.is_dir():
        say(f"SKIPPED: no folder {others}; only the shipped nets are measured")
        others = None
    load = os.getloadavg()[0]
    runtimes, absent = available(arguments.mien)
    if not runtimes:
        sys.exit("no runtime is installed; see tests/peers/README.md")
    found = nets.find(arguments.models, others, arguments.out / "work")
    measured = [measure(n, runtimes, arguments) for n in found if arguments.only in n.name]
    if not measured:
        sys.exit(f"no net under {arguments.models} has `{arguments.only}` in its name")
    peak = goals.highest_peaks(measured)
    measured = [net | {"peak": peak} for net in measured]
    return {
        "cpu": cpu_model(),
        "processor": arguments.cpu,
        "load": load,
        "rounds": arguments.rounds,
        "runs": arguments.runs,
        "versions": {r.key: r.version for r in runtimes},
        "absent": absent,
        "nets": measured,
    }


def available(binary):
    """The runtimes that are installed, and why the others are not."""
    runtimes, absent = [], {}
    try:
        runtimes += mien.runtimes(binary)
    except Unavailable as missing:
        absent["Mien"] = str(missing)
    for module in PEERS:
        try:
            runtimes += importlib.import_module(module).runtimes()
        except ImportError as missing:
            absent[module] = str(missing)
    for name, why in absent.items():
        say(f"SKIPPED: {name}: {why}")
    return runtimes, absent


def measure(net, runtimes, arguments):
    """One net in every runtime that can run it, as `goals` describes it."""
    say(f"{net.name}: {net.macs / 1e6:.1f} MMAC")
    sample = net.sample(seed=1)
    with quiet(net.prepared.with_name("open.log")):
        sessions, absent = open_all(net, sample, runtimes)
    differences = check(sessions, absent)
    ms, lost = timing.alternate(sessions, arguments.rounds, arguments.runs)
    absent |= lost
    for session in sessions.values():
        session.close()
    peak = peaks(net, ms, absent, arguments.mien)
    for column, why in absent.items():
        say(f"  SKIPPED: {column}: {why}")
    return {
        "name": net.name,
        "macs": net.macs,
        "shipped": net.shipped,
        "ms": ms,
        "absent": absent,
        "difference": differences,
        "peak": peak,
    }


def open_all(net, sample, runtimes):
    """Sessions by column, and why a runtime gives none. Peers fail in ways of their own."""
    sessions, absent = {}, {}
    for runtime in runtimes:
        try:
            sessions[runtime.key] = runtime.open(net, sample)
        except Exception as refusal:
            absent[runtime.key] = f"{refusal}".splitlines()[0][:200]
    return sessions, absent


def peaks(net, ms, absent, binary):
    """Precision to the peak that Mien measured, for the precisions in which it ran."""
    found = {}
    for precision in ("f32", "int8"):
        if f"Mien {precision}" not in ms:
            continue
        try:
            about = mien.describe(binary, mien.file_of(net), precision)
            found[precision] = about["peak_gmacs_per_s"]
        except Unavailable as refusal:
            absent[f"{precision} peak"] = str(refusal)
    return found


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
