"""Settings for the way of a file to its receiver: where to, as whom, under which name, and when.

Their names are what the file engine reads: `transport`, `host`, `port`, `upload`, `user`, `password`,
`private_key`, `folder`, `file_name`, `upload_url`, `recipients`, `subject`, `feed_user`, `feed_password`,
`schedule`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from portal.formats.addresses import ascii_email, ascii_host, ascii_url
from portal.messages import Wording, say
from portal.platforms.contract.fields import Option, SettingField
from portal.platforms.contract.files import Transport

TRANSPORT_LABELS: Mapping[Transport, Wording] = {
    Transport.PULL: say("Abruf über eine geschützte Adresse"),
    Transport.SFTP: "SFTP",
    Transport.FTPS: say("FTPS (verschlüsselt)"),
    Transport.FTP: say("FTP (unverschlüsselt)"),
    Transport.HTTPS: say("Hochladen über HTTPS"),
    Transport.MAIL: say("E-Mail mit Anhang"),
}
DIRECT = "direct"
IMPLICIT_FTPS = 990
"""The port on which FTPS is encrypted from the first byte."""
SERVERS = (Transport.SFTP, Transport.FTPS, Transport.FTP)
BETWEEN = re.compile(r"[\s,;]+")
MOST_RECIPIENTS = 5
RECEIVER = ("transport", "host", "port", "user", "upload_url")
"""Who is on the other side, and as whom one logs in there: a stored secret is shown to nobody else."""


def web_address_problem(text: str) -> Wording:
    if not text.casefold().startswith("https://"):
        return say("Bitte die vollständige Adresse angeben, beginnend mit https://.")
    if ascii_url(text):
        return ""
    if "@" in text.partition("://")[2].partition("/")[0]:
        return say("Benutzername und Passwort gehören nicht in die Adresse.")
    return say(
        "Diese Adresse kann es nicht geben. Leerzeichen, Anführungszeichen und spitze Klammern sind darin "
        "nicht möglich; prüfen Sie auch den Namen des Servers."
    )


def _host_problem(text: str) -> Wording:
    """What is wrong with it, and not more than that."""
    if ascii_host(text):
        return ""
    if set("/:@ ") & set(text):
        return say("Bitte nur den Namen des Servers angeben.")
    return say("Einen Server mit diesem Namen kann es nicht geben. Prüfen Sie die Schreibweise.")


def recipients(text: str) -> tuple[str, ...]:
    """The addresses in the setting, each once, however it is spelled."""
    given = reversed([address for address in BETWEEN.split(text) if address])
    found = {(ascii_email(address) or address).casefold(): address for address in given}
    return tuple(reversed(found.values()))


def _recipients_problem(text: str) -> Wording:
    found = recipients(text)
    if len(found) > MOST_RECIPIENTS:
        return say(
            "Höchstens {most} Adressen sind möglich, angegeben sind {count}.",
            most=MOST_RECIPIENTS,
            count=len(found),
        )
    wrong = next((one for one in found if ascii_email(one) is None), None)
    if wrong is not None:
        if "@" in wrong and not wrong.rpartition("@")[0].isascii():
            return say("„{wrong}“: Vor dem @ sind keine Umlaute möglich, dahinter schon.", wrong=wrong)
        return say("„{wrong}“ ist keine E-Mail-Adresse. Prüfen Sie die Schreibweise.", wrong=wrong)
    return "" if found else say("Bitte eine E-Mail-Adresse angeben.")


def _for(*transports: Transport) -> tuple[str, tuple[str, ...]]:
    return "transport", tuple(transports)


BY_TRANSPORT: tuple[SettingField, ...] = (
    SettingField(
        name="host",
        label=say("Server"),
        type="text",
        target=True,
        help=say("Name des Servers ohne ftp:// oder sftp://, zum Beispiel upload.beispiel.de."),
        required=True,
        step="access",
        when=_for(*SERVERS),
        longest=200,
        check=_host_problem,
    ),
    SettingField(
        name="port",
        label=say("Port"),
        type="number",
        target=True,
        help=say("Leer lassen für den üblichen Port. FTPS mit implizitem TLS hat 990."),
        step="access",
        when=_for(*SERVERS),
        lowest=1,
        highest=65535,
    ),
    SettingField(
        name="upload",
        label=say("Hochladen"),
        type="choice",
        options=(
            Option("safe", say("Unter einem vorläufigen Namen, geprüft, dann umbenannt")),
            Option(DIRECT, say("Direkt unter dem endgültigen Namen, ohne Prüfung danach")),
        ),
        default="safe",
        help=say(
            "Der direkte Weg ist für Empfänger, die Dateien sofort wegräumen, nur bestimmte Namen "
            "annehmen oder weder Lesen noch Umbenennen erlauben. Sein Risiko: Bricht die Verbindung ab, "
            "liegt dort eine unvollständige Datei, und der Empfänger kann sie für Ihren ganzen Bestand "
            "halten."
        ),
        step="access",
        when=_for(*SERVERS),
    ),
    SettingField(
        name="user",
        label=say("Benutzername"),
        type="text",
        target=True,
        step="access",
        when=_for(*SERVERS, Transport.HTTPS),
        longest=200,
    ),
    SettingField(
        name="password",
        label=say("Passwort"),
        type="secret",
        void_with=RECEIVER,
        step="access",
        when=_for(*SERVERS, Transport.HTTPS),
    ),
    SettingField(
        name="private_key",
        label=say("Privater SSH-Schlüssel"),
        type="secret",
        void_with=RECEIVER,
        help=say("Statt des Passworts oder zusätzlich, im Format OpenSSH oder PEM."),
        step="access",
        when=_for(Transport.SFTP),
        lines=4,
    ),
    SettingField(
        name="folder",
        label=say("Ordner"),
        type="text",
        target=True,
        help=say("Leer lassen für den Ordner, in dem man nach dem Anmelden ist."),
        step="access",
        when=_for(*SERVERS),
        longest=200,
    ),
    SettingField(
        name="file_name",
        label=say("Dateiname"),
        type="text",
        target=True,
        help=say("Leer lassen für den üblichen Namen."),
        step="access",
        when=_for(*SERVERS, Transport.HTTPS, Transport.MAIL),
        longest=100,
        pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
        pattern_text=say("Erlaubt sind Buchstaben ohne Umlaute, Ziffern, Punkt, - und _."),
    ),
    SettingField(
        name="upload_url",
        label=say("Adresse zum Hochladen"),
        type="text",
        target=True,
        help=say("Vollständig mit https://."),
        required=True,
        step="access",
        when=_for(Transport.HTTPS),
        check=web_address_problem,
    ),
    SettingField(
        name="recipients",
        label=say("Empfänger"),
        type="text",
        target=True,
        help=say(
            "Bis zu {most} E-Mail-Adressen, durch Kommas getrennt. Jede bekommt eine eigene "
            "E-Mail. Der Anhang darf höchstens 15 MB groß werden.",
            most=MOST_RECIPIENTS,
        ),
        required=True,
        step="access",
        when=_for(Transport.MAIL),
        check=_recipients_problem,
    ),
    SettingField(
        name="subject",
        label=say("Betreff"),
        type="text",
        help=say("Leer lassen für „Fahrzeugbestand“ mit Ihrem Namen."),
        step="access",
        when=_for(Transport.MAIL),
        longest=150,
    ),
    SettingField(
        name="feed_user",
        label=say("Benutzername für den Abruf"),
        type="text",
        target=True,
        help=say("Die Adresse ist geheim. Benutzername und Passwort schützen sie zusätzlich."),
        step="access",
        when=_for(Transport.PULL),
        longest=60,
        pattern=r"[A-Za-z0-9._-]+",
        pattern_text=say("Erlaubt sind Buchstaben ohne Umlaute, Ziffern, Punkt, - und _."),
    ),
    SettingField(
        name="feed_password",
        label=say("Passwort für den Abruf"),
        type="secret",
        void_with=("transport", "feed_user"),
        step="access",
        when=_for(Transport.PULL),
    ),
)


def delivery_settings(
    transports: tuple[Transport, ...], schedule: tuple[str, ...]
) -> tuple[SettingField, ...]:
    """The fields that these transports need, each asked only for those that use it."""
    transport = SettingField(
        name="transport",
        label=say("Übertragungsweg"),
        type="choice",
        target=True,
        options=tuple(Option(transport, TRANSPORT_LABELS[transport]) for transport in transports),
        default=transports[0].value,
        required=True,
        step="access",
    )
    times = SettingField(
        name="schedule",
        label=say("Uhrzeiten"),
        type="schedule",
        help=say("Zu diesen Zeiten (Deutschland) wird die Datei neu erstellt und übertragen."),
        default=list(schedule),
        step="release",
    )
    used = (field for field in BY_TRANSPORT if field.when and set(field.when[1]) & set(transports))
    return (transport, *used, times)
