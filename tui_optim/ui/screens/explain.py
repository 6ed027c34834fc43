"""Explain: everything that can be chosen or read, what it is, and the experiment that shows it."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_optim.report.explanation import Paragraph, experiment_text, paragraphs
from tui_optim.spec.explain.catalogue import Topics
from tui_optim.spec.explain.topic import KIND_TITLES, KINDS, Topic
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.look.spelling import spelled
from tui_optim.ui.messages import StartExperiment
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.standing import follow_standing, standing_of
from tui_optim.ui.widgets.choice_list import ChoiceList
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.steady_input import SteadyInput

_INLINE = ("Seen", "Source")
_TONES = {"text": "", "formula": "$primary", "quiet": "$quiet"}


class TopicList(ChoiceList):
    """The topics that pass the filter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.start",
            "Start the experiment",
            id="topics.start",
            key_display="enter",
            tooltip="start the experiment's runs",
        ),
    ]  # fmt: skip


class ExplainScreen(Screen[None]):
    """A list of topics and the text of the highlighted one."""

    TITLE = "Explain"
    AUTO_FOCUS = "TopicList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="topics.filter", key_display="/", tooltip="filter the topics by words"),
        Binding(
            "tab",
            "app.focus_next",
            "Text",
            id="topics.text",
            tooltip="from the list to the text, to scroll it, and back",
        ),
        Binding("escape", "leave", "Back", id="topics.leave", tooltip="leave the filter, then this screen"),
        Binding("q,i", "close", "Back", id="topics.close", show=False),
    ]
    DEFAULT_CSS = """
    ExplainScreen {
        #topics, #topic {
            height: 1fr;
            border: round $border-blurred;
            border-title-color: $quiet;
            border-subtitle-color: $quiet;
        }
        #topics { width: 32; }
        #topics:focus-within, #topic:focus { border: round $border; border-title-color: $primary; }
        #topics Input { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
        #topics.-filtering Input { display: block; }
        TopicList { height: 1fr; }
        #topic { width: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
        #topic Static { height: auto; }
        &.-compact #topics { width: 24; }
    }
    """

    def __init__(self, topics: Topics, name: str) -> None:
        """Begin with the topic of a name."""
        super().__init__()
        self.topics = topics
        self._first = topics.find(name)
        self._read_before: str | None = None
        """Number of the topic that was read when the filter was opened: after one that nothing passes, it is again."""

    @property
    def topic(self) -> Topic | None:
        """The highlighted one."""
        number = self.query_one(TopicList).highlighted_id
        return self.topics.all[int(number)] if number is not None else None

    def compose(self) -> ComposeResult:
        """The list, the text, the keys."""
        with Horizontal():
            with Vertical(id="topics") as panel:
                panel.border_title = "Explain"
                yield SteadyInput(placeholder="words", compact=True)
                yield TopicList()
            with VerticalScroll(id="topic", can_focus=True):
                yield Static("")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Stand on the first topic."""
        self._fill()
        follow_standing(self)
        self.query_one(TopicList).highlight(str(self.topics.all.index(self._first)))

    def stand(self, _: tuple[str, ...]) -> None:
        """What holds for the app as a whole is another thing."""
        self._name_frame()

    def on_resize(self) -> None:
        """Set the text anew."""
        self.set_class(self.app.size.width < 100, "-compact")
        self.call_after_refresh(self._show)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        event.stop()
        self._fill()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the list and keep the filter."""
        event.stop()
        self.query_one(TopicList).focus()

    def key_down(self) -> None:
        """From the filter to the list."""
        if self.query_one(Input).has_focus:
            self.query_one(TopicList).focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Explain another topic."""
        event.stop()
        self._show()

    def action_filter(self) -> None:
        """Show the filter and let the user type in it."""
        self._read_before = self.query_one(TopicList).highlighted_id or self._read_before
        self.query_one("#topics").add_class("-filtering")
        self.set_focus(self.query_one(Input))  # at once: the next key is the first letter

    def action_start(self) -> None:
        """Queue the experiment's runs, and go to where they can be watched."""
        topic = self.topic
        if topic is None:
            return
        if not topic.experiment:
            self.notify(f"There is no experiment for {topic.title} on the scenarios that are here.")
            return
        self.app.post_message(StartExperiment(topic))

    def action_leave(self) -> None:
        """One layer out."""
        panel = self.query_one("#topics")
        if not panel.has_class("-filtering"):
            self.action_close()
            return
        self.query_one(Input).value = ""
        panel.remove_class("-filtering")
        self.query_one(TopicList).focus()

    def action_close(self) -> None:
        """Back to where the user came from."""
        self.dismiss(None)

    def _fill(self) -> None:
        """List what passes the filter; the highlight stays where it can."""
        words = self.query_one(Input).value.lower().split()
        choices = self.query_one(TopicList)
        before = choices.highlighted_id or self._read_before
        choices.set_options(list(self._options(words)))
        choices.highlight(before)
        self._show()

    def _options(self, words: list[str]) -> Iterator[Option]:
        for kind in KINDS:
            chosen = [
                (number, topic)
                for number, topic in enumerate(self.topics.all)
                if topic.kind == kind and all(word in _searched(topic) for word in words)
            ]
            if chosen:
                yield Option(Content.assemble((KIND_TITLES[kind], "$quiet bold")), disabled=True)
                yield from (Option(Content(f"  {topic.title}"), id=str(number)) for number, topic in chosen)

    def _show(self) -> None:
        frame, topic = self.query_one("#topic", VerticalScroll), self.topic
        text = frame.query_one(Static)
        if topic is None:
            self._name_frame()
            text.update(with_keys(self.app, "Nothing matches. ⟪topics.leave:esc⟫ clears the filter."))
            return
        self._name_frame()
        parts = paragraphs(topic, width=max(24, frame.scrollable_content_region.width))
        content = _content(topic, parts, start=with_keys(self.app, "⟪topics.start:enter⟫"))
        text.update(spelled(content) if is_ascii_only(self.app) else content)
        frame.scroll_home(animate=False)

    def _name_frame(self) -> None:
        words = [*standing_of(self.app), *([self.topic.title] if self.topic else [])]
        self.query_one("#topic").border_title = frame_text("  ".join(words))


def _content(topic: Topic, parts: list[Paragraph], *, start: str) -> Content:
    """The paragraphs in the tones of the app; the experiment in words, for here the key `start` starts it."""
    pieces: list[str | tuple[str, str]] = [(f"{topic.id}\n\n", "$quiet")]
    for part in parts:
        if part.heading == "Try":
            pieces.append((f"Try: {start} starts it\n", "bold"))
            pieces += [(f"  {experiment_text(arm)}\n", "$accent") for arm in topic.experiment]
        elif part.heading == "Look at":
            pieces += [("Look at  ", "bold"), f"{part.text}\n"]
        elif part.heading in _INLINE:
            pieces.append((f"{part.heading}: {part.text}\n", _TONES[part.tone]))
        else:
            pieces += [(f"{part.heading}\n", "$quiet")] if part.heading else []
            pieces.append((f"{part.text}\n", _TONES[part.tone]))
        pieces.append("\n")
    return Content.assemble(*pieces)


def _searched(topic: Topic) -> str:
    return " ".join((topic.id, topic.title, KIND_TITLES[topic.kind], *topic.aliases)).lower()
