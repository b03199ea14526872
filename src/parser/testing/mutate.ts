import fc from 'fast-check'
import { Reporter } from '../reporter.ts'
import { attributesAt } from '../schema/lookup.ts'
import type { Node } from '../tree/node.ts'
import { Source, type Span } from '../tree/source.ts'
import { parseYaml } from '../yaml/parse.ts'

type Path = readonly (string | number)[]

export const KINDS = ['key', 'type', 'indent', 'reference'] as const
export type Kind = (typeof KINDS)[number]

/** A file with one thing wrong, and what must be said of it. */
export interface Mutant {
  readonly kind: Kind
  readonly file: string
  readonly text: string
  readonly line: number
  /** What the summary or the hint of the diagnostic must match. */
  readonly cause: RegExp
  readonly was: string
}

/** A place where a mutation of a kind can be made. */
interface Site {
  readonly kind: Kind
  readonly path: Path
  readonly span: Span
  readonly key: Span | undefined
  readonly node: Node
}

/** Any mutant of some files. The text may still be right: whoever asks has to see. */
export function mutants(files: Readonly<Record<string, string>>, kind: Kind): fc.Arbitrary<Mutant> {
  const sites = Object.entries(files).flatMap(([file, text]) =>
    sitesOf(text)
      .filter(site => site.kind === kind)
      .map(site => ({ file, text, site })),
  )
  return fc
    .tuple(fc.constantFrom(...sites), fc.nat(), fc.nat())
    .map(([{ file, text, site }, first, second]) => ({
      kind,
      file,
      ...MUTATIONS[kind](text, site, first, second),
    }))
}

type Mutation = (text: string, site: Site, first: number, second: number) => Omit<Mutant, 'kind' | 'file'>

