"""``python -m walesi_research`` is ``walesi``."""

from walesi_research.cli import main

if __name__ == "__main__":
    main()
