"""What went wrong, in German, from what was raised and at which step."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryFailure, DeliveryStep, ServerRefusal

MOST_CHARACTERS = 200
LOST = "Die Verbindung zum Server ist abgebrochen. Geschieht es immer wieder, fragen Sie seinen Betreiber."
CUT_OFF = (
    "Beim Empfänger kann jetzt eine unvollständige Datei liegen, weil direkt unter dem endgültigen Namen "
    "hochgeladen wird. Das Portal überträgt sie noch einmal."
)
EXPIRED, UNKNOWN_ISSUER, OTHER_NAME = (10,), (18, 19, 20, 21), (62, 64)
"""OpenSSL's verify codes."""


def failure(error: BaseException, attempt: DeliveryAttempt) -> DeliveryFailure:
    found = error if isinstance(error, DeliveryFailure) else _found(error, attempt)
    broke_off = not isinstance(error, DeliveryFailure | ServerRefusal)
    if attempt.target.direct and attempt.step is DeliveryStep.WRITE and broke_off:
        reason = f"{found.reason} {CUT_OFF}"
        return DeliveryFailure(found.step, reason, retryable=found.retryable)
    return found


def _found(error: BaseException, attempt: DeliveryAttempt) -> DeliveryFailure:
    if attempt.over:
        seconds = attempt.seconds
        duration = f"{seconds / 60:.0f} Minuten" if seconds >= 120 else f"{seconds:.0f} Sekunden"
        return DeliveryFailure(
            attempt.step,
            f"Der Server war nach {duration} nicht fertig; der Versuch wurde abgebrochen.",
            retryable=True,
        )
    if attempt.silent or any(isinstance(cause, TimeoutError) for cause in _causes(error)):
        return DeliveryFailure(
            attempt.step,
            "Der Server antwortet nicht. Prüfen Sie, ob er läuft und erreichbar ist.",
            retryable=True,
        )
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return DeliveryFailure(DeliveryStep.CERTIFICATE, _certificate(cause, attempt))
        if isinstance(cause, ssl.SSLError) and attempt.step in (
            DeliveryStep.CONNECT,
            DeliveryStep.CERTIFICATE,
        ):
            return DeliveryFailure(
                DeliveryStep.CERTIFICATE,
                "Eine verschlüsselte Verbindung kommt nicht zustande. Prüfen Sie Port und Übertragungsweg.",
            )
    if isinstance(error, ServerRefusal):
        return DeliveryFailure(attempt.step, _refusal(error, attempt), retryable=error.temporary)
    return DeliveryFailure(attempt.step, _lost(error, attempt), retryable=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Each once: an exception that a library raises again can stand in its own context."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _certificate(error: ssl.SSLCertVerificationError, attempt: DeliveryAttempt) -> str:
    if error.verify_code in EXPIRED:
        return "Das Zertifikat des Servers ist abgelaufen. Der Betreiber des Servers muss es erneuern."
    if error.verify_code in UNKNOWN_ISSUER:
        return (
            "Das Zertifikat des Servers stammt von keiner anerkannten Stelle. "
            "Der Betreiber des Servers muss ein anerkanntes Zertifikat einrichten."
        )
    if error.verify_code in OTHER_NAME:
        return (
            f"Das Zertifikat des Servers gilt nicht für „{_host(attempt)}“. "
            "Tragen Sie den Namen ein, auf den es ausgestellt ist."
        )
    return "Das Zertifikat des Servers ist nicht gültig. Fragen Sie den Betreiber des Servers."


def _refusal(error: ServerRefusal, attempt: DeliveryAttempt) -> str:
    target, said = attempt.target, quoted(error.text)
    match attempt.step:
        case DeliveryStep.LOGIN if error.temporary:
            return f"Der Server nimmt zur Zeit keine Anmeldung an{said}. Das Portal versucht es noch einmal."
        case DeliveryStep.LOGIN if target.private_key:
            return (
                "Der Server nimmt den Schlüssel nicht an. "
                "Hinterlegen Sie den öffentlichen Schlüssel beim Betreiber des Servers."
            )
        case DeliveryStep.LOGIN:
            return "Der Server nimmt Benutzername und Passwort nicht an. Prüfen Sie beides."
        case DeliveryStep.FOLDER:
            return (
                f"Der Ordner „{target.folder}“ ist auf dem Server nicht da oder nicht zugänglich{said}. "
                "Legen Sie ihn an oder berichtigen Sie den Eintrag."
            )
        case DeliveryStep.WRITE if target.folder_server and not target.direct:
            return (
                f"Der Server nimmt die Datei nicht an{said}. Prüfen Sie, ob der Benutzer schreiben darf und "
                "ob Platz frei ist. Nimmt er nur bestimmte Dateinamen an, wählen Sie unter „Hochladen“ den "
                "direkten Weg."
            )
        case DeliveryStep.WRITE:
            return (
                f"Der Server nimmt die Datei nicht an{said}. "
                "Prüfen Sie, ob der Benutzer schreiben darf und ob Platz frei ist."
            )
        case DeliveryStep.RENAME:
            return (
                f"Der Server lässt die vorhandene Datei nicht ersetzen{said}; sie liegt unverändert dort. "
                "Erlauben Sie dem Benutzer auf dem Server, Dateien zu überschreiben, oder wählen Sie unter "
                "„Hochladen“ den direkten Weg."
            )
        case DeliveryStep.READ:
            return f"Der Server gibt die Datei nicht heraus{said}. Prüfen Sie, ob der Benutzer lesen darf."
        case _:
            return f"Der Server weist die Verbindung ab{said}."


def _lost(error: BaseException, attempt: DeliveryAttempt) -> str:
    if attempt.step is not DeliveryStep.CONNECT:
        return LOST
    if isinstance(error, OSError):
        return (
            f"„{_host(attempt)}“ nimmt keine Verbindung an. Prüfen Sie Server und Port; "
            "vielleicht lässt eine Firewall das Portal nicht durch."
        )
    return (
        f"„{_host(attempt)}“ antwortet nicht wie ein Server für {attempt.target.transport.upper()}. "
        "Prüfen Sie Port und Übertragungsart."
    )


def _host(attempt: DeliveryAttempt) -> str:
    return attempt.target.host or attempt.target.url.partition("://")[2].partition("/")[0].partition("?")[0]


def quoted(text: str) -> str:
    """A server's text as an insertion; empty when it said nothing. It is data: cut, and made printable."""
    shown = printable(text)[:MOST_CHARACTERS]
    return f" (der Server meldet: „{shown}“)" if shown else ""


def printable(text: str) -> str:
    """One line, without control characters and the other line ends of Unicode."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
