"""A table as a LaTeX environment, and the one place that escapes text for LaTeX."""

import re

from tui_optim.report.cells import Table, plain_text, text_grid

_AS_IT_IS = frozenset(map(chr, range(0x20, 0x7F))) | frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßŒœŠšŽžČčĆćŁłŃńŘřŚśŹźŻżĞğİıŞşŐőŰűĽľŤťŮůŇňĎďĚě§©¿¡"
)
"""What LaTeX sets without further packages."""
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi",
    "Ω": "Omega",
}  # fmt: skip
_COMMANDS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "÷": r"$\div$",
    "−": "$-$",
    "∞": r"$\infty$",
    "→": r"$\to$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "√": r"$\surd$",
    "‖": r"$\Vert$",
    "·": r"$\cdot$",
    "²": "$^2$",
    "°": r"$^{\circ}$",
    "½": r"$\frac{1}{2}$",
    "⅓": r"$\frac{1}{3}$",
    "µ": r"$\mu$",
    "–": "\\textendash{}",
    "—": "\\textemdash{}",
    "“": "\\textquotedblleft{}",
    "”": "\\textquotedblright{}",
    "’": "\\textquoteright{}",
    "…": r"\dots{}",
    **{letter: rf"$\{name}$" for letter, name in _GREEK.items()},
}
LATEX_CHARACTERS = tuple(sorted({*_COMMANDS, *_AS_IT_IS}))
"""What LaTeX output shows as it is; every other character becomes its code point in brackets."""


def latex_text(table: Table) -> str:
    """A `table` environment for the booktabs package; bold marks the best finished rows.

    Where the document loads graphicx, a table wider than the line is shrunk to it.
    """
    header, *rows = text_grid(table)
    lines = [
        r"% needs \usepackage{booktabs}; with \usepackage{graphicx} a wide table is shrunk to the line",
        r"\begin{table}[htbp]",
        r"\centering\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{_escaped(table.title)}}}",
        r"\setbox0\hbox{%",
        rf"\begin{{tabular}}{{{''.join('l' if column.kind == 'text' else 'r' for column in table.columns)}}}",
        r"\toprule",
        " & ".join(_escaped(title) for title in header) + r" \\",
        r"\midrule",
    ]
    for i, row in enumerate(rows):
        cells = [
            rf"\textbf{{{_escaped(text)}}}" if (i, j) in table.best else _escaped(text) for j, text in enumerate(row)
        ]
        lines.append(" & ".join(cells) + r" \\")
    lines += [
        r"\bottomrule",
        r"\end{tabular}}",
        r"\ifdefined\resizebox\ifdim\wd0>\linewidth\setbox0\hbox{\resizebox{\linewidth}{!}{\box0}}\fi\fi",
        r"\leavevmode\box0",
    ]
    if table.notes:
        lines += [r"\par\medskip", r"\begin{minipage}{\linewidth}\footnotesize\raggedright"]
        lines += [_escaped(note) + r"\par" for note in table.notes]
        lines += [r"\end{minipage}"]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _escaped(text: str) -> str:
    escaped = "".join(map(_latex_character, plain_text(text)))
    return re.sub("-(?=-)", "-{}", escaped)  # else the two hyphens of an option become one dash


def _latex_character(character: str) -> str:
    """The character, its command, or its code point where pdflatex would stop at it."""
    known = _COMMANDS.get(character)
    if known is None:
        return character if character in _AS_IT_IS else f"{{[}}U+{ord(character):04X}{{]}}"
    return known
