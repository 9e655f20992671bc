"""How rules are read where law and guidance leave room: one reading each, with what it rests on."""

from typing import Final, NamedTuple


class Reading(NamedTuple):
    """A question that the texts leave open, how it is settled here, and the text that it is about."""

    id: str
    question: str
    settled: str
    about: str


READINGS: Final = (
    Reading(
        "Q-1",
        "What does `as_of` limit?",
        "Effective days: a report adds up what is effective by then and known at the asked moment. A re-entry or exit "
        "after that day, if known, changes earlier results too; how it looked then is asked by `known_at`.",
        "ESF guidance on monitoring and evaluation: the final exit replaces earlier ones",
    ),
    Reading(
        "Q-2",
        "On which day are results on leaving effective?",
        "Exit + 28 days (EECR01 to 04, CR01 to 05); the day six months after the exit (EECR05, 06, CR06 to 09).",
        "Reg. (EU) 2021/1057 annex I; BGB 187(1), 188(2), (3)",
    ),
    Reading(
        "Q-3",
        "Which education and qualification counts on leaving?",
        "Begun or gained from the first entry to exit + 28 days; a course broken off later still counts.",
        "EECR02, EECR03, CR02, CR03",
    ),
    Reading(
        "Q-4",
        "When is somebody long-term unemployed?",
        "One year and longer: start + 12 months is not after the entry, in the ESF+ and in 2014-2020 alike.",
        "SGB III 18(1)",
    ),
    Reading(
        "Q-5",
        "What is evidence of work on a day?",
        "On leaving the last state in the window. Six months after: the job starts that day, or its later end is "
        "known, or the first that was recorded about that day or a later one is that the person works (a changed "
        "contract too); visits of aftercare are none. An express `unknown` does not undo evidence. Only job-kept "
        "milestones presume that a running job goes on.",
        "EECR01 to 06",
    ),
    Reading(
        "Q-6",
        "What if sources disagree?",
        "Statements count from the exit to the day; the later date wins, on one date the one known later. Not employed "
        "ends jobs begun before it. A minijob never beats unemployed. A lost job alone means unknown. A follow-up "
        "about another day than today's six-month day is no answer.",
        "EECR01 to 06",
    ),
    Reading(
        "Q-7",
        "What is an improved situation?",
        "As answered; else from the jobs: from a minijob or fixed term to a permanent job that is no minijob, from "
        "fewer hours than wanted to full time, to higher competences. A higher wage alone never.",
        "EECR06; guidance of the Commission on CR07",
    ),
    Reading(
        "Q-8",
        "What of incomplete records?",
        "They are taken in and queued. Without gender, employment, age or education they count in EECO01 alone, in "
        "2014-2020 nowhere. Rows of a programme need only the data they ask for. Without the start of unemployment "
        "somebody is unemployed, not long-term, and complete.",
        "ESF guidance, annex on data",
    ),
    Reading(
        "Q-9",
        "What of merged records?",
        "Characteristics of the earliest entry, no gap filled from the other. The second entry is a double one while "
        "the person is in, a re-entry after an exit; an exit on either is an exit.",
        "one participant per operation (ESF guidance)",
    ),
    Reading("Q-10", "Registered and working more than a minijob?", "Registered unemployed decides.", "EECO02, EECO05"),
    Reading(
        "Q-11",
        "A minijob after leaving, last known registered?",
        "Still unemployed: by the last word since the exit that is not itself of a minijob, or, where nothing was said "
        "since, by the status at entry.",
        "EECR04, EECR05; SGB III 138(3)",
    ),
    Reading(
        "Q-12",
        "An apprenticeship, a work opportunity after leaving?",
        "The first counts as education and as work; the second as neither work nor search.",
        "EECR01, EECR02, EECR04; SGB II 16d",
    ),
    Reading(
        "Q-13",
        "What is continuous employment?",
        "Insured on any day of each of the six calendar months after the one of the start. SGB II 16i is insured, and "
        "no integration; from job to job is an integration; full vocational training at a school is one.",
        "KennzV 2(2), 5(1), 5(2) no. 3",
    ),
    Reading(
        "Q-14",
        "2014-2020: ISCED 0, migrants, disadvantaged?",
        "ISCED 0 is in no band. CO15 is foreign citizenship, foreign background or minority. Disadvantaged is whoever "
        "is in CO15, 16 or 17.",
        "Reg. (EU) 1304/2013 annex I",
    ),
    Reading(
        "Q-15",
        "When is a job created (Dortmund)?",
        "When a position is first filled by somebody of the target group with insured work, one day of it is enough. "
        "First filled by somebody else, it never counts; a minijob or a work opportunity does not fill it.",
        "report of the Service Center lokale Arbeit; GWB 128(2)",
    ),
    Reading(
        "Q-16",
        "LZA: intensive cases, employers?",
        "The 10 percent are of the starts. The intensive case knows no age and no rule on qualification. An employer "
        "is in CO23 only by support of its own, advice or training, not by the subsidy of a start; in EECO19 by both.",
        "guideline of the LZA programme, no. 3",
    ),
    Reading(
        "Q-17",
        "Several things on one day?",
        "Exit and re-entry: back in. Entry and exit: a participation of one day. Two exits without a re-entry: the "
        "later one. Order on a day: corrections, enrolment, re-entry, joining, placement, others, end of a job, "
        "leaving a measure, statements, exit.",
        "order of facts",
    ),
    Reading(
        "Q-18",
        "Citizenship, origin, small advice, sizes?",
        "Undetermined citizenship counts in EECO13, not asked does not; of two citizenships one of the EU decides. "
        "Foreign background by the parents: both born abroad. Advice of up to 8 hours makes no participant. An "
        "enterprise counts from the first support at which it is known to be micro, small or medium: the size is that "
        "at the support, else as registered. An administration that is an employer is no enterprise. `persons` and "
        "`starts` need an enrolment unless the definition says otherwise. One attendance is one person, measure and "
        "day.",
        "EECO13, EECO14, EECO19",
    ),
    Reading(
        "Q-19",
        "MEHRLiN: who stands in which row?",
        "Work under SGB II 16i belongs to the second and third labour market, old 16e are starts before 2019. A "
        "measure joined before entry counts once there is an enrolment. Who is recorded by name at a gathering is "
        "not among its heads.",
        "table of MEHRLiN, 2014",
    ),
    Reading("Q-20", "A date as `known_at`?", "The end of that day in Germany.", "both clocks"),
)
