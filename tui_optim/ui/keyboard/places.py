"""Where keys work: each screen, with the widgets there that have keys. Who imports this loads all screens."""

from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.boundary import BoundaryScreen
from tui_optim.ui.screens.comparison import ComparisonScreen
from tui_optim.ui.screens.confirm import ConfirmScreen, StartSweepScreen
from tui_optim.ui.screens.difference import DifferenceScreen
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.explain import ExplainScreen, TopicList
from tui_optim.ui.screens.export import ExportScreen
from tui_optim.ui.screens.fork import ForkScreen, ForkValues
from tui_optim.ui.screens.functions import FunctionsScreen
from tui_optim.ui.screens.gallery import GalleryScreen
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.line import LineScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.new_sweep import NewSweepScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.screens.settings import SettingsScreen
from tui_optim.ui.screens.step import StepLines, StepScreen
from tui_optim.ui.screens.sweeps import SweepsScreen
from tui_optim.ui.screens.system import SystemScreen
from tui_optim.ui.screens.why import WhyScreen
from tui_optim.ui.screens.xray import XRayScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.choice_list import ChoiceList
from tui_optim.ui.widgets.choice_row import ChoiceRow
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.filter_line import FilterField, FilterInput
from tui_optim.ui.widgets.heat_map import HeatMapView
from tui_optim.ui.widgets.point_table import PointTable
from tui_optim.ui.widgets.presets import PresetList
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.scenarios import ScenarioList
from tui_optim.ui.widgets.step_fields import StepField
from tui_optim.ui.widgets.sweep_list import SweepList
from tui_optim.ui.widgets.table_grid import TableGrid

PLACES: dict[str, tuple[type, ...]] = {
    "": (LabApp,),
    "the main screen": (MainScreen,),
    "the scenarios": (MainScreen, ScenarioList),
    "the presets": (MainScreen, PresetList),
    "the details": (MainScreen, DetailsPanel),
    "the charts": (MainScreen, ChartsView, Chart),
    "the runs": (MainScreen, RunTable),
    "the filter of the presets": (FilterField,),
    "the filter of the runs": (FilterInput,),
    "the race": (RaceScreen,),
    "the list of sweeps": (SweepsScreen, SweepList),
    "the map of a sweep": (SweepsScreen, HeatMapView),
    "the points of a sweep": (SweepsScreen, PointTable),
    "a new sweep": (NewSweepScreen, ChoiceRow),
    "the functions": (FunctionsScreen,),
    "the decision boundary": (BoundaryScreen,),
    "the images": (GalleryScreen,),
    "the calculator": (StepScreen, StepLines, StepField),
    "explanations": (ExplainScreen, TopicList),
    "the comparison": (ComparisonScreen, TableGrid),
    "the difference": (DifferenceScreen, TableGrid),
    "the export": (ExportScreen, ChoiceList),
    "a value": (EditScreen, ChoiceList),
    "a line": (LineScreen,),
    "a question": (ConfirmScreen,),
    "a ready-made sweep": (StartSweepScreen,),
    "the help": (HelpScreen,),
    "the system": (SystemScreen, TableGrid),
    "the verdict": (WhyScreen,),
    "a fork": (ForkScreen, ForkValues),
    "the X-ray": (XRayScreen,),
    "the settings": (SettingsScreen, ChoiceList),
}
"""By place: its screen, and the widgets there that have keys."""
