import type { RawOptions } from '../../command.ts'

/** Arguments of `explain`, read. */
export interface ExplainOptions {
  /** `SERVICE[.KEY]` as the user wrote it. */
  readonly target: string
  readonly json: boolean
}

/** The options behind what commander collected. */
export function readExplainOptions(args: readonly string[], raw: RawOptions): ExplainOptions {
  return { target: args[0] ?? '', json: raw['json'] === true }
}
