"""Policy texts for everybody, in zh-CN and English, by topic and version [6.3].

    topic = "REPAIR"
    [[version]]
    number = 1
    from = 2022-05-25
    title_zh, title_en, intro_zh, intro_en = …
    [[version.item]]
    code, clause, zh, en = …

A version is in force from its day until the day of the next one. Older versions stay readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from credit.core.labels import Labelled
from credit.policy_texts.data_files import content_of
from credit.policy_texts.refusals import DataFileRefused, NoTextInForce


class Topic(Labelled):
    """What the texts are about."""

    CIRCUMSTANCES = "CIRCUMSTANCES", "失信情形", "5.1.2"
    MEASURES = "MEASURES", "激励与制约措施", "6.3"
    RIGHTS = "RIGHTS", "权利", "6.3"
    REPAIR = "REPAIR", "信用修复", "5.1.5"


class Language(Labelled):
    """The languages that every text has."""

    ZH_CN = "ZH_CN", "简体中文"
    EN = "EN", "英文"


@dataclass(frozen=True, slots=True)
class TextItem:
    """One point of a text, with the clause that it explains."""

    code: str
    clause: str
    zh: str
    en: str

    def text(self, language: Language) -> str:
        """Return the point in *language*."""
        return self.zh if language is Language.ZH_CN else self.en


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One version of one text."""

    topic: Topic
    number: int
    starts_on: date
    title_zh: str
    title_en: str
    intro_zh: str
    intro_en: str
    items: tuple[TextItem, ...]

    def title(self, language: Language) -> str:
        """Return the title in *language*."""
        return self.title_zh if language is Language.ZH_CN else self.title_en

    def intro(self, language: Language) -> str:
        """Return the introduction in *language*."""
        return self.intro_zh if language is Language.ZH_CN else self.intro_en


@dataclass(frozen=True, slots=True)
class PolicyTexts:
    """All versions of all texts, each topic's by number."""

    versions: Mapping[Topic, tuple[PolicyText, ...]]

    def in_force(self, on: date) -> tuple[PolicyText, ...]:
        """Return the texts in force on the day *on*, in the order of topics; none before the first."""
        found = (self._latest(topic, on) for topic in Topic)
        return tuple(text for text in found if text is not None)

    def text(self, topic: Topic, on: date) -> PolicyText:
        """Return the text on *topic* in force on the day *on*. Raises NoTextInForce."""
        found = self._latest(topic, on)
        if found is None:
            raise NoTextInForce(topic.value, on)
        return found

    def _latest(self, topic: Topic, on: date) -> PolicyText | None:
        begun = [text for text in self.versions.get(topic, ()) if text.starts_on <= on]
        return begun[-1] if begun else None


def shipped() -> PolicyTexts:
    """Return the texts that come with this package."""
    return load(files("credit.policy_texts") / "texts")


def load(folder: Traversable) -> PolicyTexts:
    """Read every `<topic>.toml` of *folder* (a path will do). Raises DataFileRefused, naming the file."""
    versions: dict[Topic, tuple[PolicyText, ...]] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        topic, texts = _read(file)
        versions[topic] = texts
    return PolicyTexts(versions)


_VERSION_TEXTS: Final = ("title_zh", "title_en", "intro_zh", "intro_en")
_ITEM_TEXTS: Final = ("code", "clause", "zh", "en")


def _read(file: Traversable) -> tuple[Topic, tuple[PolicyText, ...]]:
    content = content_of(file)
    if set(content) != {"topic", "version"} or content["topic"] not in set(Topic):
        raise DataFileRefused(file.name, "it needs a known topic and versions, and nothing else.")
    topic = Topic(content["topic"])
    if file.name != f"{topic.value.lower()}.toml":
        raise DataFileRefused(file.name, "its name is not its topic.")
    texts = tuple(_version(file.name, topic, entry) for entry in _tables(file.name, content["version"]))
    for before, after in zip((None, *texts), texts, strict=False):
        first = before is None and after.number == 1
        next_one = before is not None and after.number == before.number + 1 and after.starts_on > before.starts_on
        if not (first or next_one):
            raise DataFileRefused(file.name, f"version {after.number} does not follow the one before.")
    return topic, texts


def _version(file: str, topic: Topic, entry: Mapping[str, object]) -> PolicyText:
    if set(entry) != {"number", "from", "item", *_VERSION_TEXTS}:
        raise DataFileRefused(file, "a version needs number, from, titles, introductions and items, and nothing else.")
    number, starts_on = entry["number"], entry["from"]
    # A datetime is a date too, and True is an int.
    if type(number) is not int or type(starts_on) is not date:
        raise DataFileRefused(file, "a version's number or day is none.")
    items = tuple(_item(file, item) for item in _tables(file, entry["item"]))
    if len({item.code for item in items}) != len(items):
        raise DataFileRefused(file, f"version {number} has an item twice.")
    texts = {name: _text(file, name, entry[name]) for name in _VERSION_TEXTS}
    return PolicyText(topic=topic, number=number, starts_on=starts_on, items=items, **texts)


def _item(file: str, entry: Mapping[str, object]) -> TextItem:
    if set(entry) != set(_ITEM_TEXTS):
        raise DataFileRefused(file, "an item needs code, clause and both languages, and nothing else.")
    return TextItem(**{name: _text(file, name, entry[name]) for name in _ITEM_TEXTS})


def _tables(file: str, found: object) -> list[Mapping[str, object]]:
    if not isinstance(found, list) or not found or not all(isinstance(entry, dict) for entry in found):
        raise DataFileRefused(file, "versions and items are tables, and there is at least one.")
    return found


def _text(file: str, name: str, found: object) -> str:
    if not isinstance(found, str) or not found.strip():
        raise DataFileRefused(file, f"{name} is not a text.")
    return found
