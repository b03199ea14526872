import type { Range } from '../diagnostics/index.ts'
import type { MapNode } from './tree/node.ts'
import type { Source, Span } from './tree/source.ts'

/** A service that was laid over another one. */
export interface Extension {
  readonly service: string
  /** The file in which that service stands. */
  readonly file: string
  /** Its `extends`. */
  readonly at: Span | undefined
  readonly baseService: string
  readonly baseFile: Source
  /** The other service, with all that it extends itself. */
  readonly base: MapNode
  /** The service without what it extends. */
  readonly own: MapNode
}

/** Variables of one model: a lookup, and the places of those that a dotenv file of its own defines. */
export interface VariableSource {
  readonly lookup: (name: string) => string | undefined
  readonly placeOf: (name: string) => Range | undefined
}

/** A model that `include` brought in. */
export interface Inclusion {
  /** The item of `include`. */
  readonly at: Span | undefined
  /** The files whose includes led there, outermost first; the last holds `at`. */
  readonly includedFrom: readonly string[]
  readonly files: readonly string[]
  readonly model: MapNode
  readonly environment: VariableSource
}

/**
 * What passes do to whole services and models, noted for those who ask where a value came from. A note is one push: the
 * loader never reads them, and `origins/` works the way of a single value out when it is asked for.
 */
export class Lineage {
  readonly extended: Extension[] = []
  /** In the order of loading: an inner include before the outer one. */
  readonly included: Inclusion[] = []
}
