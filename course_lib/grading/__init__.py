"""Marks for a whole class, which no submission can forge: `python -m course_lib.grading --help`.

`submissions.py` and `rosters.py` say who handed in what; `sandbox/` runs it where it can reach
neither answers nor anything else; `marking.py` judges what came of it; `batches.py` does so for
many, on this machine or, by `cluster.py`, on others; `keeping.py` keeps every mark, and `reports/`
says what there is to say. `grading.py` puts it together. `release.py` makes what students are
given.
"""
