import { readFileSync } from 'node:fs'
import { errnoOf } from '../diagnostics/index.ts'

/** The version of this tool; a test compares it with package.json. */
export const VERSION = '0.1.0'

/** When it was built, in RFC 3339: tools/bundle.ts has written it beside the programs. Undefined where one runs from its sources. */
export function readBuildTime(): string | undefined {
  try {
    return readFileSync(new URL('built', import.meta.url), 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
