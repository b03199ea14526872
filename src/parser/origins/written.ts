import { type DotenvResult, parseDotenv } from '../dotenv/dotenv.ts'
import { scalarText } from '../merge/key-values.ts'
import type { Node } from '../tree/node.ts'
import type { Source, Span } from '../tree/source.ts'
import { type OriginContext, spanKey } from './context.ts'

/** Finds the texts that stand at places of the files, before interpolation. */
export class WrittenTexts {
  readonly #context: OriginContext
  readonly #scalars = new Map<Source, ReadonlyMap<string, string>>()
  readonly #dotenvs = new Map<Source, DotenvResult>()

  constructor(context: OriginContext) {
    this.#context = context
  }

  /** A scalar's text without its quotes; of anything else its source. */
  at(span: Span): string {
    return this.#scalarsOf(span.source).get(spanKey(span)) ?? span.source.text.slice(span.start, span.end)
  }

  /** The value of a dotenv statement as a template; undefined where no variable can be in it. */
  dotenvTemplate(span: Span): string | undefined {
    for (const place of this.dotenv(span.source).places.values())
      if (place.start === span.start) return place.template
    return undefined
  }

  /** What a dotenv file defines, and where. */
  dotenv(source: Source): DotenvResult {
    const known = this.#dotenvs.get(source)
    if (known) return known
    const result = parseDotenv(source.text, this.#context.environment.lookup)
    this.#dotenvs.set(source, result)
    return result
  }

  #scalarsOf(source: Source): ReadonlyMap<string, string> {
    const known = this.#scalars.get(source)
    if (known) return known
    const found = new Map<string, string>()
    const seen = new Set<Node>()
    for (const document of this.#context.documentsOf(source)) collect(document, found, seen)
    this.#scalars.set(source, found)
    return found
  }
}

/** Aliases share nodes, so each is visited once. */
function collect(node: Node, found: Map<string, string>, seen: Set<Node>): void {
  if (seen.has(node)) return
  seen.add(node)
  if (node.kind === 'scalar') {
    if (node.span) found.set(spanKey(node.span), scalarText(node.value))
  } else if (node.kind === 'list') for (const item of node.items) collect(item, found, seen)
  else for (const entry of node.entries.values()) collect(entry.node, found, seen)
}
