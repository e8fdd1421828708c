"""An image in a random network, computed by the browser: its maps, its features, means of classes."""
