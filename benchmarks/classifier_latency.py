"""Times the saved models on this machine: ONNX Runtime against Keras compiled, batch 1 and 8.

python benchmarks/classifier_latency.py
python benchmarks/classifier_latency.py --models cnn --runtimes onnx --repeats 300
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

import pandas as pd

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from fer_core.machine.processors import available_processors  # noqa: E402
from fer_core.zoo.classifier import load_classifier  # noqa: E402
from fer_core.zoo.latency import measure_latency  # noqa: E402
from fer_core.zoo.store import list_models  # noqa: E402

BATCH_SIZES = (1, 8)


def main() -> None:
    """Times every model and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", help="names of saved models; by default all")
    parser.add_argument("--runtimes", nargs="+", default=["onnx", "keras"])
    parser.add_argument("--repeats", type=int, default=200)
    arguments = parser.parse_args()

    names = arguments.models or [card.name for card in list_models().cards]
    tables = []
    for runtime in arguments.runtimes:
        for name in names:
            classifier = load_classifier(name, runtime=runtime)
            for batch_size in BATCH_SIZES:
                result = measure_latency(
                    classifier, batch_size=batch_size, repeats=arguments.repeats
                )
                tables.append(result.to_frame().assign(runtime=runtime))
    if not tables:
        sys.exit("There is no saved model to time.")
    print(f"{platform.processor() or platform.machine()}, {available_processors()} cores\n")
    print(pd.concat(tables).sort_values(["model", "batch_size", "runtime"]).to_string(index=False))


if __name__ == "__main__":
    main()
