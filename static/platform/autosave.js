/* Saves the answers of a form while they are typed.

   <form data-autosave-url="…" data-version="7" [data-answer-prefix="answer-"]>: every named control
   (or only those whose name begins with the prefix) is an answer; its code is the name without it.
   POST {"answers": {code: value}, "version": n} →
   {version, saved_at, written, problems, conflicts[, others]}.

   Each answer keeps the version it was read at, and only answers of one version travel together:
   so a change of somebody else to an answer that this page has not touched is never overwritten
   unseen. Nothing is written to the browser's storage: office computers are shared. */
(() => {
  "use strict";
  const PAUSE = 1000;
  const AT_LEAST_EVERY = 5000;
  const RETRY = 5000;
  const RETRY_MOST = 30000;
  const KEEPALIVE_LIMIT = 60000;
  const SKIP = new Set(["csrfmiddlewaretoken", "version"]);
  const SKIP_TYPES = new Set(["hidden", "file", "submit", "button", "reset", "image", "password"]);

  const cookie = (name) => {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  };

  class Autosave {
    constructor(form) {
      this.form = form;
      this.prefix = form.dataset.answerPrefix || "";
      this.status = document.querySelector("[data-autosave-status]");
      this.panel = document.querySelector("[data-autosave-conflicts]");
      this.words = this.status ? this.status.dataset : {};
      const version = Number(form.dataset.version || 0);
      this.saved = this.read();
      this.base = new Map([...this.saved.keys()].map((code) => [code, version]));
      this.held = new Map(); // conflicts that wait for a decision
      this.composing = false;
      this.stopped = false;
      this.running = null;
      this.wait = RETRY;
      this.timer = 0;
      this.firstChange = 0;

      form.addEventListener("input", () => this.changed());
      form.addEventListener("change", () => this.changed());
      form.addEventListener("compositionstart", () => { this.composing = true; });
      form.addEventListener("compositionend", () => { this.composing = false; this.changed(); });
      form.addEventListener("submit", (event) => this.submitting(event));
      window.addEventListener("online", () => this.save());
      window.addEventListener("pagehide", () => this.flush());
      document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "hidden") this.flush();
      });
      window.addEventListener("beforeunload", (event) => {
        if (!this.stopped && (this.dirty().length || this.held.size)) {
          this.flush();
          event.preventDefault();
          event.returnValue = "";
        }
      });
    }

    /* --- What stands in the form ------------------------------------------------------------ */
    controls(code) {
      const name = this.prefix + code;
      return [...this.form.elements].filter((control) => control.name === name && !SKIP_TYPES.has(control.type));
    }

    read() {
      const groups = new Map();
      for (const control of this.form.elements) {
        if (!control.name || SKIP.has(control.name) || SKIP_TYPES.has(control.type) || control.disabled) continue;
        if (!control.name.startsWith(this.prefix)) continue;
        const code = control.name.slice(this.prefix.length);
        if (!groups.has(code)) groups.set(code, []);
        groups.get(code).push(control);
      }
      const values = new Map();
      for (const [code, controls] of groups) values.set(code, JSON.stringify(this.valueOf(controls)));
      return values;
    }

    valueOf(controls) {
      const [first] = controls;
      if (first.type === "radio") {
        const chosen = controls.find((control) => control.checked);
        return chosen ? chosen.value : "";
      }
      if (first.type === "checkbox") {
        if (controls.length === 1 && !("many" in first.dataset)) return first.checked;
        return controls.filter((control) => control.checked).map((control) => control.value);
      }
      if (first.type === "select-multiple") return [...first.selectedOptions].map((option) => option.value);
      return first.value;
    }

    write(code, value) {
      const controls = this.controls(code);
      for (const control of controls) {
        if (control.type === "radio") control.checked = control.value === String(value);
        else if (control.type === "checkbox") {
          control.checked = Array.isArray(value) ? value.map(String).includes(control.value) : Boolean(value);
        } else if (control.type === "select-multiple") {
          for (const option of control.options) option.selected = (value || []).map(String).includes(option.value);
        } else control.value = value === null || value === undefined ? "" : value;
      }
      /* A field that a script fills (a table, files) shows what it now holds. */
      if (controls.length) controls[0].dispatchEvent(new CustomEvent("autosave:written", { bubbles: true }));
      if (controls.length) this.saved.set(code, JSON.stringify(this.valueOf(controls)));
    }

    dirty() {
      return [...this.read()].filter(([code, value]) => this.saved.get(code) !== value && !this.held.has(code));
    }

    /* --- When ------------------------------------------------------------------------------- */
    changed() {
      if (this.composing || this.stopped || !this.dirty().length) return;
      const now = Date.now();
      if (!this.firstChange) this.firstChange = now;
      this.later(Math.max(0, Math.min(PAUSE, this.firstChange + AT_LEAST_EVERY - now)));
    }

    later(delay) {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.save(), delay);
    }

    submitting(event) {
      window.clearTimeout(this.timer);
      if (this.running) {
        /* The save under way comes first; its version then travels with the form. */
        event.preventDefault();
        const { submitter } = event;
        this.running.finally(() => this.form.requestSubmit(submitter || undefined));
        return;
      }
      this.stopped = true;
      window.setTimeout(() => { this.stopped = false; this.changed(); }, 8000);
    }

    /* --- Sending ---------------------------------------------------------------------------- */
    batch() {
      /* The answers of one version; the rest follows in the next turn. */
      const dirty = this.dirty();
      if (!dirty.length) return null;
      const version = this.base.get(dirty[0][0]) || 0;
      const answers = {};
      for (const [code, value] of dirty) {
        if ((this.base.get(code) || 0) === version) answers[code] = JSON.parse(value);
      }
      return { answers, version };
    }

    request(batch, keepalive) {
      return fetch(this.form.dataset.autosaveUrl, {
        method: "POST",
        body: JSON.stringify(batch),
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": cookie("csrftoken") || this.form.elements.csrfmiddlewaretoken.value,
          "X-Requested-With": "XMLHttpRequest",
        },
        credentials: "same-origin",
        redirect: "manual",
        keepalive,
      });
    }

    save() {
      if (this.running || this.stopped || this.composing) return;
      const batch = this.batch();
      if (!batch) return;
      this.firstChange = 0;
      this.say("saving");
      this.running = this.send(batch).finally(() => {
        this.running = null;
        if (!this.stopped && this.dirty().length && !this.waiting) this.later(PAUSE);
      });
    }

    async send(batch) {
      this.waiting = false;
      let response;
      try {
        response = await this.request(batch, false);
      } catch (error) {
        this.retry("offline");
        return;
      }
      if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
        this.retry("signedOut");
        return;
      }
      if (response.status === 404 || response.status === 409) {
        this.stopped = true;
        this.say("closed");
        return;
      }
      let answer = null;
      try {
        answer = await response.json();
      } catch (error) {
        answer = null;
      }
      if (!answer || response.status >= 500 || response.status === 429) {
        this.retry("offline");
        return;
      }
      this.wait = RETRY;
      this.take(batch, answer, response.ok);
    }

    retry(word) {
      this.say(word);
      this.waiting = true;
      this.later(this.wait);
      this.wait = Math.min(RETRY_MOST, this.wait * 1.5);
    }

    flush() {
      const batch = this.stopped || this.running ? null : this.batch();
      if (!batch) return;
      const small = new Blob([JSON.stringify(batch)]).size < KEEPALIVE_LIMIT;
      this.request(batch, small).then((response) => (response.ok ? response.json() : null)).then((answer) => {
        if (answer) this.take(batch, answer, true);
      }).catch(() => {});
    }

    /* --- What came back ----------------------------------------------------------------------- */
    take(batch, answer, accepted) {
      const problems = answer.problems || {};
      if (!accepted && !Object.keys(problems).length && answer.detail) {
        /* Refused as a whole (too large): each answer says so, and waits until it is changed. */
        for (const code of Object.keys(batch.answers)) problems[code] = [answer.detail];
      }
      const conflicts = answer.conflicts || [];
      const contested = new Set(conflicts.map((conflict) => conflict.code));
      for (const code of Object.keys(batch.answers)) {
        this.mark(code, problems[code] || []);
        if (contested.has(code)) continue;
        if (!accepted && !problems[code]) continue;
        /* A refused value counts as sent: it is tried again when it has been changed. */
        this.saved.set(code, JSON.stringify(batch.answers[code]));
        /* What cannot be read is kept as typed: it is this page's own change, with its own version. */
        const written = !problems[code] || (answer.written || []).includes(code);
        if (accepted && written && answer.version) this.base.set(code, answer.version);
      }
      for (const other of answer.others || []) this.adopt(other, answer.version);
      if (answer.version) {
        this.form.dataset.version = answer.version;
        const field = this.form.elements.version;
        if (field) field.value = answer.version;
      }
      const token = cookie("csrftoken");
      if (token) {
        document.querySelectorAll("input[name='csrfmiddlewaretoken']").forEach((input) => { input.value = token; });
      }
      conflicts.forEach((conflict) => this.hold(conflict, answer.version));
      if (this.held.size) this.say("conflict");
      else if (Object.keys(problems).length || !accepted) this.say("problem");
      else this.say("saved", answer.saved_at);
      this.form.dispatchEvent(new CustomEvent("autosave:saved", {
        bubbles: true, detail: { ...answer, codes: Object.keys(batch.answers) },
      }));
    }

    adopt(other, version) {
      /* Somebody else's answer to a question that this page has not touched. */
      if (this.held.has(other.code) || this.dirty().some(([code]) => code === other.code)) return;
      this.write(other.code, other.value);
      this.base.set(other.code, version);
    }

    mark(code, messages) {
      const [control] = this.controls(code);
      const field = control && control.closest(".field");
      if (!field) return;
      const id = `autosave-error-${code}`;
      const old = document.getElementById(id);
      if (old) old.remove();
      /* What the page came with speaks of the former value. */
      const before = field.querySelector(".field__errors");
      if (before) before.remove();
      field.classList.toggle("field--error", messages.length > 0);
      if (!messages.length) {
        control.removeAttribute("aria-invalid");
        return;
      }
      const box = document.createElement("div");
      box.className = "field__errors";
      box.id = id;
      for (const message of messages) {
        const line = document.createElement("p");
        line.className = "field__error";
        line.textContent = message;
        box.append(line);
      }
      const anchor = field.querySelector(".choices, .field__unit") || control;
      anchor.before(box);
      control.setAttribute("aria-invalid", "true");
      const described = (control.getAttribute("aria-describedby") || "").split(" ").filter((part) => part && part !== id);
      control.setAttribute("aria-describedby", [...described, id].join(" "));
    }

    hold(conflict, version) {
      this.held.set(conflict.code, conflict);
      const known = this.conflictBox(conflict.code);
      if (known) known.remove();
      const box = document.createElement("section");
      box.className = "conflict";
      box.dataset.code = conflict.code;
      box.setAttribute("role", "alert");
      const title = document.createElement("p");
      title.className = "conflict__title";
      title.textContent = conflict.label || conflict.code;
      const by = document.createElement("p");
      by.className = "muted";
      by.textContent = [conflict.by, this.clock(conflict.at)].filter(Boolean).join(" · ");
      const pair = document.createElement("div");
      pair.className = "conflict__pair";
      const [mine, theirs] = this.compare(
        this.text(conflict.mine_words ?? conflict.mine), this.text(conflict.theirs_words ?? conflict.theirs),
      );
      pair.append(this.side(this.words.textMineTitle, mine, "del"), this.side(this.words.textTheirsTitle, theirs, "ins"));
      const row = document.createElement("p");
      row.className = "button-row";
      row.append(
        this.button(this.words.textMine, () => this.decide(conflict, version, true)),
        this.button(this.words.textTheirs, () => this.decide(conflict, version, false)),
      );
      box.append(title, by, pair, row);
      /* Under its own question, where the eyes are; in the panel if that is not on the page. */
      const [control] = this.controls(conflict.code);
      const field = control && control.closest(".field");
      if (field) field.after(box);
      else if (this.panel) {
        this.panel.hidden = false;
        this.panel.append(box);
      }
    }

    conflictBox(code) {
      return document.querySelector(`.conflict[data-code="${CSS.escape(code)}"]`);
    }

    decide(conflict, version, mine) {
      this.held.delete(conflict.code);
      this.base.set(conflict.code, version);
      const box = this.conflictBox(conflict.code);
      if (box) box.remove();
      if (this.panel) this.panel.hidden = !this.panel.children.length;
      if (mine) this.saved.set(conflict.code, JSON.stringify(conflict.theirs));
      else this.write(conflict.code, conflict.theirs);
      const [control] = this.controls(conflict.code);
      if (control) control.focus();
      if (mine) this.save();
      else this.say("saved");
    }

    compare(left, right) {
      /* What differs, between the common beginning and the common end. */
      const most = Math.min(left.length, right.length);
      let head = 0;
      while (head < most && left[head] === right[head]) head += 1;
      let tail = 0;
      while (tail < most - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
      const cut = (text) => [text.slice(0, head), text.slice(head, text.length - tail), text.slice(text.length - tail)];
      return [cut(left), cut(right)];
    }

    side(title, parts, tag) {
      const box = document.createElement("div");
      box.className = "conflict__side";
      const heading = document.createElement("h3");
      heading.textContent = title;
      const middle = document.createElement(tag);
      middle.textContent = parts[1];
      box.append(heading, document.createTextNode(parts[0]), middle, document.createTextNode(parts[2]));
      return box;
    }

    button(text, act) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--plain";
      button.textContent = text;
      button.addEventListener("click", act);
      return button;
    }

    text(value) {
      if (value === null || value === undefined) return "";
      return Array.isArray(value) ? value.join("；") : String(value);
    }

    clock(at) {
      if (!at) return "";
      const when = new Date(at);
      if (Number.isNaN(when.getTime())) return "";
      return when.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
    }

    say(word, at) {
      if (!this.status) return;
      const text = this.words[`text${word[0].toUpperCase()}${word.slice(1)}`] || "";
      const line = word === "saved" ? `${text} ${this.clock(at || new Date().toISOString())}` : text;
      this.status.classList.toggle("autosave--trouble", !["saved", "saving"].includes(word));
      this.status.classList.toggle("autosave--saved", word === "saved");
      if (this.status.textContent !== line) this.status.textContent = line;
    }
  }

  document.querySelectorAll("form[data-autosave-url]").forEach((form) => new Autosave(form));
})();
