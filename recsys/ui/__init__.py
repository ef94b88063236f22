"""The only part of recsys that knows Streamlit: cached loaders, widgets, what the components are given."""
