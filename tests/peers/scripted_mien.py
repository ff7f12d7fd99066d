#!/usr/bin/env python3
"""Speaks `mien-device bench`'s protocol with made-up times: what the tests run in its place.

Every f32 inference takes 250 µs, every int8 one 100 µs, stock tract 1,000 µs; int8 is refused for
an ONNX file, and a bundle whose name holds "ends_early" ends after its first answer.
"""

import argparse
import json
import sys

TIMES_US = {("mien", "f32"): 250.0, ("mien", "int8"): 100.0, ("tract", "f32"): 1000.0}
PEAKS = {"f32": 100.0, "int8": 400.0}


def main():
    if sys.argv[1:] == ["--version"]:
        print("mien-device 0.0.0-scripted")
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["bench"])
    parser.add_argument("--net", required=True)
    parser.add_argument("--precision", choices=["f32", "int8"], required=True)
    parser.add_argument("--engine", choices=["mien", "tract"], default="mien")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    if arguments.precision == "int8" and arguments.net.endswith(".onnx"):
        sys.exit(f"{arguments.net}: an ONNX file of floats has no int8 form")
    time_us = TIMES_US[arguments.engine, arguments.precision]
    if arguments.json:
        describe(arguments, time_us)
    if arguments.serve:
        serve(arguments, time_us)


def describe(arguments, time_us):
    print(
        json.dumps(
            {
                "name": arguments.net,
                "precision": arguments.precision,
                "isa": "scripted",
                "macs": 1000,
                "runs": 1,
                "ms": {"p50": time_us / 1e3, "min": time_us / 1e3},
                "peak_gmacs_per_s": PEAKS[arguments.precision],
            }
        )
    )


def serve(arguments, time_us):
    for line in sys.stdin:
        print(json.dumps([time_us] * int(line)), flush=True)
        if "ends_early" in arguments.net:
            sys.exit("the script ends here")


if __name__ == "__main__":
    main()
