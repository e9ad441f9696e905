// Times in the viewer's own zone and language; the exact instant stays readable as a title.
const near = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "long" });

export function localise(part) {
  for (const one of part.querySelectorAll("time[datetime]:not([title])")) {
    const instant = new Date(one.dateTime);
    if (Number.isNaN(instant.getTime())) continue;
    one.textContent = near.format(instant);
    one.title = exact.format(instant);
  }
}
