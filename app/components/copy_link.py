"""Button that copies the page's URL, which holds set-up, run, layer and iteration."""

import streamlit as st

_HTML = '<button type="button"></button><span role="status"></span>'
_CSS = """
button { min-height: 2.5rem; padding: 0.25rem 0.75rem; cursor: pointer; font: 0.9rem var(--st-font);
         color: var(--st-text-color); background: var(--st-background-color);
         border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.5rem); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
span { margin-left: 0.6rem; font-family: var(--st-font); font-size: 0.9rem; color: var(--st-text-color);
       overflow-wrap: anywhere; }
"""
_JAVASCRIPT = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector('button'), status = parentElement.querySelector('span');
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      status.textContent = 'Copied';
    } catch { status.textContent = location.href; }     // no permission: shown, to be copied by hand
    setTimeout(() => { status.textContent = ''; }, 6000);
  };
}
"""
_LINK = st.components.v2.component("dm_copy_link", html=_HTML, css=_CSS, js=_JAVASCRIPT)


def show_copy_link(key: str, label: str = "Copy link") -> None:
    """Draw the button that copies the page's URL."""
    _LINK(key=key, data={"label": label})
