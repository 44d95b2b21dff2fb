from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_core.plots.curves import curves_figure, outside_view_sentence, spread_figure
from fer_core.training_logs.curves import InitialView, curve_band
from fer_core.training_logs.history import load_history


def test_a_smoothed_line_has_the_measured_one_behind_it_and_its_best_epoch_marked(
    models_dir: Path,
) -> None:
    histories = {name: load_history(name) for name in ("tiny_a", "tiny_b")}
    bands = {
        name: curve_band([history], "val_loss", smoothing=0.8)
        for name, history in histories.items()
    }
    figure = curves_figure(bands, {"tiny_a": [3], "tiny_b": [8]}, "val_loss")
    kinds = [(trace.legendgroup, trace.meta) for trace in figure.data]
    assert kinds == [(name, kind) for name in bands for kind in ("measured", "line", "best")]
    by_kind = dict(zip(kinds, figure.data, strict=True))
    np.testing.assert_array_equal(by_kind["tiny_a", "measured"].y, histories["tiny_a"].val_loss)
    np.testing.assert_array_equal(by_kind["tiny_a", "line"].y, bands["tiny_a"].smooth)
    assert by_kind["tiny_a", "best"].x.tolist() == [3]
    assert by_kind["tiny_a", "best"].y[0] == bands["tiny_a"].smooth[2]
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == list(bands)


def test_a_band_is_filled_between_its_edges(models_dir: Path) -> None:
    histories = [load_history(name) for name in ("tiny_a", "tiny_b")]
    band = curve_band(histories, "val_loss")
    low, high, line, best = curves_figure({"both": band}, {"both": []}, "val_loss").data
    np.testing.assert_array_equal(low.y, band.low)
    np.testing.assert_array_equal(high.y, band.high)
    assert high.fill == "tonexty"
    assert (line.meta, len(best.x)) == ("line", 0)


def test_axes_may_be_logarithmic(models_dir: Path) -> None:
    band = curve_band([load_history("tiny_a")], "loss")
    figure = curves_figure({"a": band}, {"a": []}, "loss", log_epochs=True)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "linear")
    figure = curves_figure({"a": band}, {"a": []}, "loss", log_values=True)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("linear", "log")


def test_initial_view_limits_the_axis_only(models_dir: Path) -> None:
    band = curve_band([load_history("tiny_a")], "loss")
    view = InitialView(1.4, 1.6, {"a": 1.75})
    figure = curves_figure({"a": band}, {"a": []}, "loss", view=view)
    low, high = figure.layout.yaxis.range
    assert (1.3 < low < 1.4, 1.6 < high < 1.7) == (True, True)
    np.testing.assert_array_equal(figure.data[0].y, band.mean)
    assert outside_view_sentence(view).startswith("Outside this view: a (up to 1.75).")
    for everything in (
        curves_figure({"a": band}, {"a": []}, "loss"),
        curves_figure({"a": band}, {"a": []}, "loss", log_values=True, view=view),
    ):
        assert everything.layout.yaxis.range is None


def test_a_violin_holds_every_epoch(models_dir: Path) -> None:
    histories = {name: load_history(name).last(4) for name in ("tiny_a", "tiny_b")}
    figure = spread_figure(histories, "val_accuracy")
    for (name, history), violin in zip(histories.items(), figure.data, strict=True):
        assert violin.name == name
        np.testing.assert_array_equal(violin.y, history.val_accuracy)
        assert violin.text[-1] == "epoch 8"
