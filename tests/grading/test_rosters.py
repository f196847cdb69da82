"""Gradebooks come back with points, each in the right row, and all else in them as it was."""

import csv
import io

import pytest

from course_lib.chapters import CHAPTERS
from course_lib.grading import tables
from course_lib.grading.marks import ExerciseMark, Mark
from course_lib.grading.rosters import Roster

FIVE = CHAPTERS[5]
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (900),05 Problems (901),08 Problems (902),\
Current Score,Final Score
,,,,,,Manual Posting,,,
    Points Possible,,,,,10.00,9.00,8.00,(read only),(read only)
"Doe, Jane",12345,u100,jdoe@uni.edu,A and B,9.50,,N/A,95.00,50.00
"Röe, ""Jo"" M.",12346,U101,jroe,"A
B",EX,4.00,,80.00,40.00
"=SUM(A1), Eve",12347,,eve,A,,EX,,,
"Student, Test",12399,,0a1b,A,,,,,
"""
WORKSHEET = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 123456","Jane Doe",jane@uni.edu,"Submitted for grading - ",,9.00,Yes,\
"Monday, 30 November 2026, 11:59 PM",-,
"Participant 123457","Jo Röe",jo@uni.edu,"No submission",3.00,9.00,Yes,-,-,"well done,
Jo"
"Participant 123458","Jane Doe",jane@other.edu,"No submission",,9.00,Yes,-,-,
"""
GRADEBOOK = """\
"First name","Last name","ID number",Institution,Department,"Email address",\
"Assignment: 05 Problems (Real)","Assignment: 05 Problems (Percentage)",\
"Assignment: 05 Problems (Feedback)","Assignment: Essay (Real)","Course total (Real)",\
"Last downloaded from this course"
Jane,Doe,77,,,jane@uni.edu,-,-,,8.00,8.00,1764547200
"Jo Ann","O'Röe-Smith",78,,,jo@uni.edu,-,-,,-,-,1764547200
Max,Muster,79,,,max@uni.edu,5.00,55 %,,-,-,1764547200
Max,Muster,80,,,max@other.edu,-,-,,-,-,1764547200
"""


def mark(student, points=7.0, out_of=9.0, source="", **options):
    exercises = (
        ExerciseMark("05a", min(points, 4.0), 4.0, "right"),
        ExerciseMark("05b", points - min(points, 4.0), out_of - 4.0, "near"),
    )
    return Mark(student, source or f"{student}.ipynb", "0" * 64, exercises, **options)


def roster(tmp_path, text, name="roster.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Roster.read(path)


def cells(data, encoding="utf-8", separator=","):
    """The table, read by Python's csv."""
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=separator))


def column(table, title):
    at = table[0].index(title)
    return [row[at] for row in table[1:]]


def changed(before, after):
    """(row, column) of each cell that differs."""
    assert [len(row) for row in before] == [len(row) for row in after]
    return {
        (at, before[0][column])
        for at, (old, new) in enumerate(zip(before, after, strict=True))
        for column, (one, other) in enumerate(zip(old, new, strict=True))
        if one != other
    }


# --- Canvas --------------------------------------------------------------------------------------


def test_canvas_gets_its_column_filled_and_keeps_what_tells_it_who_is_who(tmp_path):
    filled = roster(tmp_path, CANVAS).filled([mark("jdoe", 7.0), mark("u101", 6.5)], FIVE)
    assert filled.column == "05 Problems (901)"
    assert cells(filled.data) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "05 Problems (901)"],
        ["", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "9.00"],
        ["Doe, Jane", "12345", "u100", "jdoe@uni.edu", "A and B", "7"],
        ['Röe, "Jo" M.', "12346", "U101", "jroe", "A\nB", "6.5"],
        ["=SUM(A1), Eve", "12347", "", "eve", "A", "EX"],
        ["Student, Test", "12399", "", "0a1b", "A", ""],
    ]
    assert (filled.unmatched, filled.warnings) == ([], [])


def test_canvas_gets_a_new_column_where_it_has_none(tmp_path):
    filled = roster(tmp_path, CANVAS).filled([mark("jdoe"), mark("eve", 0.0)], CHAPTERS[3])
    table = cells(filled.data)
    assert filled.column == table[0][-1] == "03 Problems: Logistic regression"
    assert column(table, filled.column) == ["", "9", "7", "", "0", ""]


