"""What is said of a problem: plain German, translated where it is shown or mailed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.calendar import BERLIN
from portal.models.exports import LockRule
from portal.models.notifications import Problem
from portal.models.runs import Lock
from portal.notifications.problems import ProblemKind
from portal.platforms.contract import StopCause

STOP_CAUSES: Mapping[str, str] = {
    StopCause.CREDENTIALS: "Die Plattform nimmt die Zugangsdaten nicht an.",
    StopCause.NOT_LINKED: "Wir sind bei der Plattform nicht als Datendienstleister hinterlegt.",
    StopCause.UNKNOWN_CUSTOMER: "Die Plattform kennt die Kundennummer nicht.",
    StopCause.READ_ONLY: "Das Konto bei der Plattform ist nur zum Lesen freigegeben.",
    StopCause.NUMBER_RELEASED: "Die Kundennummer ist nicht mehr für Sie freigeschaltet.",
    StopCause.UNREACHABLE: "Die Plattform hat tagelang nichts angenommen.",
}
FURTHER = "Bis die Ursache behoben ist, wird nichts übertragen. Ihre Änderungen warten."


@dataclass(frozen=True)
class Notice:
    title: str
    body: str


def opening(problem: Problem, app: str, cause: str = "", lock: Lock | None = None) -> Notice:
    """`cause` says why a stopped activation is stopped."""
    match problem.kind:
        case ProblemKind.LOCK if lock is not None:
            return Notice(lock_title(app, lock), lock_numbers(lock))
        case ProblemKind.LOCK:
            return Notice(f"{app} ist gesperrt", "Bis jemand zustimmt, wird nichts übertragen.")
        case ProblemKind.STOPPED:
            return Notice(f"{app} ist angehalten", cause or FURTHER)
        case ProblemKind.FAILING:
            return Notice(f"{app} nimmt seit längerem nichts an", _failing(problem))
        case ProblemKind.RECONCILIATION:
            return Notice(
                f"{app}: Der Bestandsabgleich wartet auf Sie",
                "Vorher wird nichts übertragen. Entscheiden Sie, was neu angelegt wird und was bleibt.",
            )
        case _:
            return Notice(
                f"{app}: Eine Datei wird zurückgehalten",
                "Ihr Bestand weicht stark von der letzten Datei ab. Die letzte gute Datei gilt weiter.",
            )


def _failing(problem: Problem) -> str:
    """With the day on which the app will be stopped, where that is going to happen."""
    stops_at = problem.detail.get("stops_at")
    if not stops_at:
        return "Wir versuchen es weiter. Ihre Änderungen warten und gehen von selbst hinaus."
    day = datetime.fromisoformat(stops_at).astimezone(BERLIN).strftime("%d.%m.%Y")
    return (
        "Wir versuchen es weiter. Ihre Änderungen warten und gehen von selbst hinaus. "
        f"Bleibt es dabei, wird die App am {day} angehalten; auch danach sehen wir stündlich nach."
    )


def lock_title(app: str, lock: Lock) -> str:
    if lock.rule == LockRule.EMPTIED:
        return f"{app} ist gesperrt: Ihr Bestand ist leer"
    if lock.rule == LockRule.TRUNCATED:
        return f"{app} ist gesperrt: Der letzte Import brach ab"
    creations, deletions = lock.creations, lock.deletions
    if lock.rule == LockRule.CREATIONS:
        return f"{app} ist gesperrt: {creations} Neuanlagen standen an"
    return f"{app} ist gesperrt: {deletions} Löschungen standen an"


def lock_numbers(lock: Lock) -> str:
    n, online = lock.deletions, lock.online
    if lock.rule == LockRule.EMPTIED:
        return f"Ihr Bestand ist leer. Löschungen, die anstanden: {n}. Inserate, die online sind: {online}."
    if lock.rule == LockRule.TRUNCATED:
        return f"Der letzte Import brach ab. Löschungen, die anstanden: {n}. Inserate online: {online}."
    if lock.rule == LockRule.CREATIONS:
        n, limit = lock.creations, lock.creation_limit
        return f"{n} Neuanlagen standen an, mehr als die üblichen {limit} bei {online} Inseraten."
    limit = lock.deletion_limit
    return f"{n} Löschungen standen an, mehr als die üblichen {limit} bei {online} Inseraten."


def ending(problem: Problem, app: str, by: str = "") -> Notice:
    """`by` is who decided, where somebody did."""
    return Notice(_solved(problem.kind, app), _how(problem, by))


def _solved(kind: str, app: str) -> str:
    return {
        ProblemKind.LOCK: f"Gelöst: {app} ist nicht mehr gesperrt",
        ProblemKind.STOPPED: f"Gelöst: {app} ist nicht mehr angehalten",
        ProblemKind.FAILING: f"Gelöst: {app} nimmt wieder an",
        ProblemKind.RECONCILIATION: f"Gelöst: Der Bestandsabgleich mit {app} ist abgeschlossen",
        ProblemKind.FILE_HELD: f"Gelöst: Für {app} wird keine Datei mehr zurückgehalten",
    }.get(ProblemKind(kind), f"Gelöst: {app}")


def _how(problem: Problem, by: str) -> str:
    if problem.closed_how == "approved":
        return f"{by} hat zugestimmt. Was wartete, wird jetzt übertragen." if by else _APPROVED
    if problem.closed_how == "discarded":
        return f"{by} hat die Änderungen verworfen." if by else _DISCARDED
    if problem.closed_how == "ended":
        return "Die App wurde deaktiviert oder angehalten."
    return _HEALED.get(problem.kind, "Es ist nichts mehr zu tun.")


_APPROVED = "Über den Link in der E-Mail wurde zugestimmt. Was wartete, wird jetzt übertragen."
_DISCARDED = "Die Änderungen wurden verworfen."
_HEALED: Mapping[str, str] = {
    ProblemKind.LOCK: "Ihr Bestand ist wieder wie vorher, die Sperre hat sich selbst aufgehoben.",
    ProblemKind.STOPPED: "Die Ursache ist behoben. Was wartete, wird jetzt übertragen.",
    ProblemKind.FAILING: "Was wartete, wird jetzt übertragen.",
    ProblemKind.RECONCILIATION: "Ab jetzt werden Änderungen übertragen.",
}
