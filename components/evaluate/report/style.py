"""The page's style: readable on a phone, on paper, in light and dark."""

STYLE = """
:root{--ink:#1b1f24;--soft:#5b6470;--line:#d9dde2;--paper:#fdfdfc;--tint:#f3f4f2;--true:#1a7f45;
--near:#9a6700;--softmax:#6e7781;--devise:#0b62c4;--random:#d07a00;--conse:#8250c8;
--chance:#b4bac2}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa4b0;--line:#343a42;
--paper:#14171b;--tint:#1d2127;--true:#4cc27f;--near:#e0b04a;--softmax:#a3acb6;--devise:#5aa5ff;--random:#f0a33c;
--conse:#b48ef0;--chance:#59626d}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:clamp(1.6rem,4.5vw,2.3rem);line-height:1.15;margin:.2rem 0 .7rem;font-weight:650;
letter-spacing:-.015em;max-width:24em;text-wrap:balance}
h2{font-size:1.35rem;margin:3rem 0 .6rem;padding-top:1rem;border-top:1px solid var(--line);
letter-spacing:-.01em}
h3{font-size:1rem;margin:1.4rem 0 .3rem}
h4{font-size:.8rem;margin:0 0 .15rem;font-weight:600}
p{margin:.4rem 0 .8rem}
.kicker{color:var(--devise);font-weight:600;font-size:.85rem;margin:0}
.note,small,figcaption,.legend{color:var(--soft);font-size:.875rem}
.note{max-width:56em}
.lead{font-size:1.1rem;max-width:44em}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;font-size:.9rem;margin:1rem 0 -1.2rem}
a{color:var(--devise);text-decoration:none}a:hover{text-decoration:underline}
code{font:.8em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--soft);
margin-left:.4em}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:1rem;
margin-top:1.2rem}
.card{background:var(--tint);border-radius:10px;padding:.9rem 1.1rem 1rem;break-inside:avoid}
.card h3{margin:0 0 .5rem;font-size:.9rem}
.bar{display:grid;grid-template-columns:auto 1fr auto;gap:.5rem;align-items:center;
font-size:.85rem;line-height:1.75;color:var(--soft)}
.bar>:first-child{width:8em;white-space:nowrap}
.bar b{text-align:right;width:4.2em;white-space:nowrap;font-weight:500;
font-variant-numeric:tabular-nums}
.bar.main{color:var(--ink)}.bar.main b,.bar.main span:first-child{font-weight:700}
.track{display:block;height:.55rem}
.track i{display:block;height:100%;border-radius:2px;min-width:1px}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
.figures{width:100%;min-width:640px}
.figures th,.figures td{padding:.36rem .5rem;text-align:right;white-space:nowrap}
.figures tbody th{text-align:left;font-weight:500}
.figures thead th{font-weight:500;color:var(--soft);font-size:.85rem}
.figures thead th:first-child{text-align:left}
.figures .group{text-align:center}
.figures .first{padding-left:1.4rem}
.figures tbody tr{border-top:1px solid var(--line)}
.figures tbody tr:last-child{border-bottom:1px solid var(--line)}
.figures th:first-child{position:sticky;left:0;background:var(--paper)}
.figures tr.chance td,.figures tr.chance th{color:var(--soft)}
.best b{background:color-mix(in srgb,var(--devise) 15%,transparent);border-radius:4px;
padding:.1rem .35rem;margin-right:-.35rem}
.swatch{display:inline-block;width:.65rem;height:.65rem;border-radius:2px;margin-right:.45rem}
.c-softmax{background:var(--softmax)}.c-devise{background:var(--devise)}
.c-random{background:var(--random)}.c-conse{background:var(--conse)}.c-chance{background:var(--chance)}
.swatch.dashed{background:repeating-linear-gradient(90deg,currentColor 0 3px,transparent 3px 5px);
height:2px;vertical-align:middle}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:1.4rem 1.6rem;
margin-top:1rem}
figure{margin:0;break-inside:avoid}
figcaption{color:var(--ink);font-weight:600;font-size:.9rem;margin-bottom:.3rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:10.5px;fill:var(--soft)}
.grid{stroke:var(--line);stroke-width:1}
.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}
.series{fill:none;stroke-width:1.8;stroke-linejoin:round}
.series.dashed{stroke-dasharray:5 3}
.s-softmax{stroke:var(--softmax)}.s-devise{stroke:var(--devise)}.s-random{stroke:var(--random)}
.f-softmax{fill:var(--softmax)}.f-devise{fill:var(--devise)}.f-random{fill:var(--random)}
.f-conse{fill:var(--conse)}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;padding-left:2.6rem}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:1rem}
article{background:var(--tint);border-radius:10px;padding:.8rem;break-inside:avoid;min-width:0}
.head{display:flex;gap:.8rem;align-items:center;margin-bottom:.6rem;min-width:0}
.head>div{min-width:0}
.head img{width:96px;height:96px;object-fit:cover;border-radius:6px;flex:none;
background:var(--line)}
.head b{display:block;line-height:1.25;overflow-wrap:anywhere}
.head small{display:block;font-size:.72rem;overflow-wrap:anywhere}
.badge{font-size:.72rem;border:1px solid var(--line);border-radius:99px;padding:.05rem .5rem;
color:var(--soft)}
.badge.zero-shot{border-color:var(--devise);color:var(--devise)}
.answers{display:grid;grid-template-columns:1fr 1fr;gap:.6rem .8rem}
.answers>div{min-width:0}
ol{margin:0;padding-left:1.25rem;font-size:.82rem;line-height:1.4}
ol li{color:var(--soft);overflow-wrap:anywhere}
ol li::marker{font-size:.7rem}
li.true{color:var(--true);font-weight:650}
li.near{color:var(--near)}
.sign{font-weight:700;margin-right:.25em}
.note .sign.true{color:var(--true)}.note .sign.near{color:var(--near)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));
gap:0 2.5rem}
.columns>div{min-width:0}
.plain th,.plain td{padding:.2rem .9rem .2rem 0;text-align:right;vertical-align:top;
border-bottom:1px solid var(--line)}
.plain td{white-space:nowrap}
.facts{table-layout:fixed}.facts td{white-space:normal;overflow-wrap:anywhere}
.facts th:first-child{width:44%}
.plain{width:100%;font-size:.87rem}
.plain th:first-child{text-align:left;font-weight:400;color:var(--soft)}
.plain thead th{font-weight:500;color:var(--soft);white-space:nowrap}
.plain thead th:empty{padding:0;border:0}
.names{columns:2 220px;font-size:.87rem;padding-left:1.1rem;margin-top:0}
@media (max-width:480px){main{padding:1.4rem 1rem 3rem}.gallery,.charts{grid-template-columns:1fr}
.figures th,.figures td{padding:.34rem .38rem}.figures .first{padding-left:.9rem}
}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--tint:#fff;
--true:#10602f;--near:#7a5200;--softmax:#6e7781;--devise:#0b62c4;--random:#d07a00;--conse:#8250c8}
body{font-size:10pt}main{max-width:none;padding:0}nav{display:none}h2,h3,h4{break-after:avoid}
article,.card{border:1px solid var(--line)}.figures{min-width:0;font-size:8.5pt}
.table{break-inside:avoid}
.gallery{grid-template-columns:1fr 1fr}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
