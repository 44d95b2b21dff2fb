import pytest

from fer_core.dataset_facts import fer2013_class_counts


def test_splits_have_their_published_sizes() -> None:
    images = fer2013_class_counts().groupby("split")["images"].sum().to_dict()
    assert images == {"Training": 28_709, "PublicTest": 3_589, "PrivateTest": 3_589}


def test_shares_sum_to_one_in_every_split() -> None:
    shares = fer2013_class_counts().groupby("split")["share"].sum()
    assert shares.to_list() == pytest.approx([1.0, 1.0, 1.0])
