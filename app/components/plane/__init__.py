"""Distribution matching in the plane, computed by the browser: points for real images, stars for learned."""
