"""What the datasets are: classes, duplicates, label agreement, maps."""

from fer_core.evaluation.dataset.duplicates import TwinTable, twin_table
from fer_core.evaluation.dataset.embedding_map import (
    MAP_SPLIT,
    PROJECTIONS,
    FeatureMap,
    MappedAnswers,
    Projection,
)
from fer_core.evaluation.dataset.facts import (
    FACTS_FILE,
    FER2013_COUNTS,
    HUMAN_ACCURACY,
    ClassCounts,
    Copies,
    DatasetFacts,
    LabelCrossTable,
    Twins,
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
    "Copies",
    "DatasetFacts",
    "FeatureMap",
    "LabelAgreement",
    "LabelCrossTable",
    "MappedAnswers",
    "Projection",
    "TwinTable",
    "Twins",
    "label_agreement",
    "load_dataset_facts",
    "twin_table",
]
