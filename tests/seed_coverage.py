"""Which lesson covers what of the five source documents, and where.

The sources' concepts, formulas, examples and questions are numbered in the order in which they
stand there: A1 ... A32 in Kamper's slides, B1 ... B17 in Koller's notes, C1 ... C14 in Kamper's
notes of 2017, D1 ... D35 in Pedersen's lecture; E01 ... E50 are what was found wrong or unclear in
them; B9a is the first part of B9. `CHAPTERS` says in which chapters each of them belongs; `COVERED`
says, for the lessons that are written, which cell covers it and a piece of text that stands in that
cell or in its output.
"""

CHAPTERS = {  # some belong in several
    "00": "A32 B1 C14 D1 D35 E40 E42",
    "01": "A5 A6 A7 B8 C1 D16 E16 E21 E44",
    "02": "A1 A2 A3 A4 B10 C7 C10 E24 E26 E42 E43",
    "03": "A8 B3 B4 D2 D4 D5 D6 D7 E02 E07 E08 E39",
    "04": "A9 A10 A11 A12 B2 D3 D8 D9 D10 D11 D12 D26 E12 E17 E18 E19 E20 E29 E30",
    "05": "A13 A14 A15 A16 A17 A18 B9a B9b B9c B9d B13 B17b D17 E16 E22 E31 E50",
    "06": "A19 A23 B11 B12 B13 B14 B15 B17a C8 C9 C10 C11 C12 D18 D19 D20 D21"
    " E11 E27 E29 E32 E40 E41 E46",
    "07": "A20 A21 A22 A23 A24 B16 C2 C3 C4 C6 D30 D31 D32 D33 E01 E15 E33",
    "08": "A25 A26 A27 C3 C5 C6 C13 D21 E03 E22 E23 E28 E38",
    "09": "A28 B5 B6 B7 D13 D14 D15 E04 E05 E09 E10 E31 E36 E45",
    "10": "A10 A18 A29 B17d E40",
    "11": "A29 D5 D22 D23 D24 D25 E05 E14 E20",
    "12": "A29 D26 D27 D28 D29 E03 E13",
    "13": "C13 D12 D34 E06",
    "14": "A30 B17c E34 E35",
    "15": "A31 E37",
}
WORDING_ONLY = "E25 E47 E48 E49"  # slips of wording, which no lesson needs

COVERED = {
    "00": {
        "A32": ("reading", "kamper_backprop22.pdf"),
        "B1": ("reading", "3Blue1Brown's four films"),
        "C14": ("reading", "Machine Learning: A Probabilistic Perspective"),
        "D1": ("sources", "neurons, boundaries, losses, backpropagation"),
        "D35": ("reading", "chapters 2 and 3"),
        "E40": ("sum-check", "sum / mean: [4. 4. 4. 4.]"),
        "E42": ("swapped-check", "mistaken for ours:       +0.4"),
    },
    "05": {
        "A13": ("collapse", "-1/\\hat y"),
        "A14": ("rule-more", "each operation multiplies what arrives by its local derivative"),
        "A15": ("stations", "\\delta_{W_1} &= \\delta_{z_1} x^\\top"),
        "A16": ("reuse", "\\frac{\\partial J}{\\partial \\hat y}"),
        "A17": ("bar", "at this example and these parameters"),
        "A18": ("iris-figure", "plot_decision_regions"),
        "B9a": ("two-inputs", "x = [ 2. -1.]: z1"),
        "B9b": ("two-inputs", "unit by unit: z1 = [0.  1.5]"),
        "B9c": ("other-loss-code", "squared error: 0.427266 -> 0.305420"),
        "B9d": ("step-more", "Put weights of your own"),
        "B13": ("other-loss-code", "of_squared"),
        "B17b": ("step", "1.060323 -> 0.549663"),
        "D17": ("demon", "promised"),
        "E16": ("demon-error", "a first-order approximation"),
        "E22": ("names-check", "delta_f = 1, delta_e = 3.018"),
        "E31": ("open-check", "-inf"),
        "E50": ("invented-check", "96 of 150"),
    },
    "08": {
        "A25": ("rule", "\\delta_u = \\sum_{k=1}^{m}"),
        "A26": ("penalty", "2\\lambda\\, w\\,\\delta_r"),
        "A27": ("algorithm", "**Zero** all accumulators"),
        "C3": ("algorithm", "*adds* its report to the accumulator"),
        "C5": ("by-hand-check", "-0.5243166904  -0.1171869072"),
        "C6": ("own-block", "MatConvNet, Theano and TensorFlow"),
        "C13": ("sharing-more", "Recipes that go layer by layer"),
        "D21": ("sharing-more", "divide by $n$, take a step"),
        "E03": ("penalty-error-check", "50 times too large"),
        "E22": ("errata", "\\delta_f = \\partial f/\\partial e = b"),
        "E23": ("errata", "$b$ and $e$ are meant"),
        "E28": ("zeroing-check", "lines swapped: -0.724317, right: -0.524317"),
        "E38": ("errata", "no word on the bias"),
    },
    "10": {
        "A10": ("bend", "\\varphi(x) = (x_1, x_2, x_1^2, x_2^2)"),
        "A18": ("bent-figure", "a slanting strip from two tanh units"),
        "A29": ("scale", "*Standardizing* puts every column"),
        "B17d": ("train-and-test", "44 of 45 right"),
        "E40": ("sum-mean-check", "mean loss after one step 29"),
    },
    "14": {
        "A30": ("network", "x_{win} = [\\,e_{left};\\ e_{word};\\ e_{right}\\,]"),
        "B17c": ("parameter", "Why don't we need gradients for the inputs?"),
        "E34": ("source-34-check", "slide: 576 parameters, no more able than 304"),
        "E35": ("source-35-check", "by the slide's sentence: F1 0.75"),
    },
    "15": {
        "A31": ("equations", "e = [e_1; e_2; e_3; e_4]"),
        "E37": ("window-check", "x_4:7  time ago in a"),
    },
}
