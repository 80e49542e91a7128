// GraphiQL on the page /graphql/: asks with the session of the reader, and keeps nothing in the browser.
(() => {
  "use strict";

  const place = document.getElementById("explorer");
  const root = document.documentElement;
  const FIRST = `# Ctrl-Space completes, Ctrl-Enter runs. The documentation of every field is on the left.
{
  viewer {
    label
    roles
  }
  organization {
    name
    timeZone
  }
}
`;

  async function ask(parameters) {
    let answer;
    try {
      answer = await fetch(place.dataset.address, {
        method: "POST",
        credentials: "same-origin",
        headers: {
          "Accept": "application/graphql-response+json, application/json",
          "Content-Type": "application/json",
          "X-CSRFToken": place.dataset.token,
        },
        body: JSON.stringify(parameters),
      });
      return await answer.json();
    } catch {
      return { errors: [{ message: place.dataset.unreachable }] };
    }
  }

  // What is typed can hold names of people; it is gone with the page, as the next reader of this browser expects.
  const kept = new Map();
  const storage = {
    get length() { return kept.size; },
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => { kept.set(key, value); },
    removeItem: (key) => { kept.delete(key); },
    clear: () => { kept.clear(); },
  };

  const view = ReactDOM.createRoot(place);
  const draw = () => view.render(React.createElement(GraphiQL, {
    fetcher: ask,
    defaultQuery: FIRST,
    storage,
    forcedTheme: root.dataset.bsTheme === "dark" ? "dark" : "light",
    isHeadersEditorEnabled: false,
  }));

  // The editors have text areas without names, and areas that scroll without the keyboard.
  function name() {
    const names = [[".graphiql-query-editor", "query"], [".graphiql-editor-tool", "variables"], [".graphiql-response", "answer"]];
    for (const [part, key] of names) {
      for (const area of place.querySelectorAll(`${part} textarea`)) area.setAttribute("aria-label", place.dataset[key]);
      for (const area of place.querySelectorAll(`${part} .CodeMirror-scroll`)) area.tabIndex = 0;
    }
  }

  new MutationObserver(name).observe(place, { childList: true, subtree: true });
  new MutationObserver(draw).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
  draw();
})();