def test_the_new_column_of_nobody_is_empty(tmp_path):
    filled = roster(tmp_path, CANVAS).filled([], CHAPTERS[3])
    assert column(cells(filled.data), filled.column) == [""] * 6


def test_more_identifying_columns_of_canvas_are_kept(tmp_path):
    text = (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section,Notes,"
        "Week 05: backprop without forks (7)\n"
        "    Points Possible,,,,,,,,(read only),9\nDoe,Jane,1,u,l,i,r,S,x,\n"
    )
    table = cells(roster(tmp_path, text).filled([mark("L")], FIVE).data)
    assert table[0] == [
        "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID",
        "Root Account", "Section", "Week 05: backprop without forks (7)",
    ]  # fmt: skip
    assert table[2] == ["Doe", "Jane", "1", "u", "l", "i", "r", "S", "7"]


def test_who_is_excused_stays_so_and_that_is_said(tmp_path):
    filled = roster(tmp_path, CANVAS).filled([mark("eve", 6.5)], FIVE)
    assert column(cells(filled.data), "05 Problems (901)")[4] == "EX"
    assert filled.warnings == [
        "eve is excused in the gradebook, and stays so; the submission has 6.5 points"
    ]


@pytest.mark.parametrize("name", ["05 Problems (901)", "05 problems", "08 Problems"])
def test_a_column_may_be_named(tmp_path, name):
    filled = roster(tmp_path, CANVAS).filled([mark("jdoe", out_of=8.0)], FIVE, name)
    assert filled.column.casefold().startswith(name.casefold())


@pytest.mark.parametrize(
    "name", ["Current Score", "Section", "Student", "Nothing", "", "=1+1\nx", "901", "(901)"]
)
def test_a_column_that_holds_no_points_is_refused_with_those_that_do(tmp_path, name):
    with pytest.raises(ValueError) as error:
        roster(tmp_path, CANVAS).filled([mark("jdoe")], FIVE, name)
    assert "'Essay (900)', '05 Problems (901)', '08 Problems (902)'" in str(error.value)
    assert "\n" not in str(error.value)


def test_of_two_columns_for_one_set_none_is_chosen(tmp_path):
    text = CANVAS.replace("Essay (900)", "05 Problems again (900)")
    with pytest.raises(ValueError, match="--column") as error:
        roster(tmp_path, text).filled([mark("jdoe")], FIVE)
    assert "'05 Problems again (900)', '05 Problems (901)'" in str(error.value)


@pytest.mark.parametrize(
    "title", ["Essay (105)", "Essay 05 (900)", "Problems 5 (900)", "Problems 105 (900)",
              "Problems 2050 (900)", "Problems 050 (900)", "Problems (05)"]
)  # fmt: skip
def test_a_column_of_something_else_is_not_taken(tmp_path, title):
    filled = roster(tmp_path, CANVAS.replace("05 Problems (901)", title)).filled([], FIVE)
    assert filled.column == "05 Problems: Backprop without forks"


def test_another_maximum_is_a_warning(tmp_path):
    one = roster(tmp_path, CANVAS).filled([mark("jdoe", out_of=9.0)], FIVE, "05 Problems")
    other = roster(tmp_path, CANVAS).filled([mark("jdoe"), mark("eve")], FIVE, "08 Problems")
    comma = CANVAS.replace(",9.00,8.00,", ',"9,00",8.00,')
    assert one.warnings == []
    assert other.warnings == [
        "the gradebook has a maximum of 8.00 points, the problem set one of 9"
    ]
    assert roster(tmp_path, comma).filled([mark("jdoe")], FIVE).warnings == []


