"""MEHRLiN, Magdeburg 2011 to 2014: six partners, and a printed table to come out at."""
