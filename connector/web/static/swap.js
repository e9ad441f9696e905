// Partial updates: a form or link with data-swap="#id" is fetched, and the part of that id is replaced by the one of the
// answer, the notes with it. An answer without that part is a page to go to. data-push: the address changes too.
// data-poll="seconds" on a part with data-from="/path" fetches it again while it says so. data-live: a form sends itself
// while one types.

const latest = new Map();

async function swap(where, selector, options = {}) {
  const mine = (latest.get(selector) ?? 0) + 1;
  latest.set(selector, mine);
  const target = document.querySelector(selector);
  target?.classList.add("busy");
  target?.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(where, { ...options, headers: { "X-Swap": selector }, credentials: "same-origin" });
  } catch {
    target?.classList.remove("busy");
    target?.removeAttribute("aria-busy");
    return;
  }
  if (answer.headers.get("X-Location")) {
    location.assign(answer.headers.get("X-Location"));
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (options.quietly && mine !== latest.get(selector)) return; // an older answer to what was typed since
  // A refusal that is a page of its own stands at an address that only takes forms: it is shown here instead.
  if (!page.querySelector(selector) && options.method === "POST" && !answer.redirected) selector = "#main";
  replace(page, selector, answer.url);
}

function replace(page, selector, url) {
  const fresh = page.querySelector(selector);
  const old = document.querySelector(selector);
  if (!fresh || !old) {
    location.assign(url);
    return;
  }
  const held = old.contains(document.activeElement) ? place(document.activeElement) : null;
  old.replaceWith(fresh);
  // data-with="#id": what else changes whenever that part does.
  for (const one of page.querySelectorAll(`[data-with="${selector}"]`)) document.getElementById(one.id)?.replaceWith(one);
  const notes = page.querySelector("#notes");
  if (notes && notes.children.length && selector !== "#notes") document.querySelector("#notes")?.replaceWith(notes);
  if (held) (document.querySelector(held) ?? fresh.querySelector("button, a, input") ?? fresh).focus({ preventScroll: true });
  for (const part of new Set([fresh, notes])) {
    if (part?.isConnected) part.dispatchEvent(new CustomEvent("heed:swapped", { bubbles: true }));
  }
}

// Where the focus was, so that it comes back to the same control of the new part.
function place(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const label = element.getAttribute("aria-label");
  return label ? `[aria-label="${CSS.escape(label)}"]` : null;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // data-swap-to on a button: this way of sending the form replaces another part, or the only one that is replaced;
  // "page" replaces none, as without scripts.
  const part = event.submitter?.dataset.swapTo ?? form.dataset.swap;
  if (!part?.startsWith("#") || event.defaultPrevented) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const action = new URL(event.submitter?.getAttribute("formaction") ?? form.getAttribute("action"), location.href);
  if (form.method === "get") {
    action.search = new URLSearchParams(data);
    if ("push" in form.dataset) history.replaceState(null, "", action);
    swap(action, part, { quietly: true });
  } else {
    const files = form.enctype === "multipart/form-data";
    swap(action, part, { method: "POST", body: files ? data : new URLSearchParams(data) });
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if ("push" in link.dataset) history.replaceState(null, "", link.href);
  swap(link.href, link.dataset.swap);
});

export { swap };
