"""How a lock speaks: what a decision did, and why one that comes too late does nothing."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.exports.mass_change.read import LockView
from portal.models import Lock
from portal.models.exports import LockEnd
from portal.web.templating import moment, number


def approve_label(view: LockView) -> str:
    """The button that lets the deviation through names its numbers."""
    if view.lock.run_id:
        return _approve_file_label(view)
    if view.deletions and view.creations:
        return _(
            "%(deletions)s Inserate löschen, %(creations)s neu anlegen und weiter übertragen",
            deletions=number(view.deletions),
            creations=number(view.creations),
        )
    if view.deletions:
        return ngettext(
            "1 Inserat löschen und weiter übertragen",
            "%(n)s Inserate löschen und weiter übertragen",
            view.deletions,
            n=number(view.deletions),
        )
    if view.creations:
        return ngettext(
            "1 Inserat neu anlegen und weiter übertragen",
            "%(n)s Inserate neu anlegen und weiter übertragen",
            view.creations,
            n=number(view.creations),
        )
    return _("Übertragung aktivieren")


def _approve_file_label(view: LockView) -> str:
    if view.deletions and view.creations:
        return _(
            "Datei mit %(creations)s neuen, ohne %(deletions)s bisherige Fahrzeuge veröffentlichen",
            creations=number(view.creations),
            deletions=number(view.deletions),
        )
    if view.creations:
        return ngettext(
            "Datei mit 1 neuen Fahrzeug veröffentlichen",
            "Datei mit %(n)s neuen Fahrzeugen veröffentlichen",
            view.creations,
            n=number(view.creations),
        )
    return ngettext(
        "Datei ohne 1 Fahrzeug veröffentlichen",
        "Datei ohne %(n)s Fahrzeuge veröffentlichen",
        view.deletions,
        n=number(view.deletions),
    )


def discard_label(view: LockView) -> str:
    if view.lock.run_id:
        return _("Datei verwerfen")
    if view.deletions and view.creations:
        return _("Löschungen und Neuanlagen verwerfen")
    return _("Neuanlagen verwerfen") if view.creations else _("Löschungen verwerfen")


def approved_text(view: LockView) -> str:
    if view.lock.run_id:
        return _("Die Übertragung ist aktiviert. Die Datei wird neu geschrieben und veröffentlicht.")
    done = [_("Die Übertragung ist aktiviert.")]
    if view.deletions:
        done.append(
            ngettext(
                "1 Inserat wird gelöscht.",
                "%(n)s Inserate werden gelöscht.",
                view.deletions,
                n=number(view.deletions),
            )
        )
    if view.creations:
        done.append(
            ngettext(
                "1 Inserat wird neu angelegt.",
                "%(n)s Inserate werden neu angelegt.",
                view.creations,
                n=number(view.creations),
            )
        )
    return " ".join([*done, _("Was sonst wartet, wird jetzt gesendet.")])


def discarded_text(view: LockView) -> str:
    if view.lock.run_id:
        return _("Verworfen. Die zuletzt veröffentlichte Datei gilt weiter.")
    kept = ngettext(
        "Bei 1 Fahrzeug bleibt bei der Plattform alles, wie es ist.",
        "Bei %(n)s Fahrzeugen bleibt bei der Plattform alles, wie es ist.",
        view.held.count,
        n=number(view.held.count),
    )
    return " ".join([_("Verworfen."), kept, _("Was sonst wartet, wird jetzt gesendet.")])


def grown_text(before: tuple[int, int], view: LockView) -> str:
    """More would happen than was shown: nothing was decided."""
    deletions, creations = before
    lock = view.lock
    parts = [_("Die Abweichung ist gewachsen, seit Sie diese Seite geladen haben.")]
    if lock.deletions > deletions:
        parts.append(
            _("Löschungen: %(now)s statt %(then)s.", now=number(lock.deletions), then=number(deletions))
        )
    if lock.creations > creations:
        parts.append(
            _("Neuanlagen: %(now)s statt %(then)s.", now=number(lock.creations), then=number(creations))
        )
    return " ".join([*parts, _("Es wurde nichts gesendet. Bitte prüfen Sie die neuen Zahlen.")])


def closed_text(lock: Lock, name: str = "") -> str:
    """How and when a lock ended that somebody still wants to lift."""
    when = moment(lock.closed_at)
    match lock.closed_how:
        case LockEnd.HEALED:
            return _(
                "Die Sperre hat sich am %(when)s von selbst aufgehoben: Die Abweichung besteht nicht mehr.",
                when=when,
            )
        case LockEnd.ENDED:
            return _("Die App wurde am %(when)s deaktiviert, die Sperre besteht nicht mehr.", when=when)
        case LockEnd.DISCARDED:
            return _said(_("Diese Sperre wurde schon am %(when)s verworfen", when=when), lock, name)
    return _said(_("Diese Sperre wurde schon am %(when)s aufgehoben", when=when), lock, name)


def _said(text: str, lock: Lock, name: str) -> str:
    if lock.by_mail:
        by = _(" (über den Link in der E-Mail)")
    else:
        by = _(" (von %(name)s)", name=name) if name else ""
    return f"{text}{by}. " + _("Ihr Klick hat nichts weiter ausgelöst.")


def lock_over_text(lock: Lock, name: str = "") -> str:
    """How a lock ended, to somebody who still has its page open."""
    return closed_text(lock, name).replace(" " + _("Ihr Klick hat nichts weiter ausgelöst."), "")


TEMPLATE_GLOBALS = {
    "approve_label": approve_label,
    "discard_label": discard_label,
    "lock_over_text": lock_over_text,
}
