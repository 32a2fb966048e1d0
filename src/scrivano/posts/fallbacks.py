"""What rules can do honestly where no model answers: out of the post's own words, and nothing else."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from pydantic import JsonValue

from scrivano.posts.sections import split_sections
from scrivano.posts.workflow import BODY, TITLE, Fallback
from scrivano.references.public import STOPWORDS, split_sentences

_SUMMARY_WORDS = 50
_TAGS = 5
_MARKS = re.compile(r"\[\^[^\]]*\]|[*_`>#|]|!?\[([^\]]*)\]\([^)]*\)")
_FOLDED = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d"})


def fill(fallback: Fallback, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields that these rules can fill."""
    title, body = str(fields.get(TITLE) or ""), str(fields.get(BODY) or "")
    made: dict[str, JsonValue] = {}
    if fallback in ("metadata", "slug"):
        made["slug"] = slug_of(title)
    if fallback in ("metadata", "summary"):
        made["summary"] = summary_of(body)
    if fallback in ("metadata", "tags"):
        made["tags"] = list(tags_of(f"{title}\n{body}"))
    if fallback == "metadata":
        made["social"] = [f"{title}: {made['summary']}"[:280].strip()]
    return made


def slug_of(title: str) -> str:
    """An address made of a title: lower case, hyphens, at most 80 characters; letters lose their accents where
    they have a Latin base."""
    folded = unicodedata.normalize("NFKD", title.lower().translate(_FOLDED))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain))
    slug = ""
    for word in words:
        if len(slug) + len(word) + 1 > 80:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug or (words[0][:80] if words else "post")


def summary_of(body: str) -> str:
    """The first sentences of a text, up to fifty words, at least one."""
    taken: list[str] = []
    for part in split_sections(body):
        for block in part.text.split("\n\n"):
            if re.match(r"\s*([-*+|>#]|\d+[.)]|```)", block):
                continue
            for sentence in split_sentences(_MARKS.sub(r"\1", block)):
                if taken and len(" ".join([*taken, sentence]).split()) > _SUMMARY_WORDS:
                    return " ".join(taken)
                taken.append(" ".join(sentence.split()))
    return " ".join(taken)


def tags_of(text: str) -> list[str]:
    """The words that a text uses most, common words left out."""
    words = re.findall(r"[^\W\d_]{4,}", _MARKS.sub(r"\1", text).lower())
    counted = Counter(word for word in words if word not in STOPWORDS)
    return [word for word, times in counted.most_common(_TAGS) if times > 1]
