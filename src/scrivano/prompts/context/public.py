"""The choice of material for a prompt, for the features that ask models."""

from scrivano.prompts.context.choosing import DEFAULT_BUDGET, choose
from scrivano.prompts.context.dto import (
    Candidate,
    CandidateKind,
    CastMember,
    CastRole,
    LeftOut,
    Part,
    RequiredTooLong,
    Scene,
    Selection,
    Why,
)
from scrivano.prompts.context.index import JOINT, ContextIndex, Count, Frame, plain_frame
from scrivano.prompts.context.weights import Weights, packaged, read_weights

__all__ = [
    "DEFAULT_BUDGET",
    "JOINT",
    "Candidate",
    "CandidateKind",
    "CastMember",
    "CastRole",
    "ContextIndex",
    "Count",
    "Frame",
    "LeftOut",
    "Part",
    "RequiredTooLong",
    "Scene",
    "Selection",
    "Weights",
    "Why",
    "choose",
    "packaged",
    "plain_frame",
    "read_weights",
]
