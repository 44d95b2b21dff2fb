"""Learning rate schedule and early stopping, as functions of the settings and the history only.

No state is kept between epochs, so a resumed run decides like an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras

from training.run_directory import Row
from training.settings import OptimizerSettings, ScheduleSettings, TrainingSettings


def build_optimizer(
    settings: OptimizerSettings, schedule: ScheduleSettings, *, steps_per_epoch: int
) -> keras.optimizers.Optimizer:
    """The optimizer, without weight decay on biases and batch normalization."""
    options = {
        "learning_rate": _learning_rate(settings, schedule, steps_per_epoch),
        "weight_decay": settings.weight_decay or None,
        "use_ema": settings.ema_momentum is not None,
        "ema_momentum": settings.ema_momentum or 0.99,
    }
    if settings.name == "sgd":
        optimizer = keras.optimizers.SGD(momentum=0.9, nesterov=True, **options)
    else:
        optimizer = keras.optimizers.AdamW(**options)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _learning_rate(
    settings: OptimizerSettings, schedule: ScheduleSettings, steps_per_epoch: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if schedule.kind != "cosine":
        return settings.learning_rate
    warmup_steps = schedule.warmup_epochs * steps_per_epoch
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup_steps else settings.learning_rate,
        decay_steps=schedule.epochs * steps_per_epoch - warmup_steps,
        warmup_target=settings.learning_rate if warmup_steps else None,
        warmup_steps=warmup_steps,
    )


def set_epoch_learning_rate(
    optimizer: keras.optimizers.Optimizer, settings: TrainingSettings, history: Sequence[Row]
) -> None:
    """Sets the learning rate of the epoch after `history`; a cosine schedule needs no setting."""
    schedule = settings.schedule
    if schedule.kind == "cosine":
        return
    warmup = min(1.0, (len(history) + 1) / (schedule.warmup_epochs + 1))
    reductions = _plateaus(history, schedule.plateau_patience) if schedule.kind == "plateau" else 0
    optimizer.learning_rate = (
        settings.optimizer.learning_rate * warmup * schedule.plateau_factor**reductions
    )


def _plateaus(history: Sequence[Row], patience: int) -> int:
    """How many times the validation loss did not improve for `patience` epochs in a row."""
    best, waited, count = float("inf"), 0, 0
    for row in history:
        if row["val_loss"] < best:
            best, waited = row["val_loss"], 0
        else:
            waited += 1
        if waited == patience:
            waited, count = 0, count + 1
    return count
