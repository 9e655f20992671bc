"""What the words of programme files mean to people, in German and English; a page shows the file's own word beside it.

Facts are called as in a restatement. What has no words here is shown as the file writes it, without hyphens; a test
demands words for all that the programme files and the sets of indicators say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lotse_reporting.pages.codes import code
from lotse_reporting.restatement.words import name_of

_Both = Mapping[str, tuple[str, str]]

_MOMENTS: Final[_Both] = {
    "coaching-week": ("Woche der Begleitung nach der Arbeitsaufnahme", "week of coaching after the start of work"),
    "continuously-employed": (
        "Beschäftigung ohne Unterbrechung in den sechs Monaten nach dem Beginn",
        "employment without a break in the six months after the start",
    ),
    "employability-improved": (
        "Verbesserung zwischen der Kompetenzanalyse beim Eintritt und der beim Austritt",
        "improvement between the competence analyses at entry and exit",
    ),
    "employer-first-advised": ("erste Beratung eines Betriebs", "first advice to an employer"),
    "employer-supported": ("Förderung eines Betriebs", "support of an employer"),
    "job-kept": ("gehaltenes Arbeitsverhältnis", "job kept"),
    "job-outlasted-subsidy": (
        "Arbeitsverhältnis, das den Zuschuss überdauert hat",
        "job that outlasted its subsidy",
    ),
    "position-first-filled": ("erste Besetzung einer Stelle", "first filling of a position"),
    "situation-after-leaving": (
        "Verbleib vier Wochen nach dem Austritt",
        "situation four weeks after leaving",
    ),
    "situation-six-months-after": (
        "Verbleib sechs Monate nach dem Austritt",
        "situation six months after leaving",
    ),
    "subsidy-phase-started": ("Beginn einer Förderphase", "start of a phase of a subsidy"),
}
"""Moments that are no single facts: what is derived from several."""

_WORDS: Final[_Both] = {
    "after.improvement": ("Verbesserung der Lage am Arbeitsmarkt", "improvement of the situation at work"),
    "after.in-education": ("neu in schulischer oder beruflicher Bildung", "newly in education or training"),
    "after.insured": ("sozialversicherungspflichtig beschäftigt", "insured employment"),
    "after.qualified": ("hat eine Qualifizierung erlangt", "has gained a qualification"),
    "after.situation": ("Verbleib", "situation"),
    "budget.amount": ("Betrag", "amount"),
    "clause.jobs": ("zugesagte Stellen", "jobs agreed"),
    "clause.result": ("Ergebnis der Klausel", "outcome of the clause"),
    "commitment.amount": ("Betrag", "amount"),
    "commitment.money-source": ("Mittelherkunft", "money from"),
    "competence.occasion": ("Anlass der Kompetenzanalyse", "occasion of the competence analysis"),
    "consent.purpose": ("Zweck der Einwilligung", "purpose of the consent"),
    "eligibility.result": ("Ergebnis der Prüfung", "result of the check"),
    "employer.headcount": ("Beschäftigte des Betriebs", "employees"),
    "employer.in-area": ("Lage des Betriebs", "place of the employer"),
    "employer.organisation": ("Art des Betriebs", "kind of employer"),
    "employer.size": ("Größe des Betriebs", "size of the employer"),
    "employer.support": ("Art der Förderung", "kind of support"),
    "entry.age": ("Alter beim Eintritt", "age at entry"),
    "entry.area": ("Wohnort beim Eintritt", "residence at entry"),
    "entry.area-override": ("Ausnahme für den Wohnort", "exception for the residence"),
    "entry.benefits-for": ("Dauer des Leistungsbezugs beim Eintritt", "time on benefits at entry"),
    "entry.benefits-since": ("Beginn des Leistungsbezugs", "beginning of benefits"),
    "entry.certificate-recognised": (
        "Anerkennung des ausländischen Abschlusses",
        "recognition of the foreign certificate",
    ),
    "entry.citizenship": ("Staatsangehörigkeit", "citizenship"),
    "entry.complete": (
        "Geschlecht, Erwerbsstatus, Alter und Bildungsabschluss beim Eintritt bekannt",
        "gender, employment, age and attainment at entry known",
    ),
    "entry.dependent-children": ("Haushalt mit unterhaltsberechtigten Kindern", "household with dependent children"),
    "entry.disability": ("Behinderung", "disability"),
    "entry.disadvantaged": (
        "zugewandert, einer Minderheit zugehörig, mit Behinderung oder anders benachteiligt",
        "migrant, of a minority, disabled or otherwise disadvantaged",
    ),
    "entry.employment": ("Erwerbsstatus beim Eintritt", "employment status at entry"),
    "entry.foreign-background": ("Migrationshintergrund nach eigener Angabe", "foreign background as answered"),
    "entry.gender": ("Geschlecht", "gender"),
    "entry.homeless": ("wohnungslos", "homeless"),
    "entry.hours-per-week": ("Wochenstunden beim Eintritt", "hours a week at entry"),
    "entry.impaired-health": ("gesundheitlich beeinträchtigt", "impaired health"),
    "entry.in-education": ("beim Eintritt in Bildung oder Ausbildung", "in education or training at entry"),
    "entry.isced": ("Bildungsabschluss (ISCED-Stufe)", "educational attainment (ISCED level)"),
    "entry.job-at-entry": ("Art der Beschäftigung beim Eintritt", "kind of employment at entry"),
    "entry.job-term": ("Befristung der Beschäftigung beim Eintritt", "term of the job at entry"),
    "entry.jobless-household": ("Erwerbslosenhaushalt", "jobless household"),
    "entry.legal-sphere": ("Rechtskreis", "legal sphere"),
    "entry.long-term-recipient": ("langzeitleistungsbeziehend", "long-term recipient of benefits"),
    "entry.migrant-or-minority": ("zugewandert oder einer Minderheit zugehörig", "migrant or of a minority"),
    "entry.minority": ("einer Minderheit zugehörig", "of a minority"),
    "entry.of-foreign-background": ("Migrationshintergrund", "foreign background"),
    "entry.other-disadvantage": ("anders benachteiligt", "otherwise disadvantaged"),
    "entry.registered-unemployed": ("arbeitslos gemeldet", "registered as unemployed"),
    "entry.residence-status": ("Aufenthaltsdokument", "residence document"),
    "entry.rural-area": ("Wohnort im ländlichen Raum", "residence in a rural area"),
    "entry.severely-disabled": ("schwerbehindert", "severely disabled"),
    "entry.single-adult-household": ("Haushalt mit einer erwachsenen Person", "household with a single adult"),
    "entry.subproject": ("Teilprojekt", "subproject"),
    "entry.unemployed-for": ("Dauer der Arbeitslosigkeit beim Eintritt", "time unemployed at entry"),
    "entry.unemployed-since": ("Beginn der Arbeitslosigkeit", "beginning of unemployment"),
    "entry.vocational-qualification": ("mit Berufsabschluss", "with a vocational qualification"),
    "entry.wants-more-hours": ("möchte mehr Stunden arbeiten", "wants to work more hours"),
    "entry.work-ban": ("Beschäftigungsverbot", "ban on work"),
    "exit.reason": ("Grund des Austritts", "reason for leaving"),
    "family.members": ("Zahl der Angehörigen", "number of relatives"),
    "gathering.audience": ("Zielgruppe", "audience"),
    "gathering.kind": ("Art der Veranstaltung", "kind of gathering"),
    "gathering.unlisted": ("Teilnahmen ohne Namen", "attendances without names"),
    "attendance.presence": ("Anwesenheit", "presence"),
    "job.milestone": ("Dauer", "lasting"),
    "job.reason": ("Grund des Endes", "reason for the end"),
    "jobs.kind": ("Art des Angebots", "kind of offer"),
    "measure.kind": ("Art der Maßnahme", "kind of measure"),
    "milestone.kind": ("Meilenstein", "milestone"),
    "operation.traits": ("Merkmal des Vorhabens", "trait of the operation"),
    "organisation.is-employer": ("als Betrieb erfasst", "recorded as an employer"),
    "organisation.kind": ("Art der Organisation", "kind of organisation"),
    "organisation.size": ("Größe der Organisation", "size of the organisation"),
    "participant.referred-by": ("zugewiesen von", "referred by"),
    "partner.role": ("Rolle des Partners", "role of the partner"),
    "payment.amount": ("Betrag", "amount"),
    "payment.money-source": ("Mittelherkunft", "money from"),
    "placement.insured": ("sozialversicherungspflichtig", "insured employment"),
    "placement.kind": ("Art der Beschäftigung", "kind of employment"),
    "placement.labour-market": ("Arbeitsmarkt", "labour market"),
    "placement.lza-case": ("Fallgruppe", "group of cases"),
    "recognition.result": ("Ergebnis der Anerkennung", "result of the recognition"),
    "stock.count": ("gemeldete Zahl", "number reported"),
    "stock.kind": ("Art des Bestands", "kind of stock"),
    "subsidy.amount": ("Betrag", "amount"),
    "subsidy.instrument": ("Förderinstrument", "instrument"),
    "subsidy.money-source": ("Mittelherkunft", "money from"),
    "subsidy.percent": ("Fördersatz in Prozent", "percent paid"),
    "subsidy.phase": ("Phase", "phase"),
    "support.kind": ("Art der Unterstützung", "kind of support"),
    "support.minutes": ("Dauer", "time spent"),
    "tender.clause": ("mit Klausel", "with a clause"),
    "vacancy.eligible": ("Stelle zählt für das Vorhaben", "position counts for the operation"),
    "vacancy.kind": ("Art der Stelle", "kind of position"),
    "vacancy.origin": ("Herkunft der Stelle", "origin of the position"),
    "vacancy.positions": ("Zahl der Stellen", "number of positions"),
    "visit.family-present": ("Familie anwesend", "family present"),
    "visit.minutes": ("Dauer", "time spent"),
    "visit.topics": ("Thema des Gesprächs", "topic of the visit"),
    "week.contacts": ("Kontakte in der Woche", "contacts in the week"),
}

_ANSWERS: Final[_Both] = {
    "age": ("Alter", "age"),
    "area": ("Wohnort", "residence"),
    "improvement-six-months-after": ("Verbesserung nach sechs Monaten", "improvement after six months"),
    "insured-six-months-after": (
        "Versicherungspflicht der Arbeit nach sechs Monaten",
        "whether the job after six months is insured",
    ),
    "situation-after-leaving": ("Verbleib nach vier Wochen", "situation after four weeks"),
    "situation-six-months-after": ("Verbleib nach sechs Monaten", "situation after six months"),
}
"""Answers that are called otherwise than the word `entry.` of that name."""


@dataclass(frozen=True, slots=True)
class Plain:
    """What things are called in one language."""

    language: str

    def moment(self, kind: str) -> str:
        """What people call a kind of moment."""
        return self._said(_MOMENTS.get(kind) or name_of(kind))

    def word(self, name: str) -> str:
        """What people call a word of a moment or of an entry."""
        return self._said(_WORDS.get(name) or _as_written(name.rpartition(".")[2]))

    def answer(self, name: str) -> str:
        """What people call an answer that may be missing."""
        return self._said(_ANSWERS.get(name) or _WORDS.get(f"entry.{name}") or _as_written(name))

    def code(self, name: object) -> str:
        """What people call a code; a number, a name or an unknown code as it is."""
        return code(self.language, str(name))

    def _said(self, both: tuple[str, str]) -> str:
        text = both[self.language != "de"]
        return text[:1].upper() + text[1:]


def _as_written(name: str) -> tuple[str, str]:
    return name.replace("-", " "), name.replace("-", " ")
