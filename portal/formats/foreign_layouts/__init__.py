"""Files in layouts of others: a table with names of columns, and what a dealer said that they mean.

`table.py` and `workbook.py` open a file, `survey.py` looks at its columns, `suggestion.py` says what each is
probably, `layout.py` keeps what somebody confirmed, `reader.py` reads rows by it.
"""
