"""The words of files, in both languages. Those of pages stand in their catalogue."""

from collections.abc import Mapping
from typing import Final

from lotse_reporting.pages.words import Words, catalog

_GERMAN: Final[Mapping[str, str]] = {
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
    "digest": "Prüfsumme (SHA-256)",
    "edition": "Fassung der Definitionen",
    "entries": "Einträge",
    "events": "Ereignisse",
    "figure": "Größe",
    "final": "endgültig",
    "funder": "Zuwendungsgeber",
    "indicator": "Indikator",
    "joined on": "Beitritt",
    "known at": "Kenntnisstand",
    "known from": "Bekannt seit",
    "known until": "Bekannt bis",
    "left on": "Austritt",
    "milestone": "Meilenstein",
    "milestones": "Meilensteine",
    "money": "Mittel",
    "money from": "Mittelherkunft",
    "month": "Monat",
    "not final": "vorläufig",
    "not stated": "keine Angabe",
    "number": "Berichtsnummer",
    "of": "Bezug",
    "operation": "Vorhaben",
    "page": "Seite",
    "paid": "Ausgezahlt",
    "partner": "Partner",
    "partners": "Partner und Teilprojekte",
    "period": "Laufzeit",
    "programme": "Programm",
    "pseudonym": "Pseudonym",
    "quantity": "Menge",
    "reached on": "Erreicht am",
    "reference": "Aktenzeichen",
    "report": "Bericht",
    "requested": "Angefordert",
    "result": "Ergebnis",
    "role": "Rolle",
    "rows overlap": "Die Zeilen überschneiden sich: Eine Person kann in mehreren zählen.",
    "share of budget": "Anteil am Budget in %",
    "share of paid": "Anteil an Auszahlungen in %",
    "site": "Standort",
    "source": "Quelle",
    "state": "Stand",
    "subproject": "Teilprojekt",
    "target": "Zielwert",
    "targets and results": "Ziele und Ergebnisse",
    "total": "Gesamt",
    "unit": "Einheit",
    "unknown": "ohne Angabe",
    "value": "Wert",
    "year": "Jahr",
}
_ENGLISH: Final[Mapping[str, str]] = {"rows overlap": "Rows overlap: one person can count in several."}


def say(words: Words, name: str) -> str:
    """A word or sentence of a file in the language asked for; a word that only the pages know as they say it."""
    if words.language == "de":
        return _GERMAN.get(name) or catalog("de").gettext(name)
    told = _ENGLISH.get(name, name)
    return told[0].upper() + told[1:]
