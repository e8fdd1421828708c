"""Browser widgets: Streamlit components with their JavaScript, live figures, styles, names of widget keys."""
