"use strict";
// Draws each figure from the data beside it when it comes near the window, in the colors of the
// page; before printing all of them, in those of paper.

const PAPER_INK = "#16181d";
const PAPER_WIDTH = 680;
const plots = [...document.querySelectorAll(".plot")];

const pageInk = () =>
  getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();
const isDrawn = (plot) => plot.classList.contains("js-plotly-plot");

const draw = (plot) => {
  const { data, layout } = JSON.parse(document.getElementById(`${plot.id}-data`).textContent);
  layout.font = { ...layout.font, color: pageInk() };
  Plotly.newPlot(plot, data, layout, { displayModeBar: false, responsive: true });
};

const nearby = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        nearby.unobserve(target);
        draw(target);
      }
    }
  },
  { rootMargin: "50% 0px" },
);
plots.forEach((plot) => nearby.observe(plot));

const repaint = (change) => plots.filter(isDrawn).forEach((plot) => Plotly.relayout(plot, change));

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  repaint({ "font.color": pageInk() }),
);
addEventListener("beforeprint", () => {
  nearby.disconnect();
  plots.filter((plot) => !isDrawn(plot)).forEach((plot) => draw(plot));
  repaint({ "font.color": PAPER_INK, width: PAPER_WIDTH });
});
addEventListener("afterprint", () =>
  repaint({ "font.color": pageInk(), width: null, autosize: true }),
);
