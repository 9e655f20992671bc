"""What the play comes to, reckoned by hand from its tables before it was ever played.

Jobs first filled by people of the target group, by the first day of work (the table in `jobs`):

                            procurement  simple work  funded   sum  altogether
    October 2017 on                   4            0       3     7           7
    January 2018 on                   6            3       4    13          20
    April 2018 on                     7            8       5    20          40
    July 2018 on                      8           12       6    26          66
    October 2018 on                   9           14       8    31          97
    January to 26 March 2019         10           20      24    54         151     44 + 57 + 50
    27 March 2019                     0            1       1     2         153
    April 2019 on                     6           10      11    27         180
    July 2019 on                      5            8       9    22         202
    October to 26 November 2019       2            4       3     9         211     57 + 80 + 74
    27 November 2019 on               1            2       2     5         216     58 + 82 + 76

Refills, positions first filled by somebody else, minijobs, work opportunities, placements nobody came to add nothing; a
position that was held in a work opportunity before is still to be filled.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from lotse_local.play.views import View

OPERATION: Final = "dortmund"
ANSWERED_ON: Final = date(2019, 3, 26)
"""The day of which the Land's answer says that 151 jobs were there."""
OVER_200_ON: Final = date(2019, 11, 26)
QUARTER: Final = date(2019, 3, 31)
"""The end of the quarter in which the 151 were counted for the first time."""

IN_MARCH: Final[Mapping[str, int | str]] = {
    "jobs-created": 151,
    "jobs-procurement": 44,
    "jobs-new-simple-work": 57,
    "jobs-funded": 50,
    # 151 first holders, 6 of 7 successors, 4 of 5 who came after somebody else, 2 of 3 who found work by themselves.
    "persons-placed": 163,
    # Entered four weeks before their quarter begins, so those of April are in: 180 first holders, 7 successors, 4 after
    # somebody else, 2 by themselves, 3 in minijobs and 2 in work opportunities, 4 who never came, 7 of 10 without work.
    "persons-long-on-benefits": 209,
    # The same and 15 others: 5 first holders with successors, 5 without, 3 of 4 without work, 2 recorded wrongly.
    "persons-enrolled": 224,
    "tenders-published": 18,
    "tenders-with-clause": 16,
    "clauses-awarded": 14,
    # Tenders 1 to 14: 4+3+3+4+3+4+4+5+6+4+3+5+3+3.
    "clause-jobs-owed": 54,
    "clauses-kept": 8,
    "clauses-broken": 0,
    "clauses-waived": 0,
    # New simple jobs of 2018, 3+8+12+14 = 37, but for 5 that were lost early; 3,000 euros each.
    "hires-with-premium": 32,
    "premiums-paid": "96000.00",
    # A fortnight after the start: 97 of 2017 and 2018, and 45 of the 54 since January (9 started on 26 March).
    "persons-coached": 142,
    "coaching-visits": 142,
    "coaching-hours": "142.00",
    "transitions-16e": 8,
    # 16 first holders, and 6 who stayed in their position when the wage subsidy before it ended.
    "transitions-16i": 22,
    # 500,000 for 2017, 1,600,000 for 2018, 1,800,000 for 2019.
    "committed-land": "3900000.00",
    "committed-municipal": "240000.00",
    # 22 cases for 24 months: 8 of 500, 7 of 600, 7 of 700 euros a month: 96,000 + 100,800 + 117,600.
    "committed-pat": "314400.00",
    # 22 cases for 24 months of 150 euros.
    "committed-saved-housing-costs": "79200.00",
    # Staff 2 x 250,000 + 4 x 400,000, material 80,000, premiums 96,000.
    "paid-land": "2276000.00",
    "paid-municipal": "120000.00",
    "paid-pat": "0.00",
    "paid-saved-housing-costs": "0.00",
    "spending": "2396000.00",
    "budget-approved": "5500000.00",
    "employers-contacted": 38,
}

