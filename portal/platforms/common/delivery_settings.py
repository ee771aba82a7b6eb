"""Settings for the way of a file to its receiver: where to, as whom, under which name, and when.

Their names are what the file engine reads: `transport`, `host`, `port`, `upload`, `user`, `password`,
`private_key`, `folder`, `file_name`, `upload_url`, `recipients`, `subject`, `feed_user`, `feed_password`,
`schedule`.
"""

from __future__ import annotations

import re

from portal.formats.addresses import ascii_email, ascii_host, ascii_url
from portal.platforms.contract.fields import Option, SettingField
from portal.platforms.contract.files import Transport

TRANSPORT_LABELS = {
    Transport.PULL: "Abruf über eine geschützte Adresse",
    Transport.SFTP: "SFTP",
    Transport.FTPS: "FTPS (verschlüsselt)",
    Transport.FTP: "FTP (unverschlüsselt)",
    Transport.HTTPS: "Hochladen über HTTPS",
    Transport.MAIL: "E-Mail mit Anhang",
}
DIRECT = "direct"
IMPLICIT_FTPS = 990
"""The port on which FTPS is encrypted from the first byte."""
SERVERS = (Transport.SFTP, Transport.FTPS, Transport.FTP)
BETWEEN = re.compile(r"[\s,;]+")
MOST_RECIPIENTS = 5
RECEIVER = ("transport", "host", "port", "user", "upload_url")
"""Who is on the other side, and as whom one logs in there: a stored secret is shown to nobody else."""


def delivery_settings(
    transports: tuple[Transport, ...], schedule: tuple[str, ...]
) -> tuple[SettingField, ...]:
    """The fields that these transports need, each asked only for those that use it."""
    fields = (_transport(transports), *_server(), *_login(), *_upload(), *_mail(), *_feed())
    used = (field for field in fields if field.when is None or set(field.when[1]) & set(transports))
    return (*used, _schedule(schedule))


def _for(*transports: Transport) -> tuple[str, tuple[str, ...]]:
    return "transport", tuple(transports)


def _transport(transports: tuple[Transport, ...]) -> SettingField:
    return SettingField(
        name="transport",
        label="Übertragungsweg",
        type="choice",
        target=True,
        options=tuple(Option(transport, TRANSPORT_LABELS[transport]) for transport in transports),
        default=transports[0].value,
        required=True,
        step="access",
    )


def _server() -> tuple[SettingField, ...]:
    return (
        SettingField(
            name="host",
            label="Server",
            type="text",
            target=True,
            help="Name des Servers ohne ftp:// oder sftp://, zum Beispiel upload.beispiel.de.",
            required=True,
            step="access",
            when=_for(*SERVERS),
            longest=200,
            check=_host_problem,
        ),
        SettingField(
            name="port",
            label="Port",
            type="number",
            target=True,
            help="Leer lassen für den üblichen Port. FTPS mit implizitem TLS hat 990.",
            step="access",
            when=_for(*SERVERS),
            lowest=1,
            highest=65535,
        ),
        SettingField(
            name="upload",
            label="Hochladen",
            type="choice",
            options=(
                Option("safe", "Unter einem vorläufigen Namen, geprüft, dann umbenannt"),
                Option(DIRECT, "Direkt unter dem endgültigen Namen, ohne Prüfung danach"),
            ),
            default="safe",
            help="Der direkte Weg ist für Empfänger, die Dateien sofort wegräumen, nur bestimmte Namen "
            "annehmen oder weder Lesen noch Umbenennen erlauben. Sein Risiko: Bricht die Verbindung ab, "
            "liegt dort eine unvollständige Datei, und der Empfänger kann sie für Ihren ganzen Bestand "
            "halten.",
            step="access",
            when=_for(*SERVERS),
        ),
    )


