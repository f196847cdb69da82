"""Tools for those who write the lessons: `python -m course_lib.authoring.store` (see store.py)."""
