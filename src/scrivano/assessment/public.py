"""What other features may use of `assessment`."""

from scrivano.assessment.compared_books import ComparedBooks, KeptSide, NewSide
from scrivano.assessment.comparing import ComparisonPipeline, Comparisons
from scrivano.assessment.comparison_dto import (
    AlreadyChosen,
    Choice,
    ComparisonNotFound,
    ComparisonOrder,
    ComparisonView,
    SideOrder,
    SideView,
)
from scrivano.assessment.dto import (
    MEASURES,
    AssessmentNotFound,
    ChapterScores,
    ChapterText,
    Criterion,
    Finding,
    GenreContent,
    GenreNotFound,
    GenreView,
    Judged,
    Judgement,
    KnownText,
    Manuscript,
    Measure,
    NothingToAssess,
    PlannedChapter,
    Report,
    ScoreKeys,
    Scores,
    StoredScore,
    TrendPoint,
)
from scrivano.assessment.judging import JudgeCall, findings_of
from scrivano.assessment.manuscripts import read_outline, split_manuscript
from scrivano.assessment.measures.length import length_score
from scrivano.assessment.quotations import find_quote
from scrivano.assessment.repo import Grouping
from scrivano.assessment.service import Assessments, combined

__all__ = [
    "MEASURES",
    "AlreadyChosen",
    "AssessmentNotFound",
    "Assessments",
    "ChapterScores",
    "ChapterText",
    "Choice",
    "ComparedBooks",
    "ComparisonNotFound",
    "ComparisonOrder",
    "ComparisonPipeline",
    "ComparisonView",
    "Comparisons",
    "Criterion",
    "Finding",
    "GenreContent",
    "GenreNotFound",
    "GenreView",
    "Grouping",
    "JudgeCall",
    "Judged",
    "Judgement",
    "KeptSide",
    "KnownText",
    "Manuscript",
    "Measure",
    "NewSide",
    "NothingToAssess",
    "PlannedChapter",
    "Report",
    "ScoreKeys",
    "Scores",
    "SideOrder",
    "SideView",
    "StoredScore",
    "TrendPoint",
    "combined",
    "find_quote",
    "findings_of",
    "length_score",
    "read_outline",
    "split_manuscript",
]
