"""Regenerates every fixture that `npm test` compares with.

    python -m venv .venv && .venv/bin/pip install -r oracle/requirements.txt
    .venv/bin/python oracle/make_all.py

The embedded model is not made here: training it takes hours (see "Mini model" in oracle/README.md). Nor, unless asked for, are the
answers of the full-size models, which take an hour and 12 GB of memory:

    .venv/bin/python oracle/make_all.py --full-size
"""

import os
import subprocess
import sys
from pathlib import Path

SCRIPTS = ["model_fixtures.py", "training_fixtures.py", "tokenizer_cases.py", "tokenizer_settings.py", "sentence_fixtures.py"]


def main() -> None:
    here = Path(__file__).parent
    for script in SCRIPTS:
        print(f"== {script}", flush=True)
        # One thread: the order of PyTorch's sums, and so the last bits, do not depend on the number of cores.
        subprocess.run([sys.executable, here / script], check=True, cwd=here, env=os.environ | {"OMP_NUM_THREADS": "1"})
    if "--full-size" in sys.argv[1:]:
        subprocess.run([sys.executable, here / "full_size.py", "base", "large"], check=True, cwd=here)
    print("Done. The mini model (public/models/mini) is trained apart: see oracle/README.md.")


if __name__ == "__main__":
    main()
