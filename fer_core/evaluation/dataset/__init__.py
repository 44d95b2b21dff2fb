"""Facts about the datasets: classes, duplicates, label agreement, embedding maps."""

from fer_core.evaluation.dataset.duplicates import DuplicateTable, duplicate_table
from fer_core.evaluation.dataset.embedding_map import (
    MAP_SPLIT,
    PROJECTIONS,
    FeatureMap,
    MappedPredictions,
    Projection,
)
from fer_core.evaluation.dataset.facts import (
    FACTS_FILE,
    FER2013_COUNTS,
    HUMAN_ACCURACY,
    ClassCounts,
    DatasetDuplicates,
    DatasetFacts,
    LabelContingencyTable,
    SplitDuplicates,
    load_dataset_facts,
)
from fer_core.evaluation.dataset.label_agreement import LabelAgreement, label_agreement

__all__ = [
    "FACTS_FILE",
    "FER2013_COUNTS",
    "HUMAN_ACCURACY",
    "MAP_SPLIT",
    "PROJECTIONS",
    "ClassCounts",
    "DatasetDuplicates",
    "DatasetFacts",
    "DuplicateTable",
    "FeatureMap",
    "LabelAgreement",
    "LabelContingencyTable",
    "MappedPredictions",
    "Projection",
    "SplitDuplicates",
    "duplicate_table",
    "label_agreement",
    "load_dataset_facts",
]
