"""The sections of the page, a module each, in their order.

A new one is a module that declares its SECTION, and an entry here.
"""

from components.draw_report.sections import (
    classes,
    distances,
    facts,
    gallery,
    generalised,
    label_map,
    labels,
    method,
    model_card,
    paired_tests,
    shared_terms,
    summary,
    tables,
    training,
)

SECTIONS = (
    summary.SECTION,
    gallery.SECTION,
    method.SECTION,
    tables.SECTION,
    generalised.SECTION,
    paired_tests.SECTION,
    distances.SECTION,
    classes.SECTION,
    label_map.SECTION,
    training.SECTION,
    labels.SECTION,
    shared_terms.SECTION,
    model_card.SECTION,
    facts.SECTION,
)