KNOWN_IN_MARCH: Final[Mapping[str, int | str]] = {
    **IN_MARCH,
    # Not known yet: 6 fills entered in April (2 procurement, 3 simple, 1 funded) and 3 people who turned out to belong
    # to the target group (2 simple, 1 funded). Still counted: 2 who did not (procurement, simple) and 2 who never came
    # (simple, funded). 151 - 6 - 3 + 2 + 2.
    "jobs-created": 146,
    "jobs-procurement": 43,
    "jobs-new-simple-work": 54,
    "jobs-funded": 49,
    "persons-placed": 158,
    # 209 - 3 + 2 - 2 entries recorded in April + 1 person with two records.
    "persons-long-on-benefits": 207,
    "persons-enrolled": 223,
    # The visits of the 2 whose entry was not recorded.
    "persons-coached": 140,
    "coaching-visits": 140,
    "coaching-hours": "140.00",
    # One of the late fills.
    "transitions-16e": 7,
    # A payment entered twice, and two records of one employer.
    "paid-municipal": "180000.00",
    "spending": "2456000.00",
    "employers-contacted": 39,
}

IN_NOVEMBER: Final[Mapping[str, int | str]] = {
    "jobs-created": 211,
    "jobs-procurement": 57,
    "jobs-new-simple-work": 80,
    "jobs-funded": 74,
    # 211 + 7 + 5 + 3.
    "persons-placed": 226,
    # 216 + 7 + 5 + 3 + 5 + 4 + 10, and 5 + 5 + 4 + 2 others.
    "persons-long-on-benefits": 250,
    "persons-enrolled": 266,
    "tenders-published": 24,
    "tenders-with-clause": 20,
    "clauses-awarded": 18,
    "clause-jobs-owed": 68,
    "clauses-kept": 12,
    "clauses-broken": 1,
    "clauses-waived": 1,
    # And the 10 new simple jobs of April to June 2019.
    "hires-with-premium": 42,
    "premiums-paid": "126000.00",
    # 202, and 6 of the 9 since October (3 started on 26 November).
    "persons-coached": 208,
    "coaching-visits": 208,
    "coaching-hours": "208.00",
    # 8 + 4 + 3 + 1, and 16 + 1 + 7 + 6 + 2 + 6.
    "transitions-16e": 16,
    "transitions-16i": 38,
    "committed-land": "3900000.00",
    "committed-municipal": "240000.00",
    # One job was lost: 12,000 less the 2,000 that were paid is released.
    "committed-pat": "304400.00",
    # And 8 cases of spring, 6 of summer: 79,200 + 28,800 + 21,600.
    "committed-saved-housing-costs": "129600.00",
    # Staff 500,000 + 1,600,000 + 3 x 450,000, material 75,000 (5,000 came back), premiums 126,000.
    "paid-land": "3651000.00",
    "paid-municipal": "180000.00",
    # Four months of 22 cases: 8 x 2,000 + 7 x 2,400 + 7 x 2,800.
    "paid-pat": "52400.00",
    # 22 x 4 x 150 + 30 x 3 x 150.
    "paid-saved-housing-costs": "26700.00",
    "spending": "3831000.00",
    "budget-approved": "5500000.00",
    "employers-contacted": 38,
}

IN_THE_END: Final[Mapping[str, int | str]] = {
    **IN_NOVEMBER,
    "jobs-created": 216,
    "jobs-procurement": 58,
    "jobs-new-simple-work": 82,
    "jobs-funded": 76,
    "persons-placed": 231,
    "clauses-kept": 13,
    "clauses-broken": 2,
    "persons-coached": 216,
    "coaching-visits": 216,
    "coaching-hours": "216.00",
    "transitions-16e": 17,
    "transitions-16i": 39,
    # And 3 cases of autumn: 10,800.
    "committed-saved-housing-costs": "140400.00",
    "paid-land": "4101000.00",
    "paid-municipal": "240000.00",
    "spending": "4341000.00",
}

VIEWS: Final = (
    View(OPERATION, "on 26 March 2019", IN_MARCH, ANSWERED_ON),
    View(OPERATION, "on 26 March 2019, as known then", KNOWN_IN_MARCH, ANSWERED_ON, QUARTER),
    View(OPERATION, "on 26 November 2019", IN_NOVEMBER, OVER_200_ON),
    View(OPERATION, "in the end", IN_THE_END),
)
"""What was true on a day, as known in the end and as known then."""
