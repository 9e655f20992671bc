"""The words of files, in both languages. Those of pages stand in their catalogue."""

from collections.abc import Mapping
from typing import Final

from lotse_reporting.pages.words import Words, catalog

_GERMAN: Final[Mapping[str, str]] = {
    "activities": "Aktivitäten",
    "area": "Gebiet",
    "areas": "Gebietsbeschreibung",
    "as of": "Stichtag",
    "budget": "Bewilligt",
    "by gender": "Nach Geschlecht",
    "by partner": "Nach Partnern",
    "by quarter": "Nach Quartalen",
    "by site": "Nach Standorten",
    "committed": "Gebunden",
    "counted in": "Gezählt in",
    "day": "Tag",
    "definition": "Definition",
    "definitions": "Definitionen",
    "deviations": "Abweichungen",
    "digest": "Prüfsumme (SHA-256)",
    "ecology": "Ökologische Nachhaltigkeit",
    "edition": "Fassung der Definitionen",
    "entries": "Einträge",
    "equality": "Gleichstellung",
    "events": "Ereignisse",
    "figure": "Größe",
    "final": "endgültig",
    "fundamental-rights": "Charta der Grundrechte",
    "funder": "Zuwendungsgeber",
    "granted": "Bewilligt insgesamt",
    "indicator": "Indikator",
    "joined on": "Beitritt",
    "known at": "Kenntnisstand",
    "known from": "Bekannt seit",
    "left on": "Austritt",
    "milestone": "Meilenstein",
    "milestones": "Meilensteine",
    "money from": "Mittelherkunft",
    "money": "Mittel",
    "month": "Monat",
    "narrative": "Sachbericht",
    "non-discrimination": "Nichtdiskriminierung",
    "not final": "vorläufig",
    "not stated": "keine Angabe",
    "number": "Berichtsnummer",
    "of": "Bezug",
    "operation": "Vorhaben",
    "outlook": "Ausblick",
    "page": "Seite",
    "paid": "Ausgezahlt",
    "partner": "Partner",
    "partners": "Partner und Teilprojekte",
    "period": "Laufzeit",
    "problems": "Probleme",
    "programme": "Programm",
    "pseudonym": "Pseudonym",
    "publicity": "Öffentlichkeitsarbeit",
    "quantity": "Menge",
    "reached on": "Erreicht am",
    "reference": "Aktenzeichen",
    "region": "Zielgebiet",
    "report": "Bericht",
    "requested": "Angefordert",
    "result": "Ergebnis",
    "role": "Rolle",
    "rows overlap": "Die Zeilen überschneiden sich: Eine Person kann in mehreren zählen.",
    "section": "Abschnitt",
    "share of budget": "Anteil am Budget in %",
    "share of paid": "Anteil an Auszahlungen in %",
    "site": "Standort",
    "source": "Quelle",
    "state": "Stand",
    "subproject": "Teilprojekt",
    "target": "Zielwert",
    "targets and results": "Ziele und Ergebnisse",
    "text": "Text",
    "total": "Gesamt",
    "transferability": "Übertragbarkeit",
    "unit": "Einheit",
    "unknown": "ohne Angabe",
    "value": "Wert",
    "year": "Jahr",
}
_ENGLISH: Final[Mapping[str, str]] = {
    "fundamental-rights": "Charter of Fundamental Rights",
    "rows overlap": "Rows overlap: one person can count in several.",
}


def say(words: Words, name: str) -> str:
    """A word or sentence of a file in the language asked for; a word that only the pages know as they say it."""
    if words.language == "de":
        return _GERMAN.get(name) or catalog("de").gettext(name)
    told = _ENGLISH.get(name, name)
    return told[0].upper() + told[1:]
