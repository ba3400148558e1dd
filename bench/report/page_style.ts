/** How the page looks: one column that narrows to a phone, tables that scroll by themselves, print. */

/** The style sheet of the page; colours are custom properties of picture_style.ts. */
export const PAGE_STYLE = `
*{box-sizing:border-box}
body{margin:0;overflow-wrap:break-word;background:var(--background);color:var(--text);font:16px/1.5 system-ui,sans-serif}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 20px}
h1{font-size:1.7rem;line-height:1.2;margin:1.6rem 0 .4rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
a{color:var(--accent)}code{font-size:.95em}.dim,footer{color:var(--dim)}footer{padding:2rem 20px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--raised);padding:4px 8px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--dim);font-weight:600;white-space:nowrap}tbody th{font-weight:500}
th button{all:unset;cursor:pointer;text-decoration:underline dotted}
th button:focus-visible{outline:3px solid var(--accent)}
.winners td{min-width:9.5rem;border:2px solid var(--background);background:var(--raised)}
.winners td strong,.winners td span{display:block}.winners td span{font-size:.8rem}
.winners .sure,.swatch.sure{background:var(--good)}
.winners .tie,.swatch.tie{background:repeating-linear-gradient(135deg,var(--close) 0 8px,var(--raised) 8px 12px)}
.winners .tie strong{font-weight:500;font-style:italic}.winners .none{background:none}
.winners .dim{color:var(--text)}
.swatch{display:inline-block;width:1.2em;height:1.2em;vertical-align:-.2em;margin:0 .4em 0 .8em;border:1px solid var(--dim)}
label{max-width:100%}input,select{max-width:100%}form{display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:center}
input,select,form button,#download{font:inherit;color:inherit;background:var(--raised);border:1px solid var(--dim);border-radius:4px;padding:.2rem .5rem}
input[type=number]{width:6.5rem}button{cursor:pointer}.presets{display:flex;flex-wrap:wrap;gap:.4rem}
#ranking ol{padding-left:0;list-style:none;margin:.8rem 0}
#ranking li{display:grid;grid-template-columns:minmax(9rem,14rem) 5.5rem minmax(6rem,1fr) minmax(8rem,auto);gap:.2rem .8rem;align-items:center;padding:.15rem 0}
#ranking .bar{background:var(--raised);height:1rem;position:relative;border-radius:3px}
#ranking .bar i{position:absolute;inset:0 auto 0 0;background:var(--accent);border-radius:3px;opacity:.85}
figure{margin:1rem 0;overflow-x:auto}details{margin:.5rem 0}summary{cursor:pointer;padding:.2rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:600px){body{font-size:15px}header,main,footer{padding:0 12px}
#ranking li{grid-template-columns:1fr auto}#ranking .bar{grid-column:1/-1}}
@media print{form,.skip,#download,label{display:none}body{font-size:10pt}
.scroll,figure{overflow:visible}section{break-inside:auto}tr,figure{break-inside:avoid}
.winners td,.swatch{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`.trim().replaceAll("\n", "");
