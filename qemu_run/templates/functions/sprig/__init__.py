"""Functions of sprig, by what they are about; a template calls them with `sprig_` before the name."""
