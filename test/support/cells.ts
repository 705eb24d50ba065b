/** Compares what a student's terminal shows with what a viewer's does, cell by cell. */
import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import type { TerminalClient } from "./terminal-client.ts";

export interface Part {
  readonly rows: number;
  readonly columns: number;
}

/** What is seen of a cell: of a blank its colour is not. */
function look(client: TerminalClient, row: number, column: number): string {
  const { text, foreground, ...rest } = client.cell(row, column);
  const isBlank = text.trim() === "" && !rest.underline && !rest.inverse;
  return JSON.stringify(isBlank ? { width: rest.width, background: rest.background } : { text, foreground, ...rest });
}

/**
 * The first few cells that differ in the part of the student's screen that the viewer shows. Where the part begins is told by the
 * two cursors, which are at the same place of it. Of a wide character that the part's edge cuts nothing is compared.
 */
export function differences(student: TerminalClient, viewer: TerminalClient, part: Part): readonly string[] {
  const [there, here] = [student.cursor(), viewer.cursor()];
  const [top, left] = [there.row - here.row, there.column - here.column];
  const isInside =
    top >= 0 && left >= 0 && top + part.rows <= student.size.rows && left + part.columns <= student.size.columns;
  if (!isInside || here.row >= part.rows)
    return [`the cursors are at ${there.row},${there.column} and at ${here.row},${here.column}`];
  const found: string[] = [];
  for (let row = 0; row < part.rows; row++) {
    for (let column = 0; column < part.columns; column++) {
      const isCut =
        (column === 0 && left > 0 && student.cell(top + row, left).width === 0) ||
        (column === part.columns - 1 && student.cell(top + row, left + column).width === 2);
      if (isCut) continue;
      const [theirs, seen] = [look(student, top + row, left + column), look(viewer, row, column)];
      if (theirs !== seen) found.push(`${row},${column}: ${theirs} is seen as ${seen}`);
    }
  }
  return found.slice(0, 5);
}

/** Waits until the viewer shows what the student does; fails with the difference. */
export async function showsTheSame(student: TerminalClient, viewer: TerminalClient, part: Part): Promise<void> {
  await eventually(() => differences(student, viewer, part).length === 0).catch(() =>
    assert.deepEqual(differences(student, viewer, part), []),
  );
}
