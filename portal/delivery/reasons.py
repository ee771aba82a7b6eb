"""What went wrong, from what was raised and at which step."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping

from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryFailure, DeliveryStep, ServerRefusal
from portal.messages import Message, Wording, say, sentences

MOST_CHARACTERS = 200
LOST = say(
    "Die Verbindung zum Server ist abgebrochen. Geschieht es immer wieder, fragen Sie seinen Betreiber."
)
CUT_OFF = say(
    "Beim Empfänger kann jetzt eine unvollständige Datei liegen, weil direkt unter dem endgültigen Namen "
    "hochgeladen wird. Das Portal überträgt sie noch einmal."
)
NO_LOGIN_NOW = say("Der Server nimmt zur Zeit keine Anmeldung an{said}. Das Portal versucht es noch einmal.")
KEY_REFUSED = say(
    "Der Server nimmt den Schlüssel nicht an. "
    "Hinterlegen Sie den öffentlichen Schlüssel beim Betreiber des Servers."
)
PASSWORD_REFUSED = say("Der Server nimmt Benutzername und Passwort nicht an. Prüfen Sie beides.")

NOT_TAKEN_UNDER_ANOTHER_NAME = say(
    "Der Server nimmt die Datei nicht an{said}. Prüfen Sie, ob der Benutzer schreiben darf und "
    "ob Platz frei ist. Nimmt er nur bestimmte Dateinamen an, wählen Sie unter „Hochladen“ den "
    "direkten Weg."
)
REFUSED: Mapping[DeliveryStep, Message] = {
    DeliveryStep.FOLDER: say(
        "Der Ordner „{folder}“ ist auf dem Server nicht da oder nicht zugänglich{said}. "
        "Legen Sie ihn an oder berichtigen Sie den Eintrag."
    ),
    DeliveryStep.WRITE: say(
        "Der Server nimmt die Datei nicht an{said}. "
        "Prüfen Sie, ob der Benutzer schreiben darf und ob Platz frei ist."
    ),
    DeliveryStep.RENAME: say(
        "Der Server lässt die vorhandene Datei nicht ersetzen{said}; sie liegt unverändert dort. "
        "Erlauben Sie dem Benutzer auf dem Server, Dateien zu überschreiben, oder wählen Sie unter "
        "„Hochladen“ den direkten Weg."
    ),
    DeliveryStep.READ: say(
        "Der Server gibt die Datei nicht heraus{said}. Prüfen Sie, ob der Benutzer lesen darf."
    ),
}
TURNED_AWAY = say("Der Server weist die Verbindung ab{said}.")
EXPIRED, UNKNOWN_ISSUER, OTHER_NAME = (10,), (18, 19, 20, 21), (62, 64)
"""OpenSSL's verify codes."""


def failure(error: BaseException, attempt: DeliveryAttempt) -> DeliveryFailure:
    found = error if isinstance(error, DeliveryFailure) else _found(error, attempt)
    broke_off = not isinstance(error, DeliveryFailure | ServerRefusal)
    if attempt.target.direct and attempt.step is DeliveryStep.WRITE and broke_off:
        return DeliveryFailure(found.step, sentences(found.reason, CUT_OFF), retryable=found.retryable)
    return found


def _found(error: BaseException, attempt: DeliveryAttempt) -> DeliveryFailure:
    if attempt.over:
        seconds = round(attempt.seconds)
        duration = (
            say("{minutes} Minuten", minutes=round(seconds / 60))
            if seconds >= 120
            else say("{seconds} Sekunden", seconds=seconds)
        )
        return DeliveryFailure(
            attempt.step,
            say(
                "Der Server war nach {duration} nicht fertig; der Versuch wurde abgebrochen.",
                duration=duration,
            ),
            retryable=True,
        )
    if attempt.silent or any(isinstance(cause, TimeoutError) for cause in _causes(error)):
        return DeliveryFailure(
            attempt.step,
            say("Der Server antwortet nicht. Prüfen Sie, ob er läuft und erreichbar ist."),
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
                say(
                    "Eine verschlüsselte Verbindung kommt nicht zustande. "
                    "Prüfen Sie Port und Übertragungsweg."
                ),
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


def _certificate(error: ssl.SSLCertVerificationError, attempt: DeliveryAttempt) -> Wording:
    if error.verify_code in EXPIRED:
        return say("Das Zertifikat des Servers ist abgelaufen. Der Betreiber des Servers muss es erneuern.")
    if error.verify_code in UNKNOWN_ISSUER:
        return say(
            "Das Zertifikat des Servers stammt von keiner anerkannten Stelle. "
            "Der Betreiber des Servers muss ein anerkanntes Zertifikat einrichten."
        )
    if error.verify_code in OTHER_NAME:
        return say(
            "Das Zertifikat des Servers gilt nicht für „{host}“. "
            "Tragen Sie den Namen ein, auf den es ausgestellt ist.",
            host=_host(attempt),
        )
    return say("Das Zertifikat des Servers ist nicht gültig. Fragen Sie den Betreiber des Servers.")


def _refusal(error: ServerRefusal, attempt: DeliveryAttempt) -> Wording:
    target, said = attempt.target, quoted(error.text)
    match attempt.step:
        case DeliveryStep.LOGIN if error.temporary:
            return NO_LOGIN_NOW.filled(said=said)
        case DeliveryStep.LOGIN:
            return KEY_REFUSED if target.private_key else PASSWORD_REFUSED

        case DeliveryStep.WRITE if target.folder_server and not target.direct:
            return NOT_TAKEN_UNDER_ANOTHER_NAME.filled(said=said)
    return REFUSED.get(attempt.step, TURNED_AWAY).filled(folder=target.folder, said=said)


def _lost(error: BaseException, attempt: DeliveryAttempt) -> Wording:
    if attempt.step is not DeliveryStep.CONNECT:
        return LOST
    if isinstance(error, OSError):
        return say(
            "„{host}“ nimmt keine Verbindung an. Prüfen Sie Server und Port; "
            "vielleicht lässt eine Firewall das Portal nicht durch.",
            host=_host(attempt),
        )
    return say(
        "„{host}“ antwortet nicht wie ein Server für {transport}. Prüfen Sie Port und Übertragungsart.",
        host=_host(attempt),
        transport=attempt.target.transport.upper(),
    )


def _host(attempt: DeliveryAttempt) -> str:
    return attempt.target.host or attempt.target.url.partition("://")[2].partition("/")[0].partition("?")[0]


def quoted(text: str) -> Wording:
    """A server's text as an insertion; empty when it said nothing. It is data: cut, and made printable."""
    shown = printable(text)[:MOST_CHARACTERS]
    return say(" (der Server meldet: „{shown}“)", shown=shown) if shown else ""


def printable(text: str) -> str:
    """One line, without control characters and the other line ends of Unicode."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
