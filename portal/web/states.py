"""The written definition of every state that a dealer meets: one place for badges and help page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flask_babel import LazyString, format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _

from portal.exports.history.filters import HELD
from portal.exports.trouble.stopping import stopped_by_hand
from portal.models import Activation, Lock
from portal.models.exports import ActivationState, ListingState, LockRule, RunState, TransferState
from portal.platforms.contract import StopCause
from portal.web.wording import translated

Colour = Literal["grey", "blue", "green", "yellow", "orange", "red"]


@dataclass(frozen=True)
class StateText:
    """How a state is shown: a word, what it means, a colour and an icon (never the colour alone)."""

    label: LazyString
    definition: LazyString
    colour: Colour
    icon: str


TRANSFER_STATES: Mapping[str, StateText] = {
    TransferState.WAITING: StateText(
        label=_("wartet"), definition=_("Noch nicht gesendet."), colour="grey", icon="clock"
    ),
    TransferState.SENDING: StateText(
        label=_("läuft"), definition=_("Wird gerade gesendet."), colour="blue", icon="refresh"
    ),
    TransferState.PENDING: StateText(
        label=_("wartet auf die Plattform"),
        definition=_(
            "Von der Plattform gespeichert, aber noch nicht veröffentlicht. Sie wird wieder gefragt."
        ),
        colour="blue",
        icon="clock",
    ),
    TransferState.OK: StateText(
        label=_("ok"), definition=_("Von der Plattform bestätigt."), colour="green", icon="check"
    ),
    TransferState.WARNING: StateText(
        label=_("mit Hinweis"),
        definition=_("Angenommen, die Plattform weist auf etwas hin."),
        colour="yellow",
        icon="info-circle",
    ),
    TransferState.REJECTED: StateText(
        label=_("abgelehnt"),
        definition=_("Die Plattform nimmt die Daten so nicht an."),
        colour="red",
        icon="x",
    ),
    TransferState.FAILED: StateText(
        label=_("fehlgeschlagen"),
        definition=_("Nicht zustellbar, alle Versuche sind aufgebraucht."),
        colour="red",
        icon="plug-connected-x",
    ),
    HELD: StateText(
        label=_("zurückgehalten"), definition=_("Wegen Sperre nicht gesendet."), colour="orange", icon="lock"
    ),
    TransferState.DISCARDED: StateText(
        label=_("abgebrochen"),
        definition=_("Nicht gesendet, weil es nichts mehr zu tun gab oder die App deaktiviert wurde."),
        colour="grey",
        icon="ban",
    ),
}

ACTIVATION_STATES: Mapping[str, StateText] = {
    ActivationState.ACTIVE: StateText(
        label=_("aktiv"),
        definition=_("Änderungen an freigegebenen Fahrzeugen werden sofort übertragen."),
        colour="green",
        icon="check",
    ),
    ActivationState.RECONCILING: StateText(
        label=_("Abgleich offen"),
        definition=_(
            "Ihr Bestand wird erst mit dem der Plattform abgeglichen. Vorher wird nichts übertragen."
        ),
        colour="orange",
        icon="arrows-left-right",
    ),
    ActivationState.LOCKED: StateText(
        label=_("gesperrt"),
        definition=_("Wegen einer großen Bestandsabweichung wird nichts übertragen, bis jemand sie prüft."),
        colour="orange",
        icon="lock",
    ),
    ActivationState.STOPPED: StateText(
        label=_("angehalten"),
        definition=_("Es wird nichts übertragen, bis die genannte Ursache behoben ist. Änderungen warten."),
        colour="red",
        icon="player-pause",
    ),
    ActivationState.DRAFT: StateText(
        label=_("Entwurf"),
        definition=_("Gespeichert, aber noch nicht aktiviert. Es wird nichts übertragen."),
        colour="grey",
        icon="pencil",
    ),
    ActivationState.CLOSING: StateText(
        label=_("wird deaktiviert"),
        definition=_("Die Inserate werden gelöscht. Danach ist die App deaktiviert."),
        colour="orange",
        icon="hourglass",
    ),
    ActivationState.DEACTIVATED: StateText(
        label=_("deaktiviert"), definition=_("Es wird nichts mehr übertragen."), colour="grey", icon="power"
    ),
}

BY_HAND = "stopped_by_hand"
SHOWN_STATES: Mapping[str, StateText] = {
    **ACTIVATION_STATES,
    BY_HAND: StateText(
        label=_("pausiert"),
        definition=_("Jemand hat die Übertragung angehalten. Änderungen warten, bis sie fortgesetzt wird."),
        colour="yellow",
        icon="player-pause",
    ),
}
"""A stop that somebody wanted is shown as a state of its own."""

LISTING_STATES: Mapping[str, StateText] = {
    ListingState.ONLINE: StateText(
        label=_("online"),
        definition=_("Die Plattform hat das Inserat bestätigt."),
        colour="green",
        icon="world",
    ),
    ListingState.CREATING: StateText(
        label=_("wird angelegt"),
        definition=_("Die Neuanlage ist unterwegs, die Bestätigung der Plattform steht noch aus."),
        colour="blue",
        icon="refresh",
    ),
    ListingState.MISSING: StateText(
        label=_("nicht gefunden"),
        definition=_("Die Plattform kennt das Inserat nicht mehr. Ihr Bestand wird geprüft."),
        colour="orange",
        icon="help-circle",
    ),
    ListingState.ABSENT: StateText(
        label=_("nicht online"),
        definition=_("Bei der Plattform gibt es kein Inserat zu diesem Fahrzeug."),
        colour="grey",
        icon="world-off",
    ),
}

RUN_STATES: Mapping[str, StateText] = {
    RunState.WAITING: StateText(
        label=_("vorgemerkt"), definition=_("Der Durchgang beginnt gleich."), colour="grey", icon="clock"
    ),
    RunState.RUNNING: StateText(
        label=_("läuft"), definition=_("Der Durchgang ist noch nicht beendet."), colour="blue", icon="refresh"
    ),
    RunState.HELD: StateText(
        label=_("zurückgehalten"),
        definition=_("Die Datei wurde nicht veröffentlicht, die letzte gute bleibt bestehen."),
        colour="orange",
        icon="lock",
    ),
    RunState.DONE: StateText(
        label=_("erledigt"), definition=_("Der Durchgang ist ganz beendet."), colour="green", icon="check"
    ),
    RunState.PARTIAL: StateText(
        label=_("teilweise"),
        definition=_("Der Durchgang ist beendet, aber nicht alle seiner Fahrzeuge sind angekommen."),
        colour="yellow",
        icon="progress-check",
    ),
    RunState.FAILED: StateText(
        label=_("fehlgeschlagen"),
        definition=_("Der Durchgang kam nicht zustande. Der Grund steht dabei."),
        colour="red",
        icon="plug-connected-x",
    ),
    RunState.CANCELLED: StateText(
        label=_("abgebrochen"),
        definition=_("Der Durchgang wurde vorzeitig beendet."),
        colour="grey",
        icon="ban",
    ),
}

STOP_CAUSES: Mapping[str, LazyString] = {
    StopCause.CREDENTIALS: _("Die Plattform nimmt die Zugangsdaten nicht an."),
    StopCause.NOT_LINKED: _("Der Betreiber dieses Portals ist bei der Plattform nicht eingetragen."),
    StopCause.UNKNOWN_CUSTOMER: _("Die Plattform kennt die Kundennummer nicht."),
    StopCause.READ_ONLY: _("Der Zugang bei der Plattform ist nur zum Lesen freigegeben."),
    StopCause.UNREACHABLE: _("Die Plattform hat tagelang nichts angenommen."),
    StopCause.NUMBER_RELEASED: _("Die Kundennummer ist nicht mehr für Sie freigeschaltet."),
    StopCause.DELIVERY: _("Die Datei lässt sich nicht abliefern."),
    StopCause.BY_HAND: _("Von Hand pausiert."),
}

TRIAL_RESULTS: Mapping[str, StateText] = {
    "waiting": StateText(_("läuft"), _("Das Fahrzeug wird gerade getestet."), "blue", "clock"),
    "accepted": StateText(
        _("angenommen"), _("Die Plattform nimmt das Fahrzeug so, wie es ist."), "green", "check"
    ),
    "hinted": StateText(
        _("mit Hinweis"),
        _("Die Plattform nimmt das Fahrzeug, es gibt einen Hinweis dazu."),
        "yellow",
        "info-circle",
    ),
    "rejected": StateText(_("abgelehnt"), _("Die Plattform nimmt das Fahrzeug so nicht."), "red", "x"),
    "left_out": StateText(
        _("nicht gesendet"),
        _("Es fehlen Angaben, ohne die die Plattform das Fahrzeug nicht nimmt."),
        "orange",
        "alert-triangle",
    ),
    "failed": StateText(_("ohne Ergebnis"), _("Der Test ließ sich nicht zu Ende führen."), "red", "x"),
}
"""What a trial transfer came to."""


def shown_state(activation: Activation) -> str:
    """The key of its `SHOWN_STATES`."""
    return BY_HAND if stopped_by_hand(activation) else activation.state


def stop_text(activation: Activation) -> str:
    """Why an activation is stopped: the cause, and what the platform said to it."""
    cause = STOP_CAUSES.get(activation.stop_cause)
    return str(cause) if cause else translated(activation.stop_detail)


def lock_text(lock: Lock) -> str:
    """A lock in a few words: "8 Löschungen, mehr als die üblichen 6"."""
    match lock.rule:
        case LockRule.EMPTIED:
            return gettext("Ihr Bestand dort wäre leer")
        case LockRule.TRUNCATED:
            return gettext("Ihr letzter Import war vermutlich abgeschnitten")
        case LockRule.CREATIONS:
            text = ngettext(
                "1 Neuanlage", "%(n)s Neuanlagen", lock.creations, n=format_decimal(lock.creations)
            )
            limit = lock.creation_limit
        case _:
            text = ngettext(
                "1 Löschung", "%(n)s Löschungen", lock.deletions, n=format_decimal(lock.deletions)
            )
            limit = lock.deletion_limit
    return gettext("%(text)s, mehr als die üblichen %(limit)s", text=text, limit=format_decimal(limit))
