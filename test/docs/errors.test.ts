import { GatewayError } from '@gw/kernel';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../apps/gateway/src/http/problem.js';
import { codes, Page } from './page.js';
import { descendants, Sources, stringsOf } from './sources.js';

const page = await Page.read('errors.md');
const sources = Sources.in('libs', 'apps/gateway/src');
const kinds = sources.union('ErrorKind');

/** The first cell of each row, as the one code that it holds. */
const documented = (heading: string): string[] =>
  page.table(heading).map(([cell = '']) => codes(cell)[0] ?? cell);

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].toSorted();

/** Where an error is made: `new GatewayError(…)`, and `super(…)` of a class that extends it. */
function* makings(): Generator<ts.CallExpression | ts.NewExpression> {
  for (const node of sources.nodes()) {
    if (ts.isNewExpression(node) && node.expression.getText() === 'GatewayError') yield node;
    if (!ts.isClassDeclaration(node) || !node.heritageClauses?.[0]?.getText().includes('GatewayError'))
      continue;
    for (const inner of descendants(node)) {
      if (ts.isCallExpression(inner) && inner.expression.kind === ts.SyntaxKind.SuperKeyword) yield inner;
    }
  }
}

function errorsMade(): Map<string, string[]> {
  const made = new Map<string, string[]>();
  for (const { arguments: given } of makings()) {
    const [code, ...others] = stringsOf(given?.[0]);
    if (code === undefined || others.length > 0) throw new Error('A code must be one literal');
    made.set(code, sorted([...(made.get(code) ?? []), ...stringsOf(given?.[1])]));
  }
  return made;
}

/** Of these functions of bayeux and fanout, the argument at this place is a reason that clients see. */
const REASON_AT: Readonly<Record<string, number>> = {
  'this.#startAgain': 1,
  'this.#refuse': 0,
  'this.#tell': 0,
  'this.#set': 1,
};

function upstreamReasons(): string[] {
  const found: string[] = [];
  for (const node of Sources.in('libs/bayeux/src', 'libs/fanout/src').nodes()) {
    if (ts.isCallExpression(node)) {
      const place = REASON_AT[node.expression.getText()];
      if (place !== undefined) found.push(...stringsOf(node.arguments[place]));
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'reason') {
      found.push(...stringsOf(node.initializer));
    }
    if (ts.isFunctionDeclaration(node) && node.name?.text === 'reasonOf') {
      const returns = [...descendants(node)].filter(ts.isReturnStatement);
      found.push(...returns.flatMap(({ expression }) => stringsOf(expression)));
    }
  }
  return sorted(found);
}

describe('docs/errors.md', () => {
  const made = errorsMade();

  it('lists every code that an error is made with, and no other', () => {
    const rows = [...documented('Codes of the gateway'), ...documented('Codes that stay inside')];
    expect(rows).toEqual([...new Set(rows)]);
    expect(rows.toSorted()).toEqual(sorted(made.keys()));
  });

  it('gives each code the kinds that it is made with', () => {
    for (const [code = '', , kind = ''] of page.table('Codes of the gateway')) {
      expect([code, codes(kind).toSorted()]).toEqual([code, made.get(codes(code)[0] ?? '')]);
    }
  });

  it('gives each kind the status that it is answered with', () => {
    const statuses = page.table('Kinds').map(([kind = '', status]) => [codes(kind)[0], status]);
    const real = kinds.map((kind) => {
      const error = new GatewayError('x', kind as GatewayError['kind'], '');
      return [kind, String(problemOf(error, 'id').status)];
    });
    expect(statuses.toSorted()).toEqual(real.toSorted());
  });

  it('names the codes of other failures as they are made from their status', () => {
    for (const [code = '', status] of page.table('Codes made from a status')) {
      const error = Object.assign(new Error('x'), { statusCode: Number(status) });
      expect(problemOf(error, 'id')).toMatchObject({ code: codes(code)[0], status: Number(status) });
    }
  });

  it('lists every reason of an `upstream` event, and no other', () => {
    const codesAsReasons = page
      .table('Codes of the gateway')
      .filter(([, where = '']) => where.includes('upstream'))
      .map(([code = '']) => codes(code)[0] ?? '');
    expect(documented('Reasons of `upstream`').toSorted()).toEqual(
      sorted([...upstreamReasons(), ...codesAsReasons]),
    );
  });

  it.each([
    ['Reasons of `session`', sources.union('SessionEndReason')],
    ['Reasons of `gap`', sources.members('GapEvent').get('reason')],
    ['States of `upstream`', sources.union('ConnectionState')],
    ['Why a path is refused', sources.union('PathRefusal')],
    ['Why a token could not be renewed', sources.union('UnavailableReason')],
  ])('lists under "%s" what there is, and nothing else', (heading, real) => {
    expect(documented(heading).toSorted()).toEqual(sorted(real ?? []));
  });
});
