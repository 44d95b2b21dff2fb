"""Training runs to compare: of saved models, and from local run directories.

`training.train` writes a run directory: `config.toml`, and a `history.csv` that gains a row per
epoch, so a run can be monitored while it trains.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fer_core.errors import ModelError
from fer_core.paths import runs_directory
from fer_core.training_logs.history import HISTORY_FILE, History, load_history, read_history
from fer_core.zoo import ModelCard

if TYPE_CHECKING:
    import pandas as pd

CONFIG_FILE: Final = "config.toml"
LOCAL: Final = "runs/"
"""Prefix of the names of local runs."""
_DEEPEST: Final = 3
"""Depth of folders below the runs directory: sweeps put their runs into a subfolder."""
_WAITS_FOR_FIRST_EPOCH_S: Final = 1800.0
_SHORTEST_PATIENCE_S: Final = 120.0
_PATIENCE_IN_EPOCHS: Final = 3


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """One training run.

    Attributes:
        name: used in links.
        title: display name.
        history: its epochs.
        recipe: the training settings; None if unknown.
    """

    name: str
    title: str
    history: History
    recipe: Mapping[str, Any] | None = None

    @property
    def best_epoch(self) -> int | None:
        """The epoch (from 1) whose weights are used; epochs on smaller faces are ignored."""
        return self.history.best_epoch(first=1 + self._scheduled("small_image_epochs", 0))

    @property
    def is_complete(self) -> bool:
        """Whether it has run all epochs of its schedule."""
        planned = self._scheduled("epochs", 0)
        return planned > 0 and len(self.history) >= planned

    def _scheduled(self, name: str, default: int) -> int:
        schedule = (self.recipe or {}).get("schedule")
        value = schedule.get(name) if isinstance(schedule, Mapping) else None
        return value if isinstance(value, int) else default


@dataclass(frozen=True)
class RunDirectory:
    """The folder of a running or finished training run.

    Attributes:
        name: its path below the runs directory.
        folder: its path.
        changed_ns: last modification of its history, or else of its config, in nanoseconds since
            1970.
        has_epochs: whether the first epoch is finished.
    """

    name: str
    folder: Path
    changed_ns: int
    has_epochs: bool

    def is_written(self, now_s: float, run: TrainingRun | None = None) -> bool:
        """Returns whether the run still seems to be training.

        Args:
            now_s: the time, in seconds since 1970.
            run: read from it, None if not possible. A complete run is finished; others count as
                stopped if nothing was written for the duration of three epochs.
        """
        if run is None:
            patience_s = _WAITS_FOR_FIRST_EPOCH_S
        elif run.is_complete:
            return False
        else:
            longest = float(run.history.seconds[-_PATIENCE_IN_EPOCHS:].max())
            patience_s = max(_SHORTEST_PATIENCE_S, _PATIENCE_IN_EPOCHS * longest)
        return now_s - self.changed_ns / 1e9 < patience_s


def saved_run(card: ModelCard) -> TrainingRun:
    """Returns the training run of a saved model.

    Raises:
        ModelError: its history.csv is missing or not valid, or it is an ensemble, which has none.
    """
    recipe = card.training.recipe if card.training else None
    return TrainingRun(card.name, card.title, load_history(card.name), recipe)


def run_directories(root: Path | None = None) -> tuple[RunDirectory, ...]:
    """Lists the local runs by name, without reading them.

    Args:
        root: the folder to list; by default `runs_directory()`. It may be missing.
    """
    root = root or runs_directory()
    found = []
    for depth in range(1, _DEEPEST + 1):
        for config in root.glob("*/" * depth + CONFIG_FILE):
            history = config.with_name(HISTORY_FILE)
            has_epochs = history.is_file()
            try:
                changed_ns = (history if has_epochs else config).stat().st_mtime_ns
            except FileNotFoundError:  # deleted meanwhile
                continue
            name = config.parent.relative_to(root).as_posix()
            found.append(RunDirectory(name, config.parent, changed_ns, has_epochs))
    return tuple(sorted(found, key=lambda directory: directory.name))


def read_run(directory: RunDirectory) -> TrainingRun:
    """Reads a local run.

    Raises:
        ModelError: its history or config is missing or not valid.
    """
    path = directory.folder / CONFIG_FILE
    try:
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"The config {path} cannot be read: {error}") from error
    history = read_history(directory.folder / HISTORY_FILE)
    name = f"{LOCAL}{directory.name}"
    return TrainingRun(name, name, history, recipe)


def group_seeds(runs: Iterable[TrainingRun]) -> tuple[tuple[TrainingRun, ...], ...]:
    """Groups runs whose settings differ only in seed and name.

    A card states every setting and a config only some, so a saved model is never grouped with a
    local run.
    """
    groups: dict[str, list[TrainingRun]] = {}
    for run in runs:
        groups.setdefault(_without_seed(run), []).append(run)
    return tuple(tuple(group) for group in groups.values())


def best_epochs_frame(runs: Mapping[str, TrainingRun]) -> pd.DataFrame:
    """Returns the values of each run at its best epoch, or at its last if there is no best one.

    Args:
        runs: by display name.

    Returns:
        One row per run: run, best_epoch, epochs, accuracy, val_accuracy, overfit_gap,
        learning_rate, seconds (of the whole run).
    """
    import pandas as pd

    rows = []
    for name, run in runs.items():
        history, best = run.history, run.best_epoch
        at = -1 if best is None else history.epoch.tolist().index(best)
        rows.append(
            {
                "run": name,
                "best_epoch": best,
                "epochs": len(history),
                "accuracy": history.accuracy[at],
                "val_accuracy": history.val_accuracy[at],
                "overfit_gap": history.overfit_gap[at],
                "learning_rate": history.learning_rate[at],
                "seconds": history.seconds.sum(),
            }
        )
    return pd.DataFrame(rows)


def unique_titles(runs: Iterable[TrainingRun]) -> dict[str, TrainingRun]:
    """Returns the runs by title; titles that are not unique are extended by the name."""
    runs = tuple(runs)
    titles = Counter(run.title for run in runs)
    return {
        run.title if titles[run.title] == 1 else f"{run.title} ({run.name})": run for run in runs
    }


def _without_seed(run: TrainingRun) -> str:
    """A key that is equal for runs of the same group."""
    if run.recipe is None:
        return run.name
    recipe = {name: value for name, value in run.recipe.items() if name != "seed"}
    model = recipe.get("model")
    if isinstance(model, Mapping):
        recipe["model"] = {
            name: value for name, value in model.items() if name not in ("name", "title")
        }
    return json.dumps(recipe, sort_keys=True, default=str)
