from __future__ import annotations

import numpy as np
import pytest

from training.input_pipeline.batches import EpochBatches, balanced_order, class_weights, epoch_order


def batches(epoch: int, *, size: int = 4, alpha: float = 0.0) -> EpochBatches:
    inputs = np.arange(10, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 2, 1))
    targets = np.eye(5, dtype=np.float32)[np.arange(10) // 2]
    return EpochBatches(
        inputs.astype(np.float32),
        targets,
        order=epoch_order(10, length=10, seed=1, epoch=epoch),
        class_weights=np.arange(1, 6, dtype=np.float32),
        batch_size=size,
        mixup_alpha=alpha,
        seed=1,
        epoch=epoch,
    )


def faces_of(epoch_batches: EpochBatches) -> list[float]:
    return [
        float(value) for i in range(len(epoch_batches)) for value in epoch_batches[i][0][:, 0, 0, 0]
    ]


def test_an_epoch_uses_each_face_at_most_once_in_its_own_order() -> None:
    first, second = faces_of(batches(0)), faces_of(batches(1))
    assert len(first) == 8
    assert len(set(first)) == 8
    assert first != second
    assert first == faces_of(batches(0))


def test_faces_keep_their_targets_and_weights() -> None:
    for inputs, targets, weights in (batches(3)[i] for i in range(2)):
        classes = inputs[:, 0, 0, 0].astype(int) // 2
        np.testing.assert_array_equal(targets.argmax(axis=1), classes)
        np.testing.assert_array_equal(weights, classes + 1)


def test_the_mixup_of_a_batch_is_reproducible() -> None:
    epoch_batches = batches(0, alpha=0.4)
    later, earlier = epoch_batches[1], epoch_batches[0]
    np.testing.assert_array_equal(epoch_batches[0][0], earlier[0])
    np.testing.assert_array_equal(epoch_batches[1][0], later[0])
    assert not np.array_equal(later[0], batches(0)[1][0])


def test_fewer_faces_than_a_batch_make_one_batch() -> None:
    assert len(batches(0, size=64)) == 1
    assert len(batches(0, size=64)[0][0]) == 10


def test_short_or_long_epochs_use_each_face_equally_often() -> None:
    for n_faces, length in ((10, 4), (4, 10), (7, 7)):
        epochs = [epoch_order(n_faces, length=length, seed=1, epoch=e) for e in range(n_faces)]
        assert {len(order) for order in epochs} == {length}
        counts = np.bincount(np.concatenate(epochs), minlength=n_faces)
        np.testing.assert_array_equal(counts, length)


def test_an_epoch_of_all_faces_is_a_permutation() -> None:
    first, second = (epoch_order(20, length=20, seed=1, epoch=epoch) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(20))
    assert list(first) != list(second)


def test_the_balanced_sampler_draws_every_class_equally_often() -> None:
    targets = np.eye(3, dtype=np.float32)[[0] * 160 + [1] * 40 + [2] * 2]
    order = balanced_order(targets, length=9000, seed=1, epoch=0)
    counts = targets[order].sum(axis=0)
    np.testing.assert_allclose(counts / 9000, 1 / 3, atol=0.02)
    np.testing.assert_array_equal(order, balanced_order(targets, length=9000, seed=1, epoch=0))
    assert not np.array_equal(order, balanced_order(targets, length=9000, seed=1, epoch=1))


def test_the_balanced_sampler_uses_soft_targets() -> None:
    targets = np.array([[1, 0], [1, 0], [0.5, 0.5], [1, 0]], np.float32)
    order = balanced_order(targets, length=6000, seed=1, epoch=0)
    drawn = np.bincount(order, minlength=4) / 6000
    np.testing.assert_allclose(drawn, [1 / 7, 1 / 7, 4 / 7, 1 / 7], atol=0.03)


@pytest.mark.parametrize(("kind", "exponent"), [("none", 0), ("sqrt", 0.5), ("balanced", 1)])
def test_class_weights_follow_frequency_and_average_to_one(kind: str, exponent: float) -> None:
    targets = np.eye(3, dtype=np.float32)[[0] * 16 + [1] * 4 + [2] * 1]
    weights = class_weights(targets, kind)
    assert weights[1] / weights[0] == pytest.approx(4**exponent, rel=1e-4)
    assert (targets @ weights).mean() == pytest.approx(1, rel=1e-5)


def test_a_class_without_faces_has_weight_zero() -> None:
    weights = class_weights(np.eye(3, dtype=np.float32)[[0, 1]], "balanced")
    np.testing.assert_allclose(weights, [1, 1, 0])
