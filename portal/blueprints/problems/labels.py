"""How the sources of problems are named."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from portal.exports.problems import ProblemSource
from portal.models.exports import TransferState
from portal.web.states import TRANSFER_STATES, StateText

SOURCES = {
    ProblemSource.VEHICLE: StateText(
        label=_("nirgends möglich"),
        definition=_("Mit diesen Angaben kann das Fahrzeug auf keiner Plattform erscheinen."),
        colour="red",
        icon="alert-triangle",
    ),
    ProblemSource.PREFLIGHT: StateText(
        label=_("nicht gesendet"),
        definition=_("Vor dem Senden geprüft: Diese Plattform würde das Fahrzeug so ablehnen."),
        colour="orange",
        icon="alert-triangle",
    ),
    ProblemSource.REJECTED: TRANSFER_STATES[TransferState.REJECTED],
    ProblemSource.FAILED: TRANSFER_STATES[TransferState.FAILED],
    ProblemSource.VANISHED: StateText(
        label=_("dort verschwunden"),
        definition=_(
            "Die letzte Bestandsprüfung fand das Inserat nicht mehr. Von selbst wird nichts neu eingestellt."
        ),
        colour="red",
        icon="world-off",
    ),
}
