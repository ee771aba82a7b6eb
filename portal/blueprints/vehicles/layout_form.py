"""The form that says what the columns of a foreign file mean: what it shows, and what was filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.blueprints.vehicles import understood
from portal.formats.foreign_layouts.layout import CONVENTIONS, Layout, problems_of
from portal.formats.foreign_layouts.suggestion import Ground, offers_features, suggest, unknown_values
from portal.formats.foreign_layouts.survey import Survey, SurveyedColumn
from portal.formats.foreign_layouts.synonyms import FEATURE
from portal.formats.foreign_layouts.targets import ColumnMeaning, targets
from portal.vehicle_facts.registry import REGISTRY
from portal.vehicle_facts.spelling import folded
from portal.web.templating import NOTHING
from portal.web.wording import translated

LONGEST_NAME = 80
SAYS_NOTHING = "-"
"""The choice for a spelling that stands for no value."""
MOST_SPELLINGS = 40
"""That are asked about for one column."""


@dataclass(frozen=True)
class ValueSpelling:
    """How a value is written in the file, how often, and what it means."""

    field: str
    text: str
    count: int
    chosen: str


@dataclass(frozen=True)
class MappedColumn:
    """A row of the page. `ground` says why its meaning is suggested."""

    field: str
    name: str
    examples: tuple[str, ...]
    filled: int
    chosen: str
    ground: Ground
    features: bool
    target: ColumnMeaning | None
    spellings: Sequence[ValueSpelling]


def mapped_columns(survey: Survey, layout: Layout) -> list[MappedColumn]:
    suggested = suggest(survey)
    found = []
    for place, column in enumerate(survey.columns):
        chosen = layout.columns.get(column.name, "")
        ground = suggested[column.name].ground if suggested[column.name].target == chosen else Ground.NOTHING
        target = targets().get(chosen)
        features = offers_features(column) or chosen.startswith(FEATURE)
        spellings = list(_spellings(place, column, target, layout)) if target else []
        found.append(
            MappedColumn(
                f"column-{place}",
                column.name,
                column.examples,
                column.filled,
                chosen,
                ground,
                features,
                target,
                spellings,
            )
        )
    return found


def _spellings(
    place: int, column: SurveyedColumn, target: ColumnMeaning, layout: Layout
) -> Iterator[ValueSpelling]:
    said = layout.values.get(target.name, {})
    unknown = unknown_values(target, column, CONVENTIONS[layout.convention])
    asked = dict.fromkeys(folded(text) for text in unknown)
    for text in unknown[:MOST_SPELLINGS]:
        if (key := folded(text)) in asked:
            del asked[key]
            chosen = said.get(key)
            shown = "" if chosen is None else chosen or SAYS_NOTHING
            yield ValueSpelling(f"value-{place}-{key}", text, column.values[text], shown)


def option_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can mean, in the groups of the vehicle form; the search criteria are the last one."""
    known = targets()
    groups = [
        (translated(group.title), [one for one in known.values() if one.group == group.key])
        for group in REGISTRY.groups
    ]
    found = [(title, [(one.name, label_of(one)) for one in chosen]) for title, chosen in groups if chosen]
    features = [(one.name, label_of(one)) for one in known.values() if one.name.startswith(FEATURE)]
    return [*found, (_("Einzelnes Suchmerkmal (ja oder nein)"), features)]


def label_of(target: ColumnMeaning) -> str:
    label = translated(target.label)
    return f"{label} ({translated(target.unit)})" if target.unit else label


def read_layout(form: Mapping[str, str], survey: Survey) -> Layout:
    """What was filled in; what nobody offered is left out."""
    known = targets()
    columns: dict[str, str] = {}
    for place, column in enumerate(survey.columns):
        if (chosen := form.get(f"column-{place}", "")) in known:
            columns[column.name] = chosen
    convention = form.get("convention", "")
    layout = Layout(columns, survey.heading.is_header, convention if convention in CONVENTIONS else "german")
    return Layout(layout.columns, layout.header, layout.convention, dict(_values(form, survey, layout)))


def _values(form: Mapping[str, str], survey: Survey, layout: Layout) -> Iterator[tuple[str, dict[str, str]]]:
    for place, column in enumerate(survey.columns):
        target = layout.targets.get(column.name)
        if target is None or not target.choices:
            continue
        possible = {value for value, _label in target.choices}
        said: dict[str, str] = {}
        for spelling in _spellings(place, column, target, layout):
            chosen = form.get(spelling.field, "")
            if chosen == SAYS_NOTHING or chosen in possible:
                said[folded(spelling.text)] = "" if chosen == SAYS_NOTHING else chosen
        if said:
            yield target.name, said


def errors_of(layout: Layout, name: str, survey: Survey, taken: bool) -> dict[str, str]:
    """By the field. `taken`: another layout has this name."""
    errors = {}
    if problems := list(problems_of(layout, survey.names)):
        errors["columns"] = " ".join(map(translated, problems))
    if not name:
        errors["name"] = _("Geben Sie dem Importprofil einen Namen.")
    elif len(name) > LONGEST_NAME:
        errors["name"] = _("Höchstens %(longest)s Zeichen.", longest=LONGEST_NAME)
    elif taken:
        errors["name"] = _("Ein anderes Importprofil heißt schon so.")
    return errors


def worded(target: ColumnMeaning, facts: Mapping[str, Any]) -> str:
    """What was understood of a column, in words: of a list of criteria all that was found in it, of a single
    one whether it is there."""
    name = target.paths[0]
    if not name.startswith(FEATURE) and name != "equipment.features":
        return understood.worded(REGISTRY[name], facts)
    equipment = facts.get("equipment") or {}
    codes = equipment.get("features") or ()
    if target.name != "equipment.features":
        return _("Ja") if target.name.removeprefix(FEATURE) in codes else NOTHING
    known = targets()
    words = [translated(known[FEATURE + code].label) for code in codes]
    return ", ".join([*words, *equipment.get("other", ())]) or NOTHING
