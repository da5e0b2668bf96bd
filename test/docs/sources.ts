import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The TypeScript sources in some folders of the project, without tests and what only tests use. */
export class Sources {
  private constructor(readonly files: readonly ts.SourceFile[]) {}

  static in(...folders: string[]): Sources {
    const paths = folders.flatMap((folder) =>
      readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|(?:^|\/)testing\//u.test(path))
        .map((path) => `${ROOT}${folder}/${path}`),
    );
    return new Sources(
      paths.map((path) =>
        ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true),
      ),
    );
  }

  *nodes(): Generator<ts.Node> {
    for (const file of this.files) yield* descendants(file);
  }

  /** The literals of a union type: those of the alias `name`, with the aliases that it names in turn. */
  union(name: string): string[] {
    for (const node of this.nodes()) {
      if (ts.isTypeAliasDeclaration(node) && node.name.text === name) return this.#literalsOf(node.type);
    }
    throw new Error(`There is no type ${name}`);
  }

  /** The members of an interface, with those that it inherits; for a property, the literals of its type. */
  members(name: string): Map<string, string[]> {
    for (const node of this.nodes()) {
      if (ts.isInterfaceDeclaration(node) && node.name.text === name) return this.#membersOf(node);
    }
    throw new Error(`There is no interface ${name}`);
  }

  #membersOf(node: ts.InterfaceDeclaration): Map<string, string[]> {
    const bases = (node.heritageClauses ?? []).flatMap(({ types }) =>
      types.map(({ expression }) => expression),
    );
    const inherited = bases.flatMap((base) => [...this.members(base.getText())]);
    const own = node.members.filter(ts.isPropertySignature).map((member): [string, string[]] => {
      return [member.name.getText(), member.type ? this.#literalsOf(member.type) : []];
    });
    return new Map([...inherited, ...own]);
  }

  #literalsOf(type: ts.TypeNode): string[] {
    if (ts.isUnionTypeNode(type)) return type.types.flatMap((one) => this.#literalsOf(one));
    if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.literal.text];
    return ts.isTypeReferenceNode(type) && /^[A-Z]\w+$/u.test(type.getText()) ? this.#aliased(type) : [];
  }

  #aliased(type: ts.TypeReferenceNode): string[] {
    const name = type.typeName.getText();
    const known = [...this.nodes()].some(
      (node) => ts.isTypeAliasDeclaration(node) && node.name.text === name,
    );
    return known ? this.union(name) : [];
  }
}

export function* descendants(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* descendants(child);
}

/**
 * The strings that an expression may be: literals, templates (`${…}` as `<n>`), the branches of a
 * conditional, and what a constant of the same file was made of.
 */
export function stringsOf(node: ts.Node | undefined): string[] {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [node.head.text + node.templateSpans.map(spanOf).join('')];
  if (ts.isConditionalExpression(node)) return [...stringsOf(node.whenTrue), ...stringsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return stringsOf(node.right);
  return ts.isIdentifier(node) ? stringsOf(constantOf(node)) : [];
}

const spanOf = (span: ts.TemplateSpan): string => `<n>${span.literal.text}`;

function constantOf(identifier: ts.Identifier): ts.Node | undefined {
  for (const node of descendants(identifier.getSourceFile())) {
    if (ts.isVariableDeclaration(node) && node.name.getText() === identifier.text) return node.initializer;
  }
  return undefined;
}
