"""What the pages of tables share: state, controls, figures and downloads."""
