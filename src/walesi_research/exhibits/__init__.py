"""How a result is shown: sentences, figures and tables, in both languages.

An exhibit is immutable, holds all it needs, and shows itself in a notebook; `show` displays a result in
every language and `record` hands its findings on. Exhibits know no statistics.
"""

from walesi_research.exhibits.bars import Bar, bars
from walesi_research.exhibits.dot_plot import Dots, dot_plot
from walesi_research.exhibits.exhibit import Exhibit, fragment, numbered
from walesi_research.exhibits.figure import Figure, from_matplotlib
from walesi_research.exhibits.heading import Heading
from walesi_research.exhibits.interval import Interval
from walesi_research.exhibits.interval_plot import interval_plot
from walesi_research.exhibits.lever import Lever
from walesi_research.exhibits.line_plot import Line, line_plot
from walesi_research.exhibits.path_chain import Arrow, Node
from walesi_research.exhibits.path_diagram import path_diagram
from walesi_research.exhibits.plot_style import plot_style
from walesi_research.exhibits.sentence import Sentence
from walesi_research.exhibits.show import record, show
from walesi_research.exhibits.simulator import SIMULATOR_MIME, Outcome, Simulator
from walesi_research.exhibits.stacked import Shares, stacked
from walesi_research.exhibits.standalone import standalone, standing_alone
from walesi_research.exhibits.table import Cell, Column, Gap, Group, Table
from walesi_research.exhibits.verdict import Verdict, judge

__all__ = [
    "SIMULATOR_MIME",
    "Arrow",
    "Bar",
    "Cell",
    "Column",
    "Dots",
    "Exhibit",
    "Figure",
    "Gap",
    "Group",
    "Heading",
    "Interval",
    "Lever",
    "Line",
    "Node",
    "Outcome",
    "Sentence",
    "Shares",
    "Simulator",
    "Table",
    "Verdict",
    "bars",
    "dot_plot",
    "fragment",
    "from_matplotlib",
    "interval_plot",
    "judge",
    "line_plot",
    "numbered",
    "path_diagram",
    "plot_style",
    "record",
    "show",
    "stacked",
    "standalone",
    "standing_alone",
]
