/** The page around a report: one file that asks nobody for anything, runs no script and holds no form. */
import { sha256 } from '../core/canonical.ts';
import { html, type Markup } from './_html-markup.ts';

/** Colours have a contrast of at least 4.5 (text) and 3 (lines) in both schemes. */
const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--blue:#0b57b0;--red:#b42318;--fill:#b423181f;--code:#eff1f3}
@media(prefers-color-scheme:dark){:root{--bg:#0f1419;--fg:#e6edf3;--soft:#9aa6b2;--line:#30363d;--card:#171d24;--blue:#6cb0ff;--red:#ff8a80;--fill:#ff8a8026;--code:#222a33}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;padding:1rem;max-width:60rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--blue)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0 .5rem}
h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
p,ul,ol,dl{margin:.4rem 0}
ul,ol{padding-left:1.4rem}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem}
.card{background:var(--card);border:1px solid var(--line);border-left:.4rem solid var(--blue);border-radius:.4rem;padding:.8rem 1rem}
.card.ask,.card.limited{border-left-color:var(--red)}
.word{font-weight:700;letter-spacing:.04em;margin:0}
.soft{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem}
dt{color:var(--soft)}
dd{margin:0;min-width:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.94rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);overflow-wrap:normal}
td.wide{min-width:14rem;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,monospace;font-size:.9em;background:var(--code);border-radius:.2rem}
code{padding:.1em .3em}
pre{padding:.6rem;white-space:pre-wrap;margin:.4rem 0}
figure{margin:1rem 0}
figcaption{font-weight:600}
figure.small{max-width:32rem}
figure.small svg text{font-size:20px}
figure.small .legend{display:none}
svg{display:block;width:100%;height:auto}
svg.bar{width:6rem;height:.7rem}
svg text{font-size:13px;fill:var(--soft)}
svg .mid{text-anchor:middle}
svg .end{text-anchor:end}
svg .strong{fill:var(--fg);font-weight:700}
.grid{stroke:var(--line);fill:none}
.line{stroke:var(--blue);stroke-width:2;fill:none;stroke-linejoin:round;stroke-linecap:round}
.mark{stroke:var(--fg);stroke-width:1.5;stroke-dasharray:4 3;fill:none}
.broken{fill:var(--fill)}
.track{fill:var(--line)}
.share{fill:var(--blue)}
.legend{list-style:none;padding:0;font-size:.94rem}
.swatch{display:inline-block;width:1em;height:.8em;background:var(--fill);border:1px solid var(--red)}
article{border-top:1px solid var(--line);padding:.4rem 0}
article:target,tr:target{background:var(--card);outline:2px solid var(--blue)}
summary{cursor:pointer}
@media(max-width:42rem){svg text{font-size:24px}h1{font-size:1.35rem}figure.small{max-width:none}}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--soft:#444;--line:#bbb;--card:#fff;--blue:#0b57b0;--red:#b42318;--fill:#b423181f;--code:#f3f3f3}html{font-size:10pt}body{max-width:none;padding:0}figure details{display:none}nav,.skip{display:none}figure,article,tr,.card{break-inside:avoid}h2,h3{break-after:avoid}details::details-content{content-visibility:visible;display:block;height:auto}.scroll{overflow:visible}a{color:inherit}}
`;

/** Nothing is loaded and nothing runs; the one style is known by its hash. */
const POLICY = `default-src 'none'; style-src 'sha256-${Buffer.from(sha256(STYLE), 'hex').toString('base64')}'; base-uri 'none'; form-action 'none'`;

export interface Part {
  id: string;
  heading: string;
  body: Markup;
}

/** A whole document. `top` stands above the parts, which the list of contents names. */
export function page(title: string, top: Markup, parts: Part[], foot: Markup): string {
  const document = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>${top}</header>
<nav aria-label="Contents"><ul>${parts.map((p) => html`<li><a href="#${p.id}">${p.heading}</a></li>`)}</ul></nav>
<main id="main" tabindex="-1">
${parts.map((p) => html`<section id="${p.id}" aria-labelledby="${p.id}-h"><h2 id="${p.id}-h">${p.heading}</h2>\n${p.body}\n</section>\n`)}</main>
<footer>${foot}</footer>
</body>
</html>
`;
  return `<!doctype html>\n${document.toString()}`;
}
