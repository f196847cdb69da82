"""What the types of entities are called in the course, and in well-known corpora."""

# {type in a corpus: type in the course}; None: dropped, the words become O
FIVE_TAGS = {
    # the course itself
    "PER": "PER",
    "ORG": "ORG",
    "LOC": "LOC",
    "GPE": "GPE",
    "DATE": "DATE",
    # CoNLL-2002, CoNLL-2003, WikiNER: PER, ORG, LOC as above; their countries and cities are LOC
    "MISC": None,
    # Groningen Meaning Bank
    "per": "PER",
    "org": "ORG",
    "geo": "LOC",
    "gpe": "GPE",
    "tim": "DATE",
    "art": None,
    "eve": None,
    "nat": None,
    # OntoNotes 5: ORG, LOC, GPE, DATE as above
    "PERSON": "PER",
    "FAC": "LOC",  # buildings, airports, bridges
    "NORP": None,  # nationalities, religions, parties
    "PRODUCT": None,
    "EVENT": None,
    "WORK_OF_ART": None,
    "LAW": None,
    "LANGUAGE": None,
    "TIME": None,  # shorter than a day
    "PERCENT": None,
    "MONEY": None,
    "QUANTITY": None,
    "ORDINAL": None,
    "CARDINAL": None,
}
