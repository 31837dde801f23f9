"""What every page for a supervisor is: one HTML file that needs nothing else, loads nothing, and can be printed."""

from __future__ import annotations

from html import escape

from app.words.language import current_language
from core.store.export_rows import SCHEMA_VERSION

# From blue to orange, which everybody tells apart, and every cell says in words or numbers what its shade says.
_STYLE = """
:root{color-scheme:light dark;--ink:#2a2b2e;--quiet:#5f5b54;--paper:#faf8f4;--line:#ddd7cb;--bar:#7a97b5;
--few:#dbe7f3;--some:#f4e6c9;--most:#eebf8e}
@media(prefers-color-scheme:dark){:root{--ink:#e8e4dc;--quiet:#aaa59b;--paper:#1d1f22;--line:#3b3e43;--bar:#6d8fb3;
--few:#24384c;--some:#4d4022;--most:#6b4214}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:56rem;padding:1.5rem 1rem 3rem;font:1rem/1.55 system-ui,"Noto Sans KR","Malgun Gothic",sans-serif;
color:var(--ink);background:var(--paper);word-break:keep-all;overflow-wrap:anywhere}
h1{font-size:1.6rem;font-weight:600;margin:.5rem 0 0}h2{font-size:1.05rem;font-weight:600;margin:1.8rem 0 .2rem}
h3{font-size:.95rem;font-weight:500;margin:1.2rem 0 0}
.lead,.what{color:var(--quiet);margin:.2rem 0 1rem}
.wide{overflow-x:auto}.wide table{min-width:40rem}
table{border-collapse:collapse;width:100%;font-size:.92rem}th{font-weight:500;color:var(--quiet);text-align:left}
th,td{border:1px solid var(--line);padding:.35rem .5rem;overflow-wrap:normal}
td.number{text-align:right;font-variant-numeric:tabular-nums}td.number,.whole{white-space:nowrap}.sums{width:auto}
.team{table-layout:fixed}.team th:first-child,.team td:first-child{width:11rem}.wide .team{min-width:46rem}
.few{background:var(--few)}.some{background:var(--some)}.most{background:var(--most)}
.curve{display:flex;align-items:flex-end;gap:1px;height:6rem;margin:.3rem 0;padding:0;list-style:none;border-bottom:1px solid var(--line)}
.curve li{flex:1 1 0;min-width:2px;max-width:2rem;background:var(--bar);position:relative}
.curve li.below{background:repeating-linear-gradient(45deg,var(--bar) 0 2px,transparent 2px 5px)}
.curve span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{border-top:1px solid var(--line);margin-top:2.5rem;padding-top:1rem;font-size:.92rem}
@media print{body{max-width:none;padding:0;background:#fff;color:#000}.wide{overflow:visible}
.wide table,.wide .team{min-width:0;font-size:.8rem}tr,.curve{break-inside:avoid}h2,h3{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself is told to load nothing."""


def document(title: str, lead: str, main: str, footer: str) -> str:
    """The whole page in the language in use; `title` and `lead` are plain text, `main` and `footer` HTML."""
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="calmline-schema" content="{SCHEMA_VERSION}">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{escape(title)}</title>'
    )
    return (
        f'<!doctype html>\n<html lang="{current_language()}"><head>{head}<style>{_STYLE}</style></head>\n'
        f'<body><header><h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p></header>\n'
        f"<main>{main}</main>\n<footer>{footer}</footer></body></html>\n"
    )


def paragraphs(*sentences: str) -> str:
    """Plain texts as paragraphs of HTML."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
