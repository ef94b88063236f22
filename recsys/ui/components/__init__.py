"""What Streamlit has no element for, drawn in the browser from plain data.

A folder per component, without a build step: its .js and .css, and a module with its payload and `draw`. What several
draw with is in shared/. Text reaches the page only through `textContent`, so that a title is data whatever it contains.
"""
