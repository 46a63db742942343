"""What would change? Questions of the notebook ``07_policy``."""

from walesi_research.questions.policy.budget import budget
from walesi_research.questions.policy.combined import combined
from walesi_research.questions.policy.scenarios import scenarios
from walesi_research.questions.policy.simulator import simulator

__all__ = ["budget", "combined", "scenarios", "simulator"]
