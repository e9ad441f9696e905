// Small helpers, each named by the attribute that asks for it.
import { swap } from "./swap.js";

const WAIT_MS = 250;

export function enhance(part) {
  for (const form of part.querySelectorAll("form[data-live]")) live(form);
  for (const box of part.querySelectorAll("input[data-all]")) all(box);
  for (const one of part.matches?.("[data-poll]") ? [part] : part.querySelectorAll("[data-poll]")) poll(one);
}

// data-live: the form is sent while one types.
function live(form) {
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(), WAIT_MS);
  });
}

// data-all="name": ticks every box of that name in the same form.
function all(box) {
  const several = () => [...box.form.elements].filter((one) => one.name === box.dataset.all);
  box.addEventListener("change", () => {
    for (const one of several()) one.checked = box.checked;
    box.form.dispatchEvent(new Event("change"));
  });
}

// data-poll="2" data-from="/path": fetched again after so many seconds, for as long as the new part asks for it.
function poll(one) {
  setTimeout(() => {
    if (one.isConnected) swap(one.dataset.from, `#${one.id}`);
  }, Number(one.dataset.poll) * 1000);
}

// data-copy="#id": the text of that element goes to the clipboard; data-done says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const from = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(from.value ?? from.textContent);
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.done;
  setTimeout(() => (label.textContent = before), 1500);
});

// data-print: what browsers print.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A menu closes when one goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.own[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
