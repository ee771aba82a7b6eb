"""What is said of the pictures of a listing where some of them did not arrive."""

from __future__ import annotations

from portal.messages import Wording, say
from portal.platforms.common.answers import cleaned
from portal.platforms.contract import Actor, Feedback

KEPT = Feedback(
    "images-kept",
    say("Das Inserat behält vorerst die Bilder, die es zeigt: Ohne die fehlenden wären es weniger."),
    "images",
    who=Actor.DEALER,
)


def left_out(place: int, why: Wording, said: str = "", who: Actor = Actor.DEALER) -> Feedback:
    text = say("Bild {place} wird nicht übertragen: {why}.", place=place, why=why)
    return Feedback("image-left-out", text, "images", cleaned(said), who)
