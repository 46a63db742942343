import subprocess
import sys


def test_importing_exhibits_is_light():
    heavy = ("pandas", "matplotlib", "IPython", "PIL", "nbconvert", "scipy")
    code = f"import sys, walesi_research.exhibits; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
