"""A papermill engine whose kernels are forked warm: ``papermill --engine walesi-warm in.ipynb out.ipynb``."""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine

__all__ = ["WarmEngine"]


class WarmEngine(NBClientEngine):
    """Papermill's own engine on kernels of this package, forked where the system can."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Execute a notebook; on a system that cannot fork, exactly as papermill itself would."""
        from walesi_research.pipeline.warm.client import supported

        if supported():
            from walesi_research.pipeline.kernel import WarmKernel

            kwargs.setdefault("kernel_manager_class", WarmKernel)
        return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
