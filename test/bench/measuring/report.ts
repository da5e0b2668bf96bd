import { type Range } from './distribution.js';

/** A figure that the project has promised itself. */
export interface Goal {
  readonly what: string;
  readonly ratio: Range;
  readonly goal: { readonly atLeast: number } | { readonly atMost: number };
}

/** One part's outcome: what is printed, and the same for machines. */
export interface Report {
  readonly title: string;
  readonly notes: readonly string[];
  readonly table: readonly Readonly<Record<string, string>>[];
  /** Without a goal: said for its own sake. */
  readonly ratios: readonly { readonly what: string; readonly ratio: Range }[];
  readonly goals: readonly Goal[];
}

export function isMet({ ratio, goal }: Goal): boolean {
  return 'atLeast' in goal ? ratio.median >= goal.atLeast : ratio.median <= goal.atMost;
}

export function print({ title, notes, table, ratios, goals }: Report): void {
  console.log(`\n${title}\n`);
  for (const line of tableLines(table)) console.log(`  ${line}`);
  console.log();
  for (const { what, ratio } of ratios) console.log(`  ${what}: ${rangeText(ratio)}`);
  for (const goal of goals) {
    console.log(`  ${verdictOn(goal)}  ${goal.what}: ${rangeText(goal.ratio)}, goal ${wantedBy(goal)}`);
  }
  for (const note of notes) console.log(`  ${note}`);
}

/** Every goal of the run beside its result. */
export function printSummary(reports: readonly Report[]): void {
  const rows = reports
    .flatMap(({ goals }) => goals)
    .map((goal) => ({
      what: goal.what,
      ratio: rangeText(goal.ratio),
      goal: wantedBy(goal),
      '': verdictOn(goal).trim(),
    }));
  console.log('\nGoals\n');
  for (const line of tableLines(rows)) console.log(`  ${line}`);
}

const verdictOn = (goal: Goal): string => (isMet(goal) ? 'met   ' : 'MISSED');

const wantedBy = ({ goal }: Goal): string => ('atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`);

const rangeText = ({ median, min, max }: Range): string =>
  `${median.toFixed(2)} [${min.toFixed(2)}–${max.toFixed(2)}]`;

function tableLines(rows: Report['table']): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return [
    line(columns),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ];
}
