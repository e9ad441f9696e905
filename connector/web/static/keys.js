// Keys: Ctrl/⌘-K the palette, / the search, ? the list of keys, g and a letter a page, Alt-C the side panel.
import { open } from "./palette.js";

let awaited = false;

function isTyping(element) {
  return element.closest?.("input, textarea, select, [contenteditable]") !== null;
}

function panel() {
  const person = document.querySelector("[data-person-here]")?.dataset.personHere;
  const typed = document.querySelector("#find")?.value.trim();
  const whom = person ?? (typed || "");
  window.open(`/panel?q=${encodeURIComponent(whom)}`, "heed-panel", "popup,width=420,height=760");
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "k") {
    event.preventDefault();
    open("palette");
    return;
  }
  if (event.altKey && event.code === "KeyC") {
    event.preventDefault();
    panel();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (awaited) {
    awaited = false;
    const link = document.querySelector(`.side [data-key="${CSS.escape(key)}"]`);
    if (link) location.assign(link.href);
  } else if (key === "g") {
    awaited = true;
    setTimeout(() => (awaited = false), 1200);
  } else if (key === "?") open("shortcuts");
  else if (key === "/") {
    event.preventDefault();
    document.querySelector("#find")?.focus();
  }
});
