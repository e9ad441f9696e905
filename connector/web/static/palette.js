// The palette: type a page's name, a number or an email; arrows choose, Enter goes.
const dialog = document.querySelector("#palette");
const input = dialog?.querySelector("input");
const rows = dialog ? [...dialog.querySelectorAll("[role=option]")] : [];
let chosen = null;

export function open(name) {
  const wanted = document.querySelector(`dialog#${CSS.escape(name)}`);
  if (!wanted || wanted.open) return;
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  wanted.showModal();
  if (wanted === dialog) {
    input.value = "";
    show();
  }
}

function isAddress(text) {
  return text.includes("@") || text.replace(/\D/g, "").length >= 3;
}

function show() {
  const text = input.value.trim().toLowerCase();
  for (const row of rows) {
    row.hidden = row.dataset.person ? !isAddress(text) : !row.firstElementChild.textContent.toLowerCase().includes(text);
  }
  choose(visible().find((row) => row.dataset.person) ?? visible()[0]);
}

function visible() {
  return rows.filter((row) => !row.hidden);
}

function choose(row) {
  chosen = row ?? null;
  for (const one of rows) one.setAttribute("aria-selected", String(one === chosen));
  if (chosen) {
    input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function go() {
  if (!chosen) return;
  const { href, person, dialog: other } = chosen.dataset;
  if (other) {
    dialog.close();
    open(other);
  } else location.assign(href ?? person + encodeURIComponent(input.value.trim()));
}

if (dialog) {
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const several = visible();
    choose(several[(several.indexOf(chosen) + step + several.length) % several.length]);
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  for (const row of rows) {
    row.addEventListener("click", () => {
      choose(row);
      go();
    });
  }
  for (const one of document.querySelectorAll("dialog")) {
    one.addEventListener("click", (event) => event.target === one && one.close());
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open]");
  if (button) open(button.dataset.open);
});
