"""Questions put to a study: one module a notebook, a function a question; results, never prints."""
