"""What `import recsys` offers to a notebook: data sets, models, tables and figures; `recsys` names what is public."""
