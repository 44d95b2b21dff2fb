from __future__ import annotations

import keras
import pytest

from tests.unit.training.settings import tiny_settings
from training.loop.schedule import build_optimizer, set_epoch_learning_rate
from training.run_directory.checkpoints import Row
from training.run_directory.progress import best_epoch, is_finished
from training.settings import OptimizerSettings, ScheduleSettings, TrainingSettings


def history(*losses: float) -> list[Row]:
    return [{"val_loss": loss, "val_accuracy": 1 - loss} for loss in losses]


def plateau(**options: object) -> TrainingSettings:
    schedule = {"kind": "plateau", "epochs": 20, "warmup_epochs": 0, "plateau_patience": 2}
    return tiny_settings(schedule=schedule | options, optimizer={"learning_rate": 0.1})


def rate(settings: TrainingSettings, rows: list[Row]) -> float:
    optimizer = build_optimizer(settings.optimizer, settings.schedule, steps_per_epoch=5)
    set_epoch_learning_rate(optimizer, settings, rows)
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def test_cosine_warms_up_to_the_rate_and_decays_to_zero() -> None:
    schedule = ScheduleSettings(kind="cosine", epochs=10, warmup_epochs=2)
    optimizer = build_optimizer(OptimizerSettings(learning_rate=0.4), schedule, steps_per_epoch=5)
    at = [float(optimizer._learning_rate(step)) for step in (0, 5, 10, 30, 50)]
    assert at == pytest.approx([0.0, 0.2, 0.4, 0.2, 0.0], abs=1e-6)


def test_a_plateau_halves_the_rate_each_time_the_loss_stalls() -> None:
    settings = plateau()
    assert rate(settings, []) == pytest.approx(0.1)
    assert rate(settings, history(0.9, 0.8, 0.85)) == pytest.approx(0.1)
    assert rate(settings, history(0.9, 0.8, 0.85, 0.81)) == pytest.approx(0.05)
    assert rate(settings, history(0.9, 0.8, 0.85, 0.81, 0.8, 0.9)) == pytest.approx(0.025)


def test_the_warm_up_rises_without_a_schedule_too() -> None:
    settings = plateau(kind="constant", warmup_epochs=3)
    rates = [rate(settings, history(*[0.5] * n)) for n in range(5)]
    assert rates == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1])


def test_the_best_epoch_is_the_earliest_of_the_most_accurate_at_full_size() -> None:
    settings = plateau(small_image_epochs=2)
    assert best_epoch(settings, history(0.1, 0.1)) is None
    assert best_epoch(settings, history(0.1, 0.1, 0.5, 0.4, 0.4)) == 3


def test_early_stopping_waits_for_its_patience() -> None:
    settings = plateau(early_stopping_patience=2)
    assert not is_finished(settings, history(0.5, 0.4, 0.6))
    assert is_finished(settings, history(0.5, 0.4, 0.6, 0.5))
    assert not is_finished(plateau(), history(0.5, 0.4, 0.6, 0.5))


def test_a_run_ends_with_its_last_epoch() -> None:
    assert is_finished(plateau(epochs=2), history(0.5, 0.4))


def test_weight_decay_spares_biases_and_normalization() -> None:
    optimizer = build_optimizer(
        OptimizerSettings(learning_rate=1.0, weight_decay=0.5),
        ScheduleSettings(kind="constant", epochs=2, warmup_epochs=0),
        steps_per_epoch=1,
    )
    layer = keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")
    layer.build((None, 1))
    optimizer.build(layer.trainable_variables)
    optimizer.apply([keras.ops.zeros((1, 1)), keras.ops.zeros((1,))])
    kernel, bias = (keras.ops.convert_to_numpy(v) for v in layer.trainable_variables)
    assert kernel.item() == pytest.approx(0.5)
    assert bias.item() == pytest.approx(1.0)
