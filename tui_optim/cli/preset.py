"""`tui-optim preset`: make, check and show preset files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.options import Json
from tui_optim.cli.saying import say
from tui_optim.spec.errors import PresetError, UsageError

preset_app = typer.Typer(help="Make, check and show presets.", no_args_is_help=True)


@preset_app.command()
def new(
    preset_id: Annotated[str, typer.Argument(help="Id: a–z, 0–9 and '-'; the file's name.")],
    base: Annotated[str, typer.Option("--from", help="Preset to begin with.")] = "sgd",
) -> None:
    """Copy a preset, without its record of tuning, into the user's folder. Example: tui-optim preset new my-adam --from adam"""
    from tui_optim.spec.ids import PRESET_ID
    from tui_optim.store.files import replace_file
    from tui_optim.store.home import make_private
    from tui_optim.store.library import user_presets_folder
    from tui_optim.store.preset_copy import copied_text

    if not PRESET_ID.fullmatch(preset_id):
        raise UsageError(f"preset id {preset_id!r}: use a–z, 0–9 and '-', beginning with a letter or digit")
    text = copied_text(base, copy_id=preset_id)
    folder = user_presets_folder()
    target = folder / f"{preset_id}.toml"
    if target.exists():
        raise UsageError(f"{target} exists already; edit it, or choose another id")
    try:
        make_private(folder.parent)
        make_private(folder)
        replace_file(folder / "preset.schema.json", _schema_text().encode(), is_durable=False)
        replace_file(target, f"#:schema ./preset.schema.json\n{text}".encode())
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    say(f"{target}\nedit it, then: tui-optim preset check {target}")


@preset_app.command()
def check(files: Annotated[list[Path], typer.Argument(help="Preset files.")]) -> None:
    """Validate preset files. Example: tui-optim preset check my-adam.toml"""
    from tui_optim.spec.presets import load_preset

    problems = []
    for path in files:
        try:
            preset = load_preset(path)
        except PresetError as error:
            problems.append(str(error))
        else:
            say(f"{path}: ok ({preset.optimizer}, family {preset.family})")
    for problem in problems:
        say(f"tui-optim: {problem}", is_aside=True)
    raise typer.Exit(2 if problems else 0)


@preset_app.command()
def show(
    preset_id: Annotated[str, typer.Argument(help="Preset id.")],
    is_json: Json = False,
) -> None:
    """Formula, numbers, advice and how the numbers were found. Example: tui-optim preset show adam"""
    from tui_optim.spec.optimizers import find_optimizer
    from tui_optim.store.library import load_library

    preset = load_library().find(preset_id)
    if is_json:
        print(json_answer({"id": preset.id, **preset.model_dump(mode="json")}))
        return
    print(f"{preset.id}: {preset.name} ({preset.family})\n")
    print(preset.formula_text)
    optimizer = find_optimizer(preset.optimizer)
    print(f"\nsource: {preset.source_text}\nadvice: {preset.advice}")
    explained = {"a step costs": optimizer.step_cost, "stores": optimizer.stores}
    explained |= {"helps": optimizer.helps, "hurts": optimizer.hurts}
    print("\n".join(f"{name}: {text}" for name, text in explained.items() if text) + "\n")
    print("  ".join(f"{name}={value}" for name, value in preset.hyperparameters.items()))
    schedule = "  ".join(f"{name}={value}" for name, value in preset.schedule.items())
    print(f"batch_size={preset.batch_size}  schedule: {schedule}")
    if preset.averaging.get("kind", "none") != "none":
        print("averaging: " + "  ".join(f"{name}={value}" for name, value in preset.averaging.items()))
    for scenario_id, own in preset.scenarios.items():
        values = own.model_dump(exclude_none=True, exclude_defaults=True)
        remark = "" if scenario_id in {tuning.scenario for tuning in preset.tuning} else "  (chosen by hand, not tuned)"
        print(f"on {scenario_id}: " + "  ".join(f"{name}={value}" for name, value in values.items()) + remark)
    if not preset.tuning:
        print("\nnot tuned: the numbers are the source's or a common choice")
    for tuning in preset.tuning:
        print(f"\ntuned on {tuning.scenario}: {tuning.protocol}")
        for trial in tuning.trials:
            loss = trial.val_loss if isinstance(trial.val_loss, str) else f"loss {trial.val_loss:.4f}"
            print(f"  {tuning.hyperparameter} {trial.value:<10g} validation {loss}, accuracy {trial.val_accuracy:.2%}")


@preset_app.command()
def schema() -> None:
    """Print the JSON schema of preset files, for editors. Example: tui-optim preset schema > preset.schema.json"""
    print(_schema_text(), end="")


def _schema_text() -> str:
    from tui_optim.spec.presets import preset_schema

    return json.dumps(preset_schema(), indent=2, ensure_ascii=False) + "\n"
