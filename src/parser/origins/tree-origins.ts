import type {
  Origin,
  OriginRule,
  Origins,
  OverriddenOrigin,
  Path,
  VariableOrigin,
} from '../../model/index.ts'
import { toPlain } from '../shape/decode.ts'
import { child, descendant, type Node } from '../tree/node.ts'
import { rangeOf, type Span } from '../tree/source.ts'
import { type OriginContext, spanKey } from './context.ts'
import { earlierOf, locate } from './locate.ts'
import { type Found, VariableOrigins } from './variables.ts'
import { Ways } from './way.ts'
import { WrittenTexts } from './written.ts'

/** Origins over the final tree: nothing is computed before somebody asks. */
export class TreeOrigins implements Origins {
  readonly #root: Node
  readonly #context: OriginContext
  readonly #ways: Ways
  readonly #texts: WrittenTexts

  constructor(root: Node, context: OriginContext) {
    this.#root = root
    this.#context = context
    this.#ways = new Ways(context)
    this.#texts = new WrittenTexts(context)
  }

  of(path: Path): Origin | undefined {
    const found = locate(this.#root, path)
    if (found === undefined) {
      const rule = locate(this.#root, path.slice(0, -1)) && unwrittenRule(path)
      return rule && { written: '', rule, variables: [], through: [], overrode: [] }
    }
    const own = this.#origin(found.node, found.key, path)
    if (own === undefined) return undefined
    const places = new Set(own.span ? [spanKey(own.span)] : [])
    const overrode: OverriddenOrigin[] = []
    for (const node of [...earlierOf(found.node), ...found.replacedAbove]) {
      // An anchor that both sides use replaces itself: nothing was lost.
      if (node.span && places.has(spanKey(node.span))) continue
      if (node.span) places.add(spanKey(node.span))
      const earlier = this.#origin(node, undefined, path)
      if (earlier) overrode.push({ ...earlier.origin, value: plainValue(node, path) })
    }
    return { ...own.origin, overrode }
  }

  #origin(
    node: Node,
    key: Span | undefined,
    path: Path,
  ): { readonly origin: Omit<Origin, 'overrode'>; readonly span: Span | undefined } | undefined {
    // The key of what a rule made is that of the value which was replaced.
    const span = node.span ?? (node.rule === undefined ? key : undefined)
    const rule = node.rule === undefined ? {} : { rule: node.rule }
    if (span === undefined) {
      if (node.rule === undefined) return undefined
      const variables = this.#namedBy(node)
      return { origin: { written: '', ...rule, variables, through: [] }, span }
    }
    const { steps, sources } = this.#ways.of(path, span)
    const variables = this.#variables(node, span, path, new VariableOrigins(sources, this.#inherited()))
    const written = withoutKey(this.#texts.at(span), path)
    return { origin: { range: rangeOf(span), written, ...rule, variables, through: steps }, span }
  }

  #inherited(): string | undefined {
    return this.#context.inheritedName
  }

  /** The project's name, where a variable gave it. */
  #namedBy(node: Node): VariableOrigin[] {
    if (node.rule !== 'project-name' || node.kind !== 'scalar' || node.value !== this.#inherited()) return []
    return [new VariableOrigins([this.#context.environment], this.#inherited()).plain('COMPOSE_PROJECT_NAME')]
  }

  #variables(node: Node, span: Span, path: Path, origins: VariableOrigins): readonly VariableOrigin[] {
    const text = this.#texts.at(span)
    switch (node.rule) {
      case 'pass-through':
        return [origins.plain(String(path.at(-1)))]
      case 'content-of-variable':
        return [...origins.of(text), origins.plain(String(plainEnvironment(this.#root, path) ?? text))]
      case 'env-file':
      case 'label-file':
        return this.#inDotenv(node, span, path)
      default:
        break
    }
    if (node.kind !== 'list') return origins.of(text)
    const found = new Map<string, VariableOrigin>()
    for (const item of node.items)
      if (item.kind === 'scalar' && item.span)
        for (const variable of origins.of(this.#texts.at(item.span))) found.set(variable.name, variable)
    return [...found.values()]
  }

  /** In an env_file the project's variables win, then the service's own, then earlier lines; a label_file knows no service. */
  #inDotenv(node: Node, span: Span, path: Path): VariableOrigin[] {
    const { source } = span
    const origins = new VariableOrigins([this.#context.environment], this.#inherited(), name => {
      const own = node.rule === 'env-file' ? this.#ownVariable(path, name) : undefined
      if (own) return own
      const { places, values } = this.#texts.dotenv(source)
      const place = places.get(name)
      const value = values.get(name)
      if (place === undefined || value === undefined) return undefined
      return { value, source: 'file', range: rangeOf({ source, start: place.start, end: place.end }) }
    })
    const template = this.#texts.dotenvTemplate(span)
    if (template !== undefined) return origins.of(template)
    const isBare = !/[=:]/.test(source.text.slice(span.start, span.end))
    return isBare ? [origins.plain(String(path.at(-1)))] : []
  }

  /** What the service itself says of a variable, its files left aside. */
  #ownVariable([section, service]: Path, name: string): Found | undefined {
    const environment = descendant(this.#root, [String(section), String(service), 'environment'])
    const own = environment && locate(environment, [name])?.node
    if (own?.kind !== 'scalar' || own.rule === 'env-file') return undefined
    const value = plainValue(own, [name])
    if (typeof value !== 'string') return undefined
    return { value, source: 'service', ...(own.span ? { range: rangeOf(own.span) } : {}) }
  }
}

function plainEnvironment(root: Node, path: Path): unknown {
  const [section, name] = path
  const node = child(descendant(root, [String(section), String(name)]), 'environment')
  return node && toPlain(node)
}

/** The value of a `KEY=value` item whose key is the path's last segment. */
function plainValue(node: Node, path: Path): unknown {
  const value = toPlain(node)
  if (typeof value !== 'string') return value
  return value === path.at(-1) && node.rule === 'pass-through' ? null : withoutKey(value, path)
}

function withoutKey(text: string, path: Path): string {
  const key = path.at(-1)
  return typeof key === 'string' && text.startsWith(`${key}=`) ? text.slice(key.length + 1) : text
}

/** Attributes that the model has although the tree has none, as path patterns: `*` is any key. */
const UNWRITTEN: readonly (readonly [readonly string[], OriginRule])[] = [
  [['services', '*', 'command'], 'image-command'],
  [['services', '*', 'entrypoint'], 'image-command'],
  [['networks', '*', 'ipam'], 'empty'],
  [['services', '*', 'ulimits', '*', 'soft'], 'ulimit-part'],
  [['services', '*', 'ulimits', '*', 'hard'], 'ulimit-part'],
  [['services', '*', 'build', 'ulimits', '*', 'soft'], 'ulimit-part'],
  [['services', '*', 'build', 'ulimits', '*', 'hard'], 'ulimit-part'],
]

/** The rule by which the canonical model has a value that no pass made. */
function unwrittenRule(path: Path): OriginRule | undefined {
  return UNWRITTEN.find(
    ([pattern]) =>
      pattern.length === path.length && pattern.every((key, index) => key === '*' || key === path[index]),
  )?.[1]
}
