import type { Path } from '../../model/index.ts'
import type { Reporter } from '../reporter.ts'
import type { Lookup } from '../scope.ts'
import type { Entry, Node, ScalarNode } from '../tree/node.ts'
import type { Cursor } from '../tree/pattern.ts'
import type { Span } from '../tree/source.ts'
import { renderPath } from '../tree/walk.ts'
import { CASTS, type Cast, castText } from './cast.ts'
import { evaluate, TemplateError } from './template.ts'

/** Replaces variables in all values, never in keys, and casts texts on typed attributes. */
export function interpolate(node: Node, lookup: Lookup, reporter: Reporter): Node {
  return new Interpolation(lookup, reporter).walk(node, CASTS)
}

class Interpolation {
  readonly #lookup: Lookup
  readonly #reporter: Reporter
  /** Where the walk is: one array for all, since it visits every value. */
  readonly #path: (string | number)[] = []

  constructor(lookup: Lookup, reporter: Reporter) {
    this.#lookup = lookup
    this.#reporter = reporter
  }

  walk(node: Node, cursor: Cursor<Cast> | undefined): Node {
    if (node.kind === 'scalar') {
      if (typeof node.value !== 'string') return node
      const text = node.value.includes('$') ? this.#evaluate(node, node.value, this.#path) : node
      return cursor?.rule ? this.#cast(text, cursor.rule, this.#path) : text
    }
    if (node.kind === 'list') {
      const below = cursor?.item()
      let changed = false
      const items = node.items.map((item, index) => {
        const next = this.#step(index, item, below)
        changed ||= next !== item
        return next
      })
      return changed ? { ...node, items } : node
    }
    let entries: Map<string, Entry> | undefined
    for (const [key, entry] of node.entries) {
      const next = this.#step(key, entry.node, cursor?.key(key))
      if (next === entry.node) continue
      entries ??= new Map(node.entries)
      entries.set(key, { ...entry, node: next })
    }
    return entries ? { ...node, entries } : node
  }

  #step(segment: string | number, node: Node, cursor: Cursor<Cast> | undefined): Node {
    this.#path.push(segment)
    const next = this.walk(node, cursor)
    this.#path.pop()
    return next
  }

  #evaluate(node: ScalarNode, text: string, path: Path): ScalarNode {
    const variables: string[] = []
    try {
      const value = evaluate(text, {
        lookup: this.#lookup,
        onUsed: name => variables.push(name),
        onUnset: (name, offset) => this.#warnUnset(name, { path, span: placeholderSpan(node, text, offset) }),
      })
      if (value === text && variables.length === 0) return node
      return { ...node, value, written: text, variables }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      const details = { path, span: placeholderSpan(node, text, error.offset) }
      if (error.reason === 'required') {
        const message = error.message === '' ? '' : `: ${error.message}`
        this.#reporter.error('REQUIRED_VARIABLE', `set the variable ${error.variable}${message}`, {
          ...details,
          hint: `put ${error.variable}=… into .env or the environment`,
        })
      } else {
        this.#reporter.error('INTERPOLATION_FORMAT', `write a valid interpolation, got "${text}"`, {
          ...details,
          hint: 'escape a literal $ with another $',
        })
      }
      return { ...node, value: '', written: text, variables }
    }
  }

  #warnUnset(name: string, details: { path: Path; span: Span | undefined }): void {
    this.#reporter.warn('UNSET_VARIABLE', `the variable ${name} is not set, a blank string is used`, {
      ...details,
      hint: `give it a value in .env or a default: \${${name}:-…}`,
    })
  }

  #cast(node: ScalarNode, to: Cast, path: Path): ScalarNode {
    if (typeof node.value !== 'string') return node
    const value = castText(node.value, to)
    if (value === undefined) {
      this.#reporter.error('INVALID_TYPE', `write ${ARTICLES[to]} ${to}, got "${node.value}"`, {
        path,
        node,
        ...(node.variables?.length
          ? { detail: `${renderPath(path)} is "${node.written}" before interpolation` }
          : {}),
      })
      return { ...node, value: null }
    }
    if (to === 'boolean' && !/^(?:true|false)$/i.test(node.value))
      this.#reporter.warn('YAML_11_BOOLEAN', `write ${value} instead of "${node.value}"`, { path, node })
    return { ...node, value }
  }
}

const ARTICLES: Readonly<Record<Cast, string>> = { boolean: 'a', integer: 'an', float: 'a' }

/** The place of one placeholder where the value stands in its file as it is; the whole value otherwise. */
function placeholderSpan(node: ScalarNode, text: string, offset: number): Span | undefined {
  const { span } = node
  if (span === undefined) return undefined
  const raw = span.source.text.slice(span.start, span.end)
  const at = raw.indexOf(text)
  if (at < 0) return span
  const length = /^\$\{?[_a-zA-Z0-9]*\}?/.exec(text.slice(offset))?.[0].length ?? 1
  const start = span.start + at + offset
  return { source: span.source, start, end: start + length }
}
