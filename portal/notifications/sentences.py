"""What is said of a problem. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.calendar import BERLIN
from portal.messages import Message, Wording, say
from portal.models.exports import LockRule
from portal.models.notifications import Problem
from portal.models.runs import Lock
from portal.notifications.problems import ProblemKind
from portal.platforms.contract import StopCause

STOP_CAUSES: Mapping[str, Message] = {
    StopCause.CREDENTIALS: say("Die Plattform nimmt die Zugangsdaten nicht an."),
    StopCause.NOT_LINKED: say("Der Betreiber dieses Portals ist bei der Plattform nicht eingetragen."),
    StopCause.UNKNOWN_CUSTOMER: say("Die Plattform kennt die Kundennummer nicht."),
    StopCause.READ_ONLY: say("Der Zugang bei der Plattform ist nur zum Lesen freigegeben."),
    StopCause.NUMBER_RELEASED: say("Die Kundennummer ist nicht mehr für Sie freigeschaltet."),
    StopCause.UNREACHABLE: say("Die Plattform hat tagelang nichts angenommen."),
}
FURTHER = say("Bis die Ursache behoben ist, wird nichts übertragen. Ihre Änderungen warten.")


@dataclass(frozen=True)
class Notice:
    title: Message
    body: Wording


def opening(problem: Problem, app: Wording, cause: Wording = "", lock: Lock | None = None) -> Notice:
    """`cause` says why a stopped activation is stopped."""
    match problem.kind:
        case ProblemKind.LOCK if lock is not None:
            return Notice(lock_title(app, lock), lock_numbers(lock))
        case ProblemKind.LOCK:
            return Notice(
                say("{app} ist gesperrt", app=app), say("Bis jemand zustimmt, wird nichts übertragen.")
            )
        case ProblemKind.STOPPED:
            return Notice(say("{app} ist angehalten", app=app), cause or FURTHER)
        case ProblemKind.FAILING:
            return Notice(say("{app} nimmt seit längerem nichts an", app=app), _failing(problem))
        case ProblemKind.RECONCILIATION:
            return Notice(
                say("{app}: Der Bestandsabgleich wartet auf Sie", app=app),
                say("Vorher wird nichts übertragen. Entscheiden Sie, was neu angelegt wird und was bleibt."),
            )
        case _:
            return Notice(
                say("{app}: Eine Datei wird zurückgehalten", app=app),
                say("Ihr Bestand weicht stark von der letzten Datei ab. Die letzte gute Datei gilt weiter."),
            )


def _failing(problem: Problem) -> Message:
    """With the day on which the app will be stopped, where that is going to happen."""
    stops_at = problem.detail.get("stops_at")
    if not stops_at:
        return say("Das Portal versucht es weiter. Ihre Änderungen warten und gehen von selbst hinaus.")
    day = datetime.fromisoformat(stops_at).astimezone(BERLIN).date()
    return say(
        "Das Portal versucht es weiter. Ihre Änderungen warten und gehen von selbst hinaus. "
        "Bleibt es dabei, wird die App am {day} angehalten; auch danach sieht es stündlich nach.",
        day=day,
    )


def lock_title(app: Wording, lock: Lock) -> Message:
    if lock.rule == LockRule.EMPTIED:
        return say("{app} ist gesperrt: Ihr Bestand ist leer", app=app)
    if lock.rule == LockRule.TRUNCATED:
        return say("{app} ist gesperrt: Der letzte Import brach ab", app=app)
    creations, deletions = lock.creations, lock.deletions
    if lock.rule == LockRule.CREATIONS:
        return say("{app} ist gesperrt: {creations} Neuanlagen standen an", app=app, creations=creations)
    return say("{app} ist gesperrt: {deletions} Löschungen standen an", app=app, deletions=deletions)


def lock_numbers(lock: Lock) -> Message:
    n, online = lock.deletions, lock.online
    if lock.rule == LockRule.EMPTIED:
        return say(
            "Ihr Bestand ist leer. Löschungen, die anstanden: {n}. Inserate, die online sind: {online}.",
            n=n,
            online=online,
        )
    if lock.rule == LockRule.TRUNCATED:
        return say(
            "Der letzte Import brach ab. Löschungen, die anstanden: {n}. Inserate online: {online}.",
            n=n,
            online=online,
        )
    if lock.rule == LockRule.CREATIONS:
        n, limit = lock.creations, lock.creation_limit
        return say(
            "{n} Neuanlagen standen an, mehr als die üblichen {limit} bei {online} Inseraten.",
            n=n,
            limit=limit,
            online=online,
        )
    limit = lock.deletion_limit
    return say(
        "{n} Löschungen standen an, mehr als die üblichen {limit} bei {online} Inseraten.",
        n=n,
        limit=limit,
        online=online,
    )


def ending(problem: Problem, app: Wording, by: str = "") -> Notice:
    """`by` is who decided, where somebody did."""
    solved = {
        ProblemKind.LOCK: say("Gelöst: {app} ist nicht mehr gesperrt", app=app),
        ProblemKind.STOPPED: say("Gelöst: {app} ist nicht mehr angehalten", app=app),
        ProblemKind.FAILING: say("Gelöst: {app} nimmt wieder an", app=app),
        ProblemKind.RECONCILIATION: say("Gelöst: Der Bestandsabgleich mit {app} ist abgeschlossen", app=app),
        ProblemKind.FILE_HELD: say("Gelöst: Für {app} wird keine Datei mehr zurückgehalten", app=app),
    }.get(ProblemKind(problem.kind), say("Gelöst: {app}", app=app))
    return Notice(solved, _how(problem, by))


def _how(problem: Problem, by: str) -> Message:
    if problem.closed_how == "approved":
        return say("{by} hat zugestimmt. Was wartete, wird jetzt übertragen.", by=by) if by else _APPROVED
    if problem.closed_how == "discarded":
        return say("{by} hat die Änderungen verworfen.", by=by) if by else _DISCARDED
    if problem.closed_how == "ended":
        return say("Die App wurde deaktiviert oder angehalten.")
    return _HEALED.get(problem.kind, say("Es ist nichts mehr zu tun."))


_APPROVED = say("Über den Link in der E-Mail wurde zugestimmt. Was wartete, wird jetzt übertragen.")
_DISCARDED = say("Die Änderungen wurden verworfen.")
_HEALED: Mapping[str, Message] = {
    ProblemKind.LOCK: say("Ihr Bestand ist wieder wie vorher, die Sperre hat sich selbst aufgehoben."),
    ProblemKind.STOPPED: say("Die Ursache ist behoben. Was wartete, wird jetzt übertragen."),
    ProblemKind.FAILING: say("Was wartete, wird jetzt übertragen."),
    ProblemKind.RECONCILIATION: say("Ab jetzt werden Änderungen übertragen."),
}
