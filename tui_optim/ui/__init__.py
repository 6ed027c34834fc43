"""HOW it looks: the only package that imports Textual and plotext.

`run_app` opens the app, `board` is the state behind its main screen, `screens` and `widgets` are what Textual composes. What
they are made of stands by idea: `charting`, `pictures`, `run_table`, `sweeping`, `teaching`; `laboratory` starts and commands
runs, `keyboard` knows the keys, `look` colours and characters, `terminal` the other end of the line, `browser` a browser there.

To the code of a key: its binding stands in the screen or pane where it works, and `action_NAME` in that class or in a base of it.

- every screen: `app` (help, explain, quit, shell, palette), `personal_app` (settings, light and dark, markers)
- the main screen, from its base up: `screens.panes` (going to panes, hiding them, turning the charts), `screens.runs`
  (filter, pin, name, note, delete, difference, why), `screens.commanding` (pause, stop, rate, extend, fork, kill),
  `screens.results` (export, compare, race), `screens.main` (all else)
- its panes: `widgets.scenarios`, `widgets.presets`, `widgets.details`, `widgets.chart_keys` (zoom, pan, value cursor, smoothing),
  `widgets.rows_view` and `widgets.runs` (the run table), `widgets.filter_line`
- sweeps: `screens.sweeps` (the list), `screens.one_sweep` (what is chosen in it), `widgets.cursor_view` (map and table),
  `screens.new_sweep`
- what runs in time, the race among it: `screens.in_time` (cursor and replay), `screens.race`; pictures: `screens.timed`,
  `screens.picture`, `screens.functions`, `screens.boundary`, `screens.gallery`
- `screens.explain`, `screens.step`, and the dialogs, from `screens.dialog` up

What a key asks for leaves the screen as a message (`messages`), which `requests` gives to who can carry it out:
`laboratory.launcher` and `laboratory.run_desk` for runs, `sweeping.desk` for sweeps. In `keyboard`, `palette`,
`actions_by_name` and `keys` read bindings for palette and help; `keymap` and `words` give them the user's keys.
"""
