"""Parts of components that send images of the default data set through a random network in the browser."""
