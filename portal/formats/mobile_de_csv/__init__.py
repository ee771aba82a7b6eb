"""The CSV layout of mobile.de: fixed positions, semicolons, no header line.

Half the German trade exports its stock in it. The table of `columns` serves reading and writing;
what is known of the positions, and what is assumed, stands there. Source: the operator's manual
"Upload-Interface CSV" (services.mobile.de/manual/upload-interface-csv_de.html).
"""

from portal.formats.mobile_de_csv.column import StockColumn
from portal.formats.mobile_de_csv.columns import COLUMNS
from portal.formats.mobile_de_csv.content import UnreadableFile, seekable
from portal.formats.mobile_de_csv.reader import MOST_BYTES, StockReader
from portal.formats.mobile_de_csv.rows import CellRemark, RefusedRow, StockRow
from portal.formats.mobile_de_csv.writer import header_row, write_row

__all__ = [
    "COLUMNS",
    "MOST_BYTES",
    "CellRemark",
    "RefusedRow",
    "StockColumn",
    "StockReader",
    "StockRow",
    "UnreadableFile",
    "header_row",
    "seekable",
    "write_row",
]
