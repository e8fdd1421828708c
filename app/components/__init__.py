"""Browser widgets: Streamlit components with their JavaScript, figures updated in place, styles."""
