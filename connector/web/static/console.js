// What every page loads. Without it the console works as well: forms post, links lead, times are in UTC.
import "./swap.js";
import "./palette.js";
import "./keys.js";
import { localise } from "./times.js";
import { enhance } from "./enhance.js";

function fresh(part) {
  localise(part);
  enhance(part);
}

fresh(document);
document.addEventListener("heed:swapped", (event) => fresh(event.target));
