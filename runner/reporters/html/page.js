"use strict";

// Without this script everything is there, too; it searches, folds, and unfolds what is to be printed.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

for (const article of all("article")) {
  const tools = article.querySelector(".tools");
  const search = tools.querySelector(".search");
  const only = tools.querySelector(".only");
  const steps = all(".steps.top > .row", article);
  const bars = all(".waterfall tbody tr", article);
  const texts = new Map();

  const text = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (element) => words.every((word) => text(element).includes(word));
    let shown = 0;
    for (const step of steps) {
      step.hidden = !has(step) || (only.checked && !("look" in step.dataset));
      shown += !step.hidden;
    }
    for (const bar of bars) bar.hidden = !has(bar);
    const calls = bars.filter((bar) => !bar.hidden).length;
    const filtered = words.length || only.checked;
    tools.querySelector(".found").textContent =
      filtered ? `${shown} of ${steps.length} steps, ${calls} of ${bars.length} calls` : "";
  };
  const fold = (open) => {
    for (const step of all("details.step", article)) step.open = open;
  };

  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    search.value = "";
    filter();
  });
  only.addEventListener("change", filter);
  tools.querySelector(".unfold").addEventListener("click", () => fold(true));
  tools.querySelector(".fold").addEventListener("click", () => fold(false));
  tools.hidden = false;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input")) return;
  event.preventDefault();
  document.querySelector(".search").focus();
});

let folded = [];
addEventListener("beforeprint", () => {
  // Of a very long list only what is to be looked at: hundreds of good steps would be a hundred pages.
  folded = all(".steps:not(.many) > .row > details.step:not([open])");
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of folded) each.open = false;
  folded = [];
});
