"""``python -m tests.calibration [appraisal …] --worlds N``: add the worlds still missing, then print the
table.

Results are kept a line a world in ``build/calibration/NAME.jsonl``; a run cut off goes on where it stopped,
and a second run with as many worlds only prints. Remove the file after a change to an estimator.
"""

import argparse
import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from tests.calibration import (  # noqa: E402
    alternatives,
    appraisal,
    events,
    hours,
    joint,
    null,
    pathways,
    policy,
    record,
    sem,
    service,
    shares,
    specification,
    training,
)

PARTS = {
    "alternatives": alternatives,
    "appraisal": appraisal,
    "shares": shares,
    "training": training,
    "hours": hours,
    "sem": sem,
    "pathways": pathways,
    "service": service,
    "events": events,
    "null": null,
    "specification": specification,
    "joint": joint,
    "policy": policy,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    held = [record.calibrate(name, PARTS[name], chosen.worlds, chosen.jobs) for name in chosen.parts or PARTS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
