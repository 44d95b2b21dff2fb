"""Training curves: of saved models, of runs while they train, of uploaded logs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.plots.curves import CURVE_TITLES
from fer_core.training_logs.history import Curve
from fer_core.zoo.cards import Member, ModelCard, members_checksum, read_card
from tests.app.visit import alerts, visit, words
from tests.event_files import event_file

HEADER = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds"
CSV_LOG = b"epoch,accuracy,loss,val_accuracy,val_loss\n0,0.2,1.9,0.3,1.8\n1,0.3,1.7,0.4,1.6\n"


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    """The folder of local runs, as the app knows it; there is none at first."""
    return tmp_path / "runs"


def write_run(folder: Path, epochs: int, *, seed: int = 1, planned: int = 9) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(f"seed = {seed}\n[schedule]\nepochs = {planned}\n")
    if epochs:
        rows = [f"{row},1,0.5,1,{0.1 * seed + 0.01 * row},0,5" for row in range(1, epochs + 1)]
        (folder / "history.csv").write_text("\n".join([HEADER, *rows]) + "\n")


def best_epochs(app: AppTest) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if "best_epoch" in frame.value.columns)


def shown(app: AppTest) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if "smooth" in frame.value.columns)


@pytest.mark.usefixtures("models_dir")
def test_the_chosen_runs_lie_over_each_other(app: AppTest) -> None:
    visit(app, "curves", tables=["curves_shown"])
    best = best_epochs(app)
    assert set(best["run"]) == {"Tiny tiny_a", "Tiny tiny_b"}
    np.testing.assert_allclose(
        best["overfit_gap"], best["accuracy"] - best["val_accuracy"], atol=1e-9
    )
    assert set(shown(app)["curve"]) == {"Validation accuracy", "Validation loss"}
    app.multiselect(key="curves_runs").set_value(["Tiny tiny_a"]).run()
    assert len(best_epochs(app)) == 1
    app.multiselect(key="curves_runs").set_value([]).run()
    assert "Select at least one run" in alerts(app)
    assert not app.exception


@pytest.mark.usefixtures("models_dir")
def test_every_curve_can_be_smoothed_with_an_envelope_on_logarithmic_axes(app: AppTest) -> None:
    visit(app, "curves", tables=["curves_shown"])
    every: list[Curve] = [
        "val_accuracy",
        "accuracy",
        "val_loss",
        "loss",
        "learning_rate",
        "overfit_gap",
    ]
    app.pills(key="curves_curve").set_value(every)
    app.pills(key="curves_log").set_value(["epochs", "values"])
    app.slider(key="curves_smoothing").set_value(0.8)
    app.slider(key="curves_envelope").set_value(5).run()
    assert not app.exception
    table = shown(app)
    assert table["curve"].unique().tolist() == [CURVE_TITLES[curve] for curve in every]
    loss = table[table["curve"] == "Validation loss"]
    assert (loss["smooth"] != loss["mean"]).any()
    assert (loss["low"] < loss["high"]).all()


def test_a_very_high_initial_loss_is_stated_beside_the_figure_that_omits_it(
    app: AppTest, own_models_dir: Path
) -> None:
    history = own_models_dir / "tiny_a" / "history.csv"
    table = pd.read_csv(history)
    table.loc[0, "val_loss"] = 456.6
    table.to_csv(history, index=False)
    visit(app, "curves", tables=["curves_shown", "curves_last_epochs"])
    app.toggle(key="curves_grouped").set_value(False).run()
    assert "Outside this view: Tiny tiny_a (up to 457)." in words(app)
    assert shown(app)["high"].max() == 456.6
    last = next(frame.value for frame in app.dataframe if "val_loss" in frame.value.columns)
    assert set(last["epoch"]) == {5, 6, 7, 8}
    app.pills(key="curves_log").set_value(["values"]).run()
    assert "Outside this view" not in words(app)


@pytest.mark.usefixtures("models_dir")
def test_seeds_of_one_config_become_one_line(app: AppTest, runs_dir: Path) -> None:
    for seed in (1, 3):
        write_run(runs_dir / f"seed{seed}", 9, seed=seed)
    visit(app, "curves", tables=["curves_shown"])
    app.multiselect(key="curves_runs").set_value(["runs/seed1", "runs/seed3"]).run()
    together = shown(app).query("curve == 'Validation accuracy'")
    assert together["run"].unique().tolist() == ["runs/seed1, mean of 2 seeds"]
    np.testing.assert_allclose(together["high"] - together["low"], 0.2)
    app.toggle(key="curves_grouped").set_value(False).run()
    assert shown(app)["run"].unique().tolist() == ["runs/seed1", "runs/seed3"]


@pytest.mark.usefixtures("models_dir")
def test_a_run_is_updated_while_it_trains(app: AppTest, runs_dir: Path) -> None:
    write_run(runs_dir / "night", 3)
    write_run(runs_dir / "fresh", 0)
    visit(app, "curves")
    assert "Training now: runs/night, epoch 3" in words(app)
    assert "In its first epoch: fresh" in words(app)
    assert best_epochs(app).set_index("run").loc["runs/night", "epochs"] == 3
    write_run(runs_dir / "night", 9)
    shutil.rmtree(runs_dir / "fresh")
    app.run()
    assert "Training now" not in words(app)
    assert best_epochs(app).set_index("run").loc["runs/night", "epochs"] == 9


@pytest.mark.usefixtures("no_models_dir")
def test_local_runs_need_no_saved_model(app: AppTest, runs_dir: Path) -> None:
    write_run(runs_dir / "done", 9)
    visit(app, "curves")
    assert best_epochs(app)["run"].tolist() == ["runs/done"]
    assert not app.exception


@pytest.mark.usefixtures("no_models_dir")
def test_without_any_run_it_says_how_to_get_one(app: AppTest) -> None:
    visit(app, "curves")
    assert "No training runs yet" in alerts(app)
    assert "FER_RUNS_DIR" in alerts(app)


def test_only_ensembles_have_no_curves(app: AppTest, own_models_dir: Path) -> None:
    card = read_card(own_models_dir / "tiny_a" / "card.json")
    members = {name: Member(weight=0.5, sha256=sha) for name, sha in _checksums(own_models_dir)}
    both = ModelCard.model_validate(
        dict(card)
        | {
            "name": "both",
            "title": "Both",
            "architecture": "ensemble",
            "training": None,
            "members": members,
            "weights": card.weights.model_copy(update={"sha256": members_checksum(members)}),
        }
    )
    (own_models_dir / "both").mkdir()
    (own_models_dir / "both" / "card.json").write_text(both.to_json())
    for name in members:
        (own_models_dir / name / "history.csv").unlink()
    visit(app, "curves")
    assert "No training runs yet" in alerts(app)
    assert not app.exception


def test_an_unreadable_history_is_named_and_hides_no_other(
    app: AppTest, own_models_dir: Path, runs_dir: Path
) -> None:
    (own_models_dir / "tiny_a" / "history.csv").write_text("epoch,loss\n1,2\n")
    write_run(runs_dir / "torn", 9)
    (runs_dir / "torn" / "history.csv").write_text(HEADER + "\n1,1\n")
    visit(app, "curves")
    assert "no column accuracy" in alerts(app)
    assert str(Path("torn") / "history.csv") in alerts(app)
    assert best_epochs(app)["run"].tolist() == ["Tiny tiny_b"]
    assert not app.exception


@pytest.mark.usefixtures("no_models_dir")
def test_logs_of_other_programs_are_added(app: AppTest) -> None:
    visit(app, "curves")
    uploader = app.file_uploader(key="curves_files")
    uploader.upload("keras.csv", CSV_LOG)
    uploader.upload("events.out.tfevents.1", event_file({"val_accuracy": {1: 0.25, 2: 0.5}}))
    uploader.upload("notes.txt", b"nothing of use").run()
    table = best_epochs(app).set_index("run")
    assert table["best_epoch"].to_dict() == {"keras.csv": 2, "events.out.tfevents.1": 2}
    assert table.loc["keras.csv", "overfit_gap"] == pytest.approx(0.3 - 0.4)
    assert "Cannot read “notes.txt”" in alerts(app)
    assert not app.exception


def _checksums(folder: Path) -> list[tuple[str, str]]:
    names = ("tiny_a", "tiny_b")
    return [(name, read_card(folder / name / "card.json").weights.sha256) for name in names]
