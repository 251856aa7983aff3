/* What every page shares. All texts come from data attributes: this file knows no language. */
(() => {
  "use strict";
  const body = document.body;

  /* --- Where to look first: the summary of errors takes the focus. ------------------------ */
  const first = document.querySelector("[data-focus]");
  if (first) first.focus();

  /* A link of the summary leads to the control itself, not only to its place. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a[href^='#']");
    if (!link) return;
    const target = document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    target.scrollIntoView({ block: "center" });
    target.focus();
  });

  /* --- One dialog for all confirmations. --------------------------------------------------- */
  const dialog = document.getElementById("confirm-dialog");
  const ask = (text, label) =>
    new Promise((resolve) => {
      if (!dialog || typeof dialog.showModal !== "function") {
        resolve(window.confirm(text));
        return;
      }
      const yes = dialog.querySelector("[data-confirm-yes]");
      dialog.querySelector("[data-confirm-text]").textContent = text;
      yes.textContent = label || yes.dataset.defaultLabel;
      dialog.returnValue = "no";
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      dialog.showModal();
    });

  /* --- Submitting: confirm, refuse what is too large, and only once. ------------------------ */
  const textBytes = (form) => {
    const encoder = new TextEncoder();
    let bytes = 0;
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") bytes += encoder.encode(name + value).length;
    }
    return bytes;
  };
  const showTooLarge = (form) => {
    let notice = form.querySelector("[data-too-large]");
    if (!notice) {
      notice = document.createElement("p");
      notice.className = "field__error";
      notice.setAttribute("role", "alert");
      notice.dataset.tooLarge = "";
      form.append(notice);
    }
    notice.textContent = body.dataset.tooLargeText;
    notice.scrollIntoView({ block: "center" });
  };
  const isHtmx = (form) => form.matches("[hx-post],[hx-get],[hx-put],[hx-patch],[hx-delete]");

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    const submitter = event.submitter;
    let text = (submitter && submitter.dataset.confirm) || form.dataset.confirm;
    /* data-count-of="name": how many of these boxes are ticked takes the place of # in the question. */
    if (text && submitter && submitter.dataset.countOf) {
      const ticked = `input[name="${CSS.escape(submitter.dataset.countOf)}"]:checked`;
      text = text.replace("#", String(form.querySelectorAll(ticked).length));
    }
    if (text && !form.dataset.confirmed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const label = submitter && (submitter.dataset.confirmLabel || submitter.textContent.trim());
      ask(text, label).then((yes) => {
        if (yes) {
          form.dataset.confirmed = "yes";
          form.requestSubmit(submitter || undefined);
          delete form.dataset.confirmed;
        } else if (submitter) {
          submitter.focus();
        }
      });
      return;
    }
    if (form.method !== "post" || isHtmx(form)) return;
    const limit = Number(body.dataset.maxText);
    if (limit && textBytes(form) > limit) {
      event.preventDefault();
      showTooLarge(form);
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (submitter) {
      submitter.setAttribute("aria-disabled", "true");
      /* The label changes after the browser has read the form. */
      window.setTimeout(() => {
        submitter.dataset.label = submitter.textContent;
        if (submitter.dataset.waitText) submitter.textContent = submitter.dataset.waitText;
      }, 0);
    }
    /* Where the answer is a file, the page stays: it must not stay locked. */
    window.setTimeout(() => release(form), 8000);
  });

  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled='true'][data-label]")) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.waitText) button.textContent = button.dataset.label;
      delete button.dataset.label;
    }
  };
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
  });

  /* --- Unsaved changes: <form data-guard-leave>. -------------------------------------------- */
  const changed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && "guardLeave" in form.dataset) changed.add(form);
  });
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) changed.delete(event.target);
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed.size) {
      event.preventDefault();
      event.returnValue = body.dataset.leaveText;
    }
  });

  /* --- Menus. ------------------------------------------------------------------------------- */
  const shell = document.querySelector("[data-shell]");
  const fold = document.querySelector("[data-fold-menu]");
  if (shell && fold) {
    fold.hidden = false;
    const say = () => {
      const narrow = shell.classList.contains("shell--narrow");
      const text = narrow ? fold.dataset.labelUnfold : fold.dataset.labelFold;
      fold.setAttribute("aria-pressed", String(narrow));
      fold.title = text;
      fold.querySelector(".sidemenu__label").textContent = text;
    };
    say();
    fold.addEventListener("click", () => {
      const narrow = shell.classList.toggle("shell--narrow");
      document.cookie = `menu=${narrow ? "narrow" : ""}; path=/; max-age=31536000; samesite=lax`;
      say();
    });
  }
  const closeMenus = (except) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    const open = document.querySelector("details[data-menu][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  /* --- Tick a group: <button data-tick="all|none|default" data-of="name">. The default are the boxes
         with data-tick-default. A submit button does the same on the server without this script. --- */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tick]");
    if (!button) return;
    event.preventDefault();
    const scope = button.form || document;
    const boxes = scope.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(button.dataset.of)}"]`);
    boxes.forEach((box) => {
      const wanted = button.dataset.tick;
      box.checked = wanted === "all" || (wanted === "default" && "tickDefault" in box.dataset);
    });
    if (boxes.length) boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.querySelectorAll("[data-tick][hidden], [data-print][hidden]").forEach((button) => {
    button.hidden = false;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  /* --- Fragments that fail say so. ------------------------------------------------------------ */
  const failed = (event) => {
    const target = event.detail.target;
    if (target) target.textContent = body.dataset.fragmentText;
  };
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
})();
