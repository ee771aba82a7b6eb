"""Our catalogue and the platform's fields for it."""

from __future__ import annotations

from portal.platforms.mobile_de.mapping_equipment import CHOICES, FLAGS, LISTS
from portal.platforms.mobile_de.vocabulary import ENUMS
from portal.vehicle_facts.equipment import BY_CODE, CRITERIA, GROUPS, grouped, label_of

NO_FIELD = {"disabled_access", "taxi", "biodiesel", "catalytic_converter"}
"""mobile.de documents no field for them: they appear in the text only."""


def mapped() -> list[str]:
    tables = [values for _, values in (*CHOICES.values(), *LISTS.values())]
    return [*FLAGS, *(code for values in tables for code in values)]


def test_every_code_is_mapped_once_or_known_to_have_no_field() -> None:
    assert sorted(mapped()) == sorted(BY_CODE.keys() - NO_FIELD)


def test_values_are_documented() -> None:
    for path, values in (*CHOICES.values(), *LISTS.values()):
        assert set(values.values()) == {key for key, _ in ENUMS[path]}, path


def test_codes_and_labels_are_unique() -> None:
    assert len(BY_CODE) == len(CRITERIA) == len({c.label for c in CRITERIA})


def test_groups_cover_the_catalogue() -> None:
    assert list(grouped()) == list(GROUPS)
    assert sum(len(group) for group in grouped().values()) == len(CRITERIA)


def test_choices_stand_in_one_group() -> None:
    for choice in {c.choice for c in CRITERIA if c.choice}:
        assert len({c.group for c in CRITERIA if c.choice == choice}) == 1


def test_unknown_code_is_its_own_label() -> None:
    assert (label_of("abs"), label_of("flux_capacitor")) == ("ABS", "flux_capacitor")
