"""The page's style: readable on a phone, on paper, in light and dark."""

STYLE = """
:root{--ink:#1b1f24;--soft:#5b6470;--line:#d9dde2;--paper:#fdfdfc;--tint:#f3f4f2;--true:#1a7f45;
--near:#9a6700;--softmax:#7b858f;--continued:#39414a;--devise:#0b62c4;--random:#e08a00;
--conse:#9a55c8;--conse-2:#5c2f86;--conse-3:#c3a3dc;--chance:#b4bac2;--variant-0:#008b6b;--variant-1:#c8401e;
--variant-2:#b3307e;--variant-3:#6b7a00;--warn:#a33000;
--b0:#0072b2;--b1:#d55e00;--b2:#009e73;--b3:#cc79a7;--b4:#b58900;--b5:#56b4e9;--b6:#7a3fb0;
--b7:#6b4c2a;--b8:#7a7a7a}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa4b0;--line:#343a42;
--paper:#14171b;--tint:#1d2127;--true:#4cc27f;--near:#e0b04a;--softmax:#939ca6;--continued:#dfe4ea;--devise:#5aa5ff;
--random:#f0a33c;--conse:#c794ee;--conse-2:#e6cffb;--conse-3:#8a63ab;--chance:#59626d;--variant-0:#2fc6a0;
--variant-1:#f4805f;--variant-2:#ee86c0;--variant-3:#b6c63c;--warn:#ff9d70;
--b0:#4aa8e0;--b1:#f0803a;--b2:#2fc99b;--b3:#e79cc4;--b4:#e3bb3d;--b5:#8fd3ff;--b6:#b58be6;
--b7:#b98d60;--b8:#a3a3a3}}
.k-softmax{--k:var(--softmax)}.k-continued{--k:var(--continued)}.k-devise{--k:var(--devise)}
.k-random{--k:var(--random)}.k-conse{--k:var(--conse)}.k-conse-2{--k:var(--conse-2)}
.k-conse-3{--k:var(--conse-3)}.k-chance{--k:var(--chance)}.k-variant-0{--k:var(--variant-0)}.k-variant-1{--k:var(--variant-1)}
.k-variant-2{--k:var(--variant-2)}.k-variant-3{--k:var(--variant-3)}
.b-0{--k:var(--b0)}.b-1{--k:var(--b1)}.b-2{--k:var(--b2)}.b-3{--k:var(--b3)}.b-4{--k:var(--b4)}
.b-5{--k:var(--b5)}.b-6{--k:var(--b6)}.b-7{--k:var(--b7)}.b-8{--k:var(--b8)}
.back{background:var(--k)}.fill{fill:var(--k)}
.back.light{background:repeating-linear-gradient(45deg,var(--k) 0 2px,
color-mix(in srgb,var(--k) 35%,var(--paper)) 2px 4px)}
.fill.light{fill:color-mix(in srgb,var(--k) 55%,var(--paper))}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
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
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:1rem;
margin-top:1.2rem}
.card{background:var(--tint);border-radius:10px;padding:.9rem 1.1rem 1rem;break-inside:avoid}
.card h3{margin:0 0 .5rem;font-size:.9rem}
.bar{display:grid;grid-template-columns:auto 1fr auto;gap:.5rem;align-items:center;
font-size:.85rem;line-height:1.75;color:var(--soft)}
.bar>:first-child{width:10.5em;line-height:1.2}
.bar b{text-align:right;width:4.2em;white-space:nowrap;font-weight:500;
font-variant-numeric:tabular-nums}
.bar.main{color:var(--ink)}.bar.main b,.bar.main span:first-child{font-weight:700}
.track{display:block;height:.55rem;position:relative}
.track u{position:absolute;top:50%;height:0;border-top:1.5px solid var(--ink);
text-decoration:none}
.track u::before,.track u::after{content:"";position:absolute;top:-.24rem;height:.42rem;
border-left:1.5px solid var(--ink)}.track u::before{left:0}.track u::after{right:0}
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
.figures small{display:block;font-size:.68rem;color:var(--soft);line-height:1.1}
.published td,.published th{color:var(--soft);font-style:italic}
.published th[colspan]{padding-top:.7rem;font-size:.8rem;text-align:left}
.published th[scope=row]{text-align:left}
.figures .published tr:first-child th{position:static}
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
.series{stroke:var(--k)}.series.light{stroke-opacity:.6}
svg text.name{fill:var(--k);font-weight:600}
.level{stroke:var(--ink);stroke-width:1.6}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:1.1rem 1.4rem;
margin-top:.6rem}
.panels figure{display:flex;flex-direction:column;justify-content:flex-end}
.panels figcaption small{display:block;font-weight:400}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;align-items:center}
.sign-of{display:inline-block;width:14px;height:14px;vertical-align:-2px;margin-right:.35em}
.key{fill:var(--soft)}
.map svg{min-width:600px}
.map .place{cursor:default;outline:none}
.map .fill{stroke:var(--paper);stroke-width:.8}
.ringed{stroke:var(--ink)!important;stroke-width:1.1!important}
.map text{paint-order:stroke;stroke:var(--paper);stroke-width:3.5px;stroke-linejoin:round}
.map text.branch{font-size:15px;font-weight:700;fill:var(--k);pointer-events:none}
.map text.tip{visibility:hidden;font-size:15px;font-weight:600;fill:var(--ink);
pointer-events:none}
.place:hover .tip,.place:focus .tip,.place:target .tip{visibility:visible}
.place:hover .fill,.place:focus .fill,.place:target .fill{stroke:var(--ink);stroke-width:2.4}
details{margin:.7rem 0;font-size:.875rem}
summary{cursor:pointer;color:var(--devise)}
.index{columns:3 200px;font-size:.82rem;margin-top:.6rem}
.index>div{break-inside:avoid-column;margin-bottom:.8rem}
.index ul{margin:.1rem 0;padding-left:1.1rem}
.figures.tests th,.figures.tests td{padding:.3rem}.figures.tests .first{padding-left:.9rem}
.figures.tests td small{letter-spacing:-.02em}
.v1{color:var(--devise);font-weight:650}.v-1{color:var(--variant-1);font-weight:650}
.v0{color:var(--soft)}
.figures tbody th small{font-weight:400;white-space:normal}
.plain.settings td{white-space:normal;text-align:left}.plain.settings th{white-space:nowrap}
.plain.classes td:last-child{white-space:normal;text-align:left}
.plain.classes th:last-child{text-align:left;white-space:normal}
.banner{background:color-mix(in srgb,var(--warn) 14%,var(--paper));border:2px solid var(--warn);
border-radius:10px;padding:.7rem 1rem}
.badge.warning{border-color:var(--warn);color:var(--warn);margin-left:.6rem;font-weight:600}
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
.answers{display:grid;grid-template-columns:repeat(auto-fill,minmax(135px,1fr));gap:.6rem .8rem}
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
.charts+.scroll{margin-top:1.6rem}
.plain{width:100%;font-size:.87rem}
.plain th:first-child{text-align:left;font-weight:400;color:var(--soft)}
.plain thead th{font-weight:500;color:var(--soft);white-space:nowrap}
.plain thead th:empty{padding:0;border:0}
.names{columns:2 220px;font-size:.87rem;padding-left:1.1rem;margin-top:0}
@media (max-width:480px){.plain.classes th,.plain.classes td{padding-right:.5rem}
.plain.classes{font-size:.8rem}.plain.classes :is(th,td):nth-child(3){display:none}
main{padding:1.4rem 1rem 3rem}.gallery,.charts{grid-template-columns:1fr}
.figures th,.figures td{padding:.34rem .38rem}.figures .first{padding-left:.9rem}
}
@media print{@page{size:A4;margin:12mm}
:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--tint:#fff;
--true:#10602f;--near:#7a5200;--softmax:#7b858f;--continued:#39414a;--devise:#0b62c4;
--random:#e08a00;--conse:#9a55c8;--conse-2:#5c2f86;--conse-3:#c3a3dc;--chance:#b4bac2;--variant-0:#008b6b;
--variant-1:#c8401e;--variant-2:#b3307e;--variant-3:#6b7a00;--warn:#a33000;
--b0:#0072b2;--b1:#d55e00;--b2:#009e73;--b3:#cc79a7;--b4:#b58900;--b5:#56b4e9;--b6:#7a3fb0;
--b7:#6b4c2a;--b8:#7a7a7a}
body{font-size:9.5pt}main{max-width:none;padding:0}nav{display:none}
h2,h3,h4{break-after:avoid}h2{margin-top:1.4rem}
article,.card{border:1px solid var(--line)}
.scroll{overflow:visible}
.figures{min-width:0;font-size:8pt}.figures small{font-size:5.6pt}
.figures th,.figures td{padding:.16rem .18rem}.figures .first{padding-left:.5rem}
.figures th:first-child{position:static;white-space:normal}
.best b{margin-right:0;padding:0 .1rem}
.table,.panels figure,tr{break-inside:avoid}thead{display:table-header-group}
.panels{grid-template-columns:repeat(3,1fr)}.charts{grid-template-columns:1fr 1fr}
.map svg{min-width:0}.plain{font-size:8pt}
.cards,.columns{grid-template-columns:1fr 1fr}.plain td{white-space:normal}
.plain.classes td{white-space:nowrap}.plain.classes td:last-child{white-space:normal}
.plain.classes th,.plain.classes td{padding-right:.5rem}
#labels .columns{grid-template-columns:1fr}
details{display:none}
.answers{grid-template-columns:repeat(3,1fr);gap:.3rem .4rem}
article{padding:.5rem}ol{font-size:7.5pt;line-height:1.3;padding-left:1rem}
.head{margin-bottom:.3rem}.head img{width:72px;height:72px}
.columns>div,.columns .scroll{break-inside:avoid}
.gallery{grid-template-columns:1fr 1fr}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
