"""The style of a report's page: light and dark, readable on paper, no colour as the only sign."""

PAGE = """\
:root { --back: #fff; --ink: #1b1f24; --soft: #57606a; --rule: #d0d7de; --p50: #0072b2;
  --p95: #b35900;
  --p99: #a3337a; --good: #007a5a; --fair: #b35900; --poor: #c0392b; --base: #57606a;
  --mark: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --back: #14171c; --ink: #e6e8eb; --soft: #9aa4af;
  --rule: #343b44; --p50: #56b4e9; --p95: #e69f00; --p99: #e08bc0; --good: #2fbf94;
  --fair: #e69f00;
  --poor: #ff7b6b; --base: #9aa4af; --mark: #ff7b6b; } }
@media print { :root { --back: #fff; --ink: #000; --soft: #444; --rule: #bbb; }
  section, svg, table { break-inside: avoid; } main { max-width: none !important; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.2rem; }
h3 { margin: 1.2rem 0 .2rem; font-size: 1rem; }
.soft, figcaption, .foot { color: var(--soft); font-size: .87rem; }
.lead { font-size: 1.07rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { padding: .22rem .7rem .22rem 0; border-bottom: 1px solid var(--rule); text-align: right;
  white-space: nowrap; vertical-align: top; }
th.w, td.w { text-align: left; } tbody th { font-weight: 400; }
thead th { white-space: normal; vertical-align: bottom; }
td.met { color: var(--good); } td.acceptable { color: var(--fair); }
td.missed { color: var(--poor); font-weight: 600; }
figure { margin: .6rem 0 1.2rem; } svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font: 11px system-ui, sans-serif; } svg .tick { fill: var(--soft);
  font-size: 10px; }
.grid { stroke: var(--rule); stroke-width: .6; fill: none; }
.line { fill: none; stroke-width: 1.6; } .key { stroke-width: 4; }
.p50 { stroke: var(--p50); } .p95 { stroke: var(--p95); stroke-dasharray: 7 2; }
.p99 { stroke: var(--p99); stroke-dasharray: 2 2; } .base { stroke: var(--base);
  stroke-dasharray: 1 3; }
.key.good { stroke: var(--good); } .key.fair { stroke: var(--fair);
  } .key.poor { stroke: var(--poor); }
.key.none { stroke: var(--base); }
.fill.good { fill: var(--good); } .fill.fair { fill: var(--fair);
  } .fill.poor { fill: var(--poor); }
.fill.none { fill: var(--base); }
.target { stroke: var(--ink); stroke-width: 2; } .limit { stroke: var(--ink); stroke-width: 1.4;
  stroke-dasharray: 2 2; }
.range { stroke: var(--p50); opacity: .35; stroke-width: 3; } .area { fill: var(--mark);
  opacity: .16; }
"""