# --- who is who ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("student", "source", "row"),
    [
        ("jdoe", "jdoe.ipynb", 2),
        ("JDOE@Uni.edu", "x/y.ipynb", 2),
        ("U100", "U100/05_backprop_without_forks/problems.ipynb", 2),
        ("12345", "12345.ipynb", 2),
        ("jdo", "jdo.ipynb", None),
        ("uni.edu", "uni.edu.ipynb", None),
        ("", "", None),
        ("Doe, Jane", "Doe, Jane.ipynb", None),
        ("doejane_12345", "doejane_12345_7_problems.ipynb", 2),
        ("doejane_12345", "late/all.zip/doejane_LATE_12345_7_problems-1.ipynb", 2),
        ("doejane_99999", "doejane_99999_7_problems.ipynb", None),
        ("jdoe_99999", "jdoe_99999_7_jdoe.ipynb", None),
        ("x_12345", "x_12345_12346_7_problems.ipynb", None),
        ("doejane_12345", "doejane_12345_67890_05_problems.ipynb", 2),
        ("bob_12345", "bob_12345/problems.ipynb", None),
        ("bob_12345", "bob_12345/bob_12345_7_problems.ipynb", None),
        ("anon_12345", "anon_12345_7_problems.ipynb", None),
        ("Jane_12345", "Jane_12345_assignsubmission_file_/problems.ipynb", None),
    ],
)
def test_whose_row_it_is_in_canvas(tmp_path, student, source, row):
    assert roster(tmp_path, CANVAS).match(student, source) == row


def test_an_id_that_two_people_have_is_nobodys(tmp_path):
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        "A,1,2,ann@a.edu,S\nB,2,3,ann@b.edu,S\nC,4,4,C,S\nD,5,,c,S\n"
    )
    people = roster(tmp_path, text)
    expected = {
        "1": 0,
        "2": None,
        "3": 1,
        "ann": None,
        "ann@a.edu": 0,
        "4": 2,
        "C": None,
        "5": 3,
        "": None,
    }
    assert {student: people.match(student) for student in expected} == expected
    alone = roster(tmp_path, "Student,ID,SIS User ID,SIS Login ID,Section\nA,1,,,S\n")
    assert (alone.match("1"), alone.match("")) == (0, None)


def test_marks_of_nobody_and_of_one_person_twice_are_listed_and_not_filled_in(tmp_path):
    marks = [mark("nobody"), mark("jdoe", 1.0), mark("U100", 2.0), mark("jroe", 3.0), mark("a\nb")]
    filled = roster(tmp_path, CANVAS).filled(marks, FIVE)
    assert column(cells(filled.data), "05 Problems (901)")[2:4] == ["", "3"]
    twice = "one of 2 submissions of one person in the gradebook"
    nobody = "nobody in the gradebook, or not only one"
    assert filled.unmatched == [
        ("U100", twice), (r"a\nb", nobody), ("jdoe", twice), ("nobody", nobody),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("student", "source", "row"),
    [
        ("Jane Doe_123456", "Jane Doe_123456_assignsubmission_file_/problems.ipynb", 0),
        ("Jane Doe_123458", "late/Jane Doe_123458_assignsubmission_file_problems.ipynb", 2),
        ("Jo Röe_123457", "Jo Röe_123457_assignsubmission_file/a/b.ipynb", 1),
        ("Jo Röe_123457", "Jo Ro\u0308e_123457_assignsubmission_file/a/b.ipynb", 1),
        ("Röe_123457", "Ro\u0308e_123457_assignsubmission_file_/b.ipynb", 1),
        ("Participant_123457", "Participant_123457_assignsubmission_file_/b.ipynb", 1),
        ("Group A_123457", "Group A_123457_assignsubmission_file_/b.ipynb", None),
        ("Jane Doe_23456", "Jane Doe_23456_assignsubmission_file_/problems.ipynb", None),
        ("jane@uni.edu", "jane@uni.edu.ipynb", 0),
        ("jane", "jane.ipynb", None),
        ("jo", "jo.ipynb", 1),
        ("Jane Doe", "Jane Doe.ipynb", None),
    ],
)
def test_whose_row_it_is_in_moodles_worksheet(tmp_path, student, source, row):
    assert roster(tmp_path, WORKSHEET).match(student, source) == row


@pytest.mark.parametrize(
    ("student", "source", "row"),
    [
        ("Jane Doe_1", "Jane Doe_1_assignsubmission_file_/problems.ipynb", 0),
        ("Jo Ann ORöe-Smith_2", "Jo Ann ORöe-Smith_2_assignsubmission_file_/x.ipynb", 1),
        ("Max Muster_3", "Max Muster_3_assignsubmission_file_/x.ipynb", None),
        ("Jane_1", "Jane_1_assignsubmission_file_/x.ipynb", None),
        ("77", "77.ipynb", 0),
        ("max@other.edu", "max@other.edu.ipynb", 3),
        ("max", "max.ipynb", None),
        ("jane", "jane.ipynb", 0),
    ],
)
def test_whose_row_it_is_in_moodles_gradebook(tmp_path, student, source, row):
    assert roster(tmp_path, GRADEBOOK).match(student, source) == row


