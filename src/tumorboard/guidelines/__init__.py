"""Guidelines: situations, options and grades as data; loading them, and checking what they print against their rule."""
