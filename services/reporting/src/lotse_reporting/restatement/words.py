"""Why a figure moved, in the words of people who read reports: German and English."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

import msgspec
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.intake import (
    CaseAbsorbed,
    CasesMerged,
    CasesSeparated,
    CharacteristicsCorrected,
    ParticipantReentered,
)
from lotse_shared.contracts.matching import EmployerAbsorbed, EmployersMerged

from lotse_reporting.words import TOLD

Words = Mapping[str, str]
"""The same in German and English: `{"de", "en"}`."""


class Why(StrEnum):
    """Kinds of reasons why a figure moved after it was sealed."""

    CORRECTION = "correction"
    RETRACTION = "retraction"
    MERGE = "merge"
    SEPARATION = "separation"
    REENTRY = "re-entry"
    LATE = "late"
    DEFINITION = "definition"


_FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "participant-enrolled": ("Eintritt", "entry"),
    "participant-exited": ("Austritt", "exit"),
    "participant-reentered": ("Wiedereintritt", "re-entry"),
    "characteristics-corrected": ("Angaben beim Eintritt", "characteristics at entry"),
    "status-recorded": ("Verbleib nach dem Austritt", "status after leaving"),
    "follow-up-recorded": ("Verbleib nach sechs Monaten", "status after six months"),
    "competence-analysed": ("Kompetenzanalyse", "competence analysis"),
    "recognition-decided": ("Anerkennung eines Abschlusses", "recognition of a qualification"),
    "participant-referred": ("Zuweisung", "referral"),
    "first-interview-held": ("Erstgespräch", "first interview"),
    "eligibility-checked": ("Prüfung der Fördervoraussetzungen", "check of eligibility"),
    "consent-given": ("Einwilligung", "consent"),
    "consent-refused": ("verweigerte Einwilligung", "refusal of consent"),
    "consent-withdrawn": ("widerrufene Einwilligung", "withdrawal of consent"),
    "goal-reached": ("erreichtes Ziel", "goal reached"),
    "support-given": ("Unterstützung", "support"),
    "family-involved": ("Einbezug der Familie", "involvement of the family"),
    "employer-registered": ("Betrieb", "employer"),
    "employer-contacted": ("Kontakt zu einem Betrieb", "contact with an employer"),
    "employer-advised": ("Beratung eines Betriebs", "advice to an employer"),
    "employer-trained": ("Schulung eines Betriebs", "training of an employer"),
    "hiring-incentive-granted": ("Einstellungszuschuss an einen Betrieb", "hiring incentive to an employer"),
    "jobs-offered": ("Stellenangebot eines Betriebs", "offer of jobs"),
    "marketplace-member-joined": ("Beitritt zum Marktplatz", "joining of the marketplace"),
    "tender-published": ("Ausschreibung", "tender"),
    "vacancy-opened": ("offene Stelle", "vacancy"),
    "vacancy-filled": ("besetzte Stelle", "filled vacancy"),
    "vacancy-freed": ("wieder offene Stelle", "vacancy open again"),
    "place-funded": ("bewilligter Platz", "funded place"),
    "place-filled": ("besetzter Platz", "filled place"),
    "place-freed": ("frei gewordener Platz", "place set free"),
    "internship-started": ("Beginn eines Praktikums", "start of an internship"),
    "internship-ended": ("Ende eines Praktikums", "end of an internship"),
    "placement-made": ("Vermittlung", "placement"),
    "job-changed": ("Änderung eines Arbeitsverhältnisses", "change of a job"),
    "job-lost": ("Verlust eines Arbeitsplatzes", "loss of a job"),
    "job-ended": ("Ende eines Arbeitsverhältnisses", "end of a job"),
    "subsidy-approved": ("Bewilligung eines Zuschusses", "approval of a subsidy"),
    "subsidy-paid": ("Zahlung eines Zuschusses", "payment of a subsidy"),
    "subsidy-reclaimed": ("Rückforderung eines Zuschusses", "reclaim of a subsidy"),
    "clause-awarded": ("Vergabe mit Klausel", "award with a clause"),
    "clause-settled": ("Abrechnung einer Klausel", "settlement of a clause"),
    "measure-joined": ("Beginn einer Maßnahme", "start of a measure"),
    "measure-left": ("Ende einer Maßnahme", "end of a measure"),
    "attendance-recorded": ("Anwesenheit", "attendance"),
    "qualification-gained": ("Abschluss", "qualification"),
    "gathering-held": ("Veranstaltung", "gathering"),
    "visit-held": ("Begleitgespräch", "coaching visit"),
    "aftercare-started": ("Beginn der Nachbetreuung", "start of aftercare"),
    "aftercare-ended": ("Ende der Nachbetreuung", "end of aftercare"),
    "organisation-supported": ("Förderung einer Organisation", "support of an organisation"),
    "operation-approved": ("Bewilligung des Vorhabens", "approval of the operation"),
    "partner-joined": ("Beitritt eines Partners", "joining of a partner"),
    "partner-left": ("Austritt eines Partners", "leaving of a partner"),
    "milestone-reached": ("Meilenstein", "milestone"),
    "stock-reported": ("gemeldeter Bestand", "reported stock"),
    "budget-approved": ("Bewilligung von Mitteln", "approval of money"),
    "payment-made": ("Zahlung", "payment"),
    "payment-returned": ("Rückzahlung", "returned payment"),
    "commitment-made": ("Verpflichtung", "commitment"),
    "commitment-released": ("aufgehobene Verpflichtung", "released commitment"),
}
"""What people call a fact, by its type; others are called by their type."""

_CHARACTERISTICS: Final[Mapping[str, tuple[str, str]]] = {
    "age_at_entry": ("des Geburtsjahrs", "a birth year"),
    "entry_date": ("des Eintrittsdatums", "an entry date"),
    "gender": ("des Geschlechts", "a gender"),
    "employment": ("des Erwerbsstatus beim Eintritt", "an employment status at entry"),
    "unemployed_since": ("des Beginns der Arbeitslosigkeit", "a beginning of unemployment"),
    "isced": ("des Bildungsabschlusses", "an educational attainment"),
}
"""Characteristics that are named; what the law protects more is one among others."""
_NO_CHARACTERISTIC: Final = frozenset(
    {"operation", "case", "partner", "site", "corrects", "corrected_on", "cleared", "supersedes"}
)


def _words(german: str, english: str) -> Words:
    return {"de": german, "en": english}


_PEOPLE_MERGED: Final = (
    Why.MERGE,
    _words("Zwei Datensätze einer Person wurden zusammengeführt", "Two records of one person were merged"),
)
_EMPLOYERS_MERGED: Final = (
    Why.MERGE,
    _words("Zwei Datensätze eines Betriebs wurden zusammengeführt", "Two records of one employer were merged"),
)
_ALWAYS: Final[Mapping[str, tuple[Why, Words]]] = {
    CasesMerged.type: _PEOPLE_MERGED,
    CaseAbsorbed.type: _PEOPLE_MERGED,
    EmployersMerged.type: _EMPLOYERS_MERGED,
    EmployerAbsorbed.type: _EMPLOYERS_MERGED,
    CasesSeparated.type: (
        Why.SEPARATION,
        _words("Datensätze zweier Personen wurden wieder getrennt", "Records of two people were separated again"),
    ),
    ParticipantReentered.type: (
        Why.REENTRY,
        _words(
            "Wiedereintritt: frühere Ergebnisse zählen nicht mehr, es gilt der endgültige Austritt",
            "Re-entry: earlier results no longer count, the final exit decides",
        ),
    ),
}
"""Facts that say all by their type."""


def name_of(kind: str) -> tuple[str, str]:
    """What people call a fact of this type, in German and English."""
    plain = kind.partition(".")[0]
    return _FACTS.get(plain, (plain, plain))


def why(kind: str, value: bytes, recorded: date, retracted: str | None) -> tuple[Why, Words]:
    """Why a figure moved, by the fact that moved it: its type and content, and the type of a fact it takes back.

    `value` is empty where the person was erased; `recorded` is the day on which the fact became known.
    """
    if kind in _ALWAYS:
        return _ALWAYS[kind]
    content = msgspec.json.decode(value) if value else {}
    name = name_of(kind)
    if kind == FactRetracted.type:
        of = name_of(retracted) if retracted else ("Angabe", "fact")
        return Why.RETRACTION, _words(f"Zurückgenommen: {of[0]}", f"Retraction: {of[1]}")
    if kind == CharacteristicsCorrected.type:
        return Why.CORRECTION, _corrected(content)
    if content.get("supersedes"):
        return Why.CORRECTION, _words(f"Berichtigung: {name[0]}", f"Correction: {name[1]}")
    day = content.get(TOLD[plain].date) if (plain := kind.partition(".")[0]) in TOLD else None
    about = (f" für {_month(day)}", f" for {_month(day)}") if day else ("", "")
    on = f"{recorded:%m/%Y}"
    return Why.LATE, _words(
        f"Nachmeldung: {name[0]}{about[0]}, erfasst {on}", f"Late entry: {name[1]}{about[1]}, recorded {on}"
    )


def _month(day: str) -> str:
    return f"{day[5:7]}/{day[:4]}"


def _corrected(content: Mapping[str, Any]) -> Words:
    """Which characteristic was corrected; one that is not named is one among others."""
    cleared = {one.replace("-", "_") for one in content.get("cleared", ())}
    fields = ({name for name, said in content.items() if said is not None} | cleared) - _NO_CHARACTERISTIC
    of = _CHARACTERISTICS.get(next(iter(fields))) if len(fields) == 1 else None
    german, english = of or ("von Angaben beim Eintritt", "characteristics at entry")
    return _words(f"Berichtigung {german}", f"Correction of {english}")
