"""Print ``environment.yml`` (conda, Binder) as it follows from ``pyproject.toml``.

Python, pip and the five packages that the project is known for come from conda-forge, the rest from pip,
as the versions tested are those of the Python registry.
"""

import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
FROM_CONDA = ("jupyterlab", "pandas", "statsmodels", "seaborn", "papermill")


def environment_text(pyproject: Path = PYPROJECT) -> str:
    """Return the text of ``environment.yml``."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    conda = [d for d in project["dependencies"] if d.startswith(FROM_CONDA)]
    pip = [d for d in project["dependencies"] if not d.startswith(FROM_CONDA)]
    lines = [
        "# Made from pyproject.toml by `make environment`; do not edit by hand.",
        f"name: {project['name']}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python{project['requires-python']}",
        "  - pip",
        *(f"  - {spec}" for spec in conda),
        "  - pip:",
        *(f"      - {spec}" for spec in pip),
        "      - -e .",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(environment_text(), end="")
