"""What others may use of `training`."""

from scrivano.training.dto import (
    Consent,
    ConsentView,
    Deleted,
    NoConsent,
    NothingToLearn,
    SampleKind,
    SampleNotFound,
    SampleView,
)
from scrivano.training.personal import TrainingData
from scrivano.training.service import Training, changed_paragraphs

__all__ = [
    "Consent",
    "ConsentView",
    "Deleted",
    "NoConsent",
    "NothingToLearn",
    "SampleKind",
    "SampleNotFound",
    "SampleView",
    "Training",
    "TrainingData",
    "changed_paragraphs",
]
