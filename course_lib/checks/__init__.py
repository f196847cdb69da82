"""Exercises that name the mistake: check, hint, predict, quiz, progress, review."""

from ..calculus import verify
from .checking import check
from .hints import hint

__all__ = ["check", "hint", "verify"]
