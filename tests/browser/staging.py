"""A deck on a screen: opened from its file, walked through, measured."""

from pathlib import Path

MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
SMALL, LARGE = (1280, 720), (1920, 1080)


class Screen:
    """The page of a deck; what it asked for and complained of is in `problems`."""

    def __init__(self, chromium, file, size=SMALL, query=""):
        width, height = size
        self.context = chromium.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.problems = []
        self.address = file.resolve().as_uri() + query
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._ask)
        self.page.goto(self.address)
        self.page.wait_for_selector("html[data-deck=ready]", timeout=60_000)

    def _note(self, message):
        if message.type == "error":
            self.problems.append(message.text)

    def _ask(self, request):
        if request.url != self.address and not request.url.startswith(("data:", "blob:")):
            self.problems.append(f"asked for {request.url}")

    def close(self):
        self.context.close()

    def slides(self):
        """How many there are."""
        return self.page.evaluate("deck.getTotalSlides()")

    def where(self):
        """The number of the slide that is shown, from 0, and whether all of it is."""
        return self.page.evaluate("[deck.getSlidePastCount(), !deck.availableFragments().next]")

    def show(self, number):
        """All of the slide with this number."""
        self.page.evaluate(
            """number => {
                const { h, v } = deck.getIndices(deck.getSlides()[number]);
                deck.slide(h, v ?? 0, 99);
            }""",
            number,
        )

    def measure(self):
        """For each slide what measure.js says of it."""
        measured = []
        for number in range(self.slides()):
            self.show(number)
            assert self.where() == [number, True]
            measured.append(self.page.evaluate(MEASURE))
        return measured