# --- Moodle --------------------------------------------------------------------------------------


def test_moodles_worksheet_gets_grades_and_comments_and_nothing_else(tmp_path):
    source = "Jane Doe_123456_assignsubmission_file_/problems.ipynb"
    filled = roster(tmp_path, WORKSHEET).filled(
        [mark("Jane Doe_123456", 6.5, source=source, late=True)], FIVE
    )
    before, after = cells(WORKSHEET.encode()), cells(filled.data)
    assert filled.column == "Grade"
    assert changed(before, after) == {(1, "Grade"), (1, "Feedback comments")}
    assert column(after, "Grade") == ["6.5", "3.00", ""]
    comments = column(after, "Feedback comments")
    assert comments[0] == "6.5 of 9 points; 05a: 4 of 4; 05b: 2.5 of 5; late"
    assert (filled.unmatched, filled.warnings) == ([], [])


def test_a_comment_that_a_person_wrote_is_kept_and_ours_is_renewed(tmp_path):
    first = roster(tmp_path, WORKSHEET).filled([mark("jo"), mark("jane@uni.edu", 1.0)], FIVE)
    assert column(cells(first.data), "Feedback comments")[1] == "well done,\nJo"
    assert first.warnings == ["jo has a feedback comment already, which was kept"]
    again = roster(tmp_path, first.data).filled([mark("jane@uni.edu", 2.0)], FIVE)
    assert column(cells(again.data), "Feedback comments")[0].startswith("2 of 9 points; 05a: 2 of")
    assert column(cells(again.data), "Grade") == ["2", "7", ""]


@pytest.mark.parametrize("failure", ["=cmd|' /C calc'!A0", "<script>\n@SUM", "-1+1", "\u202e"])
def test_what_is_written_is_no_formula_and_no_page(tmp_path, failure):
    filled = roster(tmp_path, WORKSHEET).filled([mark("jane@uni.edu", failure=failure)], FIVE)
    text = column(cells(filled.data), "Feedback comments")[0]
    assert text.startswith("7 of 9 points")
    assert "<" not in text and text.isprintable()


def test_a_worksheet_without_comments_gets_grades(tmp_path):
    text = 'Identifier,Grade,"Maximum Grade","Last modified (grade)"\nParticipant 5,,10,-\n'
    source = "Participant_5_assignsubmission_file_/x.ipynb"
    filled = roster(tmp_path, text).filled([mark("Participant_5", source=source)], FIVE)
    assert cells(filled.data)[1] == ["Participant 5", "7", "10", "-"]
    assert filled.warnings == ["the gradebook has a maximum of 10 points, the problem set one of 9"]


def test_moodles_gradebook_gets_one_column(tmp_path):
    filled = roster(tmp_path, GRADEBOOK).filled([mark("jane"), mark("78", 0.0)], FIVE)
    title = "Assignment: 05 Problems (Real)"
    assert filled.column == title
    after = cells(filled.data)
    assert changed(cells(GRADEBOOK.encode()), after) == {(1, title), (2, title)}
    assert column(after, title) == ["7", "0", "5.00", "-"]


def test_moodles_gradebook_cannot_have_a_new_column(tmp_path):
    with pytest.raises(ValueError, match="--column") as error:
        roster(tmp_path, GRADEBOOK).filled([mark("jane")], CHAPTERS[8])
    message = str(error.value)
    assert "'Assignment: 05 Problems (Real)', 'Assignment: Essay (Real)'" in message
    assert "Email" not in message and "Percentage" not in message and "\n" not in message
    essay = "Assignment: Essay (Real)"
    named = roster(tmp_path, GRADEBOOK).filled([mark("jane")], CHAPTERS[8], essay.lower())
    assert column(cells(named.data), essay)[0] == "7"


@pytest.mark.parametrize("last", ["Surname", "Last name"])
def test_older_moodles_say_surname(tmp_path, last):
    text = GRADEBOOK.replace("Last name", last)
    assert roster(tmp_path, text).match("x", "Jane Doe_1_assignsubmission_file_/x.ipynb") == 0


