"""``python -m tests.benchmarks [PART …]``: timings, beside a peer where one is; all parts by default.

Exits with 1 where R is missing or a target is missed.
"""

import argparse
import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from tests.benchmarks import (  # noqa: E402
    engine,
    exports,
    importance,
    mediation,
    nation,
    pathways,
    peers,
    pls,
    questions,
    runs,
    scaling,
    sem,
    specification,
)

PARTS = {
    "peers": peers.compare,
    "scaling": scaling.curve,
    "runs": runs.whole_runs,
    "engine": engine.compare,
    "report": engine.report,
    "reruns": engine.reruns,
    "exports": exports.to_pages,
    "questions": questions.national,
    "sem": sem.compare,
    "importance": importance.compare,
    "mediation": mediation.compare,
    "pathways": pathways.bootstrap,
    "pls": pls.compare,
    "nation": nation.compare,
    "split": nation.split,
    "specification": specification.curves,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)}; all by default")
    chosen = parser.parse_args().parts
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    held = [PARTS[name]() for name in chosen or PARTS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
