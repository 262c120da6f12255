/**
 * Light on paper and on the screen, dark if the reader's system is. The contrast of every text is at least 4.5 : 1.
 * Nothing is loaded: fonts are those of the reader's system.
 */
export const STYLES = `
:root {
  color-scheme: light;
  --paper: #fbfaf7; --panel: #ffffff; --ink: #1b2226; --muted: #56616a; --line: #e3e0d8; --axis: #8b9296;
  --accent: #0a655d; --bad: #b3261e; --open: #845400; --edge: #4d575e;
  --l0: #e3eeeb; --l1: #bcdcd6; --l2: #85bfb7; --l3: #3f958b; --l4: #0a655d;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --paper: #13171a; --panel: #191f23; --ink: #e9e7e2; --muted: #a5aeb4; --line: #2b3339; --axis: #66717a;
    --accent: #55c4b6; --bad: #ff8d84; --open: #e6b660; --edge: #a5aeb4;
    --l0: #1c2b2b; --l1: #1f4b48; --l2: #2b726c; --l3: #3b9b91; --l4: #66d6c8;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.page { max-width: 1136px; margin: 0 auto; padding: 0 48px 72px; }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif; font-weight: 500; line-height: 1.15; }
h1 { font-size: 44px; letter-spacing: -.015em; margin: 6px 0 12px; }
h2 { font-size: 29px; letter-spacing: -.01em; margin: 0 0 10px; }
h3 { font-size: 17px; font-weight: 600; line-height: 1.35; margin: 0; }
h1, h2, h3, p, dd, summary { overflow-wrap: anywhere; }
p { margin: 0 0 12px; max-width: 72ch; }
a { color: var(--accent); text-underline-offset: 3px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.visually-hidden, .heat i { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; top: 12px; padding: 8px 16px; background: var(--panel); z-index: 2; }
.skip:focus { left: 12px; }
header { padding: 60px 0 8px; }
.kicker { margin: 0; color: var(--muted); font-size: 14px; letter-spacing: .02em; }
.range { font-size: 19px; margin: 0 0 24px; }
nav ul { display: flex; flex-wrap: wrap; gap: 6px 24px; margin: 26px 0 0; padding: 14px 0; list-style: none; border-block: 1px solid var(--line); }
section { margin-top: 68px; scroll-margin-top: 20px; }
.lead { color: var(--muted); margin-bottom: 22px; }
.soft { color: var(--muted); font-size: 14.5px; }
.scroll + .soft { margin-top: 14px; }
td.soft { font-size: inherit; max-width: none; min-width: 20ch; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 36px; margin: 0; font-size: 14.5px; }
.facts div { display: flex; gap: 8px; min-width: 0; }
.facts dt { color: var(--muted); flex: none; }
.facts dd { margin: 0; min-width: 0; }
.glance { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1px; margin: 40px 0 0; background: var(--line); border-block: 1px solid var(--line); }
.glance div { background: var(--paper); padding: 18px 16px 16px 0; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.glance div + div { padding-left: 16px; }
.glance dt { color: var(--muted); font-size: 14.5px; }
.glance dd { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -.015em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.glance .bad dd, .verdict.bad span, .mark.bad { color: var(--bad); }
.glance .open dd, .mark.open { color: var(--open); }
.mark.ok, .verdict.ok span { color: var(--accent); }
.mark { display: inline-block; width: 1.1em; }
.panel { margin: 0 0 44px; }
figure figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 2px 24px; margin-bottom: 10px; }
.total { margin: 0; color: var(--muted); font-size: 14.5px; }
.total b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
.of { color: var(--muted); font-weight: 400; font-size: 14.5px; display: inline-block; }
.chart svg { display: block; max-width: 100%; height: auto; font-family: inherit; overflow: visible; }
.chart .narrow { display: none; }
.chart path:hover { opacity: .75; }
.beside { display: grid; grid-template-columns: 460px minmax(0, 1fr); gap: 24px 44px; align-items: start; }
.beside > * { min-width: 0; }
article h3 { margin-bottom: 12px; }
.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 7px 18px 7px 0; border-bottom: 1px solid var(--line); font-weight: 400; max-width: 30ch; overflow-wrap: break-word; }
.text { max-width: none; min-width: 24ch; }
th:last-child, td:last-child { padding-right: 2px; }
thead th { color: var(--muted); font-size: 13.5px; vertical-align: bottom; white-space: nowrap; }
#outcomes tbody th { white-space: nowrap; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
.narrow-table { width: auto; min-width: 300px; margin-top: 16px; }
#dimensions-title, section h3[id$="-title"] { margin: 36px 0 8px; }
details { margin-top: 10px; font-size: 14.5px; }
summary { cursor: pointer; color: var(--accent); padding: 4px 0; width: fit-content; max-width: 100%; }
details .scroll { max-height: 420px; overflow-y: auto; }
.verdict { font-size: 19px; margin-bottom: 14px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 26px; margin: 0 0 18px; padding: 0; list-style: none; font-size: 14.5px; color: var(--muted); }
.legend li { display: flex; align-items: center; gap: 2px; }
.legend .cell { width: 12px; height: 20px; }
.legend .cell:last-of-type { margin-right: 7px; }
.heat { border-collapse: separate; border-spacing: 0; }
.heat th[scope=row] { position: sticky; left: 0; z-index: 1; background: var(--paper); width: 148px; min-width: 126px; max-width: 148px; padding: 2px 14px 2px 0; overflow-wrap: anywhere; line-height: 1.3; font-size: 13.5px; border: 0; vertical-align: middle; }
.heat thead th { position: relative; padding: 0 0 6px; height: 28px; border: 0; }
.heat thead th:first-child { position: sticky; left: 0; z-index: 2; background: var(--paper); }
.heat thead b { position: absolute; left: 0; bottom: 5px; font-weight: 400; font-size: 12.5px; pointer-events: none; padding-left: 4px; border-left: 1px solid var(--axis); line-height: 1.1; }
.heat thead .e b { left: auto; right: 0; padding: 0 4px 0 0; border-width: 0 1px 0 0; border-right: 1px solid var(--axis); }
.heat td { position: relative; min-width: 5px; height: 26px; padding: 0; border: solid var(--paper); border-width: 2px 1px 2px 0; background-clip: padding-box; }
.heat td:hover { filter: brightness(1.15); }
.cell, .heat td { background-repeat: no-repeat; print-color-adjust: exact; -webkit-print-color-adjust: exact; forced-color-adjust: none; }
.l0 { background-color: var(--l0); }
.l1 { background-color: var(--l1); }
.l2 { background-color: var(--l2); }
.l3 { background-color: var(--l3); }
.l4 { background-color: var(--l4); }
.g0, .g1, .g2, .g3, .g4 { box-shadow: inset 0 0 0 1px var(--edge), inset 0 var(--lack) 0 var(--paper); }
.g0 { --lack: 3px; }
.g1 { --lack: 6px; }
.g2 { --lack: 11px; }
.g3 { --lack: 16px; }
.g4 { --lack: 22px; }
.r0 { --part: 3px; }
.r1 { --part: 25%; }
.r2 { --part: 50%; }
.r3 { --part: 75%; }
.r4 { --part: 100%; }
.u { --open-rows: repeating-linear-gradient(0deg, var(--open) 0 2px, transparent 2px 4px); }
.r0, .r1, .r2, .r3, .r4, .u {
  background-image: linear-gradient(var(--bad), var(--bad)), var(--open-rows, none);
  background-size: 100% var(--part, 0), auto; background-position: bottom, top;
}
footer { margin-top: 72px; padding-top: 18px; border-top: 1px solid var(--line); }
@media (max-width: 1080px) {
  .glance { grid-template-columns: repeat(3, 1fr); }
  .glance div:nth-child(3n + 1) { padding-left: 0; }
  .beside { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 640px) {
  .page { padding: 0 20px 48px; }
  header { padding-top: 32px; }
  h1 { font-size: 34px; }
  h2 { font-size: 25px; }
  section { margin-top: 52px; }
  .chart .wide { display: none; }
  .chart .narrow { display: block; }
  .glance { grid-template-columns: 1fr 1fr; }
  .glance div:nth-child(n) { padding-left: 16px; }
  .glance div:nth-child(odd) { padding-left: 0; }
  .glance dd { font-size: 25px; }
  .heat th[scope=row] { min-width: 112px; max-width: 112px; padding-right: 8px; font-size: 13px; }
}
@media print {
  @page { margin: 14mm 12mm; }
  body { background: none; font-size: 12px; --paper: #ffffff; }
  .page { max-width: none; padding: 0; }
  nav, .skip, summary { display: none; }
  header { padding-top: 0; }
  section { margin-top: 32px; }
  h2, h3, figcaption { break-after: avoid; }
  figure, .chart, tr { break-inside: avoid; }
  .scroll, details .scroll { overflow: visible; max-height: none; }
  .heat td { min-width: 0; }
  .chart .wide { display: block; }
  .chart .narrow { display: none; }
  table, thead th, .soft, .facts, .legend, .heat th[scope=row], .heat thead b { font-size: 11px; }
  h3 { font-size: 14px; }
  .glance { grid-template-columns: repeat(6, 1fr); margin-top: 20px; }
  .glance div:nth-child(n) { padding: 10px 0 10px 12px; }
  .glance div:first-child { padding-left: 0; }
  .glance dd { font-size: 21px; }
  .glance dt { font-size: 11px; }
  a { color: inherit; text-decoration: none; }
}
`;