def _login() -> tuple[SettingField, ...]:
    return (
        SettingField(
            name="user",
            label="Benutzername",
            type="text",
            target=True,
            step="access",
            when=_for(*SERVERS, Transport.HTTPS),
            longest=200,
        ),
        SettingField(
            name="password",
            label="Passwort",
            type="secret",
            void_with=RECEIVER,
            step="access",
            when=_for(*SERVERS, Transport.HTTPS),
        ),
        SettingField(
            name="private_key",
            label="Privater SSH-Schlüssel",
            type="secret",
            void_with=RECEIVER,
            help="Statt des Passworts oder zusätzlich, im Format OpenSSH oder PEM.",
            step="access",
            when=_for(Transport.SFTP),
            lines=4,
        ),
        SettingField(
            name="folder",
            label="Ordner",
            type="text",
            target=True,
            help="Leer lassen für den Ordner, in dem man nach dem Anmelden ist.",
            step="access",
            when=_for(*SERVERS),
            longest=200,
        ),
        SettingField(
            name="file_name",
            label="Dateiname",
            type="text",
            target=True,
            help="Leer lassen für den üblichen Namen.",
            step="access",
            when=_for(*SERVERS, Transport.HTTPS, Transport.MAIL),
            longest=100,
            pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
            pattern_text="Erlaubt sind Buchstaben ohne Umlaute, Ziffern, Punkt, - und _.",
        ),
    )


def _upload() -> tuple[SettingField, ...]:
    return (
        SettingField(
            name="upload_url",
            label="Adresse zum Hochladen",
            type="text",
            target=True,
            help="Vollständig mit https://.",
            required=True,
            step="access",
            when=_for(Transport.HTTPS),
            check=web_address_problem,
        ),
    )


def _mail() -> tuple[SettingField, ...]:
    return (
        SettingField(
            name="recipients",
            label="Empfänger",
            type="text",
            target=True,
            help=f"Bis zu {MOST_RECIPIENTS} E-Mail-Adressen, durch Kommas getrennt. Jede bekommt eine eigene "
            "E-Mail. Der Anhang darf höchstens 15 MB groß werden.",
            required=True,
            step="access",
            when=_for(Transport.MAIL),
            check=_recipients_problem,
        ),
        SettingField(
            name="subject",
            label="Betreff",
            type="text",
            help="Leer lassen für „Fahrzeugbestand“ mit Ihrem Namen.",
            step="access",
            when=_for(Transport.MAIL),
            longest=150,
        ),
    )


def _feed() -> tuple[SettingField, ...]:
    return (
        SettingField(
            name="feed_user",
            label="Benutzername für den Abruf",
            type="text",
            target=True,
            help="Die Adresse ist geheim. Benutzername und Passwort schützen sie zusätzlich.",
            step="access",
            when=_for(Transport.PULL),
            longest=60,
            pattern=r"[A-Za-z0-9._-]+",
            pattern_text="Erlaubt sind Buchstaben ohne Umlaute, Ziffern, Punkt, - und _.",
        ),
        SettingField(
            name="feed_password",
            label="Passwort für den Abruf",
            type="secret",
            void_with=("transport", "feed_user"),
            step="access",
            when=_for(Transport.PULL),
        ),
    )


def _schedule(times: tuple[str, ...]) -> SettingField:
    return SettingField(
        name="schedule",
        label="Uhrzeiten",
        type="schedule",
        help="Zu diesen Zeiten (Deutschland) wird die Datei neu erstellt und übertragen.",
        default=list(times),
        step="release",
    )


def web_address_problem(text: str) -> str:
    if text.startswith("https://") and ascii_url(text):
        return ""
    return "Bitte die vollständige Adresse angeben, beginnend mit https://."


def _host_problem(text: str) -> str:
    return "" if ascii_host(text) else "Bitte nur den Namen des Servers angeben."


def recipients(text: str) -> tuple[str, ...]:
    """The addresses in the setting, each once, however it is spelled."""
    given = reversed([address for address in BETWEEN.split(text) if address])
    found = {(ascii_email(address) or address).casefold(): address for address in given}
    return tuple(reversed(found.values()))


def _recipients_problem(text: str) -> str:
    found = recipients(text)
    if len(found) > MOST_RECIPIENTS:
        return f"Höchstens {MOST_RECIPIENTS} Adressen sind möglich, angegeben sind {len(found)}."
    wrong = next((one for one in found if ascii_email(one) is None), None)
    if wrong is not None:
        if "@" in wrong and not wrong.rpartition("@")[0].isascii():
            return f"„{wrong}“: Vor dem @ sind keine Umlaute möglich, dahinter schon."
        return f"„{wrong}“ ist keine E-Mail-Adresse. Prüfen Sie die Schreibweise."
    return "" if found else "Bitte eine E-Mail-Adresse angeben."
