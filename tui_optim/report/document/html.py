"""A report as one HTML page: nothing loaded from elsewhere, no script, readable in light and dark, printable."""

import re

from tui_optim.report.cells import Table
from tui_optim.report.document.blocks import Block, Commands, Document, Facts, Illustration, Notes, Paragraph, Section
from tui_optim.report.figures.canvas import inline_svg
from tui_optim.report.figures.palette import variables
from tui_optim.report.html_table import escaped, table_element

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page may load nothing, whatever got into it."""


def html_page(document: Document) -> str:
    """The page. Raises UsageError where it has figures and Matplotlib is not installed."""
    title = escaped(document.title)
    chapters = [section for section in document.sections if section.level == 2]
    links = " · ".join(f'<a href="#{_anchor(section)}">{escaped(section.title)}</a>' for section in chapters)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escaped(_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="generator" content="tui-optim">',
        '<link rel="icon" href="data:,">',
        f"<title>{title}</title>",
        f"<style>{_css()}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{title}</h1>",
        *(_block(block) for block in document.blocks),
        f"<nav>{links}</nav>",
    ]
    for section in document.sections:
        anchor = f' id="{_anchor(section)}"' if section.level == 2 else ""
        lines.append(f"<h{section.level}{anchor}>{escaped(section.title)}</h{section.level}>")
        lines += [_block(block) for block in section.blocks]
    return "\n".join([*lines, "</main>", "</body>", "</html>"]) + "\n"


def _anchor(section: Section) -> str:
    return re.sub(r"[^a-z0-9]+", "-", section.title.lower()).strip("-")


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escaped(text)}</p>"
        case Notes(lines):
            return "\n".join(['<ul class="notes">', *(f"<li>{escaped(line)}</li>" for line in lines), "</ul>"])
        case Commands(lines):
            return f"<pre><code>{escaped_lines(lines)}</code></pre>"
        case Facts(items):
            rows = (f"<dt>{escaped(name)}</dt><dd>{escaped(text)}</dd>" for name, text in items)
            return "\n".join(["<dl>", *rows, "</dl>"])
        case Illustration():
            svg = inline_svg(block.picture, name=block.name)
            svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escaped(block.picture.about)}" ', 1)
            caption = escaped(block.caption)
            return f'<figure><div class="wide">\n{svg.rstrip()}\n</div><figcaption>{caption}</figcaption></figure>'
        case Table():
            return f'<div class="wide">\n{table_element(block)}\n</div>'


def escaped_lines(lines: tuple[str, ...]) -> str:
    """Lines that stay lines."""
    return "\n".join(map(escaped, lines))


def _css() -> str:
    return (
        f":root{{color-scheme:light;{variables(is_dark=False)}--ink:#1f262d;--quiet:#5a6773;--faint:#d5dade;--panel:#f3f5f6;"
        "--paper:#fefefe;--link:#0063a0}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{variables(is_dark=True)}--ink:#e4e8ec;"
        "--quiet:#9aa7b4;--faint:#39434d;--panel:#1d242b;--paper:#14191e;--link:#7cc0f0}}"
        "*{box-sizing:border-box}"
        "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,'Segoe UI',sans-serif}"
        "main{max-width:60rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}"
        "h1{font-size:1.9rem;line-height:1.2;margin:0 0 1.2rem;text-wrap:balance}"
        "h2{font-size:1.35rem;line-height:1.3;margin:3rem 0 .8rem;padding-top:1.1rem;border-top:1px solid var(--faint)}"
        "h3{font-size:1.1rem;margin:2.2rem 0 .6rem}"
        "p{max-width:46rem;margin:.8rem 0}"
        "a{color:var(--link)}"
        "nav{font-size:.9rem;color:var(--quiet);margin:1.2rem 0 0}"
        "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:0;font-size:.92rem}"
        "dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}"
        ".wide{overflow-x:auto;margin:1.1rem 0}"
        "table{border-collapse:collapse;font-size:.86rem;line-height:1.4;border-top:2px solid var(--ink);"
        "border-bottom:2px solid var(--ink)}"
        "caption{text-align:left;font-weight:600;padding-bottom:.35rem;white-space:nowrap}"
        "th,td{padding:.28rem .65rem;text-align:left;vertical-align:top}"
        "th{font-weight:600;vertical-align:bottom;white-space:nowrap}thead tr{border-bottom:1px solid var(--ink)}"
        "tbody tr+tr{border-top:1px solid var(--faint)}"
        "td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}td{white-space:nowrap}"
        "figure{margin:1.6rem 0}figcaption{color:var(--quiet);font-size:.86rem}"
        "figure .wide{margin:0 0 .3rem}svg{display:block;width:100%;min-width:36rem;max-width:50rem;height:auto}"
        ".notes{color:var(--quiet);font-size:.86rem;padding-left:1.1rem;max-width:50rem}.notes li{margin:.2rem 0;"
        "overflow-wrap:anywhere}"
        "pre{background:var(--panel);border-radius:6px;padding:.75rem .9rem;font-size:.8rem;line-height:1.5;overflow-x:auto}"
        "code{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}"
        "@media (max-width:40rem){main{padding:1.4rem .9rem 3rem}h1{font-size:1.5rem}dl{grid-template-columns:1fr}"
        "dd{margin:0 0 .4rem}}"
        "@page{margin:16mm 14mm}"
        "@media print{body{font-size:10pt}main{max-width:none;padding:0}nav{display:none}h2,h3{break-after:avoid}"
        "figure,table,tr,pre{break-inside:avoid}p:has(+pre){break-after:avoid}.notes{font-size:8.5pt}"
        ".wide{overflow:visible}table{font-size:7.4pt}th,td{padding:.15rem .4rem}"
        "td.text{white-space:normal}"
        "svg{min-width:0;max-width:100%}pre{white-space:pre-wrap;overflow-wrap:anywhere}}"
    )
