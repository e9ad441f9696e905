// The workbench and its neighbours: parts that change while one types, the picker of attributes, buttons of one part.
import { swap } from "./swap.js";

const WAIT_MS = 250;

function sent(form) {
  return { method: "POST", body: new URLSearchParams(new FormData(form)), quietly: true };
}

// data-live-part="#id": while one types, the form is sent and that part is replaced.
for (const form of document.querySelectorAll("form[data-live-part]")) {
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => swap(form.action, form.dataset.livePart, sent(form)), WAIT_MS);
  });
}

// data-pick="#id": opens the picker; what is picked goes into that field.
const picker = document.querySelector("#picker");
let wanted = null;

function put(field, expression) {
  const text = `{{ ${expression} }}`;
  const isWhole = /^\s*({{[^{}]*}})?\s*$/.test(field.value);
  if (isWhole) field.value = text;
  else field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  const chooser = field.previousElementSibling;
  if (chooser?.matches("select.chooser")) chooser.value = "=";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-pick]");
  if (opener && picker) {
    wanted = document.querySelector(opener.dataset.pick);
    picker.showModal();
    return;
  }
  const picked = event.target.closest("[data-expression]");
  if (picked && wanted) {
    picker.close();
    put(wanted, picked.dataset.expression);
    wanted.focus();
  }
});

// data-filter="#id": hides what does not hold what is typed.
for (const box of document.querySelectorAll("[data-filter]")) {
  box.addEventListener("input", (event) => {
    event.stopPropagation();
    const text = box.value.trim().toLowerCase();
    for (const row of document.querySelectorAll(`${box.dataset.filter} > li`)) {
      row.hidden = !row.textContent.toLowerCase().includes(text);
    }
  });
}

// data-fill="#id": text that came in belongs into that field.
document.addEventListener("heed:swapped", (event) => {
  for (const one of event.target.querySelectorAll?.("[data-fill]") ?? []) {
    const field = document.querySelector(one.dataset.fill);
    field.value = one.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// form.previewed: while one types, the button with data-previews is pressed; the frame is made anew each time, so that
// going back leads to the page before and not through previews.
for (const form of document.querySelectorAll("form.previewed")) {
  const button = form.querySelector("[data-previews]");
  const show = () => {
    const old = document.querySelector(`iframe[name="${button.formTarget}"]`);
    const fresh = old.cloneNode();
    fresh.removeAttribute("src");
    old.replaceWith(fresh);
    form.requestSubmit(button);
  };
  let timer;
  if (button) {
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, WAIT_MS);
    });
    if (!document.querySelector("iframe.preview[src]")) show();
  }
}