# --- dialects ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", [CANVAS, WORKSHEET, GRADEBOOK], ids=["canvas", "sheet", "moodle"])
def test_a_gradebook_is_written_in_the_dialect_it_was_read_in(
    tmp_path, text, encoding, separator, line_end
):
    rows = list(csv.reader(io.StringIO(text)))
    rows[-1][0] += "; a,b\tc – “ö”"
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=line_end).writerows(rows)
    data = out.getvalue().encode(encoding)
    people = roster(tmp_path, data)
    assert [people.table.header, *people.table.rows] == rows
    again = people.table.written(people.table.header, people.table.rows)
    assert again == data
    filled = people.filled([mark("jo" if text is WORKSHEET else "78"), mark("jroe")], FIVE)
    assert len(filled.unmatched) == 1
    table = cells(filled.data, encoding, separator)
    assert "7" in column(table, filled.column)
    assert table[-1][0] == rows[-1][0]


def test_a_comma_in_a_quoted_title_is_no_separator(tmp_path):
    text = '"Identifier";"Grade";"a,b,c,d,e\n,,,,";"f"\nParticipant 1;;;\n'
    people = roster(tmp_path, text)
    assert people.table.separator == ";"
    assert len(people.table.header) == 4


def test_short_rows_blank_lines_and_long_rows_are_taken(tmp_path):
    rows = "Participant 1\nParticipant 2,J,j@x,,,,,,,,more\n\n"
    text = f"\n{WORKSHEET.splitlines()[0]}\n\n{rows}"
    source = "Participant_1_assignsubmission_file_/x.ipynb"
    filled = roster(tmp_path, text).filled([mark("P", source=source), mark("j")], FIVE)
    table = cells(filled.data)
    assert table[1][4] == table[2][4] == "7"
    assert table[2][-1] == "more"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "an empty file"),
        (b"\n\n", "an empty file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "found bytes that are no text"),
        (b"a\x81\xff", "found bytes that are no text"),
        (b'Identifier,Grade\n"Participant 1,', "unexpected end of data"),
        (b"student,mark\nann,3\n", "found the columns 'student', 'mark', expected a gradebook"),
        (b"x," * 100_000, "and 99989 more"),
        (b"Identifier,Grade\n" + b"x" * 200_000, "field larger than field limit"),
        (b"a\nb" * 10, "expected a gradebook"),
    ],
)
def test_what_is_no_gradebook_is_said_in_one_line(tmp_path, data, expected):
    with pytest.raises(ValueError) as error:
        roster(tmp_path, data)
    message = str(error.value)
    assert message.startswith(str(tmp_path / "roster.csv")) and expected in message
    assert "\n" not in message and len(message) < 1500


def test_a_file_too_large_for_a_gradebook_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "LARGEST", len(WORKSHEET.encode()))
    roster(tmp_path, WORKSHEET)
    with pytest.raises(ValueError, match="larger than"):
        roster(tmp_path, WORKSHEET + " ")


def test_what_an_old_encoding_does_not_have_is_a_question_mark(tmp_path):
    people = roster(tmp_path, WORKSHEET.encode("cp1252"))
    filled = people.filled([mark("jane@uni.edu", failure="山")], FIVE)
    assert column(cells(filled.data, "cp1252"), "Feedback comments")[0].endswith("; ?")


def test_a_column_that_canvas_does_not_import_is_not_filled(tmp_path):
    text = CANVAS.replace(",9.00,8.00,", ",(read only),8.00,")
    assert roster(tmp_path, text).filled([], FIVE).column == "05 Problems: Backprop without forks"
    with pytest.raises(ValueError, match="'Essay"):
        roster(tmp_path, text).filled([], FIVE, "05 Problems (901)")


def test_no_file_is_said_in_one_line(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(ValueError, match="cannot be read"):
            Roster.read(path)


def test_points_are_written_as_people_write_them(tmp_path):
    cases = {7.0: "7", 6.5: "6.5", 0.0: "0", 6.666666: "6.67", 8.1 + 0.2: "8.3"}
    for points, expected in cases.items():
        filled = roster(tmp_path, CANVAS).filled([mark("jdoe", points)], FIVE)
        assert column(cells(filled.data), filled.column)[2] == expected


def test_the_order_of_marks_changes_nothing(tmp_path):
    marks = [mark("jdoe"), mark("jroe", 3.0), mark("zed"), mark("abe"), mark("eve")]
    people = roster(tmp_path, CANVAS)
    assert people.filled(marks, FIVE) == people.filled(marks[::-1], FIVE)
