"""``python -m tests.benchmarks [--rows N]``: timings beside R in the same run, and the curve up to N rows.

Exits with 1 where R is missing or a target is missed.
"""

import argparse
import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from tests.benchmarks import peers, scaling  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="largest size of the curve")
    rows = parser.parse_args().rows
    held = [peers.compare(), scaling.curve(rows)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
