"""Compares ways to serve a saved model: ONNX Runtime and LiteRT, each in float32 and in int8.

    pip install --no-deps --target ../litert ai-edge-litert  # no package of this project
    PYTHONPATH=../litert python benchmarks/serving_formats.py data/fer2013/fer2013.csv

A format is worth using if it is faster at equal accuracy, which means within 0.2 points on
PublicTest: a format is a choice, and choices are made on the validation split. int8 activations are
calibrated on faces of the Training split. All formats are derived from model.keras, have the same
number of threads and take turns. Without LiteRT, the others are compared. Processor time is the
cost of a call independent of other load; it includes the warm-up calls.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks.measuring import machine, p50_p95  # noqa: E402
from fer_core.preprocessing.preprocess import preprocess_batch  # noqa: E402
from fer_core.zoo.classifier import onnx_session  # noqa: E402
from fer_core.zoo.onnx_export import onnx_file  # noqa: E402
from fer_core.zoo.store import ModelStore  # noqa: E402
from training.datasets import read_dataset  # noqa: E402

THREADS = 2
BATCH_SIZES = (1, 8)

Faces = NDArray[np.float32]
Run = Callable[[Faces], Faces]


def main(
    data: Annotated[Path, typer.Argument(help="FER2013, as a CSV file.")],
    model: str = "cnn",
    calibration: Annotated[int, typer.Option(help="Faces of the Training split.")] = 512,
    rounds: int = 10,
    calls: Annotated[int, typer.Option(help="Calls per format, batch size and round.")] = 30,
) -> None:
    """Runs the comparison; see the module's docstring."""
    dataset, config = read_dataset(data), ModelStore.default().load_scored_card(model).preprocessing
    split = np.asarray(dataset.split)
    training = np.flatnonzero(split == "train")
    chosen = np.random.default_rng(0).choice(training, calibration, replace=False)
    tested = np.flatnonzero(split == "valid")
    typical, faces = (preprocess_batch(dataset.images[rows], config) for rows in (chosen, tested))
    labels = dataset.labels[tested]

    print(f"{machine()}, model {model}")
    with tempfile.TemporaryDirectory() as folder:
        runs = formats(model, typical, Path(folder))
        accuracy = {
            name: np.mean([run(faces[[row]]).argmax() == labels[row] for row in range(len(faces))])
            for name, run in runs.items()
        }
        times: dict[tuple[str, int], list[float]] = {}
        cpu_ms: dict[tuple[str, int], float] = defaultdict(float)
        for _ in range(rounds):
            for name, run in runs.items():
                for size in BATCH_SIZES:
                    cpu_s = time.process_time()
                    times.setdefault((name, size), []).extend(times_ms(run, faces[:size], calls))
                    cpu_ms[name, size] += (time.process_time() - cpu_s) * 1000 / rounds / calls
    print("format           PublicTest  faces  p50 ms  p95 ms  processor ms")
    for (name, size), taken in times.items():
        p50, p95 = p50_p95(taken)
        print(
            f"{name:14}  {accuracy[name]:11.2%}  {size:5}  {p50:6.2f}  {p95:6.2f}"
            f"  {cpu_ms[name, size]:12.2f}"
        )
    print(machine())


def formats(model: str, typical: Faces, folder: Path) -> dict[str, Run]:
    """Returns a prediction function for each format."""
    plain, small = onnx_file(model), folder / "int8.onnx"
    quantize_onnx(plain, small, typical)
    runs = {"ONNX float32": onnx_run(plain), "ONNX int8": onnx_run(small)}
    if importlib.util.find_spec("ai_edge_litert"):
        weights = ModelStore.default().verified_weights(model)
        runs["LiteRT float32"] = litert_run(litert_model(weights))
        runs["LiteRT int8"] = litert_run(litert_model(weights, typical))
    return runs


def quantize_onnx(source: Path, target: Path, typical: Faces) -> None:
    """Writes the int8 model: weights per channel, activations calibrated on typical faces."""
    from onnxruntime.quantization import CalibrationDataReader, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    name = onnx_session(source).get_inputs()[0].name

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._batches = iter(np.array_split(typical, max(1, len(typical) // 32)))

        def get_next(self) -> dict[str, Faces] | None:
            return next(({name: batch} for batch in self._batches), None)

    prepared = target.with_name("prepared.onnx")
    quant_pre_process(source, prepared)
    quantize_static(prepared, target, Reader(), per_channel=True)


def onnx_run(file: Path) -> Run:
    """Returns the prediction function of an ONNX file."""
    session = onnx_session(file, threads=THREADS)
    name = session.get_inputs()[0].name
    return lambda faces: np.asarray(session.run(None, {name: faces})[0], np.float32)


def litert_model(weights: Path, typical: Faces | None = None) -> bytes:
    """Converts a Keras model to LiteRT, in int8 if typical faces are given."""
    import keras
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.saving.load_model(weights, compile=False)
    )
    if typical is not None:

        def samples() -> Iterator[list[Faces]]:
            yield from ([face[np.newaxis]] for face in typical)

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
    with contextlib.redirect_stdout(sys.stderr):
        return bytes(converter.convert())


def litert_run(model: bytes) -> Run:
    """Returns the prediction function of a LiteRT model."""
    from ai_edge_litert.interpreter import Interpreter

    interpreters: dict[int, Any] = {}  # one per batch size, which its memory is allocated for

    def run(faces: Faces) -> Faces:
        if len(faces) not in interpreters:
            made = Interpreter(model_content=model, num_threads=THREADS)
            made.resize_tensor_input(made.get_input_details()[0]["index"], faces.shape)
            made.allocate_tensors()
            interpreters[len(faces)] = made
        interpreter = interpreters[len(faces)]
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], faces)
        interpreter.invoke()
        return np.asarray(
            interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), np.float32
        )

    return run


def times_ms(run: Run, faces: Faces, calls: int) -> list[float]:
    """Returns the latency of each call, after one warm-up call."""
    run(faces)
    times = []
    for _ in range(calls):
        started = time.perf_counter()
        run(faces)
        times.append((time.perf_counter() - started) * 1000)
    return times


if __name__ == "__main__":
    typer.run(main)
