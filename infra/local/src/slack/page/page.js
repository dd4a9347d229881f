// Sends the page's forms in place, and every second replaces the regions that have changed.
(() => {
  const shown = {};
  const region = (name) => document.querySelector(`[data-region="${name}"]`);

  const tellTimes = (root) => {
    for (const time of root.querySelectorAll("time[data-at]")) {
      const at = new Date(Number(time.dataset.at) * 1000);
      const day = "day" in time.dataset ? { month: "short", day: "numeric" } : {};
      time.textContent = at.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit" });
    }
  };

  const isBeingRead = (place) => {
    const selection = getSelection();
    return !selection.isCollapsed && place.contains(selection.anchorNode);
  };

  const refresh = async () => {
    const answer = await fetch(`/ui/refresh${location.search}`).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const next of fresh.querySelectorAll("[data-region]")) {
      const name = next.dataset.region;
      const place = region(name);
      if (shown[name] === next.innerHTML || isBeingRead(place)) continue;
      shown[name] = next.innerHTML;
      const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
      const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 80;
      place.replaceChildren(...next.childNodes);
      tellTimes(place);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      if (atEnd) place.scrollTop = place.scrollHeight;
    }
  };

  const send = async (form, submitter) => {
    const fields = new URLSearchParams(new FormData(form, submitter));
    form.classList.add("busy");
    // A choice is made: the list closes, and stays closed when the alert is drawn anew.
    if (form.matches(".typeahead")) document.activeElement.blur();
    const path = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    await fetch(path, { method: "POST", body: fields, redirect: "manual" }).catch(() => null);
    form.classList.remove("busy");
    if (form.matches("[data-clear]")) form.reset();
    await refresh();
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-quiet]")) return;
    event.preventDefault();
    // Enter before there is anything to choose.
    if (event.target.matches(".typeahead") && !event.submitter) return;
    send(event.target, event.submitter);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) send(event.target.form, null);
  });

  // A select that loads its options: they are asked for at once, and at every pause in typing.
  const offer = async (input) => {
    const typed = input.value;
    const asked = new URLSearchParams(new FormData(input.form));
    const answer = await fetch(`/ui/suggest?${asked}`).catch(() => null);
    if (!answer?.ok || input.value !== typed || !input.form.contains(document.activeElement)) return;
    input.form.querySelector("[role=listbox]").innerHTML = await answer.text();
  };
  let pause;
  const askSoon = (event) => {
    if (!event.target.matches("[role=combobox]")) return;
    clearTimeout(pause);
    pause = setTimeout(offer, event.type === "input" ? 200 : 0, event.target);
  };
  document.addEventListener("focusin", askSoon);
  document.addEventListener("input", askSoon);
  document.addEventListener("mousedown", (event) => {
    // The focus stays where one types: losing it closes the list.
    if (event.target.closest("[role=listbox]")) event.preventDefault();
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest(".typeahead");
    if (form && !form.contains(event.relatedTarget)) {
      form.querySelector("[role=listbox]").replaceChildren();
    }
  });

  // A link button opens its page and is a click as well.
  document.addEventListener("click", (event) => {
    const form = event.target.closest("a.button")?.closest("form[data-quiet]");
    if (form) send(form, null);
  });

  for (const place of document.querySelectorAll("[data-region]")) {
    shown[place.dataset.region] = place.innerHTML;
    tellTimes(place);
    place.scrollTop = place.scrollHeight;
  }
  const poll = async () => {
    if (!document.hidden) await refresh();
    setTimeout(poll, 1000);
  };
  setTimeout(poll, 1000);
})();
