"""Three chains as a study's page shows them, with invented numbers, in both languages."""

from walesi_research.exhibits import Arrow, Node

LABELS = {
    "id": {
        "culture": "Budaya kerja", "recognition": "Penghargaan dan pengakuan",
        "fairness": "Keadilan prosedur", "training": "Pelatihan", "motivation": "Motivasi",
        "commitment": "Komitmen organisasi", "performance": "Kinerja",
    },
    "en": {
        "culture": "Culture", "recognition": "Awards and recognition", "fairness": "Fairness",
        "training": "Training", "motivation": "Motivation", "commitment": "Commitment",
        "performance": "Performance",
    },
}  # fmt: skip
SHORT = [("culture", "performance", 0.31), ("recognition", "performance", -0.04)]
CHAIN = [
    ("culture", "recognition", 0.42), ("culture", "motivation", 0.41), ("recognition", "motivation", 0.27),
    ("culture", "commitment", 0.18), ("recognition", "commitment", -0.22), ("motivation", "commitment", 0.48),
    ("culture", "performance", 0.05), ("recognition", "performance", 0.12),
    ("motivation", "performance", 0.16), ("commitment", "performance", 0.33),
]  # fmt: skip
RICH = [
    *CHAIN, ("fairness", "motivation", 0.21), ("training", "motivation", -0.03),
    ("fairness", "commitment", 0.24), ("training", "commitment", 0.02),
    ("fairness", "performance", -0.28), ("training", "performance", 0.36),
]  # fmt: skip
CASES = {"short": SHORT, "chain": CHAIN, "rich": RICH}
COLUMNS = {"motivation": 1, "commitment": 2, "performance": 3}


def case(name, language="id"):
    """The nodes and arrows of a case; numbers below 0.17 are uncertain."""
    paths = CASES[name]
    used = [key for key in LABELS[language] if any(key in path[:2] for path in paths)]
    nodes = [Node(key, LABELS[language][key], COLUMNS.get(key, 0)) for key in used]
    return nodes, [arrow(*path, language) for path in paths]


def arrow(source, target, weight, language="id"):
    text = f"{weight:.2f}".replace("-", "−")
    label = text.replace(".", ",") if language == "id" else text
    return Arrow(source, target, label, weight, abs(weight) > 0.17, both=target == "recognition")
