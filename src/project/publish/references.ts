import { isMap, isPair, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type Scalar } from 'yaml'

/** A file that a Compose file names, and where in the text it does. */
export interface FileReference {
  /** A Compose file to extend from, a file of variables or labels, or a file that is included. */
  readonly kind: 'extends' | 'variables' | 'include'
  readonly path: string
  /** Offsets in the text: what stands there is replaced. */
  readonly start: number
  readonly end: number
}

/** Depth of what is looked through for references, in extensions that services take up. */
const DEPTH = 20

/** The files that a Compose file's text names, by `extends`, `env_file`, `label_file` and `include`, also in extensions that are merged. */
export function referencesOf(text: string): readonly FileReference[] {
  const found = new Map<number, FileReference>()
  for (const document of parseAllDocuments(text, { uniqueKeys: false })) {
    const add = (kind: FileReference['kind'], node: unknown): void => {
      if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return
      const [start, end] = node.range
      found.set(start, { kind, path: node.value, start, end })
    }
    const resolve = (node: unknown): unknown =>
      typeof node === 'object' && node !== null && 'resolve' in node
        ? (node as { resolve(of: typeof document): Node | undefined }).resolve(document)
        : node
    for (const pair of pairsOf(document.contents)) {
      const key = keyOf(pair)
      if (key === 'include') for (const one of pathsOf(pair.value, 'path', resolve)) add('include', one)
      if (key === 'services' || key.startsWith('x-')) look(pair.value, add, resolve, 0)
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start)
}

/** Replaces references by other names; what gets none stays. */
export function replaceReferences(text: string, names: ReadonlyMap<FileReference, string>): string {
  let replaced = ''
  let at = 0
  for (const [{ start, end }, name] of [...names].sort(([a], [b]) => a.start - b.start)) {
    replaced += text.slice(at, start) + name
    at = end
  }
  return replaced + text.slice(at)
}

type Add = (kind: FileReference['kind'], node: unknown) => void
type Resolve = (node: unknown) => unknown

function look(node: unknown, add: Add, resolve: Resolve, depth: number): void {
  if (depth > DEPTH) return
  if (isSeq(node)) for (const item of node.items) look(item, add, resolve, depth + 1)
  for (const pair of pairsOf(node)) {
    const value = resolve(pair.value)
    switch (keyOf(pair)) {
      case 'extends':
        for (const inside of pairsOf(value))
          if (keyOf(inside) === 'file') add('extends', resolve(inside.value))
        break
      case 'env_file':
      case 'label_file':
        for (const one of pathsOf(value, 'path', resolve)) add('variables', one)
        break
      // Names in these are people's own.
      case 'environment':
      case 'labels':
      case 'annotations':
        break
      default:
        look(pair.value, add, resolve, depth + 1)
    }
  }
}

/** `a`, `[a, b]`, `{path: a}` and `[{path: [a]}]`. */
function pathsOf(given: unknown, key: string, resolve: Resolve): Scalar[] {
  const node = resolve(given)
  if (isScalar(node)) return [node]
  if (isSeq(node)) return node.items.flatMap(item => pathsOf(item, key, resolve))
  return pairsOf(node)
    .filter(pair => keyOf(pair) === key)
    .flatMap(pair => pathsOf(pair.value, key, resolve))
}

function pairsOf(node: unknown): Pair[] {
  return isMap(node) ? node.items.filter(isPair) : []
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : ''
}