const MUTATIONS: Readonly<Record<Kind, Mutation>> = {
  key: (text, { span }, first, second) => {
    const key = text.slice(span.start, span.end)
    return replaced(text, span, misspelt(key, first, second), new RegExp(`did you mean "${escaped(key)}"`))
  },
  reference: (text, { span }, first, second) => {
    const written = text.slice(span.start, span.end)
    const [, prefix = '', name = '', rest = ''] = /^(service:|"?)([\w-]+)(.*)$/.exec(written) ?? []
    const broken = `${prefix}${misspelt(name, first, second)}${rest}`
    return replaced(text, span, broken, new RegExp(`did you mean "${escaped(name)}"`))
  },
  type: (text, { span, node, path }, first) => {
    const others = node.kind === 'scalar' ? ['[[1, 2]]', '{wrong: {type: 1}}'] : ['7', 'true', '7.5']
    const value = others[first % others.length] ?? ''
    const key = String(path.at(-1))
    // A block starts below its key: what takes its place stands beside it.
    const start =
      node.kind === 'scalar' ? span.start : text.lastIndexOf(`${key}:`, span.start) + key.length + 1
    const result = replaced(
      text,
      { ...span, start },
      node.kind === 'scalar' ? value : ` ${value}\n`,
      /write|quote|name the service/,
    )
    return { ...result, line: lineAt(text, start) }
  },
  indent: (text, { span }, first, second) => {
    const lines = text.split('\n')
    const at = lineAt(text, span.start) - 1
    const line = lines[at] ?? ''
    const was = indentOf(line)
    const shifts = [-4, -2, -1, 1, 2, 3, 4].filter(shift => was + shift >= 0)
    const shift = shifts[first % shifts.length] ?? 0
    const count = second % 2 === 0 ? 1 : subtreeOf(lines, at)
    const moved = lines.map((each, index) =>
      index < at || index >= at + count || each.trim() === ''
        ? each
        : ' '.repeat(Math.max(0, indentOf(each) + shift)) + each.trimStart(),
    )
    return { text: moved.join('\n'), line: at + 1, cause: /indent|align/, was: line }
  },
}

function replaced(text: string, span: Span, by: string, cause: RegExp): Omit<Mutant, 'kind' | 'file'> {
  return {
    text: text.slice(0, span.start) + by + text.slice(span.end),
    line: lineAt(text, span.start),
    cause,
    was: text.slice(span.start, span.end).split('\n', 1)[0] ?? '',
  }
}

/** One slip of the fingers: a letter doubled, lost, swapped with its neighbour, or another one. */
function misspelt(word: string, first: number, second: number): string {
  const at = 1 + (first % Math.max(1, word.length - 2))
  const [before, letter, after] = [word.slice(0, at), word[at] ?? '', word.slice(at + 1)]
  const forms = [
    before + letter + letter + after,
    before + after,
    before + (after[0] ?? '') + letter + after.slice(1),
    `${before}${letter === 'x' ? 'z' : 'x'}${after}`,
  ]
  const form = forms[second % forms.length] ?? ''
  return form === word ? before + letter + letter + after : form
}

function sitesOf(text: string): Site[] {
  const sites: Site[] = []
  const [document] = parseYaml(new Source('f', text), new Reporter())
  if (document) visit(document, [], sites, text)
  return sites
}

function visit(node: Node, path: Path, sites: Site[], text: string): void {
  if (node.kind === 'map')
    for (const [key, entry] of node.entries) {
      if (key.startsWith('x-')) continue
      const below: Path = [...path, key]
      addKey(below, entry.key, entry.node, sites, text)
      visit(entry.node, below, sites, text)
    }
  if (node.kind === 'list')
    for (const [index, item] of node.items.entries()) {
      if (item.span && isFirstOnLine(text, item.span.start))
        sites.push({ kind: 'indent', path: [...path, index], span: item.span, key: undefined, node: item })
      addReference([...path, index], item, sites)
      visit(item, [...path, index], sites, text)
    }
}

function addKey(path: Path, key: Span | undefined, node: Node, sites: Site[], text: string): void {
  if (key === undefined) return
  const name = String(path.at(-1))
  const known = attributesAt(path.slice(0, -1))
  // A short key may be as near to another one.
  if (known.includes(name) && name.length >= 5) sites.push({ kind: 'key', path, span: key, key, node })
  if (
    known.includes(name) &&
    node.span &&
    node.span.start > key.start &&
    !isNullNode(node) &&
    !ANY_FORM.has(name)
  )
    sites.push({ kind: 'type', path, span: node.span, key, node })
  if (isFirstOnLine(text, key.start) && path.length > 1)
    sites.push({ kind: 'indent', path, span: key, key, node })
  const parent = path.at(-2)
  if (path[0] === 'services' && path.length === 4 && (parent === 'depends_on' || parent === 'networks'))
    sites.push({ kind: 'reference', path, span: key, key, node })
  addReference(path, node, sites)
}

/** Takes nearly anything, so that no other type is wrong. */
const ANY_FORM = new Set(['services', 'name', 'args', 'options', 'driver_opts'])

const REFERENCES = [
  /^services\.[^.]+\.(?:networks|depends_on|secrets|configs|links|volumes_from)\.\d+$/,
  /^services\.[^.]+\.(?:secrets|configs|volumes)\.\d+\.source$/,
  /^services\.[^.]+\.build\.secrets\.\d+$/,
  /^services\.[^.]+\.extends(?:\.service)?$/,
  /^services\.[^.]+\.(?:network_mode|pid|ipc)$/,
  /^services\.[^.]+\.volumes\.\d+$/,
]

function addReference(path: Path, node: Node, sites: Site[]): void {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.span === undefined) return
  const at = path.join('.')
  if (!REFERENCES.some(pattern => pattern.test(at))) return
  const isName =
    /^(?:service:)?[\w-]{4,}(?::.*)?$/.test(node.value) && !/^(?:host|none|bridge)$/.test(node.value)
  if (isName) sites.push({ kind: 'reference', path, span: node.span, key: undefined, node })
}

function isNullNode(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}

function isFirstOnLine(text: string, offset: number): boolean {
  return /^[ ]*(?:- )?$/.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))
}

function subtreeOf(lines: readonly string[], at: number): number {
  const was = indentOf(lines[at] ?? '')
  let end = at + 1
  while (end < lines.length && indentOf(lines[end] ?? '') > was) end += 1
  return end - at
}

function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
