/* Rich text fields: the library's editor, set up from what the widget says. Without it the text area stays. */
const NAME = "data-django-prose-editor-configurable";
const areas = [...document.querySelectorAll(`[${NAME}]`)];

/** The library's English words in the language of the page, as the widget gives them. */
const words = JSON.parse(areas[0]?.dataset.words ?? "{}");
const said = (word) => words[word] ?? word;

/* The library reads this once, when it is loaded. */
window.gettext = said;

/* It would write its few rules into the page, which this site forbids: desk.css has them. Where a style element
   of that name stands, it writes none. */
for (const name of ["data-tiptap-style", "data-tiptap-extension-invisible-characters-style"]) {
  document.head.appendChild(document.createElement("style")).setAttribute(name, "");
}

function inWords(frame) {
  for (const button of frame.querySelectorAll("[aria-label]")) {
    const word = button.getAttribute("aria-label");
    button.setAttribute("aria-label", said(word));
    button.title = said(word);
  }
  for (const option of frame.querySelectorAll(".prose-menubar__option > *")) {
    option.textContent = said(option.textContent);
  }
}

function begin(library, area) {
  const wanted = JSON.parse(area.getAttribute(NAME));
  const extensions = Object.entries(wanted.extensions).flatMap(([name, options]) => {
    const found = library[name];
    if (!found || !options) return [];
    return [typeof options === "object" ? found.configure(options) : found];
  });
  let editor;
  try {
    editor = library.createTextareaEditor(area, extensions);
  } catch (error) {
    // Typing goes on in the text area itself.
    area.closest(".prose-editor")?.replaceWith(area);
    throw error;
  }
  const frame = area.closest(".prose-editor");
  const typed = frame.querySelector("[role=textbox]");
  const label = document.querySelector(`label[for="${area.id}"]`);
  if (label) typed.setAttribute("aria-label", label.firstChild.textContent.trim());
  if (area.getAttribute("aria-describedby")) {
    typed.setAttribute("aria-describedby", area.getAttribute("aria-describedby"));
  }
  // A page has one heading of the first level, its title: those of a pasted text are the second (text/html.py).
  editor.setOptions({
    editorProps: {
      ...editor.options.editorProps,
      transformPastedHTML: (html) =>
        html.replace(/<(\/?)h1(?=[\s>])/gi, "<$1h2").replace(/<(\/?)h[56](?=[\s>])/gi, "<$1h4"),
    },
  });
  // The menu stands only once the editor is there.
  editor.on("create", () => inWords(frame));
}

if (areas.length) {
  import("../django_prose_editor/editor.js").then((library) => {
    for (const area of areas) begin(library, area);
  });
}
