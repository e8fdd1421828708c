"""Export of a table's results as files and as one JSON object: every number with n, runs and protocol."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dmcore.experiments.published.cells import differences, published_for
from dmcore.experiments.report.comparisons import compare_rows, comparisons_note
from dmcore.experiments.report.entries import TableEntry, known_entries
from dmcore.experiments.report.formats import MEANING, as_csv, as_latex, as_markdown, markdown_lines
from dmcore.experiments.report.scores import SCORE_HEADINGS, SCORES_MEANING, scores
from dmcore.experiments.results import Results, failures
from dmcore.files.atomic import storage_errors_explained, write_atomically


def write_table(results: Results, folder: Path) -> list[Path]:
    """Write NAME.md, NAME.csv, NAME.tex and NAME.json; returns the files.

    Raises:
        StorageError: the folder cannot be written to.
    """
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    compared = compare_rows(results)
    lines = [f"- {comparison.sentence}\n" for comparison in compared]
    note = comparisons_note(compared)
    comparisons = "".join([*lines, f"\n{note}\n" if note else ""])
    parts = (f"# {results.table.title}\n\n{as_markdown(results)}", comparisons, scores_as_markdown(results))
    texts = {
        "md": "\n".join(part for part in parts if part),
        "csv": as_csv(results),
        "tex": as_latex(results),
        "json": json.dumps(as_json(results), indent=1),
    }
    files = {folder / f"{results.table.name}.{ending}": text for ending, text in texts.items()}
    for file, text in files.items():
        write_atomically(file, text.encode())
    return list(files)


def scores_as_markdown(results: Results) -> str:
    """Scores of the rows as a Markdown table with their meaning; empty where the table has none."""
    found = scores(results)
    if not found:
        return ""
    head = (results.table.row_title, results.table.column_title, *SCORE_HEADINGS)
    lines = markdown_lines([head, *((each.row, each.column, *each.texts) for each in found)])
    return "\n".join((*lines, "", SCORES_MEANING, ""))


def as_json(results: Results) -> dict[str, Any]:
    """Results as a JSON object: all numbers, the verdicts, and the reasons of cells without a result."""
    table, comparisons = results.table, compare_rows(results)
    return {
        "experiment": table.name,
        "key": table.key,
        "title": table.title,
        "dataset": table.dataset,
        "protocol": table.protocol.model_dump(mode="json", exclude={"networks", "repeats"}),
        "rows": list(table.rows),
        "columns": list(table.columns),
        "meaning": MEANING,
        "places": len(table.cells),
        "places_complete": results.complete_cells,
        "cells": [_entry(results, entry) for entry in known_entries(results)],
        "verdicts": [
            {
                "row": comparison.ours.row,
                "against": comparison.theirs.row,
                "column": comparison.ours.column,
                **asdict(comparison.verdict),
                "p_holm": comparison.p_holm,
                "sentence": comparison.sentence,
            }
            for comparison in comparisons
        ],
        "verdicts_note": comparisons_note(comparisons),
        "scores": [asdict(each) for each in scores(results)],
        "failures": dict(failures(results)),
    }


def _entry(results: Results, entry: TableEntry) -> dict[str, Any]:
    row, column = entry.row, entry.column
    cell_results = results.at(row, column)
    published = published_for(results.table, row, column)
    return {
        "row": row,
        "column": column,
        "mean": entry.mean,
        "std": entry.std,
        "sets": entry.sets,
        "networks": entry.networks,
        "set_means": list(entry.set_means),
        "images": next((result.images for result in cell_results), 0),
        "runs": [f"{result.run}:{result.set}" for result in cell_results if result.run],
        "published": None
        if published is None
        else {**asdict(published), "differences": list(differences(results.table, row, column))},
    }
