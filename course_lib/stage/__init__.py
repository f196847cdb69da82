"""Lessons on stage: as a deck in one HTML file, and on paper.

executions   run a lesson once for all that is made of it, with its figures alive
packages     the scripts that a deck carries, fetched from npm once
cells        what of a lesson is on which slide, and what on paper
formulas     TeX as MathML, for a deck without scripts of others
deck         one HTML file that needs no network
handout      the whole lesson on A4 pages, as HTML that is made to be printed
paper        PDF files of both, printed by the installed browser
"""
