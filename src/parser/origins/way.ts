import type { OriginStep, Path } from '../../model/index.ts'
import type { Extension, Inclusion, VariableSource } from '../lineage.ts'
import { descendant, type Node } from '../tree/node.ts'
import { rangeOf, type Span } from '../tree/source.ts'
import { AliasWays } from './alias-ways.ts'
import { type OriginContext, spanKey } from './context.ts'

/** The way of a value from its text into the model. */
export interface Way {
  readonly steps: readonly OriginStep[]
  /** Variables that interpolation saw there, the winning first. */
  readonly sources: readonly VariableSource[]
}

/** Where a search is: the files that make a model, the includes that led there, and the name looked for. */
interface Place {
  readonly files: readonly string[]
  readonly includedFrom: readonly string[]
  readonly name: string
}

/** Finds ways by place: a pass copies nodes, but what stands at one place of a file stays there. */
export class Ways {
  readonly #context: OriginContext
  readonly #aliases: AliasWays
  readonly #spans = new WeakMap<Node, ReadonlySet<string>>()

  constructor(context: OriginContext) {
    this.#context = context
    this.#aliases = new AliasWays(context)
  }

  /** The way of the text at `span` to `path`. */
  of(path: Path, span: Span): Way {
    const [section, name] = path
    const steps: OriginStep[] = []
    const sources: VariableSource[] = [this.#context.environment]
    if (typeof section !== 'string' || typeof name !== 'string') return { steps, sources }
    let place: Place = { files: this.#context.files, includedFrom: [], name }
    for (;;) {
      const extension = section === 'services' ? this.#extension(place, span) : undefined
      const inclusion = extension ? undefined : this.#inclusion(section, place, span)
      if (extension) {
        steps.push({ kind: 'extends', ...extensionStep(extension) })
        place = { ...place, name: extension.baseService, files: filesOfBase(extension, place) }
      } else if (inclusion) {
        steps.push({ kind: 'include', file: inclusion.files[0] ?? '', ...rangeAt(inclusion.at) })
        sources.push(inclusion.environment)
        place = { ...place, files: inclusion.files, includedFrom: inclusion.includedFrom }
      } else break
    }
    return { steps: [...steps, ...this.#aliases.to([section, place.name, ...path.slice(2)], span)], sources }
  }

  #extension({ files, name }: Place, span: Span): Extension | undefined {
    return this.#context.lineage.extended.find(
      ({ service, file, own, base }) =>
        service === name && files.includes(file) && !this.#has(own, span) && this.#has(base, span),
    )
  }

  /** An inclusion of one of the files; the first wins, since later ones are merged below it. */
  #inclusion(section: string, { files, includedFrom, name }: Place, span: Span): Inclusion | undefined {
    return this.#context.lineage.included.find(inclusion => {
      const chain = inclusion.includedFrom
      const isNext =
        chain.length === includedFrom.length + 1 &&
        includedFrom.every((file, index) => file === chain[index]) &&
        files.includes(chain.at(-1) ?? '')
      return isNext && this.#has(descendant(inclusion.model, [section, name]), span)
    })
  }

  #has(node: Node | undefined, span: Span): boolean {
    if (node === undefined) return false
    const known = this.#spans.get(node)
    if (known) return known.has(spanKey(span))
    const found = new Set<string>()
    collect(node, found, new Set())
    this.#spans.set(node, found)
    return found.has(spanKey(span))
  }
}

function filesOfBase({ file, baseFile }: Extension, place: Place): readonly string[] {
  return file === baseFile.name ? place.files : [baseFile.name]
}

function extensionStep({ baseFile, baseService, at }: Extension): {
  file: string
  service: string
} & ReturnType<typeof rangeAt> {
  return { file: baseFile.name, service: baseService, ...rangeAt(at) }
}

function rangeAt(span: Span | undefined): { range?: ReturnType<typeof rangeOf> } {
  return span ? { range: rangeOf(span) } : {}
}

/** All places of a tree, of what it replaced too; aliases share nodes, so each is visited once. */
function collect(node: Node, found: Set<string>, seen: Set<Node>): void {
  if (seen.has(node)) return
  seen.add(node)
  if (node.span) found.add(spanKey(node.span))
  if (node.overrode) collect(node.overrode, found, seen)
  if (node.kind === 'list') for (const item of node.items) collect(item, found, seen)
  if (node.kind === 'map')
    for (const entry of node.entries.values()) {
      if (entry.key) found.add(spanKey(entry.key))
      collect(entry.node, found, seen)
    }
}
