"""Disclosure control: what may leave the circle of an operation, so that nobody learns of one or two people.

`table` says what there is to hide and what everybody knows; `suppression` chooses the cells to hide, as few as
possible; `audit` tries to compute what was hidden, as an attacker would, and shares no code with it.
"""
