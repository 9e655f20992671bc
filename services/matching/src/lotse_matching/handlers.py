"""What matching answers to facts of others: nothing yet. What it hears changes what it may decide.

participant-enrolled opens a profile, consent-withdrawn closes it to suggestions, participant-erased empties it: all
that is state (domain/case.py), since suggestions by a rule set come later.
"""

from lotse_shared.deciding import Handlers

handlers = Handlers()
