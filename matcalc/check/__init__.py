"""Checks: every line against differences of the computation itself; what is zero everywhere; `replay/`; `rows/`, which tests rules;
`work/`, which judges what users derived themselves.

Nothing here makes a line, except the 0 that is proved."""
