"""What start.py runs in the environment: the learner's copies of the lessons, and the doctor."""
