"""CK+ (Lucey et al. 2010) with emotions, action units and subjects, from either of two formats."""

from training.datasets.ckplus.dataset import CkPlusDataset
from training.datasets.ckplus.read import read_ckplus

__all__ = ["CkPlusDataset", "read_ckplus"]
