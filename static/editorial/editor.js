/* Rich text fields: the library's editor, set up from what the widget says. Without it the text area stays. */
import * as library from "../django_prose_editor/editor.js";

// The library would write its few rules into the page, which this site forbids: desk.css has them. Where a
// style element of that name stands, it writes none.
for (const name of ["data-tiptap-style", "data-tiptap-extension-invisible-characters-style"]) {
  document.head.appendChild(document.createElement("style")).setAttribute(name, "");
}

const NAME = "data-django-prose-editor-configurable";

for (const area of document.querySelectorAll(`[${NAME}]`)) {
  const wanted = JSON.parse(area.getAttribute(NAME));
  const extensions = Object.entries(wanted.extensions).flatMap(([name, options]) => {
    const found = library[name];
    if (!found || !options) return [];
    return [typeof options === "object" ? found.configure(options) : found];
  });
  try {
    library.createTextareaEditor(area, extensions);
  } catch (error) {
    // Typing goes on in the text area itself.
    area.closest(".prose-editor")?.replaceWith(area);
    throw error;
  }
}
