"""How do our answers compare with those of other civil services? A question of ``02_measurement``."""

from walesi_research.questions.benchmarks.compare import benchmarks

__all__ = ["benchmarks"]
