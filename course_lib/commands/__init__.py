"""Command lines for a learner's own files: `python -m course_lib.commands.tagger --help`."""
